package pace

import (
	"cmp"
	"slices"
	"time"
)

// curve is a list of scales cut into segments in each of which the factors are constant.
type curve struct {
	segments []segment
	current  int
}

// segment lasts from its beginning to that of the next.
type segment struct {
	from  time.Duration
	all   float64  // the factor of every kind
	kinds []factor // further factors, each kind once
}

type factor struct {
	kind uint8
	by   float64
}

// newCurve cuts scales that have been checked into segments.
func newCurve(scales []Scale) curve {
	if len(scales) == 0 {
		return curve{}
	}
	sorted := slices.Clone(scales)
	slices.SortStableFunc(sorted, func(a, b Scale) int { return cmp.Compare(a.From, b.From) })
	var c curve
	var active []Scale
	for _, from := range edges(scales) {
		active = slices.DeleteFunc(active, func(s Scale) bool { return s.To != 0 && s.To <= from })
		for len(sorted) > 0 && sorted[0].From <= from {
			active, sorted = append(active, sorted[0]), sorted[1:]
		}
		c.segments = append(c.segments, newSegment(from, active))
	}
	return c
}

// edges are the moments at which a factor can change, in order, the start first.
func edges(scales []Scale) []time.Duration {
	at := []time.Duration{0}
	for _, s := range scales {
		at = append(at, s.From, s.To)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

func newSegment(from time.Duration, active []Scale) segment {
	g := segment{from: from, all: 1}
	for _, s := range active {
		if len(s.Kinds) == 0 {
			g.all *= s.Volume
		}
		for i, kind := range s.Kinds {
			if !slices.Contains(s.Kinds[:i], kind) {
				g.scale(kind, s.Volume)
			}
		}
	}
	return g
}

// scale multiplies the factor of one kind.
func (g *segment) scale(kind uint8, by float64) {
	for i := range g.kinds {
		if g.kinds[i].kind == kind {
			g.kinds[i].by *= by
			return
		}
	}
	g.kinds = append(g.kinds, factor{kind, by})
}

// any says that there is anything to multiply.
func (c *curve) any() bool { return len(c.segments) > 0 }

// rewind goes back to the start.
func (c *curve) rewind() { c.current = 0 }

// factor is the product of the factors for an arrival. Times must not decrease until rewind.
func (c *curve) factor(at time.Duration, kind uint8) float64 {
	for c.current+1 < len(c.segments) && c.segments[c.current+1].from <= at {
		c.current++
	}
	g := &c.segments[c.current]
	for i := range g.kinds {
		if g.kinds[i].kind == kind {
			return g.all * g.kinds[i].by
		}
	}
	return g.all
}

// most is the greatest factor of any kind at any time, 1 for an empty curve.
func (c *curve) most() float64 {
	if !c.any() {
		return 1
	}
	var most float64
	for i := range c.segments {
		g := &c.segments[i]
		most = max(most, g.all) // some kind has no entry of its own: 256 kinds are never all named
		for _, f := range g.kinds {
			most = max(most, g.all*f.by)
		}
	}
	return most
}
