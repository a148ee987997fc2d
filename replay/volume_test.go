package replay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

// A volume that is set while a run goes on adds requests of people of their own, with copy numbers that nobody else has, in order of
// their deadlines; the ledger balances, with retries, loops and a stop too.
func TestLiveVolume(t *testing.T) {
	for _, tc := range []struct {
		name           string
		o              pace.Options
		set            float64 // after 5 of 10 s of a loop
		plan           bool
		fails          bool
		least, most    int64 // requests that were added
		unsent, thinly int64 // at least, at most
	}{
		{"twice", pace.Options{}, 2, true, false, 35, 55, 0, 0},
		{"twice, without a plan", pace.Options{}, 2, false, false, 35, 55, 0, 0},
		{"two and a half", pace.Options{Seed: 3}, 2.5, true, false, 45, 90, 0, 0},
		{"twice, in two loops", pace.Options{Loops: 2}, 2, true, false, 35, 155, 0, 0},
		{"of a plan of two", pace.Options{Volume: 2}, 3, true, false, 35, 70, 0, 0},
		{"half", pace.Options{}, 0.5, true, false, 0, 0, 10, 40},
		{"failing ones are sent again", pace.Options{}, 2, true, true, 35, 55, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			at := steady(100, 100*ms)
			from := func(i int) string { return fmt.Sprintf("+1202555%04d", i%20) }
			var c Control
			o := Options{Control: &c, Grow: func(context.Context) (float64, error) { time.Sleep(100 * ms); return 8, nil }}
			if tc.plan {
				plan, err := Scan(t.Context(), &tape{at: at, from: from}, tc.o, ScanOptions{Again: func(context.Context) (Stream, error) { return &tape{at: at, from: from}, nil }})
				if err != nil {
					t.Fatal(err)
				}
				o.Plan = plan
			}
			o.Again = func(context.Context) (Stream, error) { return &tape{at: at, from: from}, nil }
			to := &target{takes: 10 * ms}
			if tc.fails {
				o.Retry = func(string) []time.Duration { return []time.Duration{time.Second, time.Second} }
				to.answer = func(q *Request, res *Result) { res.Status = 503 }
			}
			time.AfterFunc(lead+4900*ms, func() {
				waits, err := c.Volume(tc.set)
				if err != nil || waits != (tc.set > max(tc.o.Volume, 1)) {
					t.Errorf("%s: waits %v, %v", tc.name, waits, err)
				}
				if s := c.Status(); waits && !strings.Contains(s.Says, "begins when the corpus has been looked through") {
					t.Errorf("%s: status %+v", tc.name, s)
				}
				time.Sleep(200 * ms)
				if s := c.Status(); s.Volume != tc.set || s.Says != "" {
					t.Errorf("%s: status %+v", tc.name, s)
				}
			})
			var rec list
			out, err := Run(t.Context(), &tape{at: at, from: from}, schedule(tc.o), plain{}, by(to), &rec, o)
			if err != nil {
				t.Fatal(err)
			}
			seen := make(map[string]bool)
			for _, r := range rec.all {
				if seen[r.Mark()] {
					t.Errorf("%s: %s was sent twice", tc.name, r.Mark())
				}
				seen[r.Mark()] = true
				if late := r.Sent - r.Intended; late > ms {
					t.Errorf("%s: %s was %v late", tc.name, r.Mark(), late)
				}
			}
			l := out.Ledger
			before := int64(0)
			if tc.o.Volume > 1 {
				before = 100
			}
			if tc.o.Loops > 1 {
				before = 100
			}
			added := l.Added - out.Stats.Retries
			if added -= before; !l.Balanced() || added < tc.least || added > tc.most {
				t.Errorf("%s: %d added, of %+v", tc.name, added, l.Tally)
			}
			if l.Unsent < tc.unsent || l.Unsent > max(tc.thinly, tc.unsent) || out.Stats.Thinned != l.Unsent {
				t.Errorf("%s: %d unsent, %d thinned", tc.name, l.Unsent, out.Stats.Thinned)
			}
			if ch := out.Stats.Changes; len(ch) != 1 || ch[0].What != fmt.Sprintf("volume %v", tc.set) {
				t.Errorf("%s: %+v", tc.name, ch)
			}
		})
	}
}

