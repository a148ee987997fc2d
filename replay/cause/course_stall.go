package cause

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// stall is a stretch in which nothing ended although requests were waiting; all of them ended after it.
type stall struct {
	from, to int64 // microseconds of the run: the last end before, and the first end after
	// waited are the points that were under way or came in it, came those that came in it.
	waited, came []int32
	// weight is minus the logarithm of the probability that independent requests would wait so.
	weight float64
	// even says that those who came in it show by themselves that they waited for its end.
	even bool
}

// What makes a stall.
const (
	// fewStalled is how many requests wait in one.
	fewStalled = 2
	// stallSlope is how fast the time falls that those wait who came later: by 1 s a second where all go on at the end, less where a
	// queue is worked off after it. Slow requests that came in a row have none, and a queue that grows rises.
	stallSlope = -0.4
	// stallTries is how many thresholds of weight are tried at most, and stallSafety for how much more dependence there is than assumed:
	// measured on runs with noise that remembers.
	stallTries, stallSafety = 32, 10
	// shortestStall is the length in microseconds below which nothing is told.
	shortestStall = 1000
	// lightest is the weight up to which a gap can count in no way, by how stalls are weighed: more than there are come by chance. Most gaps
	// of a long run are as light.
	lightest = math.Ln10
	// stallLevel is the largest probability by chance of stalls that are told.
	stallLevel = 1e-3
)

// stalls finds the stretches in which everything stood still, or all requests of some kinds: those that write, or that call another
// system.
func (c *course) stalls() (change, bool) {
	all, ok := c.stallsOfAll()
	kind := c.table.Column(Kind)
	if ok || kind == nil {
		return all, ok
	}
	kinds := float64(len(kind.Labels))
	for code := range kind.Labels {
		part := c.part(func(row int32) bool { return int(kind.Codes[row]) == code })
		if len(part.points) < fewJudged || len(part.points) == len(c.points) {
			continue
		}
		if one, found := part.stallsOfAll(); found && one.p*kinds <= stallLevel {
			one.p *= kinds
			all, ok = all.joined(one, ok), true
		}
	}
	return all, ok
}

// joined is a change of two parts of the requests, where there was one before.
func (ch change) joined(with change, was bool) change {
	if !was {
		return with
	}
	for i, hit := range with.hit {
		ch.hit[i] = ch.hit[i] || hit
	}
	ch.span = Span{min(ch.span.From, with.span.From), max(ch.span.To, with.span.To)}
	ch.p = min(ch.p, with.p)
	return ch
}

// stallsOfAll finds the stretches in which everything stood still. The idea: nothing ends between two ends. How likely is that, given
// how long those that wait take usually?
func (c *course) stallsOfAll() (change, bool) {
	gaps := c.gaps()
	slices.SortStableFunc(gaps, func(a, b stall) int { return cmp.Compare(b.weight, a.weight) })
	even := slices.DeleteFunc(slices.Clone(gaps), func(s stall) bool { return !s.even })
	if _, p := c.weigh(even); p <= stallLevel {
		k, _ := c.weigh(gaps) // where some are stalls, so are those that show it less
		if k == 0 || c.byLoad(gaps[:k]) {
			return change{}, false
		}
		return c.stalled(gaps[:k], p), true
	}
	if k, p := c.weigh(gaps); p <= stallLevel && c.together(gaps[:k]) && !c.byLoad(gaps[:k]) {
		return c.stalled(gaps[:k], p), true
	}
	return change{}, false
}

// inStalls is the rank correlation of the time taken with the number under way that stalls stay below: who comes late in one sees many
// under way, and waits little. It is -0.13 to -1 in drawn stalls, and -0.02 to 0.11 where requests share a processor.
const inStalls = -0.1

// byLoad says whether stalls come only where most requests do: those who share a processor end together after a burst. Stalls come
// whatever the load; that more are met at high load is allowed for.
func (c *course) byLoad(found []stall) bool {
	met := make([]bool, len(c.rows))
	for _, s := range found {
		for _, i := range s.waited {
			met[c.points[i].place] = true
		}
	}
	if q, _ := c.queue(met); q.spread > 0 && q.goesWith > inStalls { // a spread of 0 is of too few to say
		return true
	}
	load := c.loads(time.Second)
	ordered := slices.Sorted(slices.Values(load))
	sum := 0.0
	for _, s := range found {
		below, _ := slices.BinarySearch(ordered, load[s.waited[len(s.waited)/2]])
		sum += float64(below) / float64(len(ordered))
	}
	limit := 0.85
	if len(found) < 3 {
		limit = 0.97
	}
	return sum/float64(len(found)) > limit
}

// weigh says how many of some gaps, the heaviest first, are the least likely by chance, and how likely that is.
func (c *course) weigh(gaps []stall) (best int, p float64) {
	p = 1
	n := float64(len(c.points))
	for k := 1; k <= len(gaps); k++ {
		if k > stallTries && k&(k-1) != 0 {
			continue
		}
		if chance := poissonTail(k, n*stallSafety*math.Exp(-gaps[k-1].weight)) * stallTries; chance <= p {
			best, p = k, chance
		}
	}
	// Lighter ones are told with those, as long as one in ten is by chance at most.
	for best > 0 && best < len(gaps) && n*math.Exp(-gaps[best].weight) <= 0.1*float64(best+1) {
		best++
	}
	return best, p
}

