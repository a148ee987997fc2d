package compare

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// HistoryLevel is the probability that a history in which nothing changes has a change point, over all its runs and tracks together.
	HistoryLevel = 0.025
	// FurtherLevel is that of one more change point where there is one already.
	FurtherLevel = 0.01
	// MinSegment is how many runs a level has at least: fewer that stand out are spikes.
	MinSegment = 4
	// MinHistory is how many runs a series needs for a change to be told.
	MinHistory = 10
	// HistoryFloorChange and HistoryFloorErrors are the least that is called a change: of a latency 1 %, of failures 0.1 percentage points.
	HistoryFloorChange = 0.01
	HistoryFloorErrors = 0.001
)

// findChanges looks for change points in each series.
func (h *History) findChanges(ctx context.Context) error {
	h.Method = HistoryMethod{
		Name: "e_divisive", Level: HistoryLevel, FurtherLevel: FurtherLevel, Permutations: permutations, MinRuns: MinHistory, MinSegment: MinSegment,
		FloorChange: HistoryFloorChange, FloorErrors: HistoryFloorErrors,
	}
	tested := 0
	for i := range h.Series {
		s := &h.Series[i]
		s.More = max(MinHistory-len(s.Runs), 0)
		if s.Short = s.More > 0; !s.Short {
			tested++
		}
	}
	var seed uint64
	for n := range h.Series {
		s := &h.Series[n]
		if s.Short {
			continue
		}
		found, seeded, err := s.changes(ctx, 1/float64(tested))
		if err != nil {
			return err
		}
		seed ^= seeded
		for _, p := range found {
			h.Changes = append(h.Changes, h.named(n, p))
		}
		if s.Latest != nil {
			s.Latest.Run = s.Runs[s.Latest.Run]
		}
		if s.Earliest != nil {
			s.Earliest.Run = s.Runs[s.Earliest.Run]
		}
	}
	h.Method.Seed = fmt.Sprintf("%016x", seed)
	slices.SortStableFunc(h.Changes, func(a, b ChangePoint) int { return a.Run - b.Run })
	return nil
}

// named turns positions in a series into runs of the history, and says what was not the same in how they were run.
func (h *History) named(series int, p ChangePoint) ChangePoint {
	runs := h.Series[series].Runs
	p.Series, p.Before, p.Run = series, runs[p.Run-1], runs[p.Run]
	for i, at := range p.Near {
		p.Near[i] = runs[at]
	}
	p.Changed = changedSince(h.Runs[p.Before].Header, h.Runs[p.Run].Header)
	return p
}

// search is the hunt for the changes of one series.
type search struct {
	tracks []cleaned
	runs   int
	// cuts are where levels begin, but for the first, in order, and p what each had.
	cuts []int
	p    map[int]float64
	rng  *rand.Rand
	// needs is the evidence that a first change needs.
	needs float64
}

// changes finds the change points of a series; their runs are positions in it. The levels are multiplied with part.
func (s *Series) changes(ctx context.Context, part float64) (found []ChangePoint, seed uint64, err error) {
	q := &search{runs: len(s.Runs), p: make(map[int]float64)}
	s.NoLatency = true
	for i := range s.Tracks {
		t := &s.Tracks[i]
		if t.Tested = t.enough(); t.Tested {
			c := clean(t)
			s.NoLatency = s.NoLatency && t.Metric == MetricErrors
			q.tracks = append(q.tracks, c)
		}
	}
	seed, more := seedOfTracks(q.tracks)
	q.rng = rand.New(rand.NewPCG(seed, more))
	for level := HistoryLevel * part; ; level = FurtherLevel * part {
		cut, p, err := q.next(ctx, level)
		if err != nil {
			return nil, 0, err
		}
		if p > level {
			break
		}
		q.p[cut] = p
		q.cuts = with(q.cuts, cut)
		q.tracks = levelled(q.tracks, q.segments(q.cuts))
	}
	found = q.points()
	s.Sees, s.Latest, s.Earliest = q.sees(), q.latest(), q.earliest()
	for i := range q.tracks {
		q.tracks[i].of.Spikes = q.tracks[i].spikes
	}
	return found, seed, nil
}

// enough says whether changes of a track can be looked for: three of four runs have a value.
func (t *Track) enough() bool {
	known := 0
	for _, v := range t.Values {
		if !math.IsNaN(v) {
			known++
		}
	}
	return known >= MinHistory && 4*known >= 3*len(t.Values)
}

// with returns cuts and one more, in order.
func with(cuts []int, cut int) []int {
	list := append(slices.Clone(cuts), cut)
	slices.Sort(list)
	return list
}

