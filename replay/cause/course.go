package cause

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// change is a change over time that explains requests: a candidate beside the rules of attributes.
type change struct {
	pattern Pattern
	// hit says of each judged request, in the order given, whether it is one of those that the change made slow.
	hit     []bool
	span    Span
	period  time.Duration
	servers int
	whose   Owner
	try     Experiment
	// p is the probability that a run without changes shows so strong a one, over all stretches, periods and shapes that were tried.
	p float64
}

// fewJudged is how many requests it takes to say anything of changes over time.
const fewJudged = 40

// changes finds what changed over time in the requests of some rows, in order of time: stalls, and changes of the level. value is the
// time that is judged in microseconds, [NoMicros] for a request without one. Requests that other causes explain are left out of rows.
func changes(t *Table, m Measure, rows []int32, value func(row int32) Micros) []change {
	c := newCourse(t, m, rows, value)
	if len(c.points) < fewJudged {
		return nil
	}
	var found []change
	if ch, ok := c.stalls(); ok {
		found = append(found, ch)
	}
	level, ok := c.level()
	if !ok && m == CompletionTime {
		level, ok = c.backlog()
	}
	if ok {
		found = append(found, level)
	}
	if m == CompletionTime && t.Completion != nil {
		found = slices.DeleteFunc(found, func(ch change) bool { return t.byAnswer(rows, ch.hit) })
	}
	return found
}

// course is the requests of one measure in the order in which they began.
type course struct {
	table  *Table
	rows   []int32
	points []point
	// sorted are the judged times in order, scaled, and ofKind those of each kind of which there are some.
	sorted []Micros
	ofKind map[uint8][]Micros
	kind   *Column
	median float64
	// stops is the column of the tool's own stops, nil where they are not known.
	stops *Column
}

// point is a judged request: when its time began, in microseconds of the run, and how long it took.
type point struct {
	start int64
	place int32 // in the rows given
	took  Micros
	// scale is by what its time is multiplied so that slow and quick parts of the run compare.
	scale float32
}

func (p point) end() int64 { return p.start + int64(p.took) }

func newCourse(t *Table, m Measure, rows []int32, value func(int32) Micros) *course {
	c := &course{table: t, rows: rows, points: make([]point, 0, len(rows)), stops: t.Column(ToolStop), kind: t.Column(Kind)}
	for i, row := range rows {
		v := value(row)
		if v == NoMicros {
			continue
		}
		start := t.Intended[row].Microseconds()
		if m == ServiceTime {
			start += int64(t.Lag[row])
		}
		c.points = append(c.points, point{start, int32(i), v, 1})
	}
	byStart := func(a, b point) int { return cmp.Compare(a.start, b.start) }
	if !slices.IsSortedFunc(c.points, byStart) {
		slices.SortStableFunc(c.points, byStart)
	}
	c.sort()
	return c
}

// part is the course of some of the rows alone.
func (c *course) part(of func(row int32) bool) *course {
	part := &course{table: c.table, rows: c.rows, stops: c.stops, kind: c.kind}
	for _, p := range c.points {
		if of(c.rows[p.place]) {
			part.points = append(part.points, p)
		}
	}
	part.sort()
	return part
}

func (c *course) sort() {
	c.sorted, c.ofKind = make([]Micros, len(c.points)), make(map[uint8][]Micros)
	for i, p := range c.points {
		c.sorted[i] = p.took
	}
	slices.Sort(c.sorted)
	if len(c.sorted) == 0 {
		return
	}
	c.median = float64(c.sorted[len(c.sorted)/2])
	c.even()
	for i, p := range c.points {
		scaled := p.scaled(int64(p.took))
		c.sorted[i] = scaled
		if c.kind != nil {
			k := c.kind.Codes[c.rows[p.place]]
			c.ofKind[k] = append(c.ofKind[k], scaled)
		}
	}
	slices.Sort(c.sorted)
	for k, v := range c.ofKind {
		if slices.Sort(v); len(v) < fewJudged {
			delete(c.ofKind, k)
		}
	}
}

func (p point) scaled(took int64) Micros {
	return Micros(min(max(float64(took)*float64(p.scale), 0), float64(NoMicros)-1))
}

// even fills the scales: the median of the run over that of the twentieth around a request, so that slow parts of a run are no stalls. A
// stall may take a twentieth whole where requests come fast: a part is no slower than most of those around it.
func (c *course) even() {
	n := len(c.points)
	half := min(max(n/40, fewJudged), 1000)
	var medians []float64 // of the windows around half, 2·half, …
	window := make([]Micros, 0, 2*half)
	for mid := half; ; mid += half {
		window = window[:0]
		for _, p := range c.points[max(min(mid, n)-half, 0):min(mid+half, n)] {
			window = append(window, p.took)
		}
		slices.Sort(window)
		medians = append(medians, math.Log(float64(max(window[len(window)/2], 1))))
		if mid+half >= n {
			break
		}
	}
	smooth := make([]float64, len(medians))
	for k, level := range medians {
		around := slices.Sorted(slices.Values(medians[max(k-2, 0):min(k+3, len(medians))]))
		smooth[k] = min(level, around[len(around)/2])
	}
	medians = smooth
	for i := range c.points {
		at := min(max(float64(i)/float64(half)-1, 0), float64(len(medians)-1))
		k := min(int(at), max(len(medians)-2, 0))
		level := medians[k]
		if k+1 < len(medians) {
			level += (at - float64(k)) * (medians[k+1] - medians[k])
		}
		c.points[i].scale = float32(c.median / math.Exp(level))
	}
}

// from is the place of the first point that began at a moment or later.
func (c *course) from(start int64) int {
	i, _ := slices.BinarySearchFunc(c.points, start, func(p point, at int64) int { return cmp.Compare(p.start, at) })
	return i
}

// survival is the share of requests of a point's kind that take longer than some time, never 0. Times are scaled to the part of the run.
func (c *course) survival(p point, took int64) float64 {
	if took < 0 {
		return 1
	}
	of := c.sorted
	if c.kind != nil {
		if v := c.ofKind[c.kind.Codes[c.rows[p.place]]]; v != nil {
			of = v
		}
	}
	i, _ := slices.BinarySearch(of, p.scaled(took)+1)
	return (float64(len(of)-i) + 0.5) / (float64(len(of)) + 1)
}

// poissonTail is the probability of at least k events where mean are expected, k above 0.
func poissonTail(k int, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	// The terms from k on, added from the first: below the mean they would not fall, and the answer is near 1.
	if float64(k) <= mean {
		return 1
	}
	lg, _ := math.Lgamma(float64(k) + 1)
	term := math.Exp(float64(k)*math.Log(mean) - mean - lg)
	sum := 0.0
	for i := k; term > sum*1e-12; i++ {
		sum += term
		term *= mean / float64(i+1)
	}
	return min(sum, 1)
}
