package cause

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// What makes a change of the level: of the middle request, whatever its kind and the load.
const (
	// levelBins is into how many pieces a run is cut at most, and inLevelBin how many requests each has on average at least.
	levelBins, inLevelBin = 80, 20
	// fewLevelBins is how many pieces it takes.
	fewLevelBins = 10
	// levelMemory is the time in seconds for which the noise of a machine is taken to last at least, whatever the run shows: a run of a
	// few minutes shows too little of it.
	levelMemory = 10
	// levelRuns is how many runs without a change are drawn, and levelEnough how many that look as changed are enough to say no.
	levelRuns, levelEnough = 1000, 5
	// levelMost is the largest probability by chance that is told.
	levelMost = 5e-4
	// leastChange is by which part the level changes at least.
	leastChange = 0.25
	// levelSample is how many requests are looked at, at most: those of a longer run are thinned evenly.
	levelSample = 200_000
)

// level finds one change of the level over time. The idea: bins of the run have a level each; which shape (a stretch, a start, a growth)
// takes most of how they differ, beyond what goes with the load, and does noise with a memory give so good a fit as well?
func (c *course) level() (change, bool) {
	l := c.levels()
	if len(l.at) < fewLevelBins {
		return change{}, false
	}
	bases := l.bases()
	f := l.fitBeside(bases)
	if f.share <= 0 || f.change < math.Log1p(leastChange) {
		return change{}, false
	}
	p := l.chance(f, bases)
	if p > levelMost {
		return change{}, false
	}
	return c.changed(f, p), true
}

// levels are the middle values of pieces of a run, in order: of the logarithm of what each request took, less what is usual of its kind.
type levels struct {
	at    []float64 // the middle of each piece, in seconds
	load  []float64
	value []float64
	width float64
	order []int // the pieces by their load
	// scratch is what fits write into, so that thousands of them allocate nothing.
	scratch *levelScratch
}

type levelScratch struct {
	centred, alone, rest, again []float64
	keep, new                   []float64
	model                       [2][]float64
	pools                       []levelPool
	// gains are n/(m(n-m)) for a stretch of m pieces of n.
	gains []float64
}

// levelPool is pieces of like load with one level.
type levelPool struct {
	sum   float64
	count int
}

func newLevelScratch(n int) *levelScratch {
	s := &levelScratch{pools: make([]levelPool, 0, n), gains: make([]float64, n+1)}
	for _, v := range []*[]float64{&s.centred, &s.alone, &s.rest, &s.again, &s.keep, &s.new, &s.model[0], &s.model[1]} {
		*v = make([]float64, n)
	}
	for m := 2; 10*(n-m) >= n; m++ { // at least two pieces, and at most nine in ten
		s.gains[m] = float64(n) / float64(m*(n-m))
	}
	return s
}

func (c *course) levels() levels {
	step := 1 + (len(c.points)-1)/levelSample
	load, kind := c.loads(c.levelWindow()), c.table.Column(Kind)
	points := make([]levelPoint, 0, len(c.points)/step+1)
	for i := 0; i < len(c.points); i += step {
		p := levelPoint{float64(c.points[i].start) / 1e6, math.Log(float64(max(c.points[i].took, 1))), float64(load[i]), 0}
		if kind != nil {
			p.kind = kind.Codes[c.rows[c.points[i].place]]
		}
		points = append(points, p)
	}
	evenKinds(points)
	return levelsOf(points)
}

// levelPoint is a request: when, the logarithm of what it took, the load, its kind.
type levelPoint struct {
	start, value, load float64
	kind               uint8
}

// evenKinds takes from each value the mean of its kind. The mean of logarithms moves little where a part of a kind is slow for a while; a
// median would leap.
func evenKinds(points []levelPoint) {
	var sum, count [NoCode + 1]float64
	for _, p := range points {
		sum[p.kind] += p.value
		count[p.kind]++
	}
	for i, p := range points {
		points[i].value -= sum[p.kind] / count[p.kind]
	}
}