// segments are the levels between cuts.
func (q *search) segments(cuts []int) []segment {
	list := []segment{}
	from := 0
	for _, c := range append(slices.Clone(cuts), q.runs) {
		list = append(list, segment{from, c})
		from = c
	}
	return list
}

// next returns the next change and its p value: how often runs in random orders, each within its level, part as clearly.
func (q *search) next(ctx context.Context, level float64) (cut int, p float64, err error) {
	scan := newScanner(q.tracks, q.segments(q.cuts), 0)
	top := scan.best(identity(q.runs))
	if top.evidence == 0 {
		return 0, 1, nil
	}
	cut = q.place(scan.members(top), top.at)
	if carry := carried(q.tracks, q.segments(with(q.cuts, cut))); carry > 0 {
		scan = newScanner(q.tracks, q.segments(q.cuts), carry)
	}
	null, as, err := scan.shuffled(ctx, top.evidence*(1-1e-9), level, q.rng)
	if err != nil {
		return 0, 1, err
	}
	if len(q.cuts) == 0 {
		slices.Sort(null)
		q.needs = null[min(int(math.Ceil((1-level)*float64(len(null)))), len(null)-1)]
	}
	return cut, float64(as+1) / float64(len(null)+1), nil
}

// place moves a new cut to where the tracks that it parts change together: one track alone is off by a run now and then.
func (q *search) place(members []int, at int) int {
	cuts := with(q.cuts, at)
	i := slices.Index(cuts, at)
	levels := q.segments(cuts)
	return meeting(levelled(q.tracks, levels), members, levels[i], levels[i+1])
}

// points says what changed at each cut. A cut at which no track is beyond its floor is none, and its neighbours are looked at without it.
func (q *search) points() []ChangePoint {
	for {
		list := []ChangePoint{}
		for i, at := range q.cuts {
			list = append(list, q.point(i, at))
		}
		none := slices.IndexFunc(list, func(p ChangePoint) bool { return len(p.Tracks) == 0 })
		if none < 0 {
			return list
		}
		q.cuts = slices.Delete(q.cuts, none, none+1)
		q.tracks = levelled(q.tracks, q.segments(q.cuts))
	}
}

func (q *search) point(i, at int) ChangePoint {
	levels := q.segments(q.cuts)
	before, after := levels[i], levels[i+1]
	var all []TrackChange
	var p []float64
	clearest := 0
	for j := range q.tracks {
		c := q.tracks[j].change(before, after)
		all, p = append(all, c), append(p, c.P)
		if c.P < p[clearest] {
			clearest = j
		}
	}
	point := ChangePoint{Run: at, P: q.p[at], Tracks: []TrackChange{}, Changed: []Difference{}}
	for j, v := range adjust(p) {
		if v <= HistoryLevel && all[j].beyond() && math.Abs(all[j].Change) >= LagTimes*q.tracks[j].lagOf(before, after) {
			point.Tracks = append(point.Tracks, all[j])
		}
	}
	slices.SortFunc(point.Tracks, byChange)
	point.Near = q.tracks[clearest].near(before, after)
	return point
}

// lagOf is the mean share of lag in the values of two levels that count.
func (c *cleaned) lagOf(before, after segment) float64 {
	var sum, n float64
	for k := before.from; k < after.to; k++ {
		if c.weights[k] > 0 && len(c.of.lag) > 0 {
			sum, n = sum+c.of.lag[k], n+1
		}
	}
	return sum / max(n, 1)
}

func (c *TrackChange) beyond() bool {
	if c.Metric == MetricErrors {
		return math.Abs(c.Change) >= HistoryFloorErrors
	}
	return math.Abs(c.Change) >= HistoryFloorChange
}

// change compares two levels of a track.
func (c *cleaned) change(before, after segment) TrackChange {
	x, y := c.counted(before), c.counted(after)
	a, va := meanVariance(x)
	b, vb := meanVariance(y)
	na, nb := max(float64(len(x)), 1), max(float64(len(y)), 1)
	freedom := max(na+nb-2, 1)
	e := estimate{mean: b - a, sd: math.Sqrt(max(((na-1)*va+(nb-1)*vb)/freedom, c.least)), scale: math.Sqrt(1/na + 1/nb), freedom: freedom}
	out := TrackChange{Kind: c.of.Kind, Step: c.of.Step, Metric: c.of.Metric, P: min(2*min(e.above(0), e.below(0)), 1)}
	i := e.interval(0.025)
	if c.of.Metric == MetricErrors {
		out.Before, out.After = c.share(before), c.share(after)
		out.Change = out.After - out.Before
		seen := Interval{Low: out.Change, High: out.Change}
		wide := Interval{Low: share(a+i.Low) - share(a), High: share(a+i.High) - share(a)}.hull(seen)
		out.Interval = &wide
		return out
	}
	a, b = middle(x), middle(y)
	out.Before, out.After, out.Change = math.Exp(a), math.Exp(b), relative(b-a)
	seen := Interval{Low: out.Change, High: out.Change}
	wide := Interval{Low: relative(i.Low), High: relative(i.High)}.hull(seen)
	out.Interval = &wide
	return out
}

