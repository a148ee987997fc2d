package cause

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"reprise/capture"
)

// gaps are the times since the row before it of the same group was due.
func (b *Builder) gaps(a Attribute, g groups[uint32]) Column {
	edges, codes, due := timeBins(), unknown(b.t.Len()), b.t.Intended
	g.each(func(rows []uint32) {
		for i := 1; i < len(rows); i++ {
			codes[rows[i]] = edges.code(float64(due[rows[i]] - due[rows[i-1]]))
		}
	})
	return binned(a, codes, edges)
}

// firsts says which rows are the first of their group.
func (b *Builder) firsts(a Attribute, g groups[uint32]) Column {
	codes := unknown(b.t.Len())
	g.each(func(rows []uint32) {
		for i, row := range rows {
			codes[row] = 0
			if i == 0 {
				codes[row] = 1
			}
		}
	})
	return Column{Attribute: a, Codes: codes}
}

// ranked is how many groups have a name of their own, by rank.
const ranked = 100

// ranks are the ranks of groups by the number of their rows.
func (b *Builder) ranks(a Attribute, g groups[uint32]) Column {
	type group struct{ first, rows, from int }
	var all []group
	from := 0
	g.each(func(rows []uint32) {
		all = append(all, group{int(rows[0]), len(rows), from})
		from += len(rows)
	})
	slices.SortFunc(all, func(x, y group) int { return cmp.Or(cmp.Compare(y.rows, x.rows), cmp.Compare(x.first, y.first)) })
	codes := unknown(b.t.Len())
	var labels []string
	for rank, x := range all {
		code := min(rank, ranked)
		switch {
		case rank < ranked:
			labels = append(labels, strconv.Itoa(rank+1))
		case rank == ranked:
			labels = append(labels, others)
		}
		for _, row := range g.order[x.from : x.from+x.rows] {
			codes[row] = uint8(code)
		}
	}
	return Column{Attribute: a, Codes: codes, Labels: labels}
}

// kindGaps are the times since the row before it of the same kind was due.
func (b *Builder) kindGaps() Column {
	var last [capture.KindCount]time.Duration
	for i := range last {
		last[i] = -1
	}
	edges, codes := timeBins(), unknown(b.t.Len())
	for i, due := range b.t.Intended {
		k := b.rows.kind[i]
		if last[k] >= 0 {
			codes[i] = edges.code(float64(due - last[k]))
		}
		last[k] = due
	}
	return binned(SameKindWithin, codes, edges)
}

// bursts count the rows that were due in a length of time before each, itself and those due with it included: all, and those of its kind.
func (b *Builder) bursts(all, ofKind Attribute, length time.Duration) (Column, Column) {
	due, kind := b.t.Intended, b.rows.kind
	edges := countBins()
	a, k := make([]uint8, len(due)), make([]uint8, len(due))
	var kinds [capture.KindCount]int
	from, to := 0, 0
	for i, t := range due {
		for ; to < len(due) && due[to] <= t; to++ {
			kinds[kind[to]]++
		}
		for ; due[from] <= t-length; from++ {
			kinds[kind[from]]--
		}
		a[i], k[i] = edges.count(to-from), edges.count(kinds[kind[i]])
	}
	return binned(all, a, edges), binned(ofKind, k, edges)
}

// count is code for countBins.
func (b bins) count(n int) uint8 {
	if n <= exact {
		return uint8(n)
	}
	return b.code(float64(n))
}

// flights counts those on their way when each row was sent, or takes what the run counted where it did so for all.
func (b *Builder) flights() Column {
	n, edges := b.t.Len(), countBins()
	codes := make([]uint8, n)
	if !slices.Contains(b.rows.inFlight, noFlight) {
		for i, c := range b.rows.inFlight {
			codes[i] = edges.count(int(c))
		}
		return binned(InFlight, codes, edges)
	}
	sent := func(i uint32) time.Duration { return b.t.Intended[i] + b.t.Lag[i].Duration() }
	order := b.sorted(0, func(x, y uint32) int { return cmp.Or(cmp.Compare(sent(x), sent(y)), cmp.Compare(x, y)) })
	var flying moments
	for place := range uint32(n) {
		i := place
		if order != nil {
			i = order[place]
		}
		for len(flying) > 0 && flying[0] <= sent(i) {
			flying.pop()
		}
		codes[i] = edges.count(len(flying))
		if held := b.t.Service[i]; held != NoMicros {
			flying.push(sent(i) + held.Duration())
		}
	}
	return binned(InFlight, codes, edges)
}

// moments is a heap of when requests were answered, the first at its top. container/heap would allocate for each.
type moments []time.Duration

