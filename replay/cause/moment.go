package cause

import (
	"slices"
	"time"
)

// changeBeats is by how much a rule has to explain more than a change over time, so that it is told in its place: a stall fills the
// target, and then much that counts requests goes with it.
const changeBeats = 1.0

// mayBeTime says that a change over time may be behind a rule: what stands still fills up, and gaps and bursts come with the time. What a
// message is does not change with it, unless the rule's requests come in a row.
func (s *search) mayBeTime(g *grid, column int, cuts []cut) bool {
	switch Definitions()[g.columns[column].Attribute].Form {
	case Names, Flag:
		if g.columns[column].Attribute == FirstOfPerson {
			return true // nearly all are met at the beginning
		}
		return g.columns[column].Attribute == NewConnection || g.mask(column, cuts[column]).lasting()
	}
	switch g.columns[column].Attribute {
	case BodyBytes, Segments:
		return false
	case SamePersonWithin: // those who have not written for long, or never, are met less and less
		return cuts[column].from >= 0
	}
	return true
}

// change is the strongest change over time, nil where none is, or where a rule of attributes explains more.
func (s *search) change(o *outcome, left *remainder, g *grid, beside *rule, told []Attribute) *rule {
	switch {
	case o.paired || o.measure == Lag || slices.Contains(told, RunSecond):
		return nil
	case !o.isTime():
		return s.outage(o, left, beside)
	}
	rows := make([]int32, len(left.places))
	for i, p := range left.places {
		rows[i] = o.rows[p]
	}
	var best *rule
	for _, c := range s.changes(o, rows) {
		if c.p > s.level {
			continue
		}
		hit := make(group, len(o.rows))
		for i, p := range left.places {
			hit[p] = c.hit[i]
		}
		r := &rule{hit: hit, gain: left.gain(hit) * float64(len(g.rows)) / float64(len(rows)), p: c.p}
		r.pattern, r.span, r.period, r.servers, r.whose, r.try = c.pattern, c.span, c.period, c.servers, c.whose, c.try
		if best == nil || r.gain > best.gain {
			best = r
		}
	}
	if best == nil || beside != nil && beside.gain > changeBeats*best.gain {
		return nil
	}
	best.same = sameAs(g, best.hit, o, left)
	return best
}

// atOnce is how many requests are looked at together for changes over time, so that memory has a bound.
const atOnce = 400_000

// changes are those of a run; of a long one stalls are sought in part after part, and changes of the level in every few requests one.
func (s *search) changes(o *outcome, rows []int32) []change {
	n := len(rows)
	if n <= atOnce {
		return changes(s.table, o.measure, rows, o.value)
	}
	parts := (n + atOnce - 1) / atOnce
	var stalled change
	was := false
	for k := range parts {
		from, to := k*n/parts, (k+1)*n/parts
		for _, c := range changes(s.table, o.measure, rows[from:to], o.value) {
			if isLevel(c.pattern) {
				continue
			}
			hit := make(group, n)
			copy(hit[from:to], c.hit)
			c.hit, c.p = hit, min(c.p*float64(parts), 1)
			stalled, was = stalled.joined(c, was), true
		}
	}
	var found []change
	if was {
		found = append(found, stalled)
	}
	thin := make([]int32, 0, n/parts+1)
	for i := 0; i < n; i += parts {
		thin = append(thin, rows[i])
	}
	for _, c := range changes(s.table, o.measure, thin, o.value) {
		if !isLevel(c.pattern) {
			continue
		}
		c.hit = make(group, n)
		for i, row := range rows {
			at := s.table.Intended[row]
			c.hit[i] = c.span.From <= at && at < c.span.To
		}
		found = append(found, c)
	}
	return found
}

// isLevel says that a change is one of the level, and no stall, of the target or of the tool.
func isLevel(p Pattern) bool { return p != Stall && p != Periodic && p != ToolStarved }

