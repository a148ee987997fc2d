package columns

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
)

// alone is the number of a column for values that no other column is compared with.
const alone = -1

// node writes values in the cheapest way that is found. They are the column's, or a part of each of its values; alone, of a list.
func (b *builder) node(v *values, column, depth int) {
	n := v.len()
	b.budget.begin(n)
	if n == 0 || constant(v) {
		b.text(v)
		return
	}
	if column != alone && b.follows(v, column, depth) {
		return
	}
	if depth >= maxDepth-2 || b.plain {
		b.bytes(v)
		return
	}
	if random(v) && (column != alone && b.clocks(v, column, depth, guess(v)) || b.ids(v)) {
		return
	}
	if column != alone && b.keyedAgain(v, column, depth) {
		return
	}
	ids, first := b.differ(v, column, depth)
	cost, again := b.listCost(v, ids, first)
	plain := guess(v)
	if column != alone && b.keyed(v, column, depth, min(cost, plain)) {
		return
	}
	if column != alone && b.clocks(v, column, depth, min(cost, plain)) {
		return
	}
	if len(first) < n && cost < plain && b.list(v, ids, first, again, depth) {
		return
	}
	if b.affix(v, column, depth) || b.digits(v, column, depth) || b.ids(v) || b.hexTail(v, column, depth) || b.fields(v, column, depth) || b.choice(v, depth) {
		return
	}
	b.bytes(v)
}

// differ numbers the different values.
func (b *builder) differ(v *values, column, depth int) (ids, first []uint32) {
	if depth == 0 {
		k := b.count(column)
		return k.ids, k.first
	}
	b.distinct.count(v.len(), v.at)
	return b.parts.copyOf(b.distinct.ids), b.parts.copyOf(b.distinct.first)
}

func constant(v *values) bool {
	if v.same > 0 {
		return true
	}
	first := v.at(0)
	for i := 1; i < v.len(); i++ {
		if string(v.at(i)) != string(first) {
			return false
		}
	}
	return true
}

func (b *builder) text(v *values) {
	var t []byte
	if v.len() > 0 {
		t = v.at(0)
	}
	b.plan = appendText(append(b.plan, opConst), t)
}

// follows writes a column that says what another one says, or how long the body is.
func (b *builder) follows(v *values, column, depth int) bool {
	if b.lengths[column] && depth == 0 {
		b.plan = append(b.plan, opLength)
		return true
	}
	name := b.e.columns[column].name
	if s, known := b.learned.sources[name]; known && depth == 0 {
		to, ok := b.e.byName[s.name]
		return ok && b.derived(v, column, to, s.op)
	}
	found := b.search(v, column)
	if b.learning && depth == 0 {
		b.learned.sources[name] = found
	}
	return found.name != ""
}

// search writes that values follow from those of another column, if there is one.
func (b *builder) search(v *values, column int) source {
	if len(v.at(0)) == 0 {
		return source{}
	}
	for _, s := range b.sayings(b.e.columns[column].of[0])[string(v.at(0))] {
		if s.column != column && b.derived(v, column, s.column, s.op) {
			return source{b.e.columns[s.column].name, s.op}
		}
	}
	return source{}
}

// said is a column that says something, and how.
type said struct {
	column int
	op     byte
}

// sayings are what the columns of a record say, as it is and decoded. Those of the record that was asked for last are kept.
func (b *builder) sayings(record uint32) map[string][]said {
	if b.saidIn == int(record) {
		return b.said
	}
	b.saidIn, b.said = int(record), make(map[string][]said)
	var buf []byte
	for _, c := range b.e.templates[b.e.rows[record].template].columns {
		row, ok := slices.BinarySearch(b.e.columns[c].of, record)
		if !ok {
			continue
		}
		raw := b.e.columns[c].at(row)
		b.said[string(raw)] = append(b.said[string(raw)], said{c, opCopy})
		for _, op := range [...]byte{opForm, opJSON} {
			if buf, ok = derive(buf[:0], op, raw); ok {
				b.said[string(buf)] = append(b.said[string(buf)], said{c, op})
			}
		}
	}
	return b.said
}

