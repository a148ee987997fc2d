// Package box holds runs in which it is known why requests were slow, and scores what package cause says of them.
//
// The one idea: a draw is real-shaped traffic, sent by a simulated tool, on a simulated clock, to a simulated receiver that has one
// fault of known size. Each fault states the answers that count as right before any search is run. A draw depends on its seed alone,
// and no figure of the search is used in making it.
package box

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// strength is how much of a fault there is.
type strength int

const (
	plain    strength = iota // the requests that it hits take 5 times the median or more, and are 3 % of the traffic or more
	middling                 // they take about 2 times the median, and are 3 % or more
	faint                    // they take 1.2 to 1.4 times the median, or are less than 1 %
	none                     // there is no fault
)

func (s strength) String() string { return [...]string{"plain", "middling", "faint", "none"}[s] }

// band is what a draw must in fact have: the median of the requests hit by that of the same requests without the fault, and their share.
type band struct{ ratioFrom, ratioTo, shareFrom, shareTo float64 }

// band draws one for a strength: aim is the ratio to reach.
func (s strength) band(r *rand.Rand, canBeRare bool) (b band, aim float64) {
	switch {
	case s == none:
		return band{0, math.Inf(1), 0, 1}, 0
	case s == plain:
		return band{5, 100, 0.03, 1}, 6 * math.Exp(1.3*r.Float64())
	case s == middling:
		return band{1.8, 3, 0.03, 1}, 2 + 0.5*r.Float64()
	case canBeRare && r.IntN(2) == 0:
		return band{2, 100, 0.0005, 0.01}, 3 + 5*r.Float64()
	}
	return band{1.2, 1.4, 0.005, 1}, 1.25 + 0.1*r.Float64()
}

func (b band) has(e effect) bool {
	return e.ratio >= b.ratioFrom && e.ratio <= b.ratioTo && e.share >= b.shareFrom && e.share <= b.shareTo
}

// effect is what a fault did in a draw.
type effect struct {
	ratio float64 // median of the requests hit, by the median of all without the fault
	share float64 // of the requests that are hit
	base  time.Duration
}

func (e effect) String() string {
	return fmt.Sprintf("%.1f times the median (%v), %.1f %% of requests", e.ratio, e.base.Round(100*time.Microsecond), 100*e.share)
}

// effectOf compares times with the fault and without: a request is hit where it takes longer by a tenth of the median and 1 ms.
func effectOf(with, without []time.Duration) (e effect, hit []bool) {
	e.base = medianOf(without)
	least := max(e.base/10, time.Millisecond)
	hit = make([]bool, len(with))
	var slow []time.Duration
	for i := range with {
		if hit[i] = with[i]-without[i] >= least; hit[i] {
			slow = append(slow, with[i])
		}
	}
	if len(slow) > 0 {
		e.ratio = float64(medianOf(slow)) / float64(e.base)
	}
	e.share = float64(len(slow)) / float64(max(len(with), 1))
	return e, hit
}

func medianOf(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// spread draws from a log-uniform distribution.
func spread(r *rand.Rand, from, to float64) float64 {
	return from * math.Exp(r.Float64()*math.Log(to/from))
}

func spreadTime(r *rand.Rand, from, to time.Duration) time.Duration {
	return time.Duration(spread(r, float64(from), float64(to)))
}
