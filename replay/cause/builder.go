package cause

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Builder makes a Table of the requests of a run: Add each, then Describe the records that they are of, then ask for the Table. Rows
// may come in any order, and so may the facts after them.
//
//	b := cause.NewBuilder(cause.Options{})
//	b.Add(&cause.Row{Seq: 7, Kind: capture.Help, Intended: due, Sent: sent, Done: done, Status: 200, Person: 12, InFlight: -1})
//	b.Describe(7, &cause.Facts{Vendor: "acme", BodyBytes: 312})
//	table := b.Table()
//
// A request takes some 80 bytes at most, the table's 50 among them. A Builder is for one goroutine.
type Builder struct {
	o    Options
	t    Table
	rows rawRows
	// order holds the rows in the order of their records, once all have come.
	order     []uint32
	room      scratch
	last      int // the place where a record was found last
	settled   bool
	described bool
	failures  names
	facts     factColumns
}

// rawRows are the columns of rows that a table does not have as they came.
type rawRows struct {
	kind              []uint8
	seq               []uint32
	copied            []uint16
	marks             []mark
	inFlight          []uint16
	person, recipient []uint32
	id                []uint64
}

// mark holds what a row says in yes and no.
type mark uint8

const (
	isCopy mark = 1 << iota
	isRetry
	retryKnown
	isNewConnection
	connectionKnown
	isRecordedRetry
)

const (
	// noSeq stands for a record that cannot be described.
	noSeq = math.MaxUint32
	// noFlight stands for a number of those in flight that is not known.
	noFlight = math.MaxUint16
	// longest is beyond what any run takes, so that sums of times are in bounds.
	longest = 100 * 365 * 24 * time.Hour
)

// NewBuilder returns a Builder without rows.
func NewBuilder(o Options) *Builder {
	b := &Builder{o: o}
	n := max(o.Rows, 0)
	b.t.Intended, b.t.Lag, b.t.Service = make([]time.Duration, 0, n), make([]Micros, 0, n), make([]Micros, 0, n)
	b.t.Status, b.t.Failure = make([]uint16, 0, n), make([]uint8, 0, n)
	b.rows = rawRows{
		kind: make([]uint8, 0, n), seq: make([]uint32, 0, n), copied: make([]uint16, 0, n), marks: make([]mark, 0, n), inFlight: make([]uint16, 0, n),
	}
	return b
}

// Add takes a request that was sent. No row may come after the first facts.
func (b *Builder) Add(r *Row) {
	if b.settled {
		panic("cause: internal error: a row came after the facts")
	}
	n, t, raw := b.t.Len(), &b.t, &b.rows
	due := min(max(r.Intended, 0), longest)
	sent := min(max(r.Sent, due), longest)
	t.Intended = append(t.Intended, due)
	t.Lag = append(t.Lag, MicrosOf(sent-due))
	held := NoMicros
	if r.Done != 0 || r.Status != 0 {
		held = MicrosOf(min(max(r.Done, sent), longest) - sent)
	}
	t.Service = append(t.Service, held)
	t.Status = append(t.Status, uint16(min(max(r.Status, 0), math.MaxUint16)))
	failure := uint8(0)
	if r.Failure != "" {
		failure = 1 + b.failures.code(r.Failure)
	}
	t.Failure = append(t.Failure, failure)
	b.addCompletion(n, r)
	b.addBefore(n, r)
	raw.kind = append(raw.kind, uint8(r.Kind.Known()))
	raw.seq = append(raw.seq, uint32(within(r.Seq, noSeq)))
	raw.copied = append(raw.copied, uint16(within(int64(r.Copy), math.MaxUint16)))
	raw.marks = append(raw.marks, r.marks())
	raw.inFlight = append(raw.inFlight, uint16(within(int64(r.InFlight), noFlight)))
	raw.person = appendLate(raw.person, n, b.o.Rows, folded(r.Person))
	raw.recipient = appendLate(raw.recipient, n, b.o.Rows, folded(r.Recipient))
}

// within is v where it is in 0 to most, else most.
func within(v, most int64) int64 {
	if v < 0 || v > most {
		return most
	}
	return v
}

// folded is who someone is in half the memory; of 2^32 pairs of different ones, one is taken for the same.
func folded(who uint64) uint32 {
	if who == 0 {
		return 0
	}
	return max(1, uint32(who)^uint32(who>>32))
}

// appendLate appends to a column of n values that does not exist as long as all are 0.
func appendLate[T comparable](column []T, n, room int, v T) []T {
	var zero T
	if column == nil {
		if v == zero {
			return nil
		}
		column = make([]T, n, max(n+1, room))
	}
	return append(column, v)
}