// gaps lists the stretches without an end in which requests waited.
func (c *course) gaps() []stall {
	ends := make([]int64, len(c.points))
	for i, p := range c.points {
		ends[i] = p.end()
	}
	slices.Sort(ends)
	shortest := int64(max(c.median/3, shortestStall))
	reach := int64(2 * c.median)
	var out []stall
	for i := 1; i < len(ends); i++ {
		if ends[i]-ends[i-1] < shortest {
			continue
		}
		s := stall{from: ends[i-1], to: ends[i]}
		if c.waiting(&s, reach); s.weight > lightest && len(s.waited) >= fewStalled && c.goesOn(&s) {
			s.even = c.aligned(&s)
			out = append(out, s)
		}
	}
	return out
}

// waiting fills who waited in a stall, and how unlikely that is. reach is how long before it those began that it can have met.
func (c *course) waiting(s *stall, reach int64) {
	for i := c.from(s.from - reach); i < len(c.points) && c.points[i].start < s.to; i++ {
		p := c.points[i]
		if p.end() < s.to {
			continue
		}
		s.weight += math.Log(c.survival(p, max(s.from-p.start, 0)-1) / c.survival(p, s.to-p.start-1))
		s.waited = append(s.waited, int32(i))
		if p.start >= s.from {
			s.came = append(s.came, int32(i))
		}
	}
}

// goesOn says whether those who waited in a stall take what is usual after its end, or what it takes to work off a queue. Slow requests
// in a row, of a slow kind or of noise that remembers, go on being slow.
func (c *course) goesOn(s *stall) bool {
	after := make([]int64, len(s.waited))
	for k, i := range s.waited {
		after[k] = c.points[i].end() - s.to
	}
	slices.Sort(after)
	length := float64(s.to - s.from)
	return float64(after[len(after)/2]) <= max(1.5*c.median, 0.3*length) && float64(after[len(after)*9/10]) <= max(5*c.median, 0.6*length)
}

// aligned says whether those who came in a stall waited for one end: who came later waited less.
func (c *course) aligned(s *stall) bool {
	of := s.came
	if len(of) < fewStalled {
		return false
	}
	l := c.lineOf(of)
	if len(of) <= 3 { // two are always on a line
		return l.slope <= -0.6 && l.slope >= -1.4 && l.explained() >= 0.8
	}
	return l.falls() && c.robustSlope(of) <= stallSlope
}

// together says whether those who came in some stalls show it all together.
func (c *course) together(found []stall) bool {
	var all line
	slopes, points := 0.0, 0.0
	for _, s := range found {
		if len(s.came) < fewStalled {
			continue
		}
		l := c.lineOf(s.came)
		all.x, all.xy, all.y, all.free = all.x+l.x, all.xy+l.xy, all.y+l.y, all.free+l.free+1
		slopes += c.robustSlope(s.came) * float64(len(s.came))
		points += float64(len(s.came))
	}
	if all.free -= 1; all.x <= 0 || points < 8 {
		return false
	}
	all.slope = all.xy / all.x
	return all.falls() && slopes/points <= stallSlope
}

// mostForSlope is how many points a slope is of: its time grows with the square.
const mostForSlope = 60

// robustSlope is by how much the time taken changes with the start, without regard to a few that lie far off: a request that came last and
// was quick makes no row of slow ones a stall.
func (c *course) robustSlope(of []int32) float64 {
	var x, y []float64
	for k := 0; k < len(of); k += 1 + len(of)/mostForSlope {
		p := c.points[of[k]]
		x, y = append(x, float64(p.start)), append(y, float64(p.took))
	}
	slope, _ := theilSen(x, y)
	return slope
}

// line is a least-squares fit of the time taken to the start. x, xy and y are its sums of squares, of centred values, and free how many
// values are free to differ from it.
type line struct{ slope, x, xy, y, free float64 }

func (c *course) lineOf(of []int32) line {
	var x, y, xx, xy, yy float64
	first := c.points[of[0]]
	for _, i := range of {
		p := c.points[i]
		sx, sy := float64(p.start-first.start), float64(p.took)-float64(first.took)
		x, y, xx, xy, yy = x+sx, y+sy, xx+sx*sx, xy+sx*sy, yy+sy*sy
	}
	n := float64(len(of))
	l := line{x: xx - x*x/n, xy: xy - x*y/n, y: yy - y*y/n, free: n - 2}
	if l.x > 0 {
		l.slope = l.xy / l.x
	}
	return l
}

// explained is the part of how the values differ that the line takes.
func (l line) explained() float64 {
	if l.x <= 0 || l.y <= 0 {
		return 0
	}
	return l.xy * l.xy / l.x / l.y
}

// slopeError is the standard error of the slope.
func (l line) slopeError() float64 {
	return math.Sqrt(max(l.y-l.slope*l.xy, 0) / l.x / max(l.free, 1))
}

// falls says whether the line falls by a good part of what it does in a stall, its error allowed for.
func (l line) falls() bool {
	return l.x > 0 && l.slope <= stallSlope && l.slope+2*l.slopeError() <= stallSlope/2
}
