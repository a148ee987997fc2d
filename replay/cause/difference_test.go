package cause

import (
	"math"
	"testing"
	"time"
)

// pairOf is a table of a world played twice: change says of the second run what a request takes more, in ms, and whether it fails.
func pairOf(seed uint64, n int, rate float64, change func(w *world) (more []float64, fails []bool)) *Table {
	w := newWorld(seed, n, rate)
	before := append([]float64(nil), w.service...)
	w.noise(10, 0.25, 0.1)
	more, fails := change(w)
	for i := range w.service {
		if more != nil {
			w.service[i] += more[i]
		}
		if fails != nil && fails[i] {
			w.failure[i] = 1
		}
	}
	if fails != nil {
		w.failures = []string{"status 500"}
	}
	t := w.table()
	t.Before, t.BeforeFailed = make([]Micros, n), make([]Truth, n)
	for i := range n {
		t.Before[i], t.BeforeFailed[i] = Micros(before[i]*1000), No
	}
	return t
}

// race is what a race per person adds.
func race(w *world) []float64 {
	more := make([]float64, len(w.at))
	w.since(func(i int) int { return w.person[i] }, func(i int, gap time.Duration) {
		if gap >= 0 && gap < time.Second {
			more[i] = 180
		}
	})
	return more
}

func TestCompareTellsForWhom(t *testing.T) {
	right := 0
	const draws = 10
	for seed := range uint64(draws) {
		d, err := Compare(t.Context(), pairOf(seed, 3000, 20, func(w *world) ([]float64, []bool) { return race(w), nil }), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Faster)+len(d.Failing) > 0 {
			t.Errorf("seed %d: faster %+v, failing %+v", seed, d.Faster, d.Failing)
		}
		if len(d.Slower) == 0 {
			continue
		}
		c := d.Slower[0]
		if w := c.Where[0]; w.Attribute == SamePersonWithin && time.Duration(w.To) <= 2*time.Second && c.With.P50 > 150*time.Millisecond &&
			c.Without.P50.Abs() < 2*time.Millisecond && c.Candidate.P50-c.Base.P50 > 150*time.Millisecond && d.RestShift.P50.Abs() < d.Floor && len(d.Slower) == 1 {
			right++
		} else {
			t.Logf("seed %d: %+v, rest %v", seed, d.Slower, d.RestShift)
		}
	}
	if right < draws-1 {
		t.Errorf("told right in %d of %d draws", right, draws)
	}
}

// What became faster is told too, and what fails more.
func TestCompareTellsWhatElseChanged(t *testing.T) {
	back := pairOf(1, 3000, 20, func(w *world) ([]float64, []bool) { return race(w), nil })
	for i := range back.Service {
		back.Service[i], back.Before[i] = back.Before[i], back.Service[i]
	}
	d, err := Compare(t.Context(), back, Limits{})
	if err != nil || len(d.Slower) > 0 || len(d.Faster) != 1 || d.Faster[0].Where[0].Attribute != SamePersonWithin || d.Faster[0].With.P50 > -150*time.Millisecond {
		t.Errorf("the other way round: slower %+v, faster %+v, %v", d.Slower, d.Faster, err)
	}
	d, err = Compare(t.Context(), pairOf(2, 3000, 20, func(w *world) ([]float64, []bool) {
		fails := make([]bool, len(w.at))
		for i, k := range w.kind {
			fails[i] = k == 0 && w.r.Float64() < 0.2
		}
		return nil, fails
	}), Limits{})
	if err != nil || len(d.Slower)+len(d.Faster) > 0 || len(d.Failing) == 0 || d.Failing[0].Where[0].Attribute != Kind || math.Abs(d.Failing[0].FailedCandidate-0.2) > 0.05 || d.Failing[0].FailedBase > 0 {
		t.Errorf("failures: %+v, %v", d, err)
	}
	d, err = Compare(t.Context(), pairOf(3, 3000, 20, func(w *world) ([]float64, []bool) {
		more := make([]float64, len(w.at))
		for i := range more {
			more[i] = 20
		}
		return more, nil
	}), Limits{})
	if err != nil || len(d.Slower)+len(d.Faster)+len(d.Failing) > 0 || d.Rest != 3000 || math.Abs(d.RestShift.P50.Seconds()-0.02) > 0.002 {
		t.Errorf("all alike slower: %+v, %v", d, err)
	}
}

// Two runs of one target differ for nobody.
func TestCompareOfEqualRuns(t *testing.T) {
	accused := 0
	for seed := range uint64(20) {
		d, err := Compare(t.Context(), pairOf(100+seed, 2000, 20, func(*world) ([]float64, []bool) { return nil, nil }), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(d.Slower) + len(d.Faster) + len(d.Failing); n > 0 {
			accused++
			t.Logf("seed %d: %+v %+v", seed, d.Slower, d.Faster)
		}
	}
	if accused > 0 {
		t.Errorf("%d of 20 equal pairs differ for somebody", accused)
	}
}

// Without another run, or with hardly a pair, nothing is said.
func TestCompareOfNothing(t *testing.T) {
	w := newWorld(1, 100, 20)
	few := w.table()
	few.Before, few.BeforeFailed = make([]Micros, 100), make([]Truth, 100)
	for i := range few.Before {
		few.Before[i] = NoMicros
	}
	for _, table := range []*Table{{}, newWorld(1, 100, 20).table(), few} {
		d, err := Compare(t.Context(), table, Limits{})
		if err != nil || d.Slower == nil || d.Faster == nil || d.Failing == nil || d.Pairs != 0 {
			t.Errorf("%+v, %v", d, err)
		}
	}
}
