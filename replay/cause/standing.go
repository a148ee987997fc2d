package cause

import (
	"math"
	"slices"
)

// What shows that requests wait for each other, however long the queue stands.
const (
	// standingOf is how many requests are looked at together, so that one slow answer among them does not count.
	standingOf = 4
	// standsWith is the rank correlation, of changes from one few requests to the next, from which on they wait for each other.
	standsWith = 0.4
	// standingPairs bounds how many changes are ranked.
	standingPairs = 20_000
	// fewStanding is how many there are at least.
	fewStanding = 40
)

// standing is the rule of a queue that all requests wait in, nil where none shows: those that find many before them are slow.
//
// A queue that is hardly ever empty is one piece of time, of which no shuffle in blocks proves anything. But what a request takes
// follows how many are there from each few requests to the next: each that comes makes the wait longer, and each that is answered
// shorter. So it is changes that are compared. Where times only drift, stand still or come from a slow state, the changes of the two do
// not go together: by a stall they go against each other, as those who come later wait less for its end.
func (s *search) standing(o *outcome, left *remainder, g *grid, cuts []cut, told []Attribute) *rule {
	if o.paired || o.measure != ServiceTime && o.measure != CompletionTime || slices.ContainsFunc(told, isLoad) || slices.Contains(told, RunSecond) {
		return nil
	}
	rows := make([]int32, len(left.places))
	for i, p := range left.places {
		rows[i] = o.rows[p]
	}
	c := newCourse(s.table, o.measure, rows, o.value)
	there := c.there()
	took, before := changesOfFew(c.points, there)
	if len(took) < fewStanding {
		return nil
	}
	rho := spearman(took, before)
	if rho < standsWith {
		return nil
	}
	const overlap = 1.5                                                         // neighbouring changes share a few requests
	z := math.Atanh(min(rho, 1-1e-9)) * math.Sqrt(float64(len(took)-3)/overlap) // Fisher's
	p := math.Erfc(z/math.Sqrt2) / 2
	if p > s.level {
		return nil
	}
	q, _ := c.queue(nil)
	r := &rule{p: max(p, 1e-12), pattern: Queue, whose: OfTarget, servers: q.servers(), try: HalfRate}
	if a := slices.IndexFunc(g.columns, func(c *Column) bool { return c.Attribute == InFlight }); a >= 0 && o.measure == ServiceTime && cuts[a].gain > 0 {
		r.conditions, r.gain = []condition{{g.columns[a], cuts[a]}}, float64(cuts[a].gain)
		return r
	}
	r = r.behind(c, there, o, left, float64(len(g.rows))/float64(len(rows)))
	if r != nil && o.measure == CompletionTime && s.table.byAnswer(o.rows, r.hit) {
		return nil
	}
	return r
}

// behind makes the rule one of the requests that found at least so many there as explains most, nil where none explains anything. share is
// the part of the requests that other rules' gains are of.
func (r *rule) behind(c *course, there []int32, o *outcome, left *remainder, share float64) *rule {
	sorted := slices.Clone(there)
	slices.Sort(sorted)
	for part := 1; part < 40; part++ {
		least := sorted[len(sorted)*part/40]
		hit := make(group, len(o.rows))
		for i, p := range c.points {
			hit[left.places[p.place]] = there[i] >= least
		}
		if gain := left.gain(hit) * share; gain > r.gain {
			r.gain, r.hit = gain, hit
		}
	}
	if r.hit == nil {
		return nil
	}
	first := true
	for i, row := range o.rows {
		if !r.hit[i] {
			continue
		}
		at := c.table.Intended[row]
		if first {
			r.span.From, first = at, false
		}
		r.span.To = max(r.span.To, at)
	}
	return r
}

// changesOfFew are, from each few requests to the next, the changes of how long they take in the middle and of how many were there.
func changesOfFew(points []point, there []int32) (took, before []float64) {
	few := len(points) / standingOf
	step := 1 + few/standingPairs
	level := func(k int) (took, before float64) {
		var v [standingOf]float64
		for i := range v {
			v[i] = math.Log(float64(points[k*standingOf+i].took) + 1)
			before += float64(there[k*standingOf+i]) / standingOf
		}
		slices.Sort(v[:])
		return (v[1] + v[2]) / 2, before
	}
	for k := 0; k+1 < few; k += step {
		t0, b0 := level(k)
		t1, b1 := level(k + 1)
		took, before = append(took, t1-t0), append(before, b1-b0)
	}
	return took, before
}
