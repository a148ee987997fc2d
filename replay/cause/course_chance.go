package cause

import (
	"math"
	"math/rand/v2"
	"slices"
)

// chance is the probability that noise with a memory fits a shape so well. The memory is that of what the fit leaves over, and at
// least levelMemory.
//
// Beyond what was drawn the tail is taken as exponential in the logit of the share: near 1 the density of a share falls with a power of
// what is left over, as that of a beta distribution does.
func (l levels) chance(f levelFit, bases []base) float64 {
	memory := max(levelMemory, l.memory(f.rest))
	r := rand.New(rand.NewPCG(uint64(len(l.value)), 16))
	drawn := l
	drawn.value, drawn.scratch = make([]float64, len(l.value)), newLevelScratch(len(l.value))
	drawn.keeps(memory)
	shares := make([]float64, levelRuns)
	alike := 0
	for k := range shares {
		drawn.draw(r)
		if shares[k] = logit(drawn.fitBeside(bases).share); shares[k] >= logit(f.share) {
			alike++
		}
		if alike >= levelEnough {
			return float64(alike) / float64(k+1)
		}
	}
	return exponentialTail(shares, logit(f.share))
}

func logit(share float64) float64 {
	share = min(max(share, 1e-9), 1-1e-9)
	return math.Log(share / (1 - share))
}

// exponentialTail is the probability of a value as large, by the mean excess of the largest twentieth. Its error is allowed for.
func exponentialTail(drawn []float64, value float64) float64 {
	slices.Sort(drawn)
	k := len(drawn) / 20
	start := drawn[len(drawn)-k-1]
	excess := 0.0
	for _, v := range drawn[len(drawn)-k:] {
		excess += (v - start) / float64(k)
	}
	excess *= 1 + 1/math.Sqrt(float64(k))
	if value <= start || excess <= 0 {
		return 1
	}
	return float64(k) / float64(len(drawn)) * math.Exp(-(value-start)/excess)
}

// keeps fills how much of a level the next piece keeps, of noise with a memory.
func (l levels) keeps(memory float64) {
	for i := 1; i < len(l.at); i++ {
		l.scratch.keep[i] = math.Exp(-(l.at[i] - l.at[i-1]) / memory)
		l.scratch.new[i] = math.Sqrt(1 - l.scratch.keep[i]*l.scratch.keep[i])
	}
	l.scratch.new[0] = 1
}

// draw fills the levels with an Ornstein-Uhlenbeck process.
func (l levels) draw(r *rand.Rand) {
	x := 0.0
	for i := range l.value {
		x = x*l.scratch.keep[i] + l.scratch.new[i]*r.NormFloat64()
		l.value[i] = x
	}
}

// memory is the time in seconds for which what a fit leaves over lasts, from its correlation with the next, corrected for the bias of
// short rows (Kendall 1954).
func (l levels) memory(rest []float64) float64 {
	rest, total := centre(rest, make([]float64, len(rest)))
	if total <= 0 {
		return 0
	}
	next := 0.0
	for i := 1; i < len(rest); i++ {
		next += rest[i] * rest[i-1]
	}
	keep := next / total
	keep += (1 + 3*keep) / float64(len(rest))
	if keep <= 0 {
		return 0
	}
	return -l.width / math.Log(min(keep, 0.995))
}
