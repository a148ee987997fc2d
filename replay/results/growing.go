package results

import (
	"cmp"
	"math"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay"
	course "reprise/replay/cause"
)

// Growth says where latency, failures or what waits began to grow in a run whose load grows.
type Growth struct {
	// What is GrowthLatency, GrowthErrors, GrowthBacklog or GrowthCompletion.
	What string `json:"what"`
	// Step is the number of the step in which it began; 0 in a run without a shape.
	Step int `json:"step,omitempty"`
	// At is when, since the run's start, and Interval holds it in 95 of 100 cases.
	At       time.Duration    `json:"at_ns"`
	Interval [2]time.Duration `json:"interval_ns"`
	// Rate is how many requests a second were due around that moment, within the step.
	Rate float64 `json:"rate"`
	// Before and After are the figure before it began to grow and where its growth ended: nanoseconds of the 90th percentile, a share, or
	// requests.
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Whose is Tool where latency grew as the tool sent late, and else Target.
	Whose Owner `json:"whose"`
}

// What grows.
const (
	GrowthLatency    = "latency"
	GrowthErrors     = "errors"
	GrowthBacklog    = "backlog"            // due and not answered
	GrowthCompletion = "completion_backlog" // answered and not completed
)

const (
	// mostGroups is into how many parts a run is cut, of at least inGroup answers each on average.
	mostGroups, inGroup = 120, 40
	// The least that is called growth: of latency by a half and 2 ms, of failures 1 percentage point, of what waits twice and 20 requests.
	grownLatency, grownLatencyBy = 1.5, float64(2 * time.Millisecond)
	grownErrors                  = 0.01
	grownBacklog, grownBacklogBy = 2, 20
	// loadGrows is by how much a load grows, from the first third of a run to the last, without a shape.
	loadGrows = 1.5
	// rateSpan is over how long the rate is told at least.
	rateSpan = 2 * time.Second
	// coarseNoise is the variance that the steps of a coarse histogram add to a logarithm, and a little more.
	coarseNoise = 0.001
)

// group is a part of a run of several windows.
type group struct {
	from, to                             time.Duration
	due, answered, failed                int64
	latency, service                     coarse
	backlog                              float64 // on average
	p90Latency, p90Service, failureShare float64
}

func (g *group) middle() float64 { return (g.from + g.to).Seconds() / 2 }

// growing looks for where the figures of a run begin to grow.
type growing struct {
	groups []group
	steps  []Step
	found  []Growth
}

// growths says where latency, failures and what waits began to grow; nothing where the load does not grow either.
func (a *Accumulator) growths(s *Summary) []Growth {
	g := growing{groups: a.groups(), steps: s.Steps}
	if len(g.steps) == 0 && !loadRises(g.groups) {
		return nil
	}
	g.latency(&s.Verdict)
	g.errors()
	g.waiting(GrowthBacklog, g.usual())
	g.sort()
	return g.found
}

func (g *growing) sort() {
	slices.SortStableFunc(g.found, func(a, b Growth) int { return cmp.Compare(a.At, b.At) })
}

// loadRises says whether more is due in the last third of a run than in its first.
func loadRises(groups []group) bool {
	n := len(groups) / 3
	if n == 0 {
		return false
	}
	var first, last int64
	for i := range n {
		first, last = first+groups[i].due, last+groups[len(groups)-1-i].due
	}
	return float64(last) >= loadGrows*float64(first)
}

// groups cuts a run, up to where its last request was due.
func (a *Accumulator) groups() []group {
	w := &a.windows
	if w.width == 0 {
		return nil
	}
	count := min(int(a.lastPlan/w.width)+1, len(w.all))
	var answered int64
	for _, b := range w.all[:count] {
		answered += b.answered()
	}
	most := min(max(int(answered/inGroup), 1), mostGroups)
	size := (count + most - 1) / most
	ended := a.ended.at(w.width, count)
	var out []group
	waiting := int64(0)
	for from := 0; from+size <= count; from += size {
		g := group{from: time.Duration(from) * w.width, to: time.Duration(from+size) * w.width}
		for i := from; i < from+size; i++ {
			g.add(w.all[i])
			if b := w.all[i]; b != nil {
				waiting += b.due()
			}
			waiting -= ended[i]
			g.backlog += float64(waiting) / float64(size)
		}
		g.p90Latency, g.p90Service = float64(g.latency.percentile(90)), float64(g.service.percentile(90))
		g.failureShare = float64(g.failed) / float64(max(g.answered, 1))
		out = append(out, g)
	}
	return out
}

// answered counts requests with an answer or a failure.
func (b *bin) answered() (n int64) {
	if b == nil {
		return 0
	}
	n = b.errors
	for _, c := range b.classes {
		n += c
	}
	return n
}