func (r *Row) marks() (m mark) {
	if r.Copied {
		m |= isCopy
	}
	switch r.Retry {
	case Yes:
		m |= isRetry | retryKnown
	case No:
		m |= retryKnown
	}
	switch r.NewConnection {
	case Yes:
		m |= isNewConnection | connectionKnown
	case No:
		m |= connectionKnown
	}
	return m
}

// addCompletion keeps row n's completion, in columns that begin with the first that is known.
func (b *Builder) addCompletion(n int, r *Row) {
	t := &b.t
	if t.Completion == nil {
		if r.Completed == Unknown {
			return
		}
		room := max(n+1, b.o.Rows)
		t.Completion, t.Never = make([]Micros, n, room), make([]bool, n, room)
		for i := range t.Completion {
			t.Completion[i] = NoMicros
		}
	}
	at := NoMicros
	if r.Completed == Yes {
		at = MicrosOf(r.Completion)
	}
	t.Completion, t.Never = append(t.Completion, at), append(t.Never, r.Completed == No)
}

// addBefore keeps what another run made of row n, in columns that begin with the first that is known.
func (b *Builder) addBefore(n int, r *Row) {
	t := &b.t
	if t.BeforeFailed = appendLate(t.BeforeFailed, n, b.o.Rows, r.BeforeFailed); t.BeforeFailed == nil {
		return
	}
	if t.Before == nil {
		t.Before = make([]Micros, n, max(n+1, b.o.Rows))
		for i := range t.Before {
			t.Before[i] = NoMicros
		}
	}
	took := NoMicros
	if r.BeforeFailed != Unknown && r.Before > 0 {
		took = MicrosOf(min(r.Before, longest))
	}
	t.Before = append(t.Before, took)
}

// settle puts the rows in order of the moments at which they were due, and finds those of each record.
func (b *Builder) settle() {
	if b.settled {
		return
	}
	b.settled = true
	t, raw := &b.t, &b.rows
	order := b.sorted(0, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(t.Intended[x], t.Intended[y]), cmp.Compare(raw.seq[x], raw.seq[y]), cmp.Compare(raw.copied[x], raw.copied[y]),
			cmp.Compare(t.Lag[x], t.Lag[y]), cmp.Compare(t.Service[x], t.Service[y]), cmp.Compare(t.Status[x], t.Status[y]))
	})
	if order != nil {
		b.rearrange(order)
	}
	b.order = b.sorted(1, func(x, y uint32) int { return cmp.Or(cmp.Compare(raw.seq[x], raw.seq[y]), cmp.Compare(x, y)) })
}

// sorted returns the numbers of rows as sorted by compare, in one of the two of room; nil where they are sorted as they are.
func (b *Builder) sorted(which int, compare func(x, y uint32) int) []uint32 {
	n, sorted := b.t.Len(), true
	for i := 1; i < n && sorted; i++ {
		sorted = compare(uint32(i-1), uint32(i)) <= 0
	}
	if sorted {
		return nil
	}
	order := b.room.take(which, n)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, compare)
	return order
}

// rearrange puts the row order[i] at place i.
func (b *Builder) rearrange(order []uint32) {
	t, raw := &b.t, &b.rows
	moved := make([]uint64, (len(order)+63)/64)
	rearrange(t.Intended, order, moved)
	rearrange(t.Lag, order, moved)
	rearrange(t.Service, order, moved)
	rearrange(t.Status, order, moved)
	rearrange(t.Failure, order, moved)
	rearrange(t.Completion, order, moved)
	rearrange(t.Never, order, moved)
	rearrange(t.Before, order, moved)
	rearrange(t.BeforeFailed, order, moved)
	rearrange(raw.kind, order, moved)
	rearrange(raw.seq, order, moved)
	rearrange(raw.copied, order, moved)
	rearrange(raw.marks, order, moved)
	rearrange(raw.inFlight, order, moved)
	rearrange(raw.person, order, moved)
	rearrange(raw.recipient, order, moved)
}

// rearrange follows each cycle of the order, so that it needs no second column; moved is scratch, a bit a row.
func rearrange[T any](column []T, order []uint32, moved []uint64) {
	if column == nil {
		return
	}
	clear(moved)
	for i := range order {
		if moved[i/64]&(1<<(i%64)) != 0 {
			continue
		}
		first, to := column[i], i
		for {
			moved[to/64] |= 1 << (to % 64)
			from := int(order[to])
			if from == i {
				break
			}
			column[to], to = column[from], from
		}
		column[to] = first
	}
}

// row is the row at a place in the order of records.
func (b *Builder) row(place int) int {
	if b.order == nil {
		return place
	}
	return int(b.order[place])
}
