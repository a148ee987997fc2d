package cause

import (
	"cmp"
	"math"
	"math/rand/v2"
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

// base is a shape that the level may follow.
type base struct {
	pattern Pattern
	raw     []float64
	// unit is the shape centred, and of length 1: raw is length as long.
	unit              []float64
	length, low, high float64
}

// bases are growth and falling from a slow start, of several speeds. Stretches are tried apart, all of them.
func (l levels) bases() []base {
	var out []base
	first, last := l.at[0], l.at[len(l.at)-1]
	add := func(p Pattern, f func(x float64) float64) {
		raw := make([]float64, len(l.at))
		for i, at := range l.at {
			raw[i] = f((at - first) / (last - first))
		}
		out = append(out, newBase(p, raw))
	}
	add(Drift, func(x float64) float64 { return x })
	for _, times := range []float64{1, 4, 16} {
		add(Drift, func(x float64) float64 { return math.Log1p(times * x) })
		for _, part := range []float64{0.02, 0.05, 0.1, 0.2, 0.3} {
			add(ColdStart, func(x float64) float64 { return math.Log1p(times * math.Exp(-x/part)) })
		}
	}
	return out
}

func newBase(p Pattern, raw []float64) base {
	b := base{pattern: p, raw: raw, low: slices.Min(raw), high: slices.Max(raw)}
	unit, total := centre(raw, make([]float64, len(raw)))
	b.length = math.Sqrt(total)
	for i := range unit {
		unit[i] /= b.length
	}
	b.unit = unit
	return b
}

func meanOf(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// levelFit is the shape that fits best.
type levelFit struct {
	pattern Pattern
	// share is the part of how the levels differ that it takes, and change by how much the logarithm of the level changes by it.
	share, change float64
	from, to      float64 // seconds: where the level is above its half
	// model is the shape at each piece, and rest what it and the load leave over.
	model, rest []float64
}

// fitBeside is the shape that takes most of what the load does not, fitted together with the load. Its share is of what the load alone
// leaves over.
func (l levels) fitBeside(bases []base) levelFit {
	w := l.scratch
	alone := sumSquares(l.rising(l.value, w.alone))
	f := l.fit(l.value, bases, w.model[0])
	if alone <= 0 || f.share <= 0 {
		return levelFit{}
	}
	// What the load explains of the rest goes off, and the shape is fitted again.
	for i, v := range l.value {
		w.rest[i] = v - f.model[i]
	}
	l.rising(w.rest, w.again)
	for i, v := range w.again {
		w.again[i] = v + f.model[i]
	}
	f = l.fit(w.again, bases, w.model[1])
	if f.share <= 0 {
		return f
	}
	for i, v := range l.value {
		w.again[i] = v - f.model[i]
	}
	f.rest = l.rising(w.again, w.rest)
	f.share = 1 - sumSquares(f.rest)/alone
	return f
}

func sumSquares(v []float64) (sum float64) {
	for _, x := range v {
		sum += x * x
	}
	return sum
}

// fit tries all stretches and shapes. The level only ever goes up by them.
func (l levels) fit(values []float64, bases []base, model []float64) levelFit {
	best := levelFit{}
	y, total := centre(values, l.scratch.centred)
	if total <= 0 {
		return best
	}
	from, to, share := stretch(y, total, l.scratch.gains)
	shape, dot := -1, 0.0
	for i, s := range bases {
		along := 0.0
		for k, v := range y {
			along += v * s.unit[k]
		}
		if got := along * along / total; along > 0 && got > share {
			shape, dot, share = i, along, got
		}
	}
	switch {
	case share <= 0:
	case shape >= 0:
		best = l.shapeFit(bases[shape], dot, share, model)
	default:
		best = l.stretchFit(y, from, to, share, model)
	}
	return best
}

func centre(v, out []float64) (_ []float64, total float64) {
	mean := meanOf(v)
	for i, x := range v {
		out[i] = x - mean
		total += out[i] * out[i]
	}
	return out, total
}

// stretch is the one that is most above the rest, of values that are centred: its gain is by length, 0 for those that are not tried.
func stretch(y []float64, total float64, gains []float64) (from, to int, share float64) {
	most := 0.0
	for a := range y {
		sum := 0.0
		for e, v := range y[a:] {
			if sum += v; sum > 0 {
				if gain := sum * sum * gains[e+1]; gain > most {
					from, to, most = a, a+e+1, gain
				}
			}
		}
	}
	return from, to, most / total
}

// stretchFit takes values that are centred.
func (l levels) stretchFit(y []float64, from, to int, share float64, model []float64) levelFit {
	sum, n, m := 0.0, float64(len(y)), float64(to-from)
	for _, v := range y[from:to] {
		sum += v
	}
	inside, outside := sum/m, -sum/(n-m)
	f := levelFit{share: share, change: inside - outside, from: l.at[from] - l.width/2, to: l.at[to-1] + l.width/2, model: model}
	for i := range model {
		model[i] = outside
		if i >= from && i < to {
			model[i] = inside
		}
	}
	switch {
	case from == 0:
		f.pattern = ColdStart
	case to == len(y):
		f.pattern = Step
	default:
		f.pattern = Unexplained // slow for a while, and nobody knows why
	}
	return f
}

func (l levels) shapeFit(s base, dot, share float64, model []float64) levelFit {
	scale := dot / s.length // of the raw shape
	f := levelFit{pattern: s.pattern, share: share, change: scale * (s.high - s.low), model: model}
	f.from, f.to = math.Inf(1), math.Inf(-1)
	for i, v := range s.raw {
		model[i] = dot * s.unit[i]
		if v >= (s.low+s.high)/2 {
			f.from, f.to = min(f.from, l.at[i]-l.width/2), max(f.to, l.at[i]+l.width/2)
		}
	}
	return f
}

// chance is the probability that noise with a memory fits a shape so well. The memory is that of what the fit leaves over, and at
// least levelMemory.
//
// Beyond what was drawn the tail is taken as exponential in the logit of the share: near 1 the density of a share falls with a power of
// what is left over, as that of a beta distribution does.
func (l levels) chance(f levelFit, bases []base) float64 {
	memory := max(levelMemory, l.memory(f.rest))
	r := rand.New(rand.NewPCG(uint64(len(l.value)), 16))
	drawn := l
	drawn.value, drawn.scratch = make([]float64, len(l.value)), newLevelScratch(len(l.value))
	drawn.keeps(memory)
	shares := make([]float64, levelRuns)
	alike := 0
	for k := range shares {
		drawn.draw(r)
		if shares[k] = logit(drawn.fitBeside(bases).share); shares[k] >= logit(f.share) {
			alike++
		}
		if alike >= levelEnough {
			return float64(alike) / float64(k+1)
		}
	}
	return exponentialTail(shares, logit(f.share))
}

func logit(share float64) float64 {
	share = min(max(share, 1e-9), 1-1e-9)
	return math.Log(share / (1 - share))
}

// exponentialTail is the probability of a value as large, by the mean excess of the largest twentieth. Its error is allowed for.
func exponentialTail(drawn []float64, value float64) float64 {
	slices.Sort(drawn)
	k := len(drawn) / 20
	start := drawn[len(drawn)-k-1]
	excess := 0.0
	for _, v := range drawn[len(drawn)-k:] {
		excess += (v - start) / float64(k)
	}
	excess *= 1 + 1/math.Sqrt(float64(k))
	if value <= start || excess <= 0 {
		return 1
	}
	return float64(k) / float64(len(drawn)) * math.Exp(-(value-start)/excess)
}

// keeps fills how much of a level the next piece keeps, of noise with a memory.
func (l levels) keeps(memory float64) {
	for i := 1; i < len(l.at); i++ {
		l.scratch.keep[i] = math.Exp(-(l.at[i] - l.at[i-1]) / memory)
		l.scratch.new[i] = math.Sqrt(1 - l.scratch.keep[i]*l.scratch.keep[i])
	}
	l.scratch.new[0] = 1
}

// draw fills the levels with an Ornstein-Uhlenbeck process.
func (l levels) draw(r *rand.Rand) {
	x := 0.0
	for i := range l.value {
		x = x*l.scratch.keep[i] + l.scratch.new[i]*r.NormFloat64()
		l.value[i] = x
	}
}

// memory is the time in seconds for which what a fit leaves over lasts, from its correlation with the next, corrected for the bias of
// short rows (Kendall 1954).
func (l levels) memory(rest []float64) float64 {
	rest, total := centre(rest, make([]float64, len(rest)))
	if total <= 0 {
		return 0
	}
	next := 0.0
	for i := 1; i < len(rest); i++ {
		next += rest[i] * rest[i-1]
	}
	keep := next / total
	keep += (1 + 3*keep) / float64(len(rest))
	if keep <= 0 {
		return 0
	}
	return -l.width / math.Log(min(keep, 0.995))
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
