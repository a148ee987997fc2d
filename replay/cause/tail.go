package cause

import (
	"math"
	"slices"
)

// tail is the distribution of the largest of shuffles: counts where there are many, beyond that a generalized Pareto distribution
// (Knijnenburg and others 2009, "Fewer permutations, more accurate P-values").
type tail struct {
	sorted []float64
	// Values above threshold, a part of all, follow the distribution with this scale and shape.
	threshold, scale, shape, part float64
}

// countedFrom is how many shuffles must be as strong so that counting them is enough.
const countedFrom = 10

// leastP is the smallest probability that is told: some hundred shuffles say no more.
const leastP = 1e-6

// fitTail fits the upper quarter. Its shape is not let below 0: then no strength is called impossible.
func fitTail(values []float64) tail {
	t := tail{sorted: slices.Sorted(slices.Values(values))}
	n := len(t.sorted)
	above := n / 4
	if above < 5 {
		return t
	}
	t.threshold = (t.sorted[n-above] + t.sorted[n-above-1]) / 2
	excess := make([]float64, above)
	for i := range excess {
		excess[i] = t.sorted[n-above+i] - t.threshold
	}
	t.part = float64(above) / float64(n)
	t.scale, t.shape = fitPareto(excess)
	return t
}

// fitPareto fits a generalized Pareto distribution by probability-weighted moments (Hosking and Wallis 1987) to sorted values.
func fitPareto(sorted []float64) (scale, shape float64) {
	n := float64(len(sorted))
	var a0, a1 float64
	for i, x := range sorted {
		a0 += x / n
		a1 += x * (1 - (float64(i)+0.65)/n) / n // plotting positions (i-0.35)/n
	}
	if a0 <= 0 {
		return 0, 0
	}
	shape = 2 - a0/(a0-2*a1)
	scale = 2 * a0 * a1 / (a0 - 2*a1)
	if shape < 0 || math.IsNaN(shape) || math.IsInf(shape, 0) {
		return a0, 0 // an exponential tail
	}
	return scale, min(shape, 0.5)
}

// above is the probability of a value as large as v.
func (t *tail) above(v float64) float64 {
	n := len(t.sorted)
	i, _ := slices.BinarySearch(t.sorted, v)
	if n-i >= countedFrom || t.scale <= 0 {
		return float64(n-i+1) / float64(n+1)
	}
	x := max(v-t.threshold, 0) / t.scale
	p := t.part * math.Exp(-x)
	if t.shape >= 1e-9 {
		p = t.part * math.Pow(1+t.shape*x, -1/t.shape)
	}
	return max(p, leastP)
}

// quantile is the value that is passed with probability p.
func (t *tail) quantile(p float64) float64 {
	n := len(t.sorted)
	if n == 0 {
		return math.Inf(1)
	}
	if p >= t.part || t.scale <= 0 {
		return t.sorted[min(max(int(float64(n)*(1-p)), 0), n-1)]
	}
	if t.shape < 1e-9 {
		return t.threshold + t.scale*math.Log(t.part/p)
	}
	return t.threshold + t.scale*(math.Pow(t.part/p, t.shape)-1)/t.shape
}
