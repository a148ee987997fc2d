package cause

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Difference is for whom a run was slower than another run of the same requests.
type Difference struct {
	// Slower and Faster are the groups of requests whose time rose or fell otherwise than that of the rest, and Failing those of which
	// more failed; never nil.
	Slower, Faster, Failing []Change
	// Pairs is how many requests had a good answer in both runs, Rest how many of them no group has, and RestShift what those took longer.
	Pairs, Rest int64
	RestShift   Shift
	// Floor is the least difference that is told.
	Floor   time.Duration
	Missing []Missing
}

// Change is a group of requests that another run treated otherwise.
type Change struct {
	// Measure is ServiceTime or Failing.
	Measure Measure
	// Where is the rule: one condition or two, all of which hold. Same are other rules that fit the same requests as well.
	Where []Condition
	Same  [][]Condition
	// Whose is OfTool where the tool's own lag or stops grow in the same requests, else OfTarget.
	Whose Owner
	// Requests fit the rule; Share is their part of all pairs.
	Requests int64
	Share    float64
	// With and Without are how much longer the requests that fit, and the rest, took than in the other run, request by request; Base and
	// Candidate what those that fit took in each.
	With, Without   Shift
	Base, Candidate Quantiles
	// FailedBase and FailedCandidate are the shares of those that fit that failed, and RestBase and RestCandidate those of the rest; of
	// Failing alone.
	FailedBase, FailedCandidate, RestBase, RestCandidate float64
	// Explained is the part of the time that was added (or saved, or of the failures that were) that the group has.
	Explained float64
	// P is the probability that so strong a group is found where nothing changed, over everything that was tried.
	P float64
}

// Shift are quantiles of how much longer requests took than in another run: below 0 they took less.
type Shift struct{ P50, P90 time.Duration }

// Compare looks for what requests that became slower or faster than before (Table.Before), or failed and did not before, have in common.
// The same table gives the same answer. What is the same for all requests is no group: see RestShift.
func Compare(ctx context.Context, t *Table, o Limits) (*Difference, error) {
	d := &Difference{Slower: []Change{}, Faster: []Change{}, Failing: []Change{}, Missing: t.Missing}
	if len(t.Before) != t.Len() || t.Len() == 0 {
		return d, nil
	}
	s := &search{table: t, limits: o.withDefaults(), random: rand.New(rand.NewPCG(seedOf(t), 17))}
	s.level = s.limits.Level / 3
	var grouped group
	p := pairsIn(t)
	d.Pairs, d.Floor = int64(len(p.rows)), time.Duration(p.floor)*time.Microsecond
	for _, slower := range []bool{true, false} {
		list, in, err := s.changed(ctx, p, p.outcome(slower))
		if err != nil {
			return nil, err
		}
		if grouped = grouped.or(in, len(p.rows)); slower {
			d.Slower = append(d.Slower, list...)
		} else {
			d.Faster = append(d.Faster, list...)
		}
	}
	var rest []float32
	for i, v := range p.added {
		if !grouped[i] {
			rest = append(rest, v)
		}
	}
	slices.Sort(rest)
	d.Rest, d.RestShift = int64(len(rest)), shiftOf(rest)
	p, rest = nil, nil // memory of a large run
	failing := failedPairs(t)
	list, _, err := s.changed(ctx, failing, failing.outcome(true))
	d.Failing = append(d.Failing, list...)
	return d, err
}

// or is what either group has; the first may be empty.
func (g group) or(other group, n int) group {
	if g == nil {
		g = make(group, n)
	}
	for i, in := range other {
		g[i] = g[i] || in
	}
	return g
}

// paired are requests that two runs have in common.
type paired struct {
	measure Measure
	rows    []int32
	before  []Micros  // of times
	added   []float32 // µs, or 1 for a failure that is new and -1 for one that is gone
	score   []float32 // above 0 where it became worse
	floor   float64
	table   *Table
}

