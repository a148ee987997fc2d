//go:build soak

package compare

import (
	"fmt"
	"testing"
)

// TestSoakHistory tells how often a simulated history has changes that are none, and how often those that there are are found. A history has
// 32 tracks; its runs vary by 2 %.
func TestSoakHistory(t *testing.T) {
	const n = 200
	spikes := map[int]float64{10: 0.3, 33: 0.3}
	atEnds := map[int]float64{0: 0.3, 1: 0.3, 20: -0.2, 38: 0.3, 39: 0.3}
	show := func(name string, s simulated) simTally {
		sum := s.play(t, n, 7)
		t.Logf("%-44s any %5.1f %%   its run ±1 %5.1f %%   that alone %5.1f %%", name, 100*float64(sum.any)/n, 100*float64(sum.near)/n, 100*float64(sum.right)/n)
		return sum
	}
	for _, c := range []struct {
		name   string
		change func(s *simulated)
	}{
		{"flat", func(*simulated) {}},
		{"flat, 10 runs", func(s *simulated) { s.runs = 10 }},
		{"flat, 20 runs", func(s *simulated) { s.runs = 20 }},
		{"flat, two spikes", func(s *simulated) { s.spikes = spikes }},
		{"flat, spikes at the ends", func(s *simulated) { s.spikes = atEnds }},
		{"flat, no failures", func(s *simulated) { s.failing = 0 }},
		{"flat, many failures", func(s *simulated) { s.failing = 0.02 }},
	} {
		s := usual()
		c.change(&s)
		if sum := show(c.name, s); sum.any > n/20 {
			t.Errorf("%s: %d of %d have a change", c.name, sum.any, n)
		}
	}
	for _, ar := range []float64{0.2, 0.4, 0.6} {
		s := usual()
		s.ar = ar
		show("flat, a run's deviation carried on by "+fmt.Sprint(ar), s)
	}
	for _, step := range []float64{0.03, 0.05, 0.07, 0.1} {
		for _, runs := range []int{10, 20, 40} {
			s := usual()
			s.step, s.runs, s.at = step, runs, runs/2
			show(fmt.Sprint(step)+" in the middle of "+fmt.Sprint(runs), s)
		}
		s := usual()
		s.step, s.at, s.spikes = step, 25, spikes
		show(fmt.Sprint(step)+" at 25 of 40, two spikes", s)
		s.kind = "help"
		show(fmt.Sprint(step)+" of one kind alone, two spikes", s)
		s.kind, s.spikes = "", map[int]float64{0: 0.3, 24: 0.3, 26: -0.2, 39: 0.3}
		show(fmt.Sprint(step)+" at 25, spikes at 24, 26 and the ends", s)
		s.spikes, s.at = nil, 36
		show(fmt.Sprint(step)+" in the last 4 of 40", s)
	}
}

// TestSoakConfirm plays 10,000 sequences of rounds for each of several truths, by --rounds 3 --confirm 4 and by five fixed rounds, and
// prints how they end. It holds that at most 5.5 % are called regressed at the floor, over all looks; that +20 % is found as often as by
// five fixed rounds, in under four; and that +10 % is found more often.
func TestSoakConfirm(t *testing.T) {
	const n = 10_000
	plan := usualPlan()
	levels := plan.levels()
	floor, tail := RoundsFloorChange, RoundsFloorTail
	for _, of := range []truth{
		{name: "at the floors", change: floor, tail: tail},
		{name: "at the floors, noise half alike", change: floor, tail: tail, shared: 0.5},
		{name: "at the floors, noise alike", change: floor, tail: tail, shared: 1},
		{name: "one row at its floor", change: floor, oneRow: true},
		{name: "0 %"},
		{name: "0 %, noise alike", shared: 1},
		{name: "+3 %", change: 0.03, tail: 0.03},
		{name: "+5 %", change: 0.05, tail: 0.05},
		{name: "+7 %", change: 0.07, tail: 0.07},
		{name: "+7 %, noise alike", change: 0.07, tail: 0.07, shared: 1},
		{name: "+10 %", change: 0.10, tail: 0.10},
		{name: "+10 %, noise alike", change: 0.10, tail: 0.10, shared: 1},
		{name: "+10 % of one kind", change: 0.10, tail: 0.10, oneKind: true},
		{name: "+10 % of one row", change: 0.10, oneRow: true},
		{name: "+20 %", change: 0.20, tail: 0.20},
		{name: "+20 %, noise alike", change: 0.20, tail: 0.20, shared: 1},
	} {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			got := sequences(t, n, of, plan, levels)
			five, one := fixed(5)
			without := sequences(t, n, of, five, one)
			t.Logf("confirm: regressed %.2f %%, equivalent %.2f %%, after %.2f rounds; five fixed: regressed %.2f %%, equivalent %.2f %%",
				got.percent(Regressed), got.percent(Equivalent), got.average(), without.percent(Regressed), without.percent(Equivalent))
			found, before := got.percent(Regressed), without.percent(Regressed)
			switch {
			case of.change == floor && !of.oneRow && found > 5.5:
				t.Errorf("%.2f %% are called regressed", found)
			case of.change == 0 && found > 0:
				t.Errorf("%.2f %% are called regressed", found)
			case of.change == 0.20 && (found < before || got.average() >= 4):
				t.Errorf("%.2f %% are found after %.2f rounds, by five fixed %.2f %%", found, got.average(), before)
			case of.change == 0.10 && (found < before || found == before && before < 100):
				t.Errorf("%.2f %% are found, by five fixed %.2f %%", found, before)
			}
		})
	}
}