// outage is the stretch of the run that has most of what failed, nil where none has more than chance gives. That failures come together is
// what is told, so that chance is failures that do not remember each other.
func (s *search) outage(o *outcome, left *remainder, beside *rule) *rule {
	column := s.table.Column(RunSecond)
	if column == nil || len(column.Codes) != s.table.Len() {
		return nil
	}
	rows, score := left.sample(o, s.limits.Sample)
	g := newGrid([]*Column{column}, rows, score)
	width, b, all := g.shapes[0].width, &g.tallies[0], float32(len(rows))
	g.sums(g.score)
	found := b.bestStretch(width, all)
	if found.gain == 0 || beside != nil && beside.gain >= float64(found.gain) {
		return nil
	}
	null := make([]float64, 0, shuffles)
	for range shuffles {
		g.sums(g.shuffle(s.random, 1))
		null = append(null, float64(b.bestStretch(width, all).gain))
	}
	chance := fitTail(null)
	p := chance.above(float64(found.gain))
	if p > s.level {
		return nil
	}
	r := &rule{conditions: []condition{{column, found}}, gain: float64(found.gain), p: p}
	if s.slowWhen(o, r) {
		return nil
	}
	at := func(code int, otherwise float64) float64 {
		if code < 0 || code >= len(column.Edges) {
			return otherwise
		}
		return column.Edges[code]
	}
	end := s.table.Intended[s.table.Len()-1]
	r.span = Span{time.Duration(at(found.from, 0) * float64(time.Second)), time.Duration(at(found.to, end.Seconds()) * float64(time.Second))}
	return r
}

// slowWhen says that good answers are slow as well where a rule holds: then failures, such as timeouts, follow from what makes them slow,
// which is searched by their times.
func (s *search) slowWhen(o *outcome, r *rule) bool {
	var with, without []Micros
	for _, row := range o.rows {
		if v := s.table.Service[row]; v == NoMicros || s.table.Failure[row] != 0 {
			continue
		} else if r.holds(row) {
			with = append(with, v)
		} else {
			without = append(without, v)
		}
	}
	if len(with) < 3 || len(without) < fewest {
		return false
	}
	slices.Sort(with)
	slices.Sort(without)
	for _, part := range []float64{0.5, 0.9} {
		if a, b := quantile(with, part), quantile(without, part); a >= b+b/2 && a-b >= floorTime {
			return true
		}
	}
	// Where all is slow all the time, some of it runs into the timeout: nine in ten take less than five times what one in ten does.
	return o.measure == Failing && s.table.Failures[o.class-1] == "timeout" && quantile(with, 0.9) >= 5*quantile(without, 0.1)
}

// bestStretch is the rule of values in a row that explains most.
func (b *tally) bestStretch(width int, all float32) cut {
	c := cut{from: -1, to: -1}
	for from := range width {
		var sum, count float32
		for to := from; to < width; to++ {
			sum, count = sum+b.sum[to], count+b.count[to]
			if g := gain(sum, count, all); g > c.gain {
				c.gain, c.from, c.to = g, from, to+1
			}
		}
	}
	c.fill(width)
	return c
}

// sameAs are flags and names that the same requests have as a change over time: the copies of a loop, an hour of the recording.
func sameAs(g *grid, hit group, o *outcome, left *remainder) [][]Condition {
	rows := make([]int32, len(left.places))
	in := make(group, len(left.places))
	for i, p := range left.places {
		rows[i], in[i] = o.rows[p], hit[p]
	}
	var same [][]Condition
	for a, k := range g.cuts() {
		f := Definitions()[g.columns[a].Attribute].Form
		if f != Names && f != Flag || k.gain == 0 {
			continue
		}
		c := condition{g.columns[a], k}
		named := (&rule{conditions: []condition{c}}).in(rows)
		if overlap(named, in) >= sameRequests {
			same = append(same, []Condition{c.told()})
		}
	}
	return same
}

// gain is that of a group among what is left.
func (r *remainder) gain(in group) float64 {
	var all, sum, count float64
	for _, p := range r.places {
		all += float64(r.score[p])
		if in[p] {
			sum += float64(r.score[p])
			count++
		}
	}
	n := float64(len(r.places))
	return float64(gain(float32(sum-all/n*count), float32(count), float32(n)))
}