// pairsIn are the requests with a good answer in both runs.
func pairsIn(t *Table) *paired {
	n := t.Len()
	p := &paired{measure: ServiceTime, table: t, rows: make([]int32, 0, n), before: make([]Micros, 0, n), added: make([]float32, 0, n), score: make([]float32, 0, n)}
	for i := range int32(t.Len()) {
		if t.Failure[i] == 0 && t.Service[i] != NoMicros && t.BeforeFailed[i] == No && t.Before[i] != NoMicros {
			p.rows = append(p.rows, i)
			p.before = append(p.before, t.Before[i])
			p.added = append(p.added, float32(float64(t.Service[i])-float64(t.Before[i])))
		}
	}
	sorted := slices.Sorted(slices.Values(p.before))
	p.floor = max(float64(floorTime), floorPart*float64(quantile(sorted, 0.5)))
	for i, row := range p.rows {
		p.score = append(p.score, float32(math.Log(float64(t.Service[row])+p.floor)-math.Log(float64(p.before[i])+p.floor)))
	}
	return p
}

// failedPairs are the requests that both runs sent.
func failedPairs(t *Table) *paired {
	n := t.Len()
	p := &paired{measure: Failing, table: t, floor: floorShare, rows: make([]int32, 0, n), added: make([]float32, 0, n)}
	for i := range int32(t.Len()) {
		if t.BeforeFailed[i] == Unknown {
			continue
		}
		p.rows, p.added = append(p.rows, i), append(p.added, float32(side(t.Failure[i] != 0)-side(t.BeforeFailed[i] == Yes)))
	}
	p.score = p.added
	return p
}

// outcome is what is searched: scores are larger where requests became slower, or where they became faster.
func (p *paired) outcome(slower bool) *outcome {
	o := &outcome{measure: p.measure, rows: p.rows, score: p.score, floor: p.floor, paired: true}
	if !slower {
		o.score = make([]float32, len(p.score))
		for i, v := range p.score {
			o.score[i] = -v
		}
	}
	if p.measure == ServiceTime {
		o.value = func(row int32) Micros { return p.table.Service[row] }
	}
	return o
}

// changed finds the groups of one outcome, and which rows they have.
func (s *search) changed(ctx context.Context, p *paired, o *outcome) (list []Change, in group, err error) {
	in = make(group, len(o.rows))
	if len(o.rows) == 0 {
		return nil, in, nil
	}
	left := newRemainder(o)
	var told []Attribute
	sign := 1.0
	if len(o.score) > 0 && len(p.score) > 0 && &o.score[0] != &p.score[0] {
		sign = -1
	}
	for range s.limits.Findings + 1 { // one of them may be too small to be told
		r, err := s.next(ctx, o, left, told)
		if err != nil || r == nil {
			return list, in, err
		}
		hit := r.in(o.rows)
		c := Change{Measure: p.measure, Where: r.where(), Same: r.same, P: r.p, Whose: OfTarget}
		if p.figures(hit, sign, &c) {
			if p.ofTool(&cause{Finding: Finding{Where: c.Where}, outcome: o, in: hit}) {
				c.Whose = OfTool
			}
			list, in = append(list, c), in.or(hit, len(hit))
		}
		left.explain(o, r, hit)
		told = append(told, r.attributes()...)
	}
	return list, in, nil
}

