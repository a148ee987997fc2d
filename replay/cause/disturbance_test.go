package cause

import (
	"math"
	"testing"
	"time"
)

// TestDisturbance: how long the tool stood, in all and at the ends of a stretch.
func TestDisturbance(t *testing.T) {
	ms := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
	table := &Table{
		Intended: []time.Duration{ms(100), ms(110), ms(500)},
		Lag:      []Micros{50_000, 45_000, 200},
		Service:  []Micros{10_000, 10_000, 10_000},
		Stops:    []Span{{ms(158), ms(170)}, {ms(300), ms(340)}},
	}
	d := disturbanceOf(table) // 100 to 155, 158 to 170, 300 to 340 ms
	for _, tc := range []struct{ from, to, within, ends int64 }{
		{0, 1000, 107, 0},
		{90, 160, 57, 2 + 55},
		{160, 400, 50, 10},
		{120, 330, 77, 35 + 12 + 30},
		{200, 290, 0, 0},
		{310, 320, 10, 10},
		{320, 310, 0, 0},
	} {
		if got := d.within(tc.from*1000, tc.to*1000); got != tc.within*1000 {
			t.Errorf("from %d to %d ms: %d µs, want %d ms", tc.from, tc.to, got, tc.within)
		}
		if got := d.ends(tc.from*1000, tc.to*1000); tc.from < tc.to && got != tc.ends*1000 {
			t.Errorf("at the ends of %d to %d ms: %d µs, want %d ms", tc.from, tc.to, got, tc.ends)
		}
	}
	if got := d.longest(); got != 55_000 {
		t.Errorf("the longest is %d µs, want 55 ms", got)
	}
	table.Tool = Tool{MaxInFlight: 8, PeakInFlight: 8}
	if got := disturbanceOf(table).within(0, 200_000); got != 12_000 {
		t.Errorf("with a full cap, lag is no stop: %d µs, want 12 ms", got)
	}
}

// disturb has the tool stand now and then for 20 to 100 ms, 15 % of the time: nothing is sent, and no answer is seen.
func (w *world) disturb() (stops []Span) {
	for at := 0.1; at < w.at[len(w.at)-1].Seconds(); {
		length := 0.02 + 0.08*w.r.Float64()
		stops = append(stops, Span{time.Duration(at * 1e9), time.Duration((at + length) * 1e9)})
		at += length * (1 + w.r.ExpFloat64()*6)
	}
	runs := func(ms float64) float64 { // when the tool runs again
		for _, s := range stops {
			if from, to := s.From.Seconds()*1000, s.To.Seconds()*1000; from <= ms && ms < to {
				return to
			}
		}
		return ms
	}
	for i, at := range w.at {
		due := at.Seconds() * 1000
		sent := runs(due + w.lag[i])
		seen := runs(sent + w.service[i])
		w.lag[i], w.service[i] = sent-due, seen-sent
	}
	return stops
}

// disturbedTable is the table of a run in which the tool was kept from running.
func (w *world) disturbedTable() *Table {
	stops := w.disturb()
	t := w.table()
	t.Stops, t.Tool = stops, Tool{CPUWait: 6 * time.Second, Elapsed: 12 * time.Second}
	return t
}

