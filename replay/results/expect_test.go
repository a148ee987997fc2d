package results

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

// measured is a run of 1,000 requests, 5 of them failed.
func measured() *Summary {
	tally := replay.Tally{Recorded: 1010, OK: 995, Failed: 5, Shed: 8, Unsent: 2}
	q := Quantiles{P50: 10 * ms, P90: 20 * ms, P95: 30 * ms, P99: 40 * ms, P999: 50 * ms, Max: 60 * ms}
	timing := Timing{Lag: Quantiles{P50: ms / 10, P99: 4 * ms, Max: 9 * ms}, Latency: q, ServiceTime: Quantiles{P99: 35 * ms}}
	slow := timing
	slow.Latency.P99 = time.Second
	return &Summary{
		Ledger: replay.Ledger{Tally: tally, Kinds: map[string]replay.Tally{
			"help": tally, "reaction": {Recorded: 10, OK: 10}, "info": {Recorded: 3, Unsent: 3},
		}},
		Timing: timing, Moved: 0.004, MovedBin: 100 * ms, Status: map[string]int64{"200": 995, "503": 5},
		Rate:  Rates{PlannedMean: 100, PlannedPeak: 500, AchievedMean: 99.5, AchievedPeak: 480},
		Kinds: map[string]KindSummary{"help": {Timing: timing, Status: map[string]int64{"200": 995}}, "reaction": {Timing: slow, Moved: 0.125, Status: map[string]int64{"200": 10}}},
	}
}

