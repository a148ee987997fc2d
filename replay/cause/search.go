package cause

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Limits say how much to search. The zero value is what reprise why uses.
type Limits struct {
	// Findings is how many are told at most; 0 is 5.
	Findings int
	// Level is the probability that a run in which nothing is the matter gets a finding; 0 is 0.002.
	Level float64
	// Sample is how many requests a proof looks at, in stretches spread over the run; 0 is 20,000. Figures are always of all.
	Sample int
}

func (o Limits) withDefaults() Limits {
	if o.Findings <= 0 {
		o.Findings = 5
	}
	if o.Level <= 0 {
		o.Level = 0.002
	}
	if o.Sample <= 0 {
		o.Sample = 20_000
	}
	return o
}

// search is one call of Search.
type search struct {
	table  *Table
	limits Limits
	level  float64 // of one outcome
	random *rand.Rand
	found  []cause
	hints  []hint
	stood  *disturbance
}

// cause is a finding with what it is of.
type cause struct {
	Finding
	outcome *outcome
	in      group
	weight  float64 // findings are told in this order, the largest first
}

// hint is what was not strong enough to be told.
type hint struct{ strength, needed, rows float64 }

// Search looks for what requests that were slow, failed or were not completed have in common. The same table gives the same report.
func Search(ctx context.Context, t *Table, o Limits) (*Report, error) {
	s := &search{table: t, limits: o.withDefaults(), random: rand.New(rand.NewPCG(seedOf(t), 16))}
	report := &Report{Findings: []Finding{}, Requests: int64(t.Len()), Missing: t.Missing, Load: unlike(t), Traffic: t.Traffic}
	judged := outcomes(t)
	s.level = s.limits.Level / float64(max(len(judged), 1))
	for i := range judged {
		judge := s.judge
		if judged[i].measure == Lag {
			judge = s.judgeLag
		}
		if err := judge(ctx, &judged[i]); err != nil {
			return nil, err
		}
	}
	s.own()
	slices.SortStableFunc(s.found, func(a, b cause) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	for _, c := range s.found[:min(len(s.found), s.limits.Findings)] {
		c.Steps = s.inSteps(&c)
		report.Findings = append(report.Findings, c.Finding)
	}
	report.Findings = append(report.Findings, s.watched(judged, report)...)
	if len(report.Findings) > 0 {
		report.Untold = s.untold(judged)
	} else {
		report.WhyNot = s.whyNot(judged)
	}
	return report, nil
}

// seedOf makes the shuffles depend on the table alone.
func seedOf(t *Table) uint64 {
	h := uint64(14695981039346656037)
	for i := range t.Intended {
		h = (h ^ uint64(t.Intended[i])) * 1099511628211
		h = (h ^ uint64(t.Service[i])<<32 ^ uint64(t.Lag[i])) * 1099511628211
	}
	return h
}

// judge finds the causes of one outcome: the strongest, then what is strongest in the requests that it does not explain, and so on.
func (s *search) judge(ctx context.Context, o *outcome) error {
	left, begin := newRemainder(o), len(s.found)
	defer func() { s.dropExplained(o, begin) }()
	var told []Attribute
	for range s.limits.Findings + 1 { // one of them may be too small to be told
		r, err := s.next(ctx, o, left, told)
		if err != nil {
			return err
		}
		if r == nil {
			return nil
		}
		c := cause{outcome: o, in: r.in(o.rows)}
		c.P = r.p
		c.Where = r.where()
		c.Same = r.same
		c.Span, c.Period, c.Servers, c.Pattern, c.Whose, c.Try = r.span, r.period, r.servers, r.pattern, r.whose, r.try
		if o.figures(s.table, c.in, &c.Finding); s.tellsOf(o, left, c.in) {
			c.weight = o.weight(s.table, left.only(c.in), &c.Finding)
			if len(s.found) > begin && c.With.P50 < 2*c.Without.P50 { // what is found first explains more, unless it hits few and hard
				c.weight = min(c.weight, 0.99*s.found[len(s.found)-1].weight)
			}
			s.found = append(s.found, c)
		}
		left.explain(o, r, c.in)
		if r.hit != nil && r.pattern == Queue && o.measure == CompletionTime {
			return nil // all wait in it, and what else they have in common is when they came
		}
		told = append(told, r.attributes()...)
	}
	return nil
}

// dropExplained takes back findings of an outcome from one on of which nothing is left among requests that no other one names: those
// of a kind that waits in bursts make everything slow that they are part of.
func (s *search) dropExplained(o *outcome, from int) {
	for i := len(s.found) - 1; i >= from && len(s.found)-from > 1; i-- {
		if !s.holdsAlone(o, s.found[from:], i-from) {
			s.found = slices.Delete(s.found, i, i+1)
		}
	}
}

// holdsAlone says whether one of some findings would be told of the requests that none of the others names.
func (s *search) holdsAlone(o *outcome, all []cause, this int) bool {
	others := remainder{}
	for i := range o.rows {
		other := false
		for k := range all {
			other = other || k != this && all[k].in[i]
		}
		if !other {
			others.places = append(others.places, int32(i))
		}
	}
	return s.tellsOf(o, &others, all[this].in)
}

// tellsOf says whether a group would be told of the requests that are left.
func (s *search) tellsOf(o *outcome, left *remainder, in group) bool {
	n := len(left.places)
	part := outcome{measure: o.measure, class: o.class, floor: o.floor, value: o.value, rows: make([]int32, 0, n), score: make([]float32, 0, n)}
	of := make(group, 0, n)
	for _, p := range left.places {
		part.rows, part.score, of = append(part.rows, o.rows[p]), append(part.score, o.score[p]), append(of, in[p])
	}
	var f Finding
	return part.figures(s.table, of, &f)
}

// next is the strongest rule in what is left, nil where none is strong enough.
func (s *search) next(ctx context.Context, o *outcome, left *remainder, told []Attribute) (*rule, error) {
	if len(left.places) < 4*fewest {
		return nil, nil
	}
	columns := usable(s.table, o, told)
	if len(columns) == 0 {
		return nil, nil
	}
	rows, score := left.sample(o, s.limits.Sample)
	g := newGrid(columns, rows, score)
	cuts := g.cuts()
	proof, err := g.prove(ctx, s.random, cuts, s.level)
	if err != nil {
		return nil, err
	}
	if err := s.slowOnes(ctx, g, cuts, &proof); err != nil {
		return nil, err
	}
	best, err := s.strongest(ctx, g, cuts, proof)
	if err != nil {
		return nil, err
	}
	var r *rule
	if best >= 0 {
		r = &rule{conditions: []condition{{g.columns[best], cuts[best]}}, gain: float64(cuts[best].gain), p: proof.p[best]}
	}
	if q := s.standing(o, left, g, cuts, told); q != nil && (r == nil || q.gain >= r.needs(g, best)) {
		return q, nil
	}
	if r == nil || s.mayBeTime(g, best, cuts) {
		if c := s.change(o, left, g, r, told); c != nil {
			return c, nil
		}
	}
	if r == nil {
		s.hint(proof, len(left.places))
		return nil, nil
	}
	if err := s.rivals(ctx, g, cuts, proof, best, r); err != nil {
		return nil, err
	}
	return r, s.refine(ctx, g, cuts, proof, r)
}

// needs is how much a queue has to explain to be told in the rule's place: as much where the rule is by what a message is, and a little
// less where it is by what changes while a queue grows.
func (r *rule) needs(g *grid, column int) float64 {
	if Definitions()[g.columns[column].Attribute].Form == Names {
		return r.gain
	}
	return 0.85 * r.gain
}

// strongest is the column whose rule explains most of those that are proven, below 0 if none is.
func (s *search) strongest(ctx context.Context, g *grid, cuts []cut, p proof) (int, error) {
	best, flight := -1, -1
	load := false // something that does not follow from slowness itself says that it is load
	for a, c := range g.columns {
		switch {
		case p.p[a] > s.level:
			continue
		case isBurst(c.Attribute):
			load = true
		case c.Attribute == InFlight:
			flight = a
			continue
		}
		if best < 0 || cuts[a].gain > cuts[best].gain {
			best = a
		}
	}
	if flight < 0 || best >= 0 && cuts[best].gain >= cuts[flight].gain {
		return best, nil
	}
	if !load {
		rising, err := s.rises(ctx, g, flight, cuts[flight])
		if err != nil || rising > rivalP {
			return best, err
		}
	}
	return flight, nil
}

func (s *search) hint(p proof, rows int) {
	strongest := 0.0
	for _, v := range p.strength {
		strongest = max(strongest, v)
	}
	s.hints = append(s.hints, hint{strongest, p.needed, float64(rows)})
}

// whyNot says why nothing is told.
func (s *search) whyNot(judged []outcome) *WhyNot {
	t := s.table
	answers := 0
	for i, m := range t.Service {
		if m != NoMicros && t.Failure[i] == 0 {
			answers++
		}
	}
	if t.Len() > 0 && answers*50 < t.Len() {
		class, answered := t.failsAs()
		return &WhyNot{Reason: NoAnswers, Class: class, Answered: answered}
	}
	var needed int64
	for _, h := range s.hints {
		if h.strength > 0 && h.needed > h.strength && h.strength > h.needed/50 {
			n := int64(math.Ceil(1.2 * h.rows * h.needed / h.strength))
			if needed == 0 || n < needed {
				needed = n
			}
		}
	}
	if t.Len() < 10*fewest {
		return &WhyNot{Reason: TooFew, Needed: max(needed, 40*fewest)}
	}
	slow := false
	for i := range judged {
		slow = slow || judged[i].hasTail()
	}
	if !slow {
		return &WhyNot{Reason: NothingSlow}
	}
	return &WhyNot{Reason: NoPattern, Needed: needed}
}

// hasTail says whether there is something to explain: a part of the requests takes at least twice as long as the median, or fails.
func (o *outcome) hasTail() bool {
	if !o.isTime() {
		return true
	}
	var values []Micros
	for _, row := range o.rows {
		if v := o.value(row); v != NoMicros {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	median := float64(quantile(values, 0.5))
	return float64(quantile(values, 0.99))-median >= max(float64(floorTime), median)
}
