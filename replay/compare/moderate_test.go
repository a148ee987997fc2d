package compare

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// golden is testdata/golden.json, made by golden.py beside it.
type golden struct {
	T []struct {
		DF       float64
		X        float64
		Q        float64
		Survival *float64
		Quantile *float64
	}
	Adjust   []struct{ P, Q []float64 }
	Moderate []struct {
		D                                []float64
		Prior, Floor, P, Fall, Low, High float64
	}
	Wilson   []struct{ K, N, Low, High float64 }
	Variance []struct {
		X              []float64
		Mean, Variance float64
	}
	Newcombe []struct {
		Both, Candidate, Base, Neither uint32
		Level, Low, High               float64
	}
	Quantile []struct {
		X, Value []int64
		Q        []float64
	}
}

// near says whether two values agree to 1e-9, relative where they are large.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

func TestStatisticsAreThoseOfSciPy(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.T) == 0 || len(g.Adjust) == 0 || len(g.Moderate) == 0 || len(g.Wilson) == 0 || len(g.Variance) == 0 || len(g.Newcombe) == 0 || len(g.Quantile) == 0 {
		t.Fatal("golden.json lacks a part")
	}
	for _, c := range g.T {
		d := estimate{freedom: c.DF}
		if c.Survival != nil && !near(d.t().Survival(c.X), *c.Survival) {
			t.Errorf("t survival(%v, df %v) = %v, want %v", c.X, c.DF, d.t().Survival(c.X), *c.Survival)
		}
		if c.Quantile != nil && !near(d.quantile(c.Q), *c.Quantile) {
			t.Errorf("t quantile(%v, df %v) = %v, want %v", c.Q, c.DF, d.quantile(c.Q), *c.Quantile)
		}
	}
	for _, c := range g.Adjust {
		for i, q := range adjust(c.P) {
			if !near(q, c.Q[i]) {
				t.Errorf("adjust of %d values: q[%d] = %v, want %v", len(c.P), i, q, c.Q[i])
			}
		}
	}
	for _, c := range g.Moderate {
		m := moderate(effectOf(c.D), c.Prior, 0)
		i := m.interval(0.025)
		for name, pair := range map[string][2]float64{
			"p": {m.above(c.Floor), c.P}, "fall": {m.below(c.Floor), c.Fall}, "low": {i.Low, c.Low}, "high": {i.High, c.High},
		} {
			if !near(pair[0], pair[1]) {
				t.Errorf("moderate of %d rounds: %s = %v, want %v", len(c.D), name, pair[0], pair[1])
			}
		}
	}
	for _, c := range g.Wilson {
		if i := wilson(c.K, c.N, z95); !near(i.Low, c.Low) || !near(i.High, c.High) {
			t.Errorf("wilson(%v, %v) = %v, want %v to %v", c.K, c.N, i, c.Low, c.High)
		}
	}
	for _, c := range g.Variance {
		if mean, v := meanVariance(c.X); !near(mean, c.Mean) || !near(v, c.Variance) {
			t.Errorf("meanVariance of %d = %v, %v, want %v, %v", len(c.X), mean, v, c.Mean, c.Variance)
		}
	}
	for _, c := range g.Newcombe {
		z := map[float64]float64{0.9: z90, 0.95: z95}[c.Level]
		got := newcombe(failures{pairs: c.Both + c.Candidate + c.Base + c.Neither, both: c.Both, base: c.Both + c.Base, candidate: c.Both + c.Candidate}, z)
		if !near(got.Low, c.Low) || !near(got.High, c.High) {
			t.Errorf("newcombe of %+v: %v", c, got)
		}
	}
	for _, c := range g.Quantile {
		var values []sample
		var replicates []float64
		for _, x := range c.X {
			values, replicates = append(values, makeSample(x, 0)), append(replicates, float64(x))
		}
		r := rank(values, 1)
		slices.Sort(replicates)
		for i, q := range c.Q {
			got, _ := r.quantile(q)
			if p := percentiles(replicates, q).Low; got != c.Value[i] || p != float64(c.Value[i]) {
				t.Errorf("quantile %v of %d values: %d and %v, want %d", q, len(c.X), got, p, c.Value[i])
			}
		}
	}
}
