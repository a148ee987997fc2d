package cause

import (
	"math"
	"math/rand/v2"
	"testing"
)

// noisy is n values a second apart: noise of a deviation with a memory in seconds, and what grows.
func noisy(seed uint64, n int, sd, memory float64, grows func(at float64) float64) (at, value []float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	keep := 0.0
	if memory > 0 {
		keep = math.Exp(-1 / memory)
	}
	x := r.NormFloat64()
	for i := range n {
		if i > 0 {
			x = keep*x + math.Sqrt(1-keep*keep)*r.NormFloat64()
		}
		at = append(at, float64(i)+0.5)
		value = append(value, math.Log(0.02)+sd*x+grows(float64(i)+0.5))
	}
	return at, value
}

func unmoved(float64) float64 { return 0 }

// Nothing is said of what is flat, however noisy.
func TestNoOnsetInNoise(t *testing.T) {
	for _, tc := range []struct{ n, memory, most int }{{40, 0, 2}, {100, 0, 2}, {100, 2, 4}, {120, 5, 10}} {
		said := 0
		for seed := range uint64(200) {
			at, value := noisy(seed, tc.n, 0.2, float64(tc.memory), unmoved)
			if _, ok := FindOnset(at, value, 0); ok {
				said++
			}
		}
		if said > tc.most {
			t.Errorf("%d values with a memory of %d s: %d of 200 flat runs grow", tc.n, tc.memory, said)
		}
	}
}

// Where a queue begins to fill is found, and the interval holds it.
func TestOnset(t *testing.T) {
	for _, tc := range []struct {
		name  string
		grows func(at float64) float64
	}{
		{"a queue fills", func(at float64) float64 { return math.Log1p(max(at-60, 0) * 0.3 / 0.02) }},
		{"a leak", func(at float64) float64 { return 0.03 * max(at-60, 0) }},
		{"a level", func(at float64) float64 { return map[bool]float64{true: 0.8}[at > 60] }},
		{"a queue fills and empties", func(at float64) float64 { return math.Log1p(max(min(at-60, 3*(80-at)), 0) * 15) }},
		{"a slow start before", func(at float64) float64 { return 2*math.Exp(-at/2) + math.Log1p(max(at-60, 0)*15) }},
	} {
		held, wide := 0, 0.0
		for seed := range uint64(20) {
			at, value := noisy(seed, 100, 0.15, 2, tc.grows)
			o, ok := FindOnset(at, value, 0)
			if !ok {
				t.Errorf("%s, seed %d: no onset", tc.name, seed)
				continue
			}
			if o.Low <= 60 && o.High >= 60 {
				held++
			}
			wide += (o.High - o.Low) / 20
			if math.Abs(o.At-60) > 15 || o.Low > o.At || o.High < o.At {
				t.Errorf("%s, seed %d: %v (%v to %v)", tc.name, seed, o.At, o.Low, o.High)
			}
			if again, _ := FindOnset(at, value, 0); again != o {
				t.Errorf("%s: %+v, and then %+v", tc.name, o, again)
			}
		}
		if held < 17 {
			t.Errorf("%s: the interval held it in %d of 20 runs", tc.name, held)
		}
		t.Logf("%s: held %d of 20, %.1f s wide", tc.name, held, wide)
	}
}

func TestTooLittleForAnOnset(t *testing.T) {
	for _, n := range []int{0, 1, 5, onsetFew - 1} {
		at, value := noisy(1, n, 0.1, 0, func(at float64) float64 { return at })
		if _, ok := FindOnset(at, value, 0); ok {
			t.Errorf("an onset in %d values", n)
		}
	}
	if _, ok := FindOnset(make([]float64, 50), make([]float64, 50), 0); ok {
		t.Error("an onset in values that are all the same")
	}
}

func BenchmarkOnset(b *testing.B) {
	at, value := noisy(1, 120, 0.15, 2, func(at float64) float64 { return 0.03 * max(at-60, 0) })
	for range b.N {
		FindOnset(at, value, 0)
	}
}
