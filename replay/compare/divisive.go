package compare

import (
	"context"
	"math"
	"math/rand/v2"
)

// permutations is how often the runs are put in another order, at most, where one series has the level to itself.
const permutations = 999

// shortestWindow is how many runs the shortest window has that is searched for a change, where there are more.
const shortestWindow = 16

// segment is a stretch of runs; to is not part of it.
type segment struct{ from, to int }

// windows lists the stretches of a segment in each of which one change is looked for: the whole, and windows of halved lengths that overlap
// by a half. A level that lasts for some runs in a long segment has little weight in the whole, and much in a window (Kovács, Bühlmann, Li and
// Munk 2023, Biometrika 110:249). They are the same from either end.
func windows(s segment) []segment {
	n := s.to - s.from
	if n < 2*MinSegment {
		return nil
	}
	list := []segment{s}
	for l := n / 2; l >= shortestWindow; l /= 2 {
		steps := (2*(n-l) + l - 1) / l
		for i := range steps + 1 {
			at := s.from + int(math.Round(float64(i)*float64(n-l)/float64(steps)))
			list = append(list, segment{at, at + l})
		}
	}
	return list
}

// split is where a segment parts best, and how clearly: a squared normal deviate, were the place and the track given.
type split struct {
	at       int
	in       segment
	evidence float64
}

// scanner looks for the split of runs that parts their figures best. A track's values are put together from what is new in each run and a
// part of the run before, so that runs in another order are as much alike their neighbours as those in the true one.
type scanner struct {
	tracks   []cleaned
	segments []segment
	windows  []segment
	// fresh[i] is what is new in each run of a track, and carry the part of a deviation that the next run has, too.
	fresh [][]float64
	carry float64
	// count, sum and square run over the values of one track.
	count, sum, square []float64
}

func newScanner(tracks []cleaned, segments []segment, carry float64) *scanner {
	s := &scanner{tracks: tracks, segments: segments, carry: carry, fresh: make([][]float64, len(tracks))}
	for _, g := range segments {
		s.windows = append(s.windows, windows(g)...)
	}
	for i := range tracks {
		t := &tracks[i]
		s.fresh[i] = make([]float64, len(t.values))
		for _, g := range segments {
			mean := t.mean(g)
			var last float64
			for k := g.from; k < g.to; k++ {
				v := (t.values[k] - mean) * t.weights[k]
				if k == g.from {
					s.fresh[i][k] = v * math.Sqrt(1-carry*carry)
				} else {
					s.fresh[i][k] = v - carry*last
				}
				last = v
			}
		}
	}
	n := segments[len(segments)-1].to + 1
	s.count, s.sum, s.square = make([]float64, n), make([]float64, n), make([]float64, n)
	return s
}

// lay puts a track's runs in an order and sums them up.
func (s *scanner) lay(track int, order []int) {
	fresh, weights := s.fresh[track], s.tracks[track].weights
	first := 1 / math.Sqrt(1-s.carry*s.carry)
	var count, sum, square float64
	for _, g := range s.segments {
		var v float64
		for k := g.from; k < g.to; k++ {
			if k == g.from {
				v = fresh[order[k]] * first
			} else {
				v = s.carry*v + fresh[order[k]]
			}
			w := weights[order[k]]
			v *= w
			count, sum, square = count+w, sum+v, square+v*v
			s.count[k+1], s.sum[k+1], s.square[k+1] = count, sum, square
		}
	}
}

// best returns the clearest split of any track in any window, of runs in an order.
func (s *scanner) best(order []int) (top split) {
	for i := range s.tracks {
		s.lay(i, order)
		for _, w := range s.windows {
			if at, e := s.divide(w, s.tracks[i].least); e > top.evidence {
				top = split{at: at, in: w, evidence: e}
			}
		}
	}
	return top
}

// divide returns the place that parts a window best, and how clearly. What it makes as large as it can be is the energy statistic of the two
// parts with the exponent 2: the part of the sum of squares that two means explain.
func (s *scanner) divide(w segment, least float64) (at int, clear float64) {
	c0, s0 := s.count[w.from], s.sum[w.from]
	n := s.count[w.to] - c0
	if n < 2*minSide {
		return w.from, 0
	}
	mean := (s.sum[w.to] - s0) / n
	var q float64
	for k := w.from + MinSegment; k <= w.to-MinSegment; k++ {
		m := s.count[k] - c0
		d := s.sum[k] - s0 - mean*m
		if v := d * d * n / (m * (n - m)); v > q && m >= minSide && n-m >= minSide {
			at, q = k, v
		}
	}
	rest := s.square[w.to] - s.square[w.from] - n*mean*mean - q
	return at, evidence(q, rest, least, n)
}

// minSide is how many runs that count there must be on either side.
const minSide = 3

// evidence turns what a split explains of n runs' sum of squares, and the rest, into a squared normal deviate (Wallace 1959), so that short
// and long stretches can be set against each other. least is the variance that values have at least.
func evidence(q, rest, least, n float64) float64 {
	freedom := n - 2
	shrink := (8*freedom + 1) / (8*freedom + 3)
	return freedom * shrink * shrink * math.Log1p(q/max(rest, freedom*least))
}

// shuffled returns how clear the best split is of runs in random orders, each within its segment, and how many are at least so clear: the
// same order for all tracks, so that what tracks have in common stays so. It ends early where it is plain on which side of a level p is.
func (s *scanner) shuffled(ctx context.Context, clear, level float64, rng *rand.Rand) (list []float64, as int, err error) {
	order := identity(len(s.sum) - 1)
	most := min(max(permutations, int(3/level)), mostOrders)
	for i := range most {
		if i%16 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, 0, err
			}
		}
		for _, g := range s.segments {
			rng.Shuffle(g.to-g.from, func(a, b int) { order[g.from+a], order[g.from+b] = order[g.from+b], order[g.from+a] })
		}
		e := s.best(order).evidence
		list = append(list, e)
		if e >= clear {
			as++
		}
		if n := float64(i + 2); i+1 >= plainOrders && (as == 0 && n*level > 2 || float64(as) > 2*float64(most)*level) {
			break
		}
	}
	return list, as, nil
}

const (
	// plainOrders is after how many random orders the answer may be plain.
	plainOrders = 299
	// mostOrders bounds how many there are where many series share the level.
	mostOrders = 20_000
)

// members lists the tracks that part clearly at a split.
func (s *scanner) members(at split) (list []int) {
	order := identity(len(s.sum) - 1)
	for i := range s.tracks {
		s.lay(i, order)
		if s.at(at.in, at.at, s.tracks[i].least) >= plain {
			list = append(list, i)
		}
	}
	return list
}

// plain is the evidence of a track that has a part in a change: three standard deviations.
const plain = 9

// at is how clearly the track that was laid out parts at one place of a window.
func (s *scanner) at(w segment, k int, least float64) float64 {
	n, m := s.count[w.to]-s.count[w.from], s.count[k]-s.count[w.from]
	if m < minSide || n-m < minSide {
		return 0
	}
	mean := (s.sum[w.to] - s.sum[w.from]) / n
	d := s.sum[k] - s.sum[w.from] - mean*m
	q := d * d * n / (m * (n - m))
	return evidence(q, s.square[w.to]-s.square[w.from]-n*mean*mean-q, least, n)
}

func identity(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
