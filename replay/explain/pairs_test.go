package explain_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/explain"
	"reprise/replay/results"
)

// written is a run file of so many requests of 200 people; in one of a race, whoever wrote within the last second waits 180 ms longer.
func written(t *testing.T, seed uint64, n int, race, known bool) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), fmt.Sprintf("%d.rpr", seed))
	f, err := results.Create(name, results.Header{Run: fmt.Sprint(seed), Settings: map[string]string{"volume": "1"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	plan, noise := rand.New(rand.NewPCG(1, 1)), rand.New(rand.NewPCG(seed, 2))
	last := make(map[uint32]time.Duration)
	at := time.Duration(0)
	for i := range n {
		at += time.Duration(plan.ExpFloat64() * float64(40*time.Millisecond))
		who := 1 + uint32(200*math.Pow(plan.Float64(), 2))
		took := time.Duration(10e6 * math.Exp(0.3*noise.NormFloat64()))
		if before, met := last[who]; race && met && at-before < time.Second {
			took += 180 * time.Millisecond
		}
		last[who] = at
		res := replay.Result{
			Seq: int64(i), Kind: capture.Kind(plan.IntN(7)), Intended: at, Sent: at + 20*time.Microsecond, Done: at + 20*time.Microsecond + took, Status: 200,
		}
		if known {
			res.Known, res.Person, res.Recipient = true, who*2654435761|1, 7
		}
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(replay.Outcome{State: replay.Complete}); err != nil {
		t.Fatal(err)
	}
	return name
}

// What became slower, and for whom, is told from run files alone, of one pair and of several; of equal runs nothing is.
func TestPairs(t *testing.T) {
	calm := func(seed uint64) string { return written(t, seed, 2500, false, true) }
	race := func(seed uint64) string { return written(t, seed, 2500, true, true) }
	for name, files := range map[string][]string{"one": {calm(1), race(2)}, "three": {calm(1), race(2), calm(3), race(4), calm(5), race(6)}} {
		d, err := explain.Pairs(t.Context(), files, explain.Options{WarmUp: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Slower) != 1 || len(d.Faster)+len(d.Failing) > 0 || d.Pairs > 2499 || d.Pairs < 2400 || d.RestShift.P50.Abs() >= d.Floor {
			t.Fatalf("%s: %+v", name, d)
		}
		c := d.Slower[0]
		if w := c.Where[0]; w.Attribute != cause.SamePersonWithin || w.To != 1e9 || (c.With.P50-180*time.Millisecond).Abs() > 3*time.Millisecond || c.Whose != cause.OfTarget {
			t.Errorf("%s: %+v", name, c)
		}
	}
	d, err := explain.Pairs(t.Context(), []string{calm(7), calm(8)}, explain.Options{})
	if err != nil || len(d.Slower)+len(d.Faster)+len(d.Failing) > 0 || d.Pairs != 2500 || d.Rest != 2500 {
		t.Errorf("equal runs: %+v, %v", d, err)
	}
}

// Of run files that do not say whose requests were, nothing is made up.
func TestPairsOfOldRuns(t *testing.T) {
	d, err := explain.Pairs(t.Context(), []string{written(t, 1, 2500, false, false), written(t, 2, 2500, true, false)}, explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Slower {
		for _, w := range c.Where {
			if w.Attribute == cause.SamePersonWithin || w.Attribute == cause.FirstOfPerson {
				t.Errorf("%+v is told of people who are not known", c)
			}
		}
	}
	old := false
	for _, m := range d.Missing {
		old = old || m.Attribute == cause.SamePersonWithin && m.Why == cause.OldRun
	}
	if !old {
		t.Errorf("missing %v", d.Missing)
	}
}

// A mistake of the caller, and files that are not there, are errors.
func TestPairsRefuses(t *testing.T) {
	one := written(t, 1, 100, false, true)
	for _, files := range [][]string{nil, {one}, {one, one, one}, {one, "absent.rpr"}, {"absent.rpr", one}} {
		if _, err := explain.Pairs(t.Context(), files, explain.Options{}); err == nil {
			t.Errorf("%v: no error", files)
		}
	}
}
