package compare

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// priorFreedom is the weight of what is known of all kinds' run-to-run variance when one kind's is estimated, in degrees
// of freedom: three rounds alone say almost nothing of a variance (G. K. Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3:3).
const priorFreedom = 4

// effect is how a metric differed over rounds, or what it was over the runs of a baseline.
type effect struct {
	mean, variance float64
	// n is the number of rounds, and scale what the standard deviation is multiplied with to be the mean's error.
	n     int
	scale float64
}

// effectOf sums up the differences of rounds.
func effectOf(differences []float64) effect {
	e := effect{n: len(differences), scale: math.Sqrt(1 / float64(len(differences)))}
	e.mean, e.variance = meanVariance(differences)
	return e
}

// meanVariance returns the mean and the variance with n-1; the variance of fewer than two values is 0.
func meanVariance(values []float64) (mean, variance float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	if len(values) < 2 {
		return mean, 0
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, variance
}

// pooled is the mean variance of effects, each weighed by its degrees of freedom; 0 where none has any.
func pooled(effects []effect) float64 {
	var sum, freedom float64
	for _, e := range effects {
		sum += e.variance * float64(e.n-1)
		freedom += float64(e.n - 1)
	}
	if freedom == 0 {
		return 0
	}
	return sum / freedom
}

// estimate is an effect with its moderated error: a t distribution around mean.
type estimate struct {
	mean, sd, scale, freedom float64
	// known are quantiles that were asked for, of this estimate and those that it is judged with; nil where none are kept.
	known map[freedomTail]float64
}

// freedomTail names a quantile of a t distribution.
type freedomTail struct{ freedom, q float64 }

// moderate draws an effect's variance towards that of all, and keeps it from falling below least.
func moderate(e effect, all, least float64) estimate {
	own := float64(e.n - 1)
	v := (priorFreedom*all + own*e.variance) / (priorFreedom + own)
	return estimate{mean: e.mean, sd: math.Sqrt(max(v, least)), scale: e.scale, freedom: priorFreedom + own}
}

func (m estimate) t() distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: m.freedom} }

// quantile is that of the t distribution. The library's is true to 1e-8; Newton's method makes it 1e-12.
func (m estimate) quantile(q float64) float64 {
	at := freedomTail{m.freedom, q}
	if x, ok := m.known[at]; ok {
		return x
	}
	t := m.t()
	x := t.Quantile(q)
	for range 3 {
		x -= (t.CDF(x) - q) / t.Prob(x)
	}
	if m.known != nil {
		m.known[at] = x
	}
	return x
}

// above is the probability of so large a mean, or a larger one, where the truth is at most floor: a one-sided p value.
func (m estimate) above(floor float64) float64 {
	return m.t().Survival((m.mean - floor) / (m.sd * m.scale))
}

// below is above for falls.
func (m estimate) below(floor float64) float64 {
	return m.t().Survival((-m.mean - floor) / (m.sd * m.scale))
}

// interval leaves out a tail at either end.
func (m estimate) interval(tail float64) Interval {
	half := m.quantile(1-tail) * m.sd * m.scale
	return Interval{Low: m.mean - half, High: m.mean + half}
}

// reach is how far beyond a floor a change must be to be found at a level in four comparisons of five.
func (m estimate) reach(level float64) float64 {
	return (m.quantile(1-level) + m.quantile(0.8)) * m.sd * m.scale
}

// mostRounds bounds what is asked for.
const mostRounds = 99

// rounds is about how many rounds in all would tell at a level a mean from a floor that is away from it by distance.
func (m estimate) rounds(level, distance float64) int {
	need := (m.quantile(1-level) + m.quantile(0.8)) * m.sd / max(distance, 1e-9)
	return int(min(math.Ceil(need*need), mostRounds))
}

// adjust returns the p values as Benjamini and Hochberg's q values (1995, J. R. Statist. Soc. B 57:289): rejecting all
// below a level keeps the share of false ones among them below it.
func adjust(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(p[i], p[j]), cmp.Compare(i, j)) })
	q := make([]float64, len(p))
	least := 1.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(p))/float64(rank))
		q[i] = least
	}
	return q
}