// figures fills what a change says of its group; false where that is too little to be told. sign is -1 for what became less.
func (p *paired) figures(in group, sign float64, c *Change) bool {
	n := 0
	for _, hit := range in {
		n += side(hit)
	}
	added := [2][]float32{make([]float32, 0, len(in)-n), make([]float32, 0, n)}
	for i, v := range p.added {
		k := side(in[i])
		added[k] = append(added[k], v)
	}
	slices.Sort(added[0])
	slices.Sort(added[1])
	if len(added[0]) < fewest || len(added[1]) < fewest {
		return false
	}
	c.Requests, c.Share = int64(len(added[1])), float64(len(added[1]))/float64(len(p.added))
	if p.measure == Failing {
		return p.failures(in, added, c)
	}
	var base, candidate []Micros
	for i, row := range p.rows {
		if in[i] {
			base, candidate = append(base, p.before[i]), append(candidate, p.table.Service[row])
		}
	}
	c.Base, c.Candidate = quantilesOf(base), quantilesOf(candidate)
	c.With, c.Without = shiftOf(added[1]), shiftOf(added[0])
	c.Explained = part(added[1], added[0], sign)
	// A group became slower by itself, and beside the rest: what stayed as it was while the rest became faster did not.
	with, without := sign*mean(added[1]), sign*mean(added[0])
	return worse(added, sign) >= p.floor && with-without >= p.floor/2 && with >= p.floor/2 && c.Explained >= leastExplained
}

// worse is by how much a group's middle, or its last tenth where it is only a part that is hit, became worse than the rest's. Both are
// sorted.
func worse(added [2][]float32, sign float64) float64 {
	at := func(k int, part float64) float64 {
		if sign < 0 {
			part = 1 - part
		}
		return sign * float64(added[k][min(int(part*float64(len(added[k]))), len(added[k])-1)])
	}
	return max(at(1, 0.5)-at(0, 0.5), at(1, 0.9)-at(0, 0.9))
}

// ofTool says that a change is the tool's own: its lag or its stops are larger in the same requests, by a part of what was added to them.
func (p *paired) ofTool(c *cause) bool {
	for _, w := range c.Where {
		if w.Attribute == ToolLag || w.Attribute == ToolStop {
			return true
		}
	}
	if p.measure != ServiceTime {
		return false
	}
	var sum, count [2]float64
	for i, v := range p.added {
		k := side(c.in[i])
		sum[k] += float64(v)
		count[k]++
	}
	least := max(float64(floorTime), toolPart*math.Abs(sum[1]/max(count[1], 1)-sum[0]/max(count[0], 1)))
	if c.rise(func(row int32) Micros { return p.table.Lag[row] }) >= least {
		return true
	}
	stop := p.table.Column(ToolStop)
	return stop != nil && c.rise(stop.micros) >= least
}

// part is which part of all that was added beyond the middle of the rest, which is sorted, the first have.
func part(with, without []float32, sign float64) float64 {
	middle := float64(without[len(without)/2])
	sum := func(list []float32) (s float64) {
		for _, v := range list {
			s += max(sign*(float64(v)-middle), 0)
		}
		return s
	}
	all := sum(with) + sum(without)
	if all <= 0 {
		return 0
	}
	return sum(with) / all
}

func mean(list []float32) (m float64) {
	for _, v := range list {
		m += float64(v) / float64(len(list))
	}
	return m
}

// failures are the figures where failures are judged.
func (p *paired) failures(in group, added [2][]float32, c *Change) bool {
	var count, before, now [2]float64
	for i, row := range p.rows {
		k := side(in[i])
		count[k]++
		before[k] += float64(side(p.table.BeforeFailed[row] == Yes))
		now[k] += float64(side(p.table.Failure[row] != 0))
	}
	c.FailedBase, c.FailedCandidate = before[1]/count[1], now[1]/count[1]
	c.RestBase, c.RestCandidate = before[0]/count[0], now[0]/count[0]
	c.Explained = part(added[1], added[0], 1)
	more := c.FailedCandidate - c.FailedBase
	return more >= p.floor && more-(c.RestCandidate-c.RestBase) >= p.floor
}

// shiftOf are the quantiles of sorted differences in µs.
func shiftOf(sorted []float32) Shift {
	if len(sorted) == 0 {
		return Shift{}
	}
	at := func(p float64) time.Duration {
		return time.Duration(sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]) * time.Microsecond
	}
	return Shift{P50: at(0.5), P90: at(0.9)}
}
