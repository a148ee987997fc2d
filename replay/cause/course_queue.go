package cause

import (
	"math"
	"slices"
)

// queueing is what shows that requests wait for each other: how long one takes follows how many are there when it comes.
type queueing struct {
	// goesWith is the rank correlation of the two, and spread the ratio of slow to quick ones, by their ninth and first tenths.
	goesWith, spread float64
	// growth is by how much the time grows in a second of the run, where it grows fastest over a while.
	growth float64
	// capacity is how many end in a second while they wait, and idle how long in seconds one takes that finds nobody there; 0 where
	// few do, as of a queue that hardly ever is empty.
	capacity, idle float64
}

// What makes a queue.
const (
	queueGoesWith = 0.8
	queueSpread   = 2
	// queueGrowth is how fast a time grows where more come than are served: by 1 s in 20 s with five in a hundred too many. What ages or
	// leaks grows more slowly.
	queueGrowth = 0.05
	// queueFastest is how fast one grows at most: by 3 s in a second where four times as many come as are served.
	queueFastest = 3
	// waitsForEach is the rank correlation from which on a kind may be one of those that share a queue.
	waitsForEach = 0.5
	// queueSample is how many requests are ranked at most.
	queueSample = 20_000
)

// queue looks whether requests of a group wait for each other. of nil is all.
func (c *course) queue(of []bool) (queueing, bool) {
	there := c.there()
	var took, before []float64
	var group []point
	for i, p := range c.points {
		if of == nil || of[p.place] {
			group = append(group, p)
			took, before = append(took, float64(p.took)), append(before, float64(there[i]+1))
		}
	}
	if len(group) < fewJudged {
		return queueing{}, false
	}
	q := queueing{growth: growth(group)}
	step := 1 + len(took)/queueSample
	took, before = every(took, step), every(before, step)
	q.goesWith = spearman(took, before)
	rates := make([]float64, len(took))
	for i := range took {
		rates[i] = before[i] / max(took[i], 1) * 1e6
	}
	slices.Sort(rates)
	q.capacity = rates[len(rates)/2]
	q.idle = alone(took, before)
	slices.Sort(took)
	q.spread = took[len(took)*9/10] / max(took[len(took)/10], 1)
	return q, q.spread >= queueSpread && q.growth >= queueGrowth && (q.goesWith >= queueGoesWith || c.piles(of))
}

// servers is how many serve the queue at most, by Little's law: the work that is done in a second. What one takes that does not wait holds
// more than the work itself, such as the way there, so that there may be fewer. It is 0 where that cannot be told.
func (q queueing) servers() int {
	if q.idle == 0 {
		return 0
	}
	return max(int(math.Round(q.capacity*q.idle)), 1)
}

// fewAlone is how many requests must have found nobody there before it is said how many servers a queue has at most: of one that never
// is empty that cannot be told.
const fewAlone = 8

// alone is the time in seconds, in the middle, of those that found nobody there; 0 where they are too few.
func alone(took, before []float64) float64 {
	var free []float64
	for i := range took {
		if before[i] <= 1 {
			free = append(free, took[i])
		}
	}
	if len(free) < fewAlone {
		return 0
	}
	slices.Sort(free)
	return free[len(free)/2] / 1e6
}

// there says of each point how many had begun before it and not ended.
func (c *course) there() []int32 {
	ends := make([]int64, len(c.points))
	for i, p := range c.points {
		ends[i] = p.end()
	}
	slices.Sort(ends)
	out, ended := make([]int32, len(c.points)), 0
	for i, p := range c.points {
		for ended < len(ends) && ends[ended] <= p.start {
			ended++
		}
		out[i] = int32(i - ended)
	}
	return out
}

// piles says whether the time grows up to its peak within a group, step by step and nearly as fast as time passes: more come than are
// served. A step leaps, and what ages or leaks grows slowly.
func (c *course) piles(of []bool) bool {
	const few = 15
	n := max(few, len(c.points)/2000)
	var at, level []float64
	peak := -1
	for from := 0; from+n <= len(c.points); from += n {
		took := make([]Micros, n)
		inside := 0
		for i, p := range c.points[from : from+n] {
			took[i] = p.took
			if of == nil || of[p.place] {
				inside++
			}
		}
		slices.Sort(took)
		at, level = append(at, float64(c.points[from+n/2].start)), append(level, float64(took[n/2]))
		if 2*inside > n && (peak < 0 || level[len(level)-1] > level[peak]) {
			peak = len(level) - 1
		}
	}
	if peak < 0 || level[peak] < 3*c.median {
		return false
	}
	upper := peak
	for upper > 0 && level[upper] > 0.8*level[peak] {
		upper--
	}
	lower := upper
	for lower > 0 && level[lower] > 0.2*level[peak] {
		lower--
	}
	if upper-lower < 3 {
		return false
	}
	grows := (level[upper] - level[lower]) / (at[upper] - at[lower])
	return grows >= queueGrowth && grows <= queueFastest
}

