package cause

import (
	"math"
	"testing"
	"time"
)

// times makes what each request takes longer by a factor that depends on when it is due.
func (d *drawn) times(factor func(at float64) float64) *drawn {
	for i, at := range d.due {
		d.takes[i] *= factor(at)
	}
	return d
}

func TestLevels(t *testing.T) {
	inOneGoroutine(t)
	for _, tc := range []struct {
		name     string
		factor   func(at float64) float64
		want     Pattern
		from, to time.Duration
	}{
		{"a step", func(at float64) float64 { return 1 + 4*above(at, 70) }, Step, 70 * time.Second, 120 * time.Second},
		{"a step to twice", func(at float64) float64 { return 1 + above(at, 70) }, Step, 70 * time.Second, 120 * time.Second},
		{"slow for a while", func(at float64) float64 { return 1 + 4*(above(at, 40)-above(at, 60)) }, Unexplained, 40 * time.Second, 60 * time.Second},
		{"slow at first", func(at float64) float64 { return 5 - 4*above(at, 15) }, ColdStart, 0, 15 * time.Second},
		{"slow at first, and better and better", func(at float64) float64 { return 1 + 4*math.Exp(-at/10) }, ColdStart, 0, 12 * time.Second},
		{"a leak", func(at float64) float64 { return 1 + 4*at/120 }, Drift, 35 * time.Second, 120 * time.Second},
	} {
		for seed := range uint64(10) {
			ch := only(t, tc.name, changesIn(drawRun(seed, 120, 30, 0.01, 0.4, 0.05, 10).times(tc.factor).table()), tc.want)
			if off := max((ch.span.From - tc.from).Abs(), (ch.span.To - tc.to).Abs()); off > 12*time.Second {
				t.Errorf("%s, seed %d: from %v to %v, want %v to %v", tc.name, seed, ch.span.From, ch.span.To, tc.from, tc.to)
			}
		}
	}
}

func above(at, from float64) float64 {
	if at >= from {
		return 1
	}
	return 0
}

func BenchmarkLevel(b *testing.B) {
	t := drawRun(1, 120, 30, 0.01, 0.4, 0.05, 10).times(func(at float64) float64 { return 1 + 4*above(at, 70) }).table()
	for b.Loop() {
		changesIn(t)
	}
}

// TestLoadIsNoChange: what follows the load, or the mix of kinds, is no change of the target, though load and mix change over time.
func TestLoadIsNoChange(t *testing.T) {
	for seed := range uint64(20) {
		load := drawRun(seed, 60, 20, 0.01, 0.3, 0.05, 10)
		more := drawRun(seed+100, 60, 60, 0.03, 0.3, 0.05, 10)
		for i, at := range more.due {
			load.due, load.takes = append(load.due, at+60), append(load.takes, more.takes[i])
		}
		mix := drawRun(seed, 120, 30, 0.01, 0.3, 0.05, 10)
		kinds := Column{Attribute: Kind, Labels: []string{"help", "subscribe"}}
		for i, at := range mix.due {
			kinds.Codes = append(kinds.Codes, 0)
			if share := 0.2 + 0.6*above(at, 60); mix.r.Float64() < share {
				kinds.Codes[i], mix.takes[i] = 1, mix.takes[i]*5
			}
		}
		mixed := mix.table()
		mixed.Columns = []Column{kinds}
		for name, table := range map[string]*Table{"three times the load": load.table(), "more of a slow kind": mixed} {
			if found := changesIn(table); len(found) > 0 {
				t.Errorf("%s, seed %d: pattern %d, p %v", name, seed, found[0].pattern, found[0].p)
			}
		}
	}
}

// TestStepBesideLoad: a step is found though the load varies, if it is not the load that steps with it.
func TestStepBesideLoad(t *testing.T) {
	for seed := range uint64(10) {
		d := drawRun(seed, 200, 30, 0.01, 0.3, 0.05, 10)
		kept := &drawn{}
		for i, at := range d.due { // two humps, of which the second is after the step as much as before it
			if load := 0.5 + 0.5*math.Sin(2*math.Pi*at/100); d.r.Float64() < 0.3+0.7*load {
				kept.due, kept.takes = append(kept.due, at), append(kept.takes, d.takes[i]*(1+load)*(1+4*above(at, 110)))
			}
		}
		only(t, "a step beside load", changesIn(kept.table()), Step)
	}
}