// TestTargetBehindDisturbance: what the tool suffered hides no target, and accuses none.
func TestTargetBehindDisturbance(t *testing.T) {
	const requests, rate = 3000, 100
	for _, tc := range []struct {
		name    string
		target  func(w *world)
		pattern Pattern // of the target's; Unexplained: the target is not accused
		measure Measure
	}{
		{"healthy", func(*world) {}, Unexplained, ServiceTime},
		{"a stall of 600 ms every 4 s", func(w *world) {
			for i, at := range w.at {
				if in := math.Mod(at.Seconds()*1000+w.service[i], 4000); at > 2*time.Second && in < 600 {
					w.service[i] += 600 - in
				}
			}
		}, Periodic, ServiceTime},
		{"a kind that takes 200 ms", func(w *world) {
			for i, k := range w.kind {
				if k == 6 {
					w.service[i] += 200
				}
			}
		}, SlowKind, ServiceTime},
		{"a queue after the answer", func(w *world) {
			w.completion, w.kind = make([]float64, len(w.at)), make([]int, len(w.at))
			free := 0.0
			for i, at := range w.at {
				from := at.Seconds()*1000 + w.service[i]
				free = max(free, from) + 12.5
				w.completion[i] = free - from
			}
		}, Queue, CompletionTime},
	} {
		for seed := range uint64(4) {
			w := newWorld(seed, requests, rate)
			tc.target(w)
			report, err := Search(t.Context(), w.disturbedTable(), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var found *Finding
			for i := range report.Findings {
				if f := &report.Findings[i]; f.Whose == OfTarget && found == nil {
					found = f
				}
			}
			switch {
			case tc.pattern == Unexplained && found != nil:
				t.Errorf("%s, seed %d: the target is accused: pattern %d, measure %d, %+v", tc.name, seed, found.Pattern, found.Measure, found.Where)
			case tc.pattern != Unexplained && (found == nil || found.Pattern != tc.pattern || found.Measure != tc.measure):
				t.Errorf("%s, seed %d: found %+v of %d findings", tc.name, seed, found, len(report.Findings))
			case tc.pattern != Unexplained && report.Findings[0].Whose != OfTarget:
				t.Errorf("%s, seed %d: the tool's comes before it", tc.name, seed)
			}
		}
	}
}

// TestUntold: what has no cause is counted beside the tool's lag, which else would pass for the cause.
func TestUntold(t *testing.T) {
	w := newWorld(5, 3000, 100)
	w.failures = []string{"timeout"}
	for i := range w.at {
		switch u := w.r.Float64(); {
		case u < 0.05:
			w.service[i] += 600
		case u < 0.2:
			w.service[i], w.failure[i] = math.NaN(), 1
		}
	}
	report, err := Search(t.Context(), w.disturbedTable(), Limits{})
	if err != nil || len(report.Findings) == 0 {
		t.Fatalf("%v, %+v", err, report)
	}
	for _, f := range report.Findings {
		if f.Whose != OfTool {
			t.Errorf("chance has a cause: pattern %d of %s, measure %d", f.Pattern, f.Whose, f.Measure)
		}
	}
	if u := report.Untold; u.Slow < 100 || u.Slow > 200 || u.Failed < 350 || u.Failed > 550 {
		t.Errorf("of about 150 slow and 450 failed requests nothing is told, and %+v are said to be so", u)
	}
}

// TestStarvedTarget: a target that runs on the tool's machine is starved as the tool is, at other moments. It is not accused of that.
func TestStarvedTarget(t *testing.T) {
	accused := 0
	for seed := range uint64(20) {
		w := newWorld(seed, 1000, 250)
		for at := 0.2; at < 5; at += 0.3 + 0.9*w.r.Float64() {
			length := 0.02 + 0.2*w.r.Float64()
			for i, sent := range w.at {
				if answer := sent.Seconds() + w.service[i]/1000; answer >= at && answer < at+length {
					w.service[i] += (at + length - answer) * 1000
				}
			}
		}
		report, err := Search(t.Context(), w.disturbedTable(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			if f.Whose == OfTarget {
				accused++
				t.Logf("seed %d: pattern %d, measure %d, %+v", seed, f.Pattern, f.Measure, f.Where)
				break
			}
		}
	}
	if accused > 1 {
		t.Errorf("%d of 20 runs accuse the target, more than 1", accused)
	}
}

// TestFailuresBehindDisturbance: failures of a kind are the target's, however late the tool was.
func TestFailuresBehindDisturbance(t *testing.T) {
	w := newWorld(9, 2000, 100)
	w.failures = []string{"status 500"}
	for i, k := range w.kind {
		if k == 6 && w.r.Float64() < 0.4 {
			w.failure[i] = 1
		}
	}
	report, err := Search(t.Context(), w.disturbedTable(), Limits{})
	if err != nil || len(report.Findings) == 0 {
		t.Fatalf("%v, %+v", err, report)
	}
	if f := report.Findings[0]; f.Whose != OfTarget || f.Measure != Failing || len(f.Where) == 0 || f.Where[0].Attribute != Kind {
		t.Errorf("first is %+v of %s, measure %d", f.Where, f.Whose, f.Measure)
	}
	if report.Untold.Failed != 0 {
		t.Errorf("%d failures are said to be untold", report.Untold.Failed)
	}
}