func every(v []float64, step int) []float64 {
	var out []float64
	for i := 0; i < len(v); i += step {
		out = append(out, v[i])
	}
	return out
}

// growth is the fastest growth of the median over three fortieths of a group.
func growth(group []point) float64 {
	const pieces, over = 40, 3
	n := max(len(group)/pieces, 5)
	var at, level []float64
	for from := 0; from+n <= len(group); from += n {
		part := group[from : from+n]
		took := make([]float64, n)
		for i, p := range part {
			took[i] = float64(p.took)
		}
		slices.Sort(took)
		at, level = append(at, float64(part[n/2].start)), append(level, took[n/2])
	}
	most := 0.0
	for i := over; i < len(at); i++ {
		if at[i] > at[i-over] {
			most = max(most, (level[i]-level[i-over])/(at[i]-at[i-over]))
		}
	}
	return most
}

// queues says that a change is a queue, of all requests or of some kinds that share it.
func (c *course) queues(ch *change) {
	q, ok := c.queue(ch.hit)
	pattern := Queue
	if hit := ch.hit; !ok && c.kind != nil {
		var waits [NoCode + 1]bool
		kinds := 0
		for code := range c.kind.Labels {
			part := c.part(func(row int32) bool { return int(c.kind.Codes[row]) == code })
			if one, _ := part.queue(hit); one.goesWith >= waitsForEach && one.growth >= queueGrowth {
				waits[code] = true
				kinds++
			}
		}
		if kinds > 1 {
			pattern = SharedPool
		}
		hit = slices.Clone(hit)
		for i, row := range c.rows {
			hit[i] = hit[i] && waits[c.kind.Codes[row]]
		}
		if q, ok = c.part(func(row int32) bool { return waits[c.kind.Codes[row]] }).queue(hit); ok {
			ch.hit = hit
		}
	}
	if ok {
		ch.pattern, ch.servers, ch.try = pattern, q.servers(), HalfRate
	}
}

// backlogSpread is the ratio of slow to quick completions, by their ninth and first tenths, from which on what waits is a backlog. Times of a
// healthy target spread by three.
const backlogSpread = 5

// backlog finds work that piles up after the answer, in a run that is too short to tell a change of the level from noise with a memory: what
// is completed late is what came when much was waiting, and the time grows about as fast as time passes. Nothing but a queue does that, so
// that no chance is worked out.
func (c *course) backlog() (change, bool) {
	q, ok := c.queue(nil)
	if !ok || q.spread < backlogSpread || q.goesWith < queueGoesWith {
		return change{}, false
	}
	there, most := c.there(), int32(0)
	for _, n := range there {
		most = max(most, n)
	}
	ch := change{pattern: Queue, hit: make([]bool, len(c.rows)), whose: OfTarget, try: HalfRate, p: leastP}
	var first, last int64
	for i, p := range c.points {
		if there[i] < most/2 {
			continue
		}
		if first == 0 {
			first = p.start
		}
		ch.hit[p.place], last = true, p.start
	}
	ch.span = Span{micros(max(first, 0)), micros(last)}
	return ch, true
}

// byAnswer says whether most completions of some rows that are hit waited for the answer for more than half of the time: then its own time
// tells it.
func (t *Table) byAnswer(rows []int32, hit []bool) bool {
	all, answer := 0, 0
	for i, row := range rows {
		if took := t.Completion[row]; hit[i] && took != NoMicros {
			all++
			if 2*(uint64(t.Lag[row])+uint64(t.Service[row])) > uint64(took) {
				answer++
			}
		}
	}
	return 2*answer > all
}

// queued fills about how many servers the queue has that a finding is of, and says that a kind waits for its turn where it does.
func (s *search) queued(c *cause) {
	switch c.Pattern {
	case OneConsumer, SharedPool, SlowKind, Queue, SharedCPU:
	default:
		return
	}
	if !c.outcome.isTime() || c.Servers != 0 {
		return
	}
	rows := c.outcome.rows
	if slices.ContainsFunc(c.Where, func(w Condition) bool { return w.Attribute == Kind }) {
		rows = nil
		for i, row := range c.outcome.rows {
			if c.in[i] {
				rows = append(rows, row)
			}
		}
	}
	q, ok := newCourse(s.table, c.Measure, rows, c.outcome.value).queue(nil)
	if !ok {
		return
	}
	c.Servers = q.servers()
	if c.Pattern == SlowKind {
		c.Pattern, c.Try = Queue, HalfRate
	}
}
