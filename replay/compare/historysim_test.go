package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// simulated is a history of runs with the usual table of tracks: everything and seven kinds, three quantiles and the failures of each.
type simulated struct {
	runs int
	// noise is the standard deviation of a quantile from run to run; p99 has half as much again. A third of the variance is the run's, a third
	// the kind's in the run, a third the track's own.
	noise float64
	// ar is the correlation of one run's deviation with the next's.
	ar float64
	// step is how much all latencies rise at run at, or those of one kind alone.
	step float64
	at   int
	kind string
	// levels are stretches of the same length, each other one higher by 5 %.
	levels int
	// spikes are single runs in which all latencies are by so much higher.
	spikes map[int]float64
	// failing is the share of failed requests.
	failing float64
}

func (s simulated) series(rng *rand.Rand) *Series {
	out := &Series{Runs: identity(s.runs)}
	draw := func() []float64 {
		list := make([]float64, s.runs)
		last := rng.NormFloat64()
		for i := range list {
			list[i] = last
			last = s.ar*last + math.Sqrt(1-s.ar*s.ar)*rng.NormFloat64()
		}
		return list
	}
	ofRun := draw()
	for _, kind := range []string{"all", "subscribe", "help", "stop", "text", "media", "receipt", "other"} {
		ofKind := draw()
		for m, metric := range []string{MetricP50, MetricP90, MetricP99} {
			own := draw()
			t := Track{Kind: kind, Metric: metric}
			for i := range s.runs {
				noise := s.noise * [...]float64{1, 1, 1.5}[m] * (ofRun[i] + ofKind[i] + own[i]) / math.Sqrt(3)
				if i >= s.at && (s.kind == "" || s.kind == kind) {
					noise += math.Log1p(s.step)
				}
				if s.levels > 0 && i*s.levels/s.runs%2 == 1 {
					noise += math.Log1p(0.05)
				}
				noise += math.Log1p(s.spikes[i])
				t.Values = append(t.Values, math.Round(2e7*float64(1+m)*math.Exp(noise)))
			}
			out.Tracks = append(out.Tracks, t)
		}
		t := Track{Kind: kind, Metric: MetricErrors}
		for range s.runs {
			sent := 5000.0
			failed := 0.0
			for range 5 { // a rough Poisson draw
				failed += poisson(rng, sent*s.failing/5)
			}
			t.Values, t.sent = append(t.Values, failed/sent), append(t.sent, sent)
		}
		out.Tracks = append(out.Tracks, t)
	}
	return out
}

func poisson(rng *rand.Rand, mean float64) (n float64) {
	for p := rng.Float64(); p > math.Exp(-mean); p *= rng.Float64() {
		n++
	}
	return n
}

// tally is what became of simulated histories: how many have a change, exactly the one that there is, and more than that.
type simTally struct{ any, right, near, extra int }

func (s simulated) play(t testing.TB, n int, seed uint64) (sum simTally) {
	for i := range n {
		found, _, err := s.series(rand.New(rand.NewPCG(seed, uint64(i)))).changes(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		near := false
		for _, c := range found {
			near = near || c.Run >= s.at-1 && c.Run <= s.at+1
		}
		if len(found) > 0 {
			sum.any++
		}
		if near {
			sum.near++
		}
		if near && len(found) == 1 {
			sum.right++
		}
		if len(found) > 1 {
			sum.extra++
		}
	}
	return sum
}

// usual is a history as it is gated on: 40 runs whose figures vary by 2 %.
func usual() simulated { return simulated{runs: 40, noise: 0.02, failing: 0.001} }

// Of flat histories at most 5 % have a change point, with spikes and without; a step of 7 % is found at its run, and nothing else.
func TestHistoryOverAndOver(t *testing.T) {
	spikes := map[int]float64{10: 0.3, 33: 0.3}
	flat, spiked, step, near := usual(), usual(), usual(), usual()
	spiked.spikes = spikes
	step.step, step.at, step.spikes = 0.07, 25, spikes
	near.step, near.at, near.spikes = 0.07, 25, map[int]float64{0: 0.3, 24: 0.3, 26: -0.2, 39: 0.3}
	one := step
	one.kind = "help"
	if f := flat.play(t, 200, 1); f.any > 10 {
		t.Errorf("of 200 flat histories %d have a change", f.any)
	}
	const n = 25
	if f := spiked.play(t, n, 2); f.any > 3 {
		t.Errorf("of %d flat histories with spikes %d have a change", n, f.any)
	}
	for name, s := range map[string]simulated{"a step": step, "spikes beside a step": near, "a step of one kind": one} {
		if sum := s.play(t, n, 4); sum.right < n-2 {
			t.Errorf("%s: of %d histories %d are right", name, n, sum.right)
		}
	}
}

// Many series share the level, and in each a clear change is found all the same.
func TestHistoryOfManyPlans(t *testing.T) {
	var runs []HistoryRun
	for plan := range 8 {
		for i, r := range noisyHistory(20, 12, 0.3) {
			r.Header.PlanHash, r.Header.Run = fmt.Sprint("p", plan), fmt.Sprint(plan, ".", i)
			runs = append(runs, r)
		}
	}
	if h := historyOf(t, runs); len(h.Series) != 8 || len(h.Changes) != 8 {
		t.Errorf("%d series, %d changes", len(h.Series), len(h.Changes))
	}
}
