package experiment

import (
	"math"
	"math/rand/v2"
	"slices"

	"reprise/replay/cause"
)

// blocks is how many stretches a run is cut into: requests near to each other are slow together.
const blocks = 20

// counts are of a stretch: the requests of the finding and the others, and how many of each are slow.
type counts struct{ hit, hitSlow, rest, restSlow float64 }

func (c *counts) add(o counts) {
	c.hit += o.hit
	c.hitSlow += o.hitSlow
	c.rest += o.rest
	c.restSlow += o.restSlow
}

// run is one run of a trial.
type run struct {
	change    Change
	blocks    [blocks]counts
	hit, rest []cause.Micros
}

// read sorts the requests of a run into those of the finding and the others, as they were in the first run.
func (x *first) read(t *cause.Table, c Change) run {
	r := run{change: c}
	n := t.Len()
	for i := range n {
		hit, known := x.in[record{t.Seq[i], t.Copy[i]}]
		v, counted := x.value(t, i)
		if !known || !counted {
			continue
		}
		b := &r.blocks[i*blocks/n]
		slow := 0.0
		if v > x.slower {
			slow = 1
		}
		if hit {
			b.add(counts{hit: 1, hitSlow: slow})
			r.hit = append(r.hit, v)
		} else {
			b.add(counts{rest: 1, restSlow: slow})
			r.rest = append(r.rest, v)
		}
	}
	return r
}

// sum adds up runs and their stretches: as they are, or drawn at random where random is set.
func sum(runs []run, random *rand.Rand) (all counts) {
	for i := range runs {
		r := &runs[i]
		if random != nil {
			r = &runs[random.IntN(len(runs))]
		}
		for j := range blocks {
			if random != nil {
				j = random.IntN(blocks)
			}
			all.add(r.blocks[j])
		}
	}
	return all
}

// share is a part of a whole, 0 of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// drawn is how often runs and their stretches are drawn anew for an interval (a block bootstrap).
const drawn = 2000

// seen is by how much more of the finding's requests are slow in the control than of the others in some runs, and low its bound at 95 %.
func seen(control, others []run) (gap, low float64) {
	if len(control) == 0 || len(others) == 0 {
		return 0, 0
	}
	between := func(c, o counts) float64 { return share(c.hitSlow, c.hit) - share(o.restSlow, o.rest) }
	random := rand.New(rand.NewPCG(1, 16))
	gaps := make([]float64, drawn)
	for i := range gaps {
		c := sum(control, random)
		o := c
		if &control[0] != &others[0] {
			o = sum(others, random)
		}
		gaps[i] = between(c, o)
	}
	slices.Sort(gaps)
	return between(sum(control, nil), sum(others, nil)), gaps[drawn*25/1000]
}

// left is the part of the effect that runs with a change have of what the control has, and its bounds at 95 %.
func left(control, changed []run) (value, low, high float64) {
	if len(control) == 0 || len(changed) == 0 {
		return math.NaN(), 0, math.Inf(1)
	}
	value = part(sum(control, nil), sum(changed, nil), changed[0].change)
	random := rand.New(rand.NewPCG(2, 16))
	parts := make([]float64, drawn)
	for i := range parts {
		parts[i] = part(sum(control, random), sum(changed, random), changed[0].change)
	}
	slices.Sort(parts)
	return value, min(parts[drawn*25/1000], value), max(parts[drawn*975/1000], value)
}

// part is the excess of slow requests with a change over that without one, beside what is slow anyway: of the other requests in the better
// of the two runs. Where requests changed places others are hit in their stead, so that it is those of the same run; where those of the
// finding were left out, it is all that were sent that are compared.
func part(control, changed counts, c Change) float64 {
	if c == Without {
		all := share(control.hitSlow+control.restSlow, control.hit+control.rest)
		return bounded(share(changed.restSlow, changed.rest), all)
	}
	before, after := share(control.restSlow, control.rest), share(changed.restSlow, changed.rest)
	if anyway := min(before, after); c != Shuffled && c != Turned {
		before, after = anyway, anyway
	}
	return bounded(share(changed.hitSlow, changed.hit)-after, share(control.hitSlow, control.hit)-before)
}

// most is the largest part that is told: the effect grew as much.
const most = 10

func bounded(part, whole float64) float64 {
	if whole <= 0 {
		return most
	}
	return min(max(part/whole, 0), most)
}
