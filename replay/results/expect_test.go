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

func FuzzParseExpect(f *testing.F) {
	for _, s := range []string{"faithful,lag.p99<5ms,errors<0.1%,p99<250ms", "latency.p99{reaction}<300ms", "rate.achieved_mean>=5/s", "p99{<", "ok=1e9", "moved{help}<1%, faithful"} {
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
			a, got := x.Check(measured())
			if b, _ := again[i].Check(measured()); a != b || got == "" {
				t.Fatalf("%q: %v, %q", x, a, got)
			}
			x.Check(new(Summary))
		}
	})
}