func levelsOf(points []levelPoint) levels {
	n := min(max(len(points)/inLevelBin, 1), levelBins)
	first, last := points[0].start, points[len(points)-1].start
	l := levels{width: (last - first) / float64(n)}
	if l.width <= 0 {
		return l
	}
	for i, from := 0, 0; i < n; i++ {
		end := first + float64(i+1)*l.width
		to, load := from, 0.0
		var v []float64
		for to < len(points) && (points[to].start < end || i == n-1) {
			v, load = append(v, points[to].value), load+points[to].load
			to++
		}
		if len(v) >= 5 {
			slices.Sort(v)
			l.at, l.load = append(l.at, end-l.width/2), append(l.load, load/float64(len(v)))
			l.value = append(l.value, (v[len(v)/2]+v[(len(v)-1)/2])/2)
		}
		from = to
	}
	l.order = make([]int, len(l.at))
	for i := range l.order {
		l.order[i] = i
	}
	l.scratch = newLevelScratch(len(l.at))
	slices.SortStableFunc(l.order, func(a, b int) int { return cmp.Compare(l.load[a], l.load[b]) })
	return l
}

// levelWindow is the time in which requests are counted as load: 10 s, or a tenth of a shorter run.
func (c *course) levelWindow() time.Duration {
	due := c.table.Intended
	return min((due[len(due)-1]-due[0])/10, 10*time.Second) + 1
}

// loads says of each request how many were due in a time before it. The first have the load of the first such time, since what came
// before the run is not known.
func (c *course) loads(window time.Duration) []int32 {
	due := c.table.Intended
	out := make([]int32, len(c.points))
	// The load of the row that a point is of; rows are in order of time, and so are the table's.
	of := make([]int32, len(due))
	from := 0
	for i, at := range due {
		for due[from] <= at-window {
			from++
		}
		of[i] = int32(i - from + 1)
	}
	first, _ := slices.BinarySearch(due, due[0]+window)
	for i := range min(first, len(of)) {
		of[i] = of[min(first, len(of)-1)]
	}
	for i, p := range c.points {
		out[i] = of[c.rows[p.place]]
	}
	return out
}

// rising takes from values what rises with the load and never falls, nearest by least squares: what is slow at little load is not slow
// by it. It pools adjacent violators.
func (l levels) rising(values, out []float64) []float64 {
	pools := l.scratch.pools[:0]
	for k := 0; k < len(l.order); {
		p := levelPool{}
		for load := l.load[l.order[k]]; k < len(l.order) && l.load[l.order[k]] == load; k++ {
			p.sum, p.count = p.sum+values[l.order[k]], p.count+1
		}
		for len(pools) > 0 {
			before := pools[len(pools)-1]
			if before.sum*float64(p.count) < p.sum*float64(before.count) {
				break
			}
			p.sum, p.count = p.sum+before.sum, p.count+before.count
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	k := 0
	for _, p := range pools {
		for range p.count {
			out[l.order[k]] = values[l.order[k]] - p.sum/float64(p.count)
			k++
		}
	}
	return out
}

// changed is the change that a fit is.
func (c *course) changed(f levelFit, p float64) change {
	ch := change{pattern: f.pattern, hit: make([]bool, len(c.rows)), whose: OfTarget, try: SameAgain, p: p}
	from, to := int64(math.Floor(f.from*1e6)), int64(math.Ceil(f.to*1e6))
	ch.span = Span{micros(max(from, 0)), micros(to)}
	for _, pt := range c.points {
		ch.hit[pt.place] = pt.start >= from && pt.start < to
	}
	if f.pattern == ColdStart || f.pattern == Drift {
		ch.try = RestedTarget
	}
	c.queues(&ch)
	if c.toolSlow(ch.hit, c.median*math.Expm1(f.change)) {
		ch.pattern, ch.whose, ch.try = ToolStarved, OfTool, OtherMachine
	}
	return ch
}

// toolSlow says whether the tool itself was late or stopped, in a third of some requests, by a third of an excess in microseconds or more,
// and not so often in the others.
func (c *course) toolSlow(hit []bool, excess float64) bool {
	var count, slow [2]float64
	for _, p := range c.points {
		side := 0
		if hit[p.place] {
			side = 1
		}
		count[side]++
		if c.toolTook(c.rows[p.place]) >= excess/3 {
			slow[side]++
		}
	}
	return 3*slow[1] >= count[1] && slow[1]*count[0] >= 2*slow[0]*count[1]
}
