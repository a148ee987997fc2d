package cause

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// What the tool's own trouble can explain, so that the target is neither accused of it nor hidden behind it.
//
// Disturbance is a quantity of each request: for how long the tool stood in the second before its answer, or since the request was due where
// that is longer. A stop before the request makes others leave with it, and what they wait for then is the stop's as well; what came earlier is
// worked off. That is the most that it can have added. What it is sure to have added is less: the stops that reach the answer or the sending.
// How long the tool's threads waited for a processor is no measure of a request: they are many and wait in turns, and where a wait delays
// something, a request is late or a stop is seen.
//
// A cause is the target's where it shows among requests whose disturbance is a fifth of the effect at most, at the quantile that is told. It
// is not where it shows among no such requests and the tool's lag or stops grow with it by a fifth, or the stops at both ends of its requests take
// a fifth of it away: what the target added to it cannot be told then, and is said to be so.
const (
	// targetTimes is how many times as large as the disturbance of its requests an effect is. In runs beside two busy processes a healthy
	// target, starved on the same machine, showed effects up to three times as large as that; stalls and queues of a target have requests
	// that are hardly disturbed in any run that the tool gets through at all.
	targetTimes = 5
	// calmPart is the part of a cause's requests that are disturbed so little, at least, and calmEffect the part of the effect that they show.
	calmPart, calmEffect = 0.05, 0.5
	// atEnds is the part of an effect from which on it may be the tool's where stops at the ends of requests take that away.
	atEnds = 1.0 / targetTimes
)

// disturbance is when the tool itself did not run, as far as the run shows it: its own stops, and from the moment at which a request was due
// until it was sent. Its sum up to the end of each stretch makes any stretch quick to ask for.
type disturbance struct {
	from, to, sum []int64 // microseconds of the run, apart and in order
}

func disturbanceOf(t *Table) *disturbance {
	type stretch struct{ from, to int64 }
	var list []stretch
	if !capFull(t) { // a full cap delays sends as well; it is no stop of the tool
		for i, lag := range t.Lag {
			if lag >= floorTime {
				from := t.Intended[i].Microseconds()
				list = append(list, stretch{from, from + int64(lag)})
			}
		}
	}
	for _, s := range t.Stops {
		list = append(list, stretch{s.From.Microseconds(), s.To.Microseconds()})
	}
	slices.SortFunc(list, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	d := &disturbance{}
	total := int64(0)
	for _, s := range list {
		switch last := len(d.to) - 1; {
		case last >= 0 && s.from <= d.to[last]:
			if s.to > d.to[last] {
				total += s.to - d.to[last]
				d.to[last] = s.to
			}
		case s.to > s.from:
			total += s.to - s.from
			d.from, d.to, d.sum = append(d.from, s.from), append(d.to, s.to), append(d.sum, 0)
		}
		if n := len(d.sum); n > 0 {
			d.sum[n-1] = total
		}
	}
	return d
}

// until is how long the tool stood before a moment.
func (d *disturbance) until(at int64) int64 {
	i := sort.Search(len(d.to), func(i int) bool { return d.to[i] > at }) // those before it ended
	stood := int64(0)
	if i > 0 {
		stood = d.sum[i-1]
	}
	if i < len(d.from) && d.from[i] < at {
		stood += at - d.from[i]
	}
	return stood
}

// within is how long the tool stood in a stretch of time, in microseconds.
func (d *disturbance) within(from, to int64) int64 {
	if to <= from {
		return 0
	}
	return d.until(to) - d.until(from)
}

// moment is how short a while in microseconds the tool ran between two stops that are one to a request: it comes to nothing in it.
const moment = 5000

// ends is how long the tool stood at the two ends of a stretch: the stops that reach them, but for moments.
func (d *disturbance) ends(from, to int64) int64 {
	stood, last := int64(0), to
	for i := sort.Search(len(d.from), func(i int) bool { return d.from[i] >= to }) - 1; i >= 0 && d.to[i] > from && last-d.to[i] <= moment; i-- {
		begin := max(d.from[i], from)
		stood += min(d.to[i], last) - begin
		last = begin
	}
	first := from
	for i := sort.Search(len(d.to), func(i int) bool { return d.to[i] > from }); i < len(d.from) && d.from[i] < last && d.from[i]-first <= moment; i++ {
		end := min(d.to[i], last)
		stood += end - max(d.from[i], from)
		first = end
	}
	return stood
}

// longest is the longest time in microseconds for which the tool stood.
func (d *disturbance) longest() (most int64) {
	for i := range d.from {
		most = max(most, d.to[i]-d.from[i])
	}
	return most
}

// most is the most that the tool can have added to the time of a request that was answered, in microseconds, and least what it is sure to
// have added.
func (d *disturbance) of(t *Table, row int32) (most, least int64) {
	due := t.Intended[row].Microseconds()
	sent := due + int64(t.Lag[row])
	answered := sent + int64(t.Service[row])
	return d.within(min(due, answered-time.Second.Microseconds()), answered), d.ends(sent, answered)
}

// split takes the times of a cause's requests and of the others, in order, of those requests that some quality leaves in.
func (c *cause) split(t *Table, value func(row int32) (Micros, bool)) (with, without []Micros) {
	for i, row := range c.outcome.rows {
		if t.Service[row] == NoMicros || c.outcome.value(row) == NoMicros {
			continue
		}
		switch v, ok := value(row); {
		case !ok:
		case c.in[i]:
			with = append(with, v)
		default:
			without = append(without, v)
		}
	}
	slices.Sort(with)
	slices.Sort(without)
	return with, without
}

// apartAt is by how much two groups differ at a quantile, in microseconds.
func apartAt(with, without []Micros, part float64) float64 {
	return float64(quantile(with, part)) - float64(quantile(without, part))
}

// calm says whether a cause shows among requests that the tool's own trouble hardly touched.
func (s *search) calm(c *cause) bool {
	d := s.disturbed()
	with, without := c.split(s.table, func(row int32) (Micros, bool) { return c.outcome.value(row), true })
	for _, part := range []float64{0.5, 0.75, 0.9} {
		effect := apartAt(with, without, part)
		if effect < c.outcome.floor {
			continue
		}
		calmWith, calmWithout := c.split(s.table, func(row int32) (Micros, bool) {
			most, _ := d.of(s.table, row)
			return c.outcome.value(row), float64(most)*targetTimes <= effect
		})
		enough := max(fewest, int(calmPart*float64(len(with))))
		if len(calmWith) >= enough && len(calmWithout) >= fewest && apartAt(calmWith, calmWithout, part) >= calmEffect*effect {
			return true
		}
	}
	return false
}

// byStops says whether the tool's stops at the ends of its requests take a fifth of a cause's effect away, or more.
func (s *search) byStops(c *cause) bool {
	d := s.disturbed()
	with, without := c.split(s.table, func(row int32) (Micros, bool) { return c.outcome.value(row), true })
	less, lessWithout := c.split(s.table, func(row int32) (Micros, bool) {
		_, least := d.of(s.table, row)
		v := c.outcome.value(row)
		return v - Micros(min(least, int64(v))), true
	})
	for _, part := range []float64{0.5, 0.75, 0.9} {
		if effect := apartAt(with, without, part); effect >= c.outcome.floor {
			return apartAt(less, lessWithout, part) <= (1-atEnds)*effect
		}
	}
	return false
}

// disturbed is when the tool did not run, worked out once.
func (s *search) disturbed() *disturbance {
	if s.stood == nil {
		s.stood = disturbanceOf(s.table)
	}
	return s.stood
}