func (b *bin) due() (n int64) {
	for _, p := range b.planned {
		n += p
	}
	return n
}

func (g *group) add(b *bin) {
	if b == nil {
		return
	}
	g.due += b.due()
	g.answered += b.answered()
	g.failed += b.errors + b.classes[0] + b.classes[1] + b.classes[4] + b.classes[5]
	for k := range capture.KindCount {
		if b.latency[k] != nil {
			g.latency.add(b.latency[k])
		}
	}
	if b.service != nil {
		g.service.add(b.service)
	}
}

// figure is one over the groups that have it.
type figure struct {
	at, value []float64
	of        []int // the groups
}

func (f *figure) add(i int, g *group, value float64) {
	f.at, f.value, f.of = append(f.at, g.middle()), append(f.value, value), append(f.of, i)
}

const fewInGroup = 8 // answers

func (g *growing) latency(v *Verdict) {
	var f figure
	for i := range g.groups {
		if x := &g.groups[i]; x.latency.n >= fewInGroup {
			f.add(i, x, math.Log(max(x.p90Latency, 1)))
		}
	}
	o, ok := course.FindOnset(f.at, f.value, coarseNoise)
	before, after := math.Exp(o.Before), math.Exp(o.After)
	if !ok || after < grownLatency*before || after-before < grownLatencyBy {
		return
	}
	grown := Growth{What: GrowthLatency, Before: before, After: after, Whose: Target}
	if g.service(&o) < (after-before)/2 {
		grown.Whose = lagOwner(v)
	}
	g.tell(grown, &o)
}

// service is by how much the 90th percentile of service time grew meanwhile, at most.
func (g *growing) service(o *course.Onset) float64 {
	var before []float64
	most := 0.0
	for i := range g.groups {
		x := &g.groups[i]
		switch {
		case x.service.n < fewInGroup || x.middle() > o.Peak:
		case x.middle() < o.At || len(before) == 0:
			before = append(before, x.p90Service)
		default:
			most = max(most, x.p90Service)
		}
	}
	if len(before) == 0 {
		return 0
	}
	slices.Sort(before)
	return most - before[len(before)/2]
}

// lagOwner is whose it was that requests were sent late.
func lagOwner(v *Verdict) Owner {
	for _, l := range v.Limits {
		if l.What == "lag" {
			return l.Whose
		}
	}
	return Tool
}

func (g *growing) errors() {
	var f figure
	noise := 0.0
	for i := range g.groups {
		if x := &g.groups[i]; x.answered >= fewInGroup {
			f.add(i, x, 2*math.Asin(math.Sqrt(x.failureShare))) // whose noise does not depend on the share
			noise += 1 / float64(x.answered)
		}
	}
	o, ok := course.FindOnset(f.at, f.value, noise/float64(max(len(f.at), 1)))
	before, after := shareOf(o.Before), shareOf(o.After)
	if ok && after-before >= grownErrors {
		g.tell(Growth{What: GrowthErrors, Before: before, After: after, Whose: Target}, &o)
	}
}

// shareOf is the share whose angle it is given.
func shareOf(angle float64) float64 {
	s := math.Sin(min(max(angle, 0), math.Pi) / 2)
	return s * s
}

// usual is how long an answer takes in the beginning, in seconds.
func (g *growing) usual() float64 {
	var all coarse
	for i := range g.groups[:(len(g.groups)+3)/4] {
		all.add(&g.groups[i].latency)
	}
	return all.percentile(50).Seconds()
}

// waiting looks at what waits, beside what would where each waited as long as is usual: that grows with the load.
func (g *growing) waiting(what string, usual float64) {
	var f figure
	noise := 0.0
	for i := range g.groups {
		x := &g.groups[i]
		if x.due == 0 {
			continue
		}
		healthy := float64(x.due) / (x.to - x.from).Seconds() * usual
		f.add(i, x, math.Log((max(x.backlog, 0)+1)/(healthy+1)))
		noise += 0.1 / (healthy + 1)
	}
	o, ok := course.FindOnset(f.at, f.value, noise/float64(max(len(f.at), 1)))
	if !ok {
		return
	}
	before, after, calm := 0.0, 0.0, 0
	for i := range g.groups {
		switch x := &g.groups[i]; {
		case x.middle() < o.At:
			before, calm = before+x.backlog, calm+1
		case x.middle() <= o.Peak:
			after = max(after, x.backlog)
		}
	}
	before /= float64(max(calm, 1))
	if math.Exp(o.After-o.Before) >= grownBacklog && after-before >= grownBacklogBy {
		g.tell(Growth{What: what, Before: before, After: after, Whose: Target}, &o)
	}
}

