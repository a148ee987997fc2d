package results

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Lag is held against the rate, the latency and the curve.
func TestJudgeLag(t *testing.T) {
	us := time.Microsecond
	for _, tc := range []struct {
		name         string
		rate         float64
		lag, latency time.Duration // the 99th percentiles; a latency of 0 is none
		moved        float64
		want         []string
		words        string
	}{
		{"7 ms at 8 a second", 8, 7 * ms, 20 * ms, 0.001, nil, ""},
		{"7 ms at 1,000 a second", 1000, 7 * ms, 20 * ms, 0.019, []string{"lag"}, "latency's 99th percentile is 20.0 ms; allowed 2.00 ms, a tenth of latency's)"},
		{"the same of slow answers", 1000, 7 * ms, 70 * ms, 0.019, nil, ""},
		{"1 ms is never too much", 1000, ms, ms + us, 0, nil, ""},
		{"a little more is", 1000, ms + us, ms + 2*us, 0, []string{"lag"}, "allowed 1.00 ms)"},
		{"a tenth of latency", 1000, 2 * ms, 20 * ms, 0, nil, ""},
		{"a little more than a tenth", 1000, 2*ms + us, 20 * ms, 0, []string{"lag"}, "a tenth of latency's"},
		{"a tenth of the gap", 50, 2 * ms, 10 * ms, 0, nil, ""},
		{"a little more than a tenth of the gap", 50, 2*ms + us, 10 * ms, 0, []string{"lag"}, "allowed 2.00 ms where one request follows another every 20.0 ms)"},
		{"a wide gap", 1, 10 * ms, 10 * ms, 0, nil, ""},
		{"no gap is wide enough for more than 10 ms", 1, 10*ms + us, 10 * ms, 0, []string{"lag"}, "allowed 10.0 ms where"},
		{"unanswered", 1000, 5 * ms, 0, 0, nil, ""},
		{"unanswered, a little more", 1000, 5*ms + us, 0, 0, []string{"lag"}, "(worst 5.00 ms; allowed 5.00 ms where nothing is answered)"},
		{"unanswered, at 8 a second", 8, 7 * ms, 0, 0, nil, ""},
		{"a moved curve", 1000, ms / 2, 20 * ms, 0.0201, []string{"moved"}, "by 2.01 %"},
		{"a curve moved by as much as it may", 1000, ms / 2, 20 * ms, 0.02, nil, ""},
		{"both", 1000, 30 * ms, 40 * ms, 0.1, []string{"lag", "moved"}, "by 10.00 %"},
	} {
		e := faithful()
		n := int64(tc.rate * 60)
		e.Ledger.Tally = replay.Tally{Recorded: n, OK: n}
		e.Ledger.Kinds = map[string]replay.Tally{"help": e.Ledger.Tally}
		e.Status = map[string]int64{"200": n}
		e.Lag.P99, e.Lag.Max, e.Latency.P99, e.Moved, e.MovedKinds["help"] = tc.lag, tc.lag, tc.latency, tc.moved, 0
		if tc.latency == 0 {
			e.Status = nil
		}
		var got []string
		var text strings.Builder
		v := Judge(e)
		for _, l := range v.Limits {
			if got = append(got, l.What); l.Whose != Tool {
				t.Errorf("%s: %s is blamed for %s", tc.name, l.Whose, l.What)
			}
			text.WriteString(l.Text)
		}
		if !slices.Equal(got, tc.want) || v.Faithful != (tc.want == nil) || !strings.Contains(text.String(), tc.words) {
			t.Errorf("%s: %v, want %v: %s", tc.name, got, tc.want, text.String())
		}
	}
}

// A few requests late by 7 ms are nothing at 8 a second, and at 400 a second 22 ms are more than the answers take.
func TestLagOfRuns(t *testing.T) {
	for _, tc := range []struct {
		name     string
		n        int
		rate     float64
		lag, of  time.Duration // of 1 request in 50
		faithful bool
	}{
		{"508 at 8.5 a second", 508, 8.5, 6710 * time.Microsecond, 30 * ms, true},
		{"2,000 at 400 a second", 2000, 400, 22400 * time.Microsecond, 20 * ms, false},
		{"the same of which few were late", 2000, 400, 900 * time.Microsecond, 20 * ms, true},
	} {
		a := NewAccumulator(nil)
		for i := range tc.n {
			at := time.Duration(float64(i) / tc.rate * float64(time.Second))
			sent := at + 50*time.Microsecond
			if i%50 == 7 {
				sent = at + tc.lag
			}
			_ = a.Record(&replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: sent, Done: sent + tc.of, Status: 200})
		}
		s := a.Summary(nil)
		if s.Verdict.Faithful != tc.faithful || !tc.faithful && s.Verdict.Limits[0].What != "lag" {
			t.Errorf("%s: lag p99 %v of %v, moved %v: %+v", tc.name, s.Lag.P99, s.LagLimit, s.Moved, s.Verdict)
		}
	}
}

