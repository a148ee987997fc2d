package cause

import (
	"context"
	"math/rand/v2"
)

// proof says how strong the best rule of each column is beside the strongest of shuffled scores.
type proof struct {
	// strength is the gain of a column's best rule over the mean of what shuffled scores give.
	strength []float64
	// p is, a column, the probability that the strongest of all columns is so strong by chance.
	p []float64
	// needed is the strength that a rule must have to be told.
	needed float64
}

// How many shuffles.
const (
	firstShuffles = 60  // then what is plainly nothing is left
	shuffles      = 240 // then the tail is fitted
)

// prove shuffles scores against rows and keeps what the strongest rule of each column is.
func (g *grid) prove(ctx context.Context, r *rand.Rand, cuts []cut, level float64) (proof, error) {
	w := len(g.columns)
	block := blockLength(g.score)
	null := make([]float32, 0, shuffles*w)
	sums := newAdder(g)
	for i := range shuffles {
		if err := ctx.Err(); err != nil {
			return proof{}, context.Cause(ctx)
		}
		null = sums.strongest(null, g.shuffle(r, block))
		if i+1 == firstShuffles {
			if p := judge(cuts, null, level); least(p.p) > 0.1 {
				return p, nil
			}
		}
	}
	return judge(cuts, null, level), nil
}

// judge compares rules with those of shuffled scores: null has a row a shuffle.
func judge(cuts []cut, null []float32, level float64) proof {
	w := len(cuts)
	n := len(null) / w
	mean := make([]float64, w)
	for i, g := range null {
		mean[i%w] += float64(g) / float64(n)
	}
	strongest := make([]float64, n)
	for i := range n {
		for a := range w {
			if mean[a] > 0 {
				strongest[i] = max(strongest[i], float64(null[i*w+a])/mean[a])
			}
		}
	}
	tail := fitTail(strongest)
	own := make([]float64, n)
	p := proof{strength: make([]float64, w), p: make([]float64, w), needed: tail.quantile(level)}
	for a := range w {
		p.p[a] = 1
		if mean[a] > 0 {
			p.strength[a] = float64(cuts[a].gain) / mean[a]
			for i := range n {
				own[i] = float64(null[i*w+a])
			}
			alone := fitTail(own)
			p.p[a] = max(tail.above(p.strength[a]), alone.above(float64(cuts[a].gain)))
		}
	}
	return p
}

func least(p []float64) float64 {
	l := 1.0
	for _, v := range p {
		l = min(l, v)
	}
	return l
}