func TestExpect(t *testing.T) {
	for _, tc := range []struct {
		text string
		ok   bool
		got  string
	}{
		{"faithful", false, "not faithful"},
		{"lag.p99<5ms", true, "4ms"},
		{"lag.p99 < 4ms", false, "4ms"},
		{"lag.p99<=4ms", true, "4ms"},
		{"lag.max<5ms", false, "9ms"},
		{"p99<250ms", true, "40ms"},
		{"p50=10ms", true, "10ms"},
		{"p999>50ms", false, "50ms"},
		{"latency.p95>=30ms", true, "30ms"},
		{"latency.p90<1s", true, "20ms"},
		{"max<59.9ms", false, "60ms"},
		{"service_time.p99<35.1ms", true, "35ms"},
		{"errors<0.1%", false, "0.5%"},
		{"errors<=0.5 %", true, "0.5%"},
		{"errors<6", true, "5"},
		{"failed=0", false, "5"},
		{"ok>=995", true, "995"},
		{"ok>98.6%", false, "98.5%"},
		{"shed=0", false, "8"},
		{"unsent<1%", true, "0.198%"},
		{"rate.achieved_mean>=99/s", true, "99.5/s"},
		{"rate.achieved_peak >= 500", false, "480.0/s"},
		{"latency.p99{reaction}<300ms", false, "1s"},
		{"p99 { reaction } < 2s", true, "1s"},
		{"errors{help}<1%", true, "0.5%"},
		{"p99{status}<300ms", false, "no request of kind status"},
		{"p99{info}<300ms", false, "no request was answered"},
		{"lag.p99{info}<300ms", false, "no request was sent"},
		{"errors{info}<1%", false, "no request was sent"},
		{"moved<1%", true, "0.4%"},
		{"moved<=0.4 %", true, "0.4%"},
		{"moved<0.4%", false, "0.4%"},
		{"moved{reaction}<1%", false, "12.5%"},
		{"moved{info}<1%", false, "no request was sent"},
		{"moved{status}<1%", false, "no request of kind status"},
	} {
		list, err := ParseExpect(tc.text)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		ok, got := list[0].Check(measured())
		if ok != tc.ok || got != tc.got || list[0].String() != tc.text {
			t.Errorf("%s: %v, %q; want %v, %q", tc.text, ok, got, tc.ok, tc.got)
		}
	}
	list, err := ParseExpect("faithful, lag.p99<5ms,errors<0.1% ,p99<250ms")
	if err != nil || len(list) != 4 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestExpectErrors(t *testing.T) {
	for text, want := range map[string]string{
		"": "empty condition", "faithful,": "empty condition", "faithfull": "neither faithful", "p99": "neither faithful",
		"p98<5ms": "no metric has this name", "lag<5ms": "lag needs one of p50", "lag.p42<5ms": "lag needs one of p50",
		"p99<5": "a time, such as 250ms", "p99<-5ms": "a time", "p99<": "a time", "p99<<5ms": "a time", "errors<many": "a number or a share",
		"errors<-1%": "a number or a share", "errors<NaN": "a number or a share", "rate.achieved_mean>fast": "a rate, such as 500/s",
		"rate.achieved_mean{help}>5": "not known by kind", "p99{nosuch}<5ms": "nosuch", "p99{help<5ms": "does not end with }",
		"faithful=1": "stands alone", "moved<5": "a share, such as 1%", "moved<5ms": "a share", "moved<-1%": "a share", "moved<%": "a share",
		"moved.p99<1%": "no metric has this name", "<5ms": "no metric", strings.Repeat("p", 500): "ppp...",
	} {
		if _, err := ParseExpect(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// stepped is a run of three steps: the first as all, the second called peak, and of the third nothing was sent.
func stepped() *Summary {
	s := measured()
	slow := *measured()
	slow.Latency.P99, slow.Ledger.Tally = 300*ms, replay.Tally{Recorded: 100, OK: 60, Failed: 40}
	slow.Verdict = Verdict{Faithful: true}
	slow.Completion = &Completion{Joined: 50, Never: 10}
	s.Steps = []Step{{Number: 1, Summary: *measured()}, {Number: 2, Name: "Peak", Summary: slow}, {Number: 3, Summary: Summary{Ledger: replay.Ledger{Tally: replay.Tally{Recorded: 5, Unsent: 5}}}}}
	return s
}

func TestExpectOfSteps(t *testing.T) {
	for _, tc := range []struct {
		text string
		ok   bool
		got  string
	}{
		{"step1.p99<250ms", true, "40ms"},
		{"step2.p99<250ms", false, "300ms"},
		{"peak.latency.p99 < 301ms", true, "300ms"},
		{"PEAK.errors<1%", false, "40%"},
		{"Step2.failed=40", true, "40"},
		{"peak.p99{status}<2s", false, "no request of kind status"},
		{"step1.p99{reaction}<2s", true, "1s"},
		{"step1.rate.achieved_mean>=99/s", true, "99.5/s"},
		{"step1.status.503<10", true, "5"},
		{"step1.moved<1%", true, "0.4%"},
		{"peak.completion.never<11", true, "10"},
		{"step1.completion.never<11", false, "no completions (--completions)"},
		{"step2.faithful", true, "faithful"},
		{"step1.faithful", false, "not faithful"},
		{"step3.errors<1%", false, "no request of this step was sent"},
		{"step3.faithful", false, "no request of this step was sent"},
		{"step4.p99<1s", false, "no step is called step4: there are step1, step2 (Peak), step3"},
		{"lag.p99<5ms", true, "4ms"},
	} {
		list, err := ParseExpect(tc.text)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		ok, got := list[0].Check(stepped())
		if ok != tc.ok || got != tc.got || list[0].String() != tc.text {
			t.Errorf("%s: %v, %q; want %v, %q", tc.text, ok, got, tc.ok, tc.got)
		}
	}
	for text, want := range map[string]string{
		"step3.p98<5ms": "of step3: no metric has this name", "step3.lag<5ms": "of step3: lag needs one of", "peak.p98<5ms": "no metric has this name",
		"step3.": "neither faithful", "step3.faithful=1": "of step3: faithful stands alone", "step3.backlog>5": "a backlog is looked at while", "a b.p99<1s": "no metric",
	} {
		if _, err := ParseExpect(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// A condition on the lag of a step takes the place of faithful's own limit for that step alone.
func TestExpectFaithfulOfAStep(t *testing.T) {
	s := stepped()
	for i := range s.Steps {
		s.Steps[i].Verdict = Verdict{Limits: []Limit{{What: "lag", Amount: "9ms", Whose: Tool}}}
	}
	list, err := ParseExpect("step1.faithful,step2.faithful,step1.lag.p99<20ms,peak.p99<1s")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true, true} {
		if ok, got := list[i].Check(s); ok != want {
			t.Errorf("%s: %v, %s", list[i], ok, got)
		}
	}
}

func TestCheckSteps(t *testing.T) {
	planned := []replay.PlannedStep{{Text: "20k at 2x"}, {Name: "peak", Text: "20k at 3x"}}
	for _, tc := range []struct {
		text    string
		planned []replay.PlannedStep
		search  bool
		want    string
	}{
		{"step1.p99<1s,step2.faithful,peak.errors<1%,Peak.shed=0,faithful", planned, false, ""},
		{"p99<1s", nil, false, ""},
		{"step3.p99<1s", planned, false, "no step is called step3: there are step1, step2 (peak)"},
		{"step0.p99<1s", planned, false, "no step is called step0"},
		{"top.p99<1s", planned, false, "no step is called top"},
		{"step1.p99<1s", nil, false, "the run has no steps, as it has no shape"},
		{"step30.p99<1s", nil, true, ""},
		{"peak.p99<1s", nil, true, "the steps of a search have no names"},
	} {
		list, err := ParseExpect(tc.text)
		if err != nil {
			t.Fatal(err)
		}
		err = CheckSteps(list, tc.planned, tc.search)
		if got := errorText(err); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.text, got, tc.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzParseExpect(f *testing.F) {
	for _, s := range []string{"faithful,lag.p99<5ms,errors<0.1%,p99<250ms", "latency.p99{reaction}<300ms", "rate.achieved_mean>=5/s", "p99{<", "ok=1e9", "moved{help}<1%, faithful", "step3.faithful,peak.lag.p99<1s", "rate.rate.achieved_mean>1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := ParseExpect(s)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		again, err := ParseExpect(strings.Join(texts(list), ","))
		if err != nil || !slices.Equal(again, list) {
			t.Fatalf("%q is read again as %v, %v", list, again, err)
		}
		for i, x := range list {
			a, got := x.Check(stepped())
			if b, _ := again[i].Check(stepped()); a != b || got == "" {
				t.Fatalf("%q: %v, %q", x, a, got)
			}
			x.Check(new(Summary))
		}
	})
}