// A volume that leaves nearly all out can be taken back: what it leaves out takes its time, and counts in its step.
func TestLowVolumeIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := steady(200, 100*ms)
		var c Control
		time.AfterFunc(lead+2*time.Second, func() { _, _ = c.Volume(MinLiveTimes) })
		time.AfterFunc(lead+10*time.Second, func() { _, _ = c.Volume(1) })
		var rec list
		out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, by(&target{}), &rec, Options{Control: &c})
		if err != nil {
			t.Fatal(err)
		}
		var before, low, after int
		for _, r := range rec.all {
			switch {
			case r.Sent < 2*time.Second:
				before++
			case r.Sent < 10*time.Second:
				low++
			default:
				after++
			}
		}
		// What was made before a change is sent by what was in force then.
		if most := int(horizon / (100 * ms)); before != 20 || low > most+1 || after < 100-most || out.Stats.Elapsed < 19*time.Second {
			t.Errorf("%d, %d and %d requests in %v, %+v", before, low, after, out.Stats.Elapsed, out.Ledger.Tally)
		}
		if l := out.Ledger; !l.Balanced() || l.Unsent != out.Stats.Thinned || l.Unsent < 60 {
			t.Errorf("%+v, %d left out", l.Tally, out.Stats.Thinned)
		}
	})
}

// What is added is told by step, so that the steps add up to the run with what is left out later.
func TestAddedInSteps(t *testing.T) {
	var a, b AddedIn
	a.Count(0, "help", 1)
	a.Count(2, "help", 1)
	a.Count(3, "info", 1)
	b.Count(2, "help", 2)
	a.Plus(b)
	if len(a) != 2 || a.Of(2)["help"] != 3 || a.Of(3)["info"] != 1 || a.Of(1) != nil {
		t.Errorf("%+v", a)
	}
}

// What cannot be is said, and changes nothing.
func TestBadVolumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Control
		for _, v := range []float64{0, -1, pace.MaxVolume + 1} {
			if _, err := c.Volume(v); err == nil || errors.Is(err, ErrNotRunning) {
				t.Errorf("%v: %v", v, err)
			}
		}
		if _, err := c.Volume(2); !errors.Is(err, ErrNotRunning) {
			t.Error(err)
		}
		time.AfterFunc(lead+2*time.Second, func() {
			if _, err := c.Volume(MaxLiveTimes + 1); err == nil {
				t.Error("more times than are allowed")
			}
			if _, err := c.Volume(MinLiveTimes / 2); err == nil {
				t.Error("less than is allowed")
			}
			if _, err := c.Volume(9); err != nil {
				t.Error(err)
			}
			time.Sleep(ms)
			if s := c.Status(); s.Volume != 1 || !strings.Contains(s.Says, "volume 9 is not applied") {
				t.Errorf("status %+v", s)
			}
		})
		out, err := Run(t.Context(), &tape{at: steady(5, time.Second)}, schedule(pace.Options{}), plain{}, by(&target{}), &list{}, Options{
			Control: &c, Grow: func(context.Context) (float64, error) { return 8, nil },
		})
		if err != nil || out.Ledger.Added != 0 || len(out.Stats.Changes) != 0 {
			t.Errorf("%v, %+v, %+v", err, out.Ledger.Tally, out.Stats.Changes)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var c Control
		time.AfterFunc(lead+2*time.Second, func() {
			if _, err := c.Volume(2); !errors.Is(err, ErrNobodyNew) {
				t.Error(err)
			}
		})
		if _, err := Run(t.Context(), &tape{at: steady(5, time.Second)}, schedule(pace.Options{}), plain{}, by(&target{}), &list{}, Options{Control: &c}); err != nil {
			t.Fatal(err)
		}
	})
}

// A run that is stopped with added requests still to come accounts for them.
func TestLiveVolumeStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := steady(100, 100*ms)
		var c Control
		plan, err := Scan(t.Context(), &tape{at: at}, pace.Options{}, ScanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(lead+time.Second, func() { _, _ = c.Volume(3) })
		time.AfterFunc(lead+5*time.Second, func() { _ = c.Stop() })
		out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, by(&target{}), &list{}, Options{
			Control: &c, Plan: plan, Grow: func(context.Context) (float64, error) { return 8, nil },
		})
		if l := out.Ledger; err != nil || !l.Balanced() || l.Added < 60 || l.Unsent < 40 {
			t.Errorf("%v, %+v", err, l.Tally)
		}
	})
}