// derived writes that values follow from those of another column, if they all do.
func (b *builder) derived(v *values, column, to int, op byte) bool {
	if !b.refers(column, to) {
		return false
	}
	other, good := &b.e.columns[to].values, true
	b.beside(column, to, func(i, k int) bool {
		raw := other.at(k)
		if op == opCopy {
			good = string(raw) == string(v.at(i))
			return good
		}
		b.scratch, good = derive(b.scratch[:0], op, raw)
		good = good && string(b.scratch) == string(v.at(i))
		return good
	})
	if good {
		b.plan = binary.AppendUvarint(append(b.plan, op), uint64(b.number[to]))
	}
	return good
}

// isLength says whether a column of headers says how long the body is.
func (b *builder) isLength(v *values, column int) bool {
	of := b.e.columns[column].of
	var buf [10]byte
	for i := range v.len() {
		if string(strconv.AppendUint(buf[:0], uint64(b.e.rows[of[i]].body), 10)) != string(v.at(i)) {
			return false
		}
	}
	for _, t := range b.places[column] {
		t := b.e.templates[t]
		from, to := t.headers()
		if !slices.Contains(t.columns[from:to], column) {
			return false
		}
	}
	return true
}

// headers are where the columns of headers stand among the template's.
func (t *template) headers() (from, to int) {
	from = columnsOf(t.parts[partBody]) + columnsOf(t.parts[partURL])
	to = from
	for _, p := range t.parts[partHeaders : partHeaders+len(t.names)] {
		to += columnsOf(p)
	}
	return from, to
}

// affix splits off what all values begin or end with.
func (b *builder) affix(v *values, column, depth int) bool {
	first := v.at(0)
	head, tail, shortest := len(first), len(first), len(first)
	for i := 1; i < v.len() && head+tail > 0; i++ {
		s := v.at(i)
		shortest = min(shortest, len(s))
		head, tail = min(head, len(s)), min(tail, len(s))
		for string(s[:head]) != string(first[:head]) {
			head--
		}
		for string(s[len(s)-tail:]) != string(first[len(first)-tail:]) {
			tail--
		}
	}
	if head+tail == 0 {
		return false
	}
	tail = min(tail, shortest-head)
	// A number keeps its first digits, if it is not a long one.
	if tail > 0 && allDigits(first[len(first)-tail:]) {
		tail = 0
	}
	if head+tail == 0 || head <= 2 && tail == 0 && allDigits(first[:head]) && len(first) < 9 {
		return false
	}
	if !b.budget.split(v.len(), 3, 0) {
		return false
	}
	rest := b.cutEach(v, func(s []byte) []byte { return s[head : len(s)-tail] })
	end := bytes.Clone(first[len(first)-tail:])
	kids := 1
	for _, n := range [...]int{head, tail} {
		if n > 0 {
			kids++
		}
	}
	b.plan = binary.AppendUvarint(append(b.plan, opConcat), uint64(kids))
	if head > 0 {
		b.plan = appendText(append(b.plan, opConst), first[:head])
	}
	b.node(rest, column, depth+1)
	if tail > 0 {
		b.plan = appendText(append(b.plan, opConst), end)
	}
	b.budget.begin(2 * v.len())
	return true
}

func (b *builder) cutEach(v *values, f func([]byte) []byte) *values {
	out := b.parts.values()
	for i := range v.len() {
		out.add(f(v.at(i)))
	}
	return out
}

// halves writes what stands before and after a place in each value.
func (b *builder) halves(v *values, column, depth, at int) bool {
	if !b.budget.split(v.len(), 2, 0) {
		return false
	}
	head := b.cutEach(v, func(s []byte) []byte { return s[:at] })
	tail := b.cutEach(v, func(s []byte) []byte { return s[at:] })
	b.plan = binary.AppendUvarint(append(b.plan, opConcat), 2)
	b.node(head, column, depth+1)
	b.node(tail, column, depth+1)
	return true
}

// bytes writes values as they are.
func (b *builder) bytes(v *values) {
	b.plan = append(b.plan, opBytes)
	lengths := b.parts.wides(v.len())
	for i := range lengths {
		lengths[i] = int64(len(v.at(i)))
	}
	b.budget.numbers += v.len() // where they begin
	b.ints(lengths)
	b.sections.Pack(b.packer, v.data, true)
	b.learnText(v.data)
}
