package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Looks says when rounds are judged: after First of them and, while nothing is decided, after each one more, up to Most. The zero
// value judges once, after however many there are.
//
// Who judges again and again at 5 % raises a false alarm sooner or later. So a level is spent over the looks, by a function of
// the share of all rounds that were played (K. K. G. Lan, D. L. DeMets 1983, Biometrika 70:659); here a power of that share
// (K. Kim, D. L. DeMets 1987, Biometrika 74:149). The plan is made before the first round: how much each look may spend does
// not depend on what was seen.
//
// A look for changes is at what is spent since the one before. At each look the share of false findings is at most that level
// (Benjamini and Hochberg), whatever the looks have to do with each other, so that at the look which ends the playing it is at
// most the sum of all: LevelOfLooks. Limits that count on how the looks of one test depend on each other would be a little
// wider. They were rejected for changes: they are right for one test, not for the smallest of many p values.
//
// Two builds are the same where the intervals of all rows are inside their floors. The worst case is one row at its floor and
// the others far from it: one test. So there the limits do count on how the looks depend on each other (see limits), which ends
// the playing of two equal builds earlier.
type Looks struct{ First, Most int }

const (
	// LevelOfLooks is the share of false findings that is accepted over all looks. It is less than Level since the t test counts
	// the kinds' noise as independent: where a round's noise is the same in all rows, 5 % would be 6.3 %, and this is 5.1 %.
	LevelOfLooks = 0.035
	// MostMoreRounds is how many more rounds may be planned.
	MostMoreRounds = 50

	// changePower and samePower say how late the level is spent: the higher, the later. They were chosen by simulation
	// (TestSoakConfirm). A change of 20 % needs little level to be found at the first look, one of 10 % needs more at the last; two
	// equal builds are to be seen early.
	changePower = 4
	samePower   = 1
)

// spent is how much of a level is spent when a share of all rounds was played.
func spent(level, share, power float64) float64 { return level * math.Pow(share, power) }

// level is what a look may spend. The zero value is nothing.
type level struct {
	// look counts from 1; 0 where there is one look alone.
	look int
	// change is the share of false findings that is accepted, and spent that of all looks until now.
	change, spent float64
	// same is the tail that an interval leaves out at either end, to lie inside the floor.
	same float64
}

// oneLook is the level where nothing is planned.
func oneLook() level { return level{change: Level, spent: Level, same: Level} }

// first is the round after which there can be a finding.
func (l Looks) first() int { return max(l.First, MinRounds) }

// looks is how many there are at most; 0 where none is planned.
func (l Looks) looks() int {
	if l == (Looks{}) {
		return 0
	}
	return max(l.Most-l.first()+1, 1)
}

// levels are those of all looks.
func (l Looks) levels() []level {
	list := make([]level, l.looks())
	shares, same := make([]float64, len(list)), make([]float64, len(list))
	before := 0.0
	for i := range list {
		shares[i] = float64(l.first()+i) / float64(max(l.Most, l.first()))
		now := spent(LevelOfLooks, shares[i], changePower)
		list[i] = level{look: i + 1, change: now - before, spent: now}
		same[i], before = spent(Level, shares[i], samePower), now
	}
	for i, z := range limits(shares, same) {
		list[i].same = distuv.UnitNormal.Survival(z)
	}
	return list
}

// MoreMayTell says whether the rounds that are left of the plan may decide what is not decided: not where each run has too few
// requests for anything. Runs that are not faithful by lag alone are invalid until a change stands out from the lag, which more
// rounds may show.
func (c *Comparison) MoreMayTell() bool { return c.open || c.Verdict == Inconclusive && c.undecided() }

// undecided says whether a row is, that more rounds may decide.
func (c *Comparison) undecided() bool {
	list := slices.Concat([]Kind{c.All}, c.Kinds, stepKinds(c.Steps))
	if c.Completion != nil {
		list = slices.Concat(list, []Kind{c.Completion.All}, c.Completion.Kinds, stepKinds(c.Completion.Steps))
	}
	open := func(w Why) bool { return w == Across || w == TooNoisy || w == TooFewRounds }
	return slices.ContainsFunc(list, func(k Kind) bool {
		return open(k.Errors.Why) || c.failuresMayTell(&k.Errors) || slices.ContainsFunc(k.Latency, func(l Latency) bool { return open(l.Why) })
	})
}

// failuresMayTell says whether the requests of all planned rounds together may be enough, where those until now are too few.
func (c *Comparison) failuresMayTell(e *Errors) bool {
	left := 1.0
	if l := c.Method.Looks; l != nil {
		left = float64(l.MostRounds) / float64(max(c.Method.Rounds, 1))
	}
	return e.Why == TooFew && (e.BaseFailed != e.CandidateFailed || float64(e.Pairs)*left >= float64(minErrorPairs))
}

// gridPoints and gridEdge are those of the integrals of limits: an odd number of points, from so many standard deviations below
// the mean on.
const (
	gridPoints = 401
	gridEdge   = 8.0
)

// limits returns which z value a normal test must be above at each look, where it is looked at when shares of all values are there,
// for the probability to have been above one of the limits until then to be spent. It integrates the density of what was below all limits
// before, look by look (P. Armitage, C. K. McPherson, B. C. Rowe 1969, J. R. Statist. Soc. A 132:235). For a t test the tails
// of the limits are used, not the limits (C. Jennison, B. W. Turnbull 2000, Group Sequential Methods, chapter 11).
func limits(shares, spent []float64) []float64 {
	z := make([]float64, len(shares))
	var below *grid
	for i, t := range shares {
		if i == 0 {
			z[i] = distuv.UnitNormal.Quantile(1 - spent[i])
			below = newGrid(math.Sqrt(t), z[i])
			below.fill(func(s float64) float64 { return normal(s, t) })
			continue
		}
		step := t - shares[i-1]
		z[i] = solve(func(z float64) float64 {
			return below.integral(func(s float64) float64 { return distuv.UnitNormal.Survival((z*math.Sqrt(t) - s) / math.Sqrt(step)) })
		}, spent[i]-spent[i-1])
		next, last := newGrid(math.Sqrt(t), z[i]), below
		next.fill(func(s float64) float64 {
			return last.integral(func(before float64) float64 { return normal(s-before, step) })
		})
		below = next
	}
	return z
}

// normal is the density of a normal distribution around 0.
func normal(x, variance float64) float64 {
	return math.Exp(-x*x/(2*variance)) / math.Sqrt(2*math.Pi*variance)
}

// solve finds where a falling function of z has a value.
func solve(f func(float64) float64, value float64) float64 {
	low, high := -gridEdge, gridEdge
	for range 60 {
		if mid := (low + high) / 2; f(mid) > value {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// grid holds the density of a sum below a limit.
type grid struct {
	low, step float64
	density   [gridPoints]float64
}

func newGrid(sd, z float64) *grid {
	return &grid{low: -gridEdge * sd, step: (z + gridEdge) * sd / (gridPoints - 1)}
}

func (g *grid) fill(density func(float64) float64) {
	for i := range g.density {
		g.density[i] = density(g.low + float64(i)*g.step)
	}
}

// integral is that of a function times the density, by Simpson's rule.
func (g *grid) integral(f func(float64) float64) float64 {
	sum := 0.0
	for i, d := range g.density {
		weight := 2.0
		switch {
		case i == 0 || i == gridPoints-1:
			weight = 1
		case i%2 == 1:
			weight = 4
		}
		sum += weight * d * f(g.low+float64(i)*g.step)
	}
	return sum * g.step / 3
}
