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
