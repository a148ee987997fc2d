package cause

import (
	"math"
	"slices"
)

// base is a shape that the level may follow.
type base struct {
	pattern Pattern
	raw     []float64
	// unit is the shape centred, and of length 1: raw is length as long.
	unit              []float64
	length, low, high float64
}

// bases are growth and falling from a slow start, of several speeds. Stretches are tried apart, all of them.
func (l levels) bases() []base {
	var out []base
	first, last := l.at[0], l.at[len(l.at)-1]
	add := func(p Pattern, f func(x float64) float64) {
		raw := make([]float64, len(l.at))
		for i, at := range l.at {
			raw[i] = f((at - first) / (last - first))
		}
		out = append(out, newBase(p, raw))
	}
	add(Drift, func(x float64) float64 { return x })
	for _, times := range []float64{1, 4, 16} {
		add(Drift, func(x float64) float64 { return math.Log1p(times * x) })
		for _, part := range []float64{0.02, 0.05, 0.1, 0.2, 0.3} {
			add(ColdStart, func(x float64) float64 { return math.Log1p(times * math.Exp(-x/part)) })
		}
	}
	return out
}

func newBase(p Pattern, raw []float64) base {
	b := base{pattern: p, raw: raw, low: slices.Min(raw), high: slices.Max(raw)}
	unit, total := centre(raw, make([]float64, len(raw)))
	b.length = math.Sqrt(total)
	for i := range unit {
		unit[i] /= b.length
	}
	b.unit = unit
	return b
}

func meanOf(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// levelFit is the shape that fits best.
type levelFit struct {
	pattern Pattern
	// share is the part of how the levels differ that it takes, and change by how much the logarithm of the level changes by it.
	share, change float64
	from, to      float64 // seconds: where the level is above its half
	// model is the shape at each piece, and rest what it and the load leave over.
	model, rest []float64
}

// fitBeside is the shape that takes most of what the load does not, fitted together with the load. Its share is of what the load alone
// leaves over.
func (l levels) fitBeside(bases []base) levelFit {
	w := l.scratch
	alone := sumSquares(l.rising(l.value, w.alone))
	f := l.fit(l.value, bases, w.model[0])
	if alone <= 0 || f.share <= 0 {
		return levelFit{}
	}
	// What the load explains of the rest goes off, and the shape is fitted again.
	for i, v := range l.value {
		w.rest[i] = v - f.model[i]
	}
	l.rising(w.rest, w.again)
	for i, v := range w.again {
		w.again[i] = v + f.model[i]
	}
	f = l.fit(w.again, bases, w.model[1])
	if f.share <= 0 {
		return f
	}
	for i, v := range l.value {
		w.again[i] = v - f.model[i]
	}
	f.rest = l.rising(w.again, w.rest)
	f.share = 1 - sumSquares(f.rest)/alone
	return f
}

func sumSquares(v []float64) (sum float64) {
	for _, x := range v {
		sum += x * x
	}
	return sum
}

// fit tries all stretches and shapes. The level only ever goes up by them.
func (l levels) fit(values []float64, bases []base, model []float64) levelFit {
	best := levelFit{}
	y, total := centre(values, l.scratch.centred)
	if total <= 0 {
		return best
	}
	from, to, share := stretch(y, total, l.scratch.gains)
	shape, dot := -1, 0.0
	for i, s := range bases {
		along := 0.0
		for k, v := range y {
			along += v * s.unit[k]
		}
		if got := along * along / total; along > 0 && got > share {
			shape, dot, share = i, along, got
		}
	}
	switch {
	case share <= 0:
	case shape >= 0:
		best = l.shapeFit(bases[shape], dot, share, model)
	default:
		best = l.stretchFit(y, from, to, share, model)
	}
	return best
}

func centre(v, out []float64) (_ []float64, total float64) {
	mean := meanOf(v)
	for i, x := range v {
		out[i] = x - mean
		total += out[i] * out[i]
	}
	return out, total
}

// stretch is the one that is most above the rest, of values that are centred: its gain is by length, 0 for those that are not tried.
func stretch(y []float64, total float64, gains []float64) (from, to int, share float64) {
	most := 0.0
	for a := range y {
		sum := 0.0
		for e, v := range y[a:] {
			if sum += v; sum > 0 {
				if gain := sum * sum * gains[e+1]; gain > most {
					from, to, most = a, a+e+1, gain
				}
			}
		}
	}
	return from, to, most / total
}

// stretchFit takes values that are centred.
func (l levels) stretchFit(y []float64, from, to int, share float64, model []float64) levelFit {
	sum, n, m := 0.0, float64(len(y)), float64(to-from)
	for _, v := range y[from:to] {
		sum += v
	}
	inside, outside := sum/m, -sum/(n-m)
	f := levelFit{share: share, change: inside - outside, from: l.at[from] - l.width/2, to: l.at[to-1] + l.width/2, model: model}
	for i := range model {
		model[i] = outside
		if i >= from && i < to {
			model[i] = inside
		}
	}
	switch {
	case from == 0:
		f.pattern = ColdStart
	case to == len(y):
		f.pattern = Step
	default:
		f.pattern = Unexplained // slow for a while, and nobody knows why
	}
	return f
}

func (l levels) shapeFit(s base, dot, share float64, model []float64) levelFit {
	scale := dot / s.length // of the raw shape
	f := levelFit{pattern: s.pattern, share: share, change: scale * (s.high - s.low), model: model}
	f.from, f.to = math.Inf(1), math.Inf(-1)
	for i, v := range s.raw {
		model[i] = dot * s.unit[i]
		if v >= (s.low+s.high)/2 {
			f.from, f.to = min(f.from, l.at[i]-l.width/2), max(f.to, l.at[i]+l.width/2)
		}
	}
	return f
}