// relative is the relative change whose logarithm it is given, where that is a number.
func relative(log float64) float64 { return math.Expm1(min(log, 700)) }

// share is that of failed requests of all runs of a level that count.
func (c *cleaned) share(g segment) float64 {
	var failed, sent float64
	for k := g.from; k < g.to; k++ {
		if c.weights[k] > 0 {
			failed, sent = failed+c.of.Values[k]*c.of.sent[k], sent+c.of.sent[k]
		}
	}
	return failed / max(sent, 1)
}

// share is the share whose angle it is given.
func share(angle float64) float64 {
	s := math.Sin(min(max(angle, 0), math.Pi) / 2)
	return s * s
}

// sees is the smallest change of a latency that would be found in four of five histories like this one, in the middle of its runs: one
// that stands out from their noise and from their lag.
func (q *search) sees() float64 {
	var sd, lag []float64
	for i := range q.tracks {
		c := &q.tracks[i]
		if c.of.Metric == MetricErrors || c.of.Step > 0 {
			continue
		}
		var rest, n float64
		for _, g := range q.segments(q.cuts) {
			values := c.counted(g)
			_, v := meanVariance(values)
			rest, n = rest+v*max(float64(len(values))-1, 0), n+max(float64(len(values))-1, 0)
		}
		sd, lag = append(sd, math.Sqrt(max(rest/max(n, 1), c.least))), append(lag, c.lagOf(segment{}, segment{to: q.runs}))
	}
	if len(sd) == 0 || q.needs == 0 {
		return 0
	}
	const fourOfFive = 0.8416212335729143
	return max(HistoryFloorChange, relative((math.Sqrt(q.needs)+fourOfFive)*middle(sd)*2/math.Sqrt(float64(q.runs))), LagTimes*middle(lag))
}

// latest says what stands out in the last runs, which may be a spike or the first runs of a level; nil where nothing does.
func (q *search) latest() *Latest {
	out := &Latest{Run: q.runs}
	var found []latestTrack
	for i := range q.tracks {
		c := &q.tracks[i]
		from := q.runs
		for len(c.spikes) > 0 && slices.Contains(c.spikes, from-1) && c.above(from-1) == c.above(q.runs-1) {
			from--
		}
		if from < q.runs {
			found = append(found, latestTrack{c, from})
			out.Run = min(out.Run, from)
		}
	}
	if len(found) == 0 {
		return nil
	}
	last := q.segments(q.cuts)
	for _, f := range found {
		level := last[len(last)-1]
		out.Tracks = append(out.Tracks, f.track.spiked(level, f.from))
	}
	out.Tracks = slices.DeleteFunc(out.Tracks, func(c TrackChange) bool { return !c.beyond() })
	if len(out.Tracks) == 0 {
		return nil
	}
	slices.SortFunc(out.Tracks, byChange)
	out.More = max(MinSegment-(q.runs-out.Run), 1)
	return out
}

type latestTrack struct {
	track *cleaned
	from  int
}

// above says whether a run is above its neighbours.
func (c *cleaned) above(i int) bool { return c.values[i] > c.neighbours(i) }

// spiked compares the last runs, which do not count, with the level before them.
func (c *cleaned) spiked(level segment, from int) TrackChange {
	all := *c
	all.weights = slices.Clone(c.weights)
	for i := from; i < level.to; i++ {
		all.weights[i] = 1
	}
	return all.change(segment{level.from, from}, segment{from, level.to})
}

// seedOfTracks depends on the values alone, so that a history is judged alike each time.
func seedOfTracks(tracks []cleaned) (uint64, uint64) {
	sum := fnv.New128a()
	for i := range tracks {
		for k, v := range tracks[i].values {
			_ = binary.Write(sum, binary.LittleEndian, [2]float64{v, tracks[i].weights[k]})
		}
	}
	b := sum.Sum(nil)
	return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
}