// A condition on lag or moved takes the place of faithful's own limit on that, and of no other.
func TestFaithfulByOwnLimits(t *testing.T) {
	run := func(change func(*Evidence)) *Summary {
		e := faithful()
		e.Ledger.Kinds = map[string]replay.Tally{"help": {Recorded: 9500, OK: 9500}, "reaction": {Recorded: 500, OK: 500}}
		e.MovedKinds["help"], e.MovedKinds["reaction"] = e.Moved, e.Moved
		change(&e)
		s := &Summary{Ledger: e.Ledger, Timing: Timing{Lag: e.Lag, Latency: e.Latency}, Moved: e.Moved, Kinds: make(map[string]KindSummary), Verdict: Judge(e)}
		for name, moved := range e.MovedKinds {
			s.Kinds[name] = KindSummary{Timing: s.Timing, Moved: moved}
		}
		return s
	}
	good := run(func(*Evidence) {})
	lag := run(func(e *Evidence) { e.Lag.P99 = 12 * ms })
	moved := run(func(e *Evidence) { e.Moved, e.MovedKinds["help"], e.MovedKinds["reaction"] = 0.031, 0.03, 0.05 })
	kind := run(func(e *Evidence) { e.MovedKinds["reaction"] = 0.12 })
	worse := run(func(e *Evidence) { e.Lag.P99, e.Ledger.OK, e.Ledger.Shed = 12*ms, 9990, 10 })
	failing := run(func(e *Evidence) { e.Lag.P99 = 12 * ms; answered("503", 500)(e) })
	for _, tc := range []struct {
		name string
		s    *Summary
		list string
		got  string // of faithful, which stands first
	}{
		{"good", good, "faithful", "faithful"},
		{"good, by own limits", good, "faithful,lag.p99<1ns,moved<1%", "faithful"},
		{"late", lag, "faithful", "not faithful (lag 12ms)"},
		{"late, and allowed", lag, "faithful,lag.p99<20ms", "faithful"},
		{"late, and allowed at another quantile", lag, "faithful, lag.max <= 1s", "faithful"},
		{"late, which moved does not allow", lag, "faithful,moved<50%", "not faithful (lag 12ms)"},
		{"late, which a lower bound does not allow", lag, "faithful,lag.p99>1ms,lag.p99>=1ms", "not faithful (lag 12ms)"},
		{"late, which one kind does not allow", lag, "faithful,lag.p99{help}<20ms", "not faithful (lag 12ms)"},
		{"late, which latency does not allow", lag, "faithful,p99<1s,service_time.p99<1s", "not faithful (lag 12ms)"},
		{"moved", moved, "faithful,lag.p99<20ms", "not faithful (moved 3.1%)"},
		{"moved, and allowed", moved, "faithful,moved<5%", "faithful"},
		{"moved, which kinds do not allow", moved, "faithful,moved{help}<5%,moved{reaction}<10%", "not faithful (moved 3.1%)"},
		{"one kind moved", kind, "faithful", "not faithful (moved 12%)"},
		{"one kind moved, and allowed", kind, "faithful,moved{reaction}<20%", "faithful"},
		{"one kind moved, allowed for all", kind, "faithful,moved<1%", "faithful"},
		{"one kind moved, allowed for another", kind, "faithful,moved{help}<20%", "not faithful (moved 12%)"},
		{"more than lag", worse, "faithful,lag.p99<20ms,moved<1%", "not faithful (shed 10 requests)"},
		{"more than lag, none allowed", worse, "faithful", "not faithful (lag 12ms, shed 10 requests)"},
		{"bad answers are no matter of faithful", failing, "faithful,lag.p99<20ms", "faithful"},
		{"nothing is known", &Summary{}, "faithful,lag.p99<20ms,moved<1%", "not faithful"},
	} {
		list, err := ParseExpect(tc.list)
		if err != nil {
			t.Fatal(err)
		}
		if ok, got := list[0].Check(tc.s); got != tc.got || ok != (got == "faithful") {
			t.Errorf("%s: %s: %v, %q, want %q", tc.name, tc.list, ok, got, tc.got)
		}
		slices.Reverse(list)
		if again, err := ParseExpect(strings.Join(texts(list), ",")); err != nil || again[len(again)-1].own != list[len(list)-1].own {
			t.Errorf("%s: the order of conditions counts", tc.name)
		}
	}
}

func texts(list []Expectation) (out []string) {
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

// Sums of a whole run and of its kinds are the same to the last digit, in whatever parts they come.
func TestDelayMerges(t *testing.T) {
	var whole delay
	var parts [3]delay
	for i := range 1000 {
		lag := time.Duration(i*i) * time.Microsecond
		whole.add(lag)
		parts[i%3].add(lag)
	}
	sum := parts[2]
	sum.merge(&parts[0])
	sum.merge(&parts[1])
	if sum != whole || whole.moved(0) <= 0 || whole.moved(1) <= whole.moved(0) || (&delay{}).moved(0) != 0 {
		t.Errorf("%+v, want %+v", sum, whole)
	}
	whole.add(math.MaxInt64)
	if whole.sums[0]-sum.sums[0] != int64(time.Second) {
		t.Error("a request is late by more than a bin")
	}
}
