package columns

import (
	"cmp"
	"encoding/binary"
	"slices"

	"reprise/capture/frame"
)

// builder writes the columns of one block. Its memory is used again for the next one.
type builder struct {
	e        *Encoder
	packer   *frame.SectionPacker
	learned  *Learned
	learning bool
	plain    bool // everything as it is: the block would be too large otherwise
	sections frame.Sections
	plan     []byte
	scratch  []byte
	idBytes  []byte
	wide     []uint64
	classes  [classCount]uint16
	distinct distinct
	kept     arena // until the block is written
	parts    parts // until the column is
	budget   budget
	places   [][]int // the templates of each column
	number   []int   // of each column in the file: those that tell others' values come first
	counts   []counted
	all      []uint32 // records, numbered from 0
	lengths  []bool   // columns that say how long the body is: nothing follows from them
	keys     map[keyOf][]uint32
	tries    int // of keys
	saidIn   int // a record
	said     map[string][]said
}

// counted are the different values of a column, once they are counted.
type counted struct {
	known      bool
	ids, first []uint32
}

// parts are the values that a column is taken apart into.
type parts struct {
	arena
	list []*values
	used int
}

func (p *parts) reset() {
	p.arena.reset()
	for _, v := range p.list[:p.used] {
		v.reset()
	}
	p.used = 0
}

// values returns empty values.
func (p *parts) values() *values {
	if p.used == len(p.list) {
		p.list = append(p.list, &values{})
	}
	p.used++
	return p.list[p.used-1]
}

// Build packs the records that were added, of which the first was at the time first, and appends the payload to dst. Without learned,
// which is what an earlier block taught, it learns, and returns it.
func (e *Encoder) Build(dst []byte, first int64, packer *frame.SectionPacker, learned *Learned) ([]byte, *Learned) {
	b := e.build
	b.e, b.packer, b.plain = e, packer, false
	l := b.write(first, learned)
	if b.sections.Raw() > maxPayload {
		b.plain = true
		l = b.write(first, learned)
	}
	return b.sections.Append(dst), l
}

func (b *builder) write(first int64, learned *Learned) *Learned {
	b.learned, b.learning = learned, learned == nil
	if b.learning {
		b.learned = newLearned()
	}
	b.sections.Reset()
	b.kept.reset()
	b.plan = b.plan[:0]
	b.keys, b.tries = make(map[keyOf][]uint32), 0
	b.said, b.saidIn = nil, -1
	b.locate()
	if b.learning {
		b.learnSizes()
	}
	order := b.arrange()
	b.budget = budget{}
	for _, c := range b.e.columns {
		b.budget.reserve(c.len(), 1)
	}
	b.templates()
	b.rows(first)
	b.plan = binary.AppendUvarint(b.plan, uint64(len(order)))
	for _, i := range order {
		b.parts.reset()
		b.node(&b.e.columns[i].values, i, 0)
	}
	b.sections.Pack(b.packer, b.plan, false)
	return b.learned
}

// locate finds the records and the templates of each column.
func (b *builder) locate() {
	for n := len(b.all); n < len(b.e.rows); n++ {
		b.all = append(b.all, uint32(n))
	}
	for _, c := range b.e.columns {
		if c.of = c.some; len(c.some) == 0 {
			c.of = b.all[:c.len()]
		}
	}
	b.places = zeroed(b.places, len(b.e.columns))
	for t := range b.e.templates {
		for _, c := range b.e.templates[t].columns {
			b.places[c] = append(b.places[c], t)
		}
	}
}

// arrange numbers the columns: those with more different values may tell those with fewer, and come first. The first block says the
// order of those that it has.
func (b *builder) arrange() (order []int) {
	n := len(b.e.columns)
	b.counts, b.number, b.lengths = zeroed(b.counts, n), zeroed(b.number, n), zeroed(b.lengths, n)
	type rank struct{ column, learned, different int }
	ranks := make([]rank, n)
	for i, c := range b.e.columns {
		b.lengths[i] = b.isLength(&c.values, i)
		learned, ok := b.learned.order[c.name]
		if !ok {
			learned = len(b.learned.order)
		}
		different := 0
		if !ok {
			if different = c.len(); !random(&c.values) {
				different = len(b.count(i).first)
			}
		}
		ranks[i] = rank{i, learned, different}
	}
	slices.SortStableFunc(ranks, func(x, y rank) int {
		return cmp.Or(cmp.Compare(x.learned, y.learned), cmp.Compare(y.different, x.different))
	})
	order = make([]int, n)
	for at, r := range ranks {
		order[at] = r.column
		b.number[r.column] = at
		if b.learning {
			b.learned.order[b.e.columns[r.column].name] = at
		}
	}
	return order
}

// count counts the different values of a column.
func (b *builder) count(column int) *counted {
	k, c := &b.counts[column], &b.e.columns[column].values
	if !k.known {
		b.distinct.count(c.len(), c.at)
		k.known, k.ids, k.first = true, b.kept.copyOf(b.distinct.ids), b.kept.copyOf(b.distinct.first)
	}
	return k
}

func (b *builder) templates() {
	b.plan = binary.AppendUvarint(b.plan, uint64(len(b.e.templates)))
	for _, t := range b.e.templates {
		b.plan = t.appendKey(b.plan, b.number)
	}
}

// rows writes what the records have besides their templates' values.
func (b *builder) rows(first int64) {
	b.parts.reset()
	list := b.parts.wides(len(b.e.rows))
	write := func(f func(r *row) int64) []int64 {
		for i := range b.e.rows {
			list[i] = f(&b.e.rows[i])
		}
		return list
	}
	b.ints(write(func(r *row) int64 { return int64(r.template) }))
	b.sums(write(func(r *row) int64 { return r.time - first }))
	b.ints(write(func(r *row) int64 { return int64(r.kind) }))
	b.ints(write(func(r *row) int64 { return int64(r.origin) }))
	b.ints(write(func(r *row) int64 { return int64(r.status) }))
	b.ints(write(func(r *row) int64 { return r.latency }))
}

// refers says whether column c may follow from column to: it has a lower number, and every template that has c has it.
func (b *builder) refers(c, to int) bool {
	if b.number[to] >= b.number[c] || b.lengths[to] {
		return false
	}
	i := 0
	for _, t := range b.places[c] {
		for i < len(b.places[to]) && b.places[to][i] < t {
			i++
		}
		if i == len(b.places[to]) || b.places[to][i] != t {
			return false
		}
	}
	return true
}

// beside calls f with each row of column c and the row of column to in the same record, until f returns false.
func (b *builder) beside(c, to int, f func(i, k int) bool) bool {
	of, other := b.e.columns[c].of, b.e.columns[to].of
	if len(of) == len(other) {
		for i := range of {
			if !f(i, i) {
				return false
			}
		}
		return true
	}
	k := 0
	for i, record := range of {
		for other[k] < record {
			k++
		}
		if !f(i, k) {
			return false
		}
	}
	return true
}
