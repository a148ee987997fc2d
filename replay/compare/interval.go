package compare

import (
	"math"
	"slices"
)

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// hull is the smallest interval that holds both.
func (i Interval) hull(j Interval) Interval {
	return Interval{Low: min(i.Low, j.Low), High: max(i.High, j.High)}
}

// percentiles returns what is left of sorted replicates without a tail at either end.
func percentiles(sorted []float64, tail float64) Interval {
	at := func(q float64) float64 {
		i := int(math.Ceil(q*float64(len(sorted)))) - 1
		return sorted[min(max(i, 0), len(sorted)-1)]
	}
	return Interval{Low: at(tail), High: at(1 - tail)}
}

// intervals sorts replicates and returns the 95 % and the 90 % interval, widened to hold what was observed; nothing where
// too few replicates held values.
func intervals(values []float64, observed float64) (wide, narrow *Interval) {
	if len(values) < replicates/2 {
		return nil, nil
	}
	slices.Sort(values)
	seen := Interval{Low: observed, High: observed}
	w, n := percentiles(values, 0.025).hull(seen), percentiles(values, 0.05).hull(seen)
	return &w, &n
}

// The normal distribution's quantiles at 0.975 and 0.95.
const (
	z95 = 1.959963984540054
	z90 = 1.6448536269514722
)

// wilson is the score interval of a proportion: k of n, n above 0.
func wilson(k, n, z float64) Interval {
	p := k / n
	mid := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{Low: max((mid-half)/(1+z*z/n), 0), High: min((mid+half)/(1+z*z/n), 1)}
}

// newcombe is the interval of a difference of paired proportions, candidate minus base, n pairs above 0: Newcombe 1998,
// Statistics in Medicine 17:2635, method 10 (score intervals, with the correlation of the pairs).
func newcombe(f failures, z float64) Interval {
	n, kb, kc := float64(f.pairs), float64(f.base), float64(f.candidate)
	both := float64(f.both)
	onlyC, onlyB, none := kc-both, kb-both, n-kb-kc+both
	b, c := wilson(kb, n, z), wilson(kc, n, z)
	pb, pc := kb/n, kc/n
	phi := correlation(both, onlyC, onlyB, none)
	side := func(x, y float64) float64 { return math.Sqrt(max(x*x-2*phi*x*y+y*y, 0)) }
	return Interval{
		Low:  pc - pb - side(pc-c.Low, b.High-pb),
		High: pc - pb + side(c.High-pc, pb-b.Low),
	}
}

// correlation is the phi coefficient of a table of pairs, its numerator corrected for continuity as method 10 asks.
func correlation(both, onlyC, onlyB, none float64) float64 {
	margins := (both + onlyC) * (onlyB + none) * (both + onlyB) * (onlyC + none)
	if margins == 0 {
		return 0
	}
	num, n := both*none-onlyC*onlyB, both+onlyC+onlyB+none
	switch {
	case num > n/2:
		num -= n / 2
	case num >= 0:
		num = 0
	}
	return num / math.Sqrt(margins)
}

// possible cuts an interval of a difference of two shares at what such a difference can be.
func possible(i *Interval) *Interval {
	if i == nil {
		return nil
	}
	return &Interval{Low: min(max(i.Low, -1), 1), High: min(max(i.High, -1), 1)}
}