// tell places an onset among the steps.
func (g *growing) tell(grown Growth, o *course.Onset) {
	moment := func(seconds float64) time.Duration { return max(time.Duration(seconds*float64(time.Second)), 0) }
	grown.At, grown.Interval = moment(o.At), [2]time.Duration{moment(o.Low), moment(o.High)}
	begin, end := time.Duration(0), time.Duration(math.MaxInt64)
	for i := range g.steps {
		s := &g.steps[i]
		if s.Ledger.Scheduled() == 0 {
			continue
		}
		// One that begins where growth may have begun, and asks for more, is rather its cause than the one before.
		starts := s.Start > grown.At && s.Start <= grown.Interval[1] && i > 0 && s.Rate.PlannedMean > g.steps[i-1].Rate.PlannedMean && end == math.MaxInt64
		if starts {
			grown.At = s.Start
		}
		if s.Start <= grown.At {
			grown.Step, begin, end = s.Number, s.Start, math.MaxInt64
		} else if end == math.MaxInt64 {
			end = s.Start
		}
	}
	grown.Rate = g.rate(&grown, begin, end)
	g.found = append(g.found, grown)
}

// rate is what was due around a moment: in its interval, of rateSpan at least, within the step that it is in.
func (g *growing) rate(grown *Growth, begin, end time.Duration) float64 {
	from, to := grown.Interval[0], grown.Interval[1]
	if to-from < rateSpan {
		from, to = grown.At-rateSpan/2, grown.At+rateSpan/2
	}
	from, to = max(from, begin), min(to, end)
	if to-from < rateSpan {
		to = min(from+rateSpan, end)
		from = max(to-rateSpan, begin)
	}
	due, length := 0.0, time.Duration(0)
	for i := range g.groups {
		x := &g.groups[i]
		if both := min(to, x.to) - max(from, x.from); both > 0 { // a group's are taken as even within it
			due, length = due+float64(x.due)*float64(both)/float64(x.to-x.from), length+both
		}
	}
	return replay.Rate(int64(math.Round(due)), length)
}

// ends counts when requests ended, in windows as wide as those of a run or narrower.
type ends struct {
	width  time.Duration
	counts []int64
}

func (e *ends) add(res *replay.Result) {
	if jumpedOver(res) { // it was never due, so nothing of it waited
		return
	}
	at := res.Intended
	if res.Attempted() {
		at = max(res.Done, res.Sent)
	}
	if e.width == 0 {
		e.width = firstWidth
	}
	for at/e.width >= replay.MaxWindows {
		wider, _ := replay.Wider(e.width)
		e.counts, e.width = spread(e.counts, e.width, wider), wider
	}
	i := int(max(at, 0) / e.width)
	for len(e.counts) <= i {
		e.counts = append(e.counts, 0)
	}
	e.counts[i]++
}

// at returns the counts in so many windows of a width. Where its own are wider, as answers came long after the last request, it is taken as even
// within them.
func (e *ends) at(width time.Duration, count int) []int64 {
	out := make([]int64, count)
	for i, n := range e.counts {
		if width >= e.width {
			if k := i / int(width/e.width); k < count {
				out[k] += n
			}
			continue
		}
		parts := int(e.width / width)
		for p := range parts {
			if k := i*parts + p; k < count {
				out[k] += n*int64(p+1)/int64(parts) - n*int64(p)/int64(parts)
			}
		}
	}
	return out
}

// growCompletion adds where work that is answered and not completed began to pile up, of a run with steps.
func (s *Summary) growCompletion() {
	c := s.Completion
	count := 0
	for i, w := range c.Windows {
		if w.Start <= s.Duration {
			count = i + 1
		}
	}
	size := (count + mostGroups - 1) / mostGroups
	if len(s.Steps) == 0 || count == 0 {
		return
	}
	g := growing{steps: s.Steps}
	var usual []time.Duration
	for from := 0; from+size <= count; from += size {
		x := group{from: c.Windows[from].Start, to: c.Windows[from+size-1].Start + c.Windows[from].Width}
		for _, w := range c.Windows[from : from+size] {
			x.due += w.answered
			x.backlog += float64(w.Backlog) / float64(size)
			if 4*w.Start <= s.Duration && w.P50 > 0 {
				usual = append(usual, w.P50)
			}
		}
		g.groups = append(g.groups, x)
	}
	if len(usual) == 0 {
		return
	}
	slices.Sort(usual)
	g.waiting(GrowthCompletion, usual[len(usual)/2].Seconds())
	g.found = append(slices.Clone(s.Growth), g.found...)
	g.sort()
	s.Growth = g.found
}