func (m *moments) push(t time.Duration) {
	*m = append(*m, t)
	h := *m
	for i := len(h) - 1; i > 0 && h[i] < h[(i-1)/2]; i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (m *moments) pop() {
	h := *m
	last := len(h) - 1
	h[0], h = h[last], h[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child] < h[least] {
				least = child
			}
		}
		if least == i {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	*m = h
}

// lags are how much later than due rows were sent.
func (b *Builder) lags() Column {
	edges, codes := timeBins(), make([]uint8, b.t.Len())
	for i, lag := range b.t.Lag {
		codes[i] = edges.code(float64(lag.Duration()))
	}
	return binned(ToolLag, codes, edges)
}

// before is the time before its answer in which a stop of the tool counts for a request.
const before = time.Second

// Disturbed tells when the tool itself did not run, in any order, in place of Options.Stops.
func (b *Builder) Disturbed(stops []Span) { b.o.Stops, b.o.StopsKnown = stops, true }

// apart sorts stretches and joins those that overlap: several loops may stand still at once.
func apart(stops []Span) (joined []Span) {
	sorted := slices.Clone(stops)
	slices.SortFunc(sorted, func(x, y Span) int { return cmp.Compare(x.From, y.From) })
	for _, s := range sorted {
		if last := len(joined) - 1; last >= 0 && s.From <= joined[last].To {
			joined[last].To = max(joined[last].To, s.To)
		} else if s.From < s.To {
			joined = append(joined, s)
		}
	}
	return joined
}

// stops are for how long the tool did not run in the second before a row's answer.
func (b *Builder) stops() Column {
	stops := apart(b.o.Stops)
	b.t.Stops = stops
	edges, codes := timeBins(), unknown(b.t.Len())
	for i, held := range b.t.Service {
		if held == NoMicros {
			continue
		}
		done := b.t.Intended[i] + b.t.Lag[i].Duration() + held.Duration()
		first, _ := slices.BinarySearchFunc(stops, done-before, func(s Span, t time.Duration) int { return cmp.Compare(s.To, t) })
		var all time.Duration
		for _, s := range stops[first:] {
			if s.From >= done {
				break
			}
			all += max(0, min(s.To, done)-max(s.From, done-before))
		}
		codes[i] = edges.code(float64(all))
	}
	return binned(ToolStop, codes, edges)
}

// seconds are the places of rows in the run.
func (b *Builder) seconds() Column {
	n := b.t.Len()
	if n == 0 {
		return Column{Attribute: RunSecond}
	}
	edges, codes := momentBins(float64(b.t.Intended[n-1])), make([]uint8, n)
	for i, due := range b.t.Intended {
		codes[i] = edges.code(due.Seconds())
	}
	return binned(RunSecond, codes, edges)
}

// marked is a flag of rows: what of them says yes, and what says that it is known; 0 is always.
func (b *Builder) marked(a Attribute, yes, known mark) Column {
	codes := unknown(b.t.Len())
	for i, m := range b.rows.marks {
		switch {
		case m&yes != 0:
			codes[i] = 1
		case known == 0 || m&known != 0:
			codes[i] = 0
		}
	}
	return Column{Attribute: a, Codes: codes}
}

// kinds are the kinds that occur.
func (b *Builder) kinds() Column {
	var seen [capture.KindCount]bool
	for _, k := range b.rows.kind {
		seen[k] = true
	}
	var place [capture.KindCount]uint8
	var labels []string
	for k, yes := range seen {
		if yes {
			place[k] = uint8(len(labels))
			labels = append(labels, capture.Kind(k).String())
		}
	}
	codes := make([]uint8, b.t.Len())
	for i, k := range b.rows.kind {
		codes[i] = place[k]
	}
	return Column{Attribute: Kind, Codes: codes, Labels: labels}
}

// repeated says which rows have a message id that was sent before; a recorded retry repeats the one of its message, and does not count.
func (b *Builder) repeated() (Column, int64) {
	codes := unknown(b.t.Len())
	n := int64(0)
	grouped(b.ids(), &b.room).each(func(rows []uint32) {
		for i, row := range rows {
			codes[row] = 0
			if i > 0 && b.rows.marks[row]&(isRetry|isRecordedRetry) == 0 {
				codes[row] = 1
				n++
			}
		}
	})
	return Column{Attribute: RepeatedID, Codes: codes}, n
}

// ids are those under which messages were sent, as numbers: copies have their own.
func (b *Builder) ids() []uint64 {
	if b.o.KeepIDs {
		return b.rows.id
	}
	for i, id := range b.rows.id {
		if m := b.rows.marks[i]; id != 0 && m&isRetry == 0 {
			b.rows.id[i] = max(1, mixed(id, b.rows.copied[i]))
		}
	}
	return b.rows.id
}

// mixed is another number for each copy.
func mixed(id uint64, copied uint16) uint64 { return id ^ uint64(copied)*0x9e3779b97f4a7c15 }
