package columns

import (
	"math/bits"
	"slices"
)

// node is how values are written, as it is read. parse reads what the plan says of it, load what is in its sections.
type node struct {
	op         byte
	loaded     bool
	rows       int
	text       []byte // opConst, and the bytes of the values of others
	kids       []node // of opDict, opRecent and opKeyed: their lists
	column     int    // that it follows from
	width      int
	skip       int
	section    int
	count      int // of a list
	numbers    ints
	clock      clock    // opTime
	bounds     []uint32 // opBytes: where each value begins, and where the last one ends
	picks      []uint32 // opDict, opRecent: the entry of each row; opKeyed: exceptions before each 32 rows; opChoice: the part and the place in it
	exceptions []uint32 // opKeyed: a bit for each row; nil: there are none
	entries    list
	other      list     // opKeyed: what does not follow
	inner      []uint32 // opKeyed: the places in entries of what follows; nil: they are in order
	first      int      // opKeyed: the place of the first of the others
	keys       keys
	needs      []int // columns
	told       bool  // others follow from the column
	tried      bool  // whether entries are derived from those of the other column is known
	derived    bool  // they are
	from       int   // sections that came before it
	to         int
}

// list are values that are referred to by number.
type list struct {
	data   []byte
	text   string   // the same, once it is asked for
	bounds []uint32 // where each begins, and where the last one ends
}

func (l *list) at(i uint32) []byte { return l.data[l.bounds[i]:l.bounds[i+1]] }

func (l *list) string(i uint32) string {
	if l.text == "" {
		l.text = string(l.data)
	}
	return l.text[l.bounds[i]:l.bounds[i+1]]
}

// parse reads how rows values of a column are written.
func (d *Decoder) parse(rows, column, depth int) (n node) {
	p := &d.plan
	n.op, n.rows, n.from = p.byte(), rows, d.next
	p.nodes++
	if d.work += rows; p.bad || p.nodes > maxNodes || d.work > maxWork || depth > maxDepth {
		p.fail()
		return n
	}
	switch n.op {
	case opConst:
		n.text = p.text()
	case opConcat:
		const most = 64
		for range p.number(most) {
			if p.bad {
				break
			}
			n.kids = append(n.kids, d.parse(rows, column, depth+1))
			n.needs = append(n.needs, n.kids[len(n.kids)-1].needs...)
		}
	case opCopy, opForm, opJSON:
		n.column = d.reference(&n, p.number(maxColumns), column)
	case opLength:
		if column == alone || depth > 0 {
			p.fail()
		}
	case opBytes:
		n.numbers = d.ints(rows)
		n.section = d.section()
		d.counted(rows)
	case opHex, opHEX, opBase64:
		n.width = p.number(1 << 16)
		n.section = d.section()
	case opUUID:
		n.section = d.section()
	case opUUID4, opDecimal:
		n.numbers = d.ints(rows)
		if n.op == opUUID4 {
			n.section = d.section()
		}
	case opPadded:
		n.width = p.number(18)
		n.numbers = d.ints(rows)
	case opTime:
		n.clock = newClock(p.number(9), byte(p.number('T')))
		if n.numbers = d.ints(rows); column == alone || n.clock.separator != 0 && n.clock.separator != 'T' && n.clock.separator != ' ' {
			p.fail()
		}
	case opDict, opRecent:
		n.count = p.number(rows)
		n.numbers = d.ints(rows)
		if n.op == opRecent {
			d.counted(rows)
		}
		d.parseList(&n, n.count, depth)
	case opKeyed:
		d.parseKeyed(&n, rows, column, depth)
	case opChoice:
		d.parseChoice(&n, rows, depth)
	default:
		p.fail()
	}
	n.to = d.next
	if len(n.needs) > 1 {
		slices.Sort(n.needs)
		n.needs = slices.Compact(n.needs)
	}
	return n
}

// reference reads the number of another column, which has to come before.
func (d *Decoder) reference(n *node, to, column int) int {
	if column == alone || to >= column || d.columns[to].op == opLength {
		d.plan.fail()
		return 0
	}
	n.needs = append(n.needs, to)
	return to
}

// parseList reads how a list's values are written.
func (d *Decoder) parseList(n *node, count, depth int) {
	n.kids = append(n.kids, d.parse(count, alone, depth+1))
	d.counted(count)
}

func (d *Decoder) parseKeyed(n *node, rows, column, depth int) {
	p := &d.plan
	if n.column = p.number(maxColumns) - 1; n.column >= 0 {
		n.column = d.reference(n, n.column, column)
	} else if column == alone {
		p.fail()
	}
	n.skip, n.width = p.number(maxRecord), p.number(maxRecord)
	n.count = p.number(rows)
	other := p.number(rows)
	n.numbers = d.ints(rows)
	d.counted(rows)
	d.parseList(n, n.count, depth)
	d.parseList(n, other, depth)
}

func (d *Decoder) parseChoice(n *node, rows, depth int) {
	const most = 16
	p := &d.plan
	groups := p.number(most)
	n.numbers = d.ints(rows)
	d.counted(rows)
	all := 0
	for range groups {
		count := p.number(rows)
		if all += count; p.bad {
			return
		}
		n.kids = append(n.kids, d.parse(count, alone, depth+1))
	}
	if all != rows {
		p.fail()
	}
}

// load reads what is in a node's sections.
func (d *Decoder) load(n *node) {
	if n.loaded || d.plan.bad {
		return
	}
	n.loaded = true
	for i := range n.kids {
		d.load(&n.kids[i])
	}
	if d.plan.bad {
		return
	}
	switch n.op {
	case opBytes:
		d.loadBytes(n)
	case opHex, opHEX, opBase64:
		n.text = d.fixed(n, n.width)
	case opUUID:
		n.text = d.fixed(n, 16)
	case opUUID4:
		d.loadLimited(&n.numbers, 3)
		n.text = d.fixed(n, 15)
	case opDecimal, opPadded:
		d.loadLimited(&n.numbers, 1<<62)
	case opTime:
		d.loadInts(&n.numbers)
	case opDict:
		d.loadList(&n.entries, &n.kids[0])
		n.picks = d.loadIndex(&n.numbers, n.count-1)
	case opRecent:
		d.loadRecent(n)
	case opKeyed:
		d.loadKeyed(n)
	case opChoice:
		d.loadChoice(n)
	}
}

// loadLimited reads numbers that must be from 0 to most.
func (d *Decoder) loadLimited(n *ints, most int64) {
	d.loadInts(n)
	if d.plan.bad || !n.within(most) {
		d.plan.fail()
	}
}

func (d *Decoder) loadBytes(n *node) {
	d.loadLimited(&n.numbers, maxRecord)
	n.text = d.open(n.section)
	if d.plan.bad {
		return
	}
	n.bounds = d.memory.numbers(n.rows + 1)
	n.bounds[0] = 0
	end := int64(0)
	for i := range n.rows {
		if end += n.numbers.at(i); end > int64(len(n.text)) {
			d.plan.fail()
			return
		}
		n.bounds[i+1] = uint32(end)
	}
	if end != int64(len(n.text)) {
		d.plan.fail()
	}
}

// fixed reads width bytes for each row.
func (d *Decoder) fixed(n *node, width int) []byte {
	raw := d.open(n.section)
	if len(raw) != n.rows*width {
		d.plan.fail()
	}
	return raw
}

// loadList writes the values of a list out.
func (d *Decoder) loadList(l *list, n *node) {
	from := len(d.memory.texts)
	l.bounds = d.memory.numbers(n.rows + 1)
	l.bounds[0] = 0
	for i := range n.rows {
		var ok bool
		switch free := cap(d.memory.texts) - len(d.memory.texts); {
		case i == firstValues || i > firstValues && free < shortValue:
			from = d.memory.room(from, ahead(n.rows, i, len(d.memory.texts)-from))
		case free < shortValue:
			from = d.memory.room(from, shortValue)
		}
		if d.memory.texts, ok = d.emit(d.memory.texts, n, i); !ok || d.memory.written() > maxPayload {
			d.plan.fail()
			return
		}
		l.bounds[i+1] = uint32(len(d.memory.texts) - from)
	}
	l.data = d.memory.texts[from:len(d.memory.texts):len(d.memory.texts)]
}

func (d *Decoder) loadRecent(n *node) {
	d.loadList(&n.entries, &n.kids[0])
	back := d.loadIndex(&n.numbers, n.count)
	if d.plan.bad {
		return
	}
	known := uint32(0)
	for i, b := range back {
		if b > known {
			d.plan.fail()
			return
		}
		back[i] = known - b
		if b == 0 {
			known++
		}
	}
	if known != uint32(n.count) {
		d.plan.fail()
	}
	n.picks = back
}

func (d *Decoder) loadKeyed(n *node) {
	if n.first = n.count; n.kids[0].op == opDict || n.kids[0].op == opRecent {
		d.lend(n, &n.kids[0])
	} else {
		d.loadList(&n.entries, &n.kids[0])
	}
	d.loadList(&n.other, &n.kids[1])
	d.loadExceptions(n)
	if !d.plan.bad {
		d.begin(n)
	}
}

// lend has a node take its values from the list of another one. They count as if they were written out.
func (d *Decoder) lend(n, of *node) {
	n.entries, n.inner, n.first = of.entries, of.picks, of.count
	for _, i := range of.picks {
		d.memory.lent += int(of.entries.bounds[i+1] - of.entries.bounds[i])
	}
	if d.memory.written() > maxPayload {
		d.plan.fail()
	}
}

// loadExceptions reads which rows do not follow.
func (d *Decoder) loadExceptions(n *node) {
	if n.numbers.constant() && n.numbers.base == 0 && n.kids[1].rows == 0 {
		return
	}
	words := n.rows/32 + 1
	n.exceptions, n.picks = d.memory.zeros(words), d.memory.numbers(words)
	if n.numbers.isBits() {
		d.loadBits(n)
	} else {
		for i, o := range d.loadIndex(&n.numbers, 1) {
			n.exceptions[i/32] |= o << (i % 32)
		}
	}
	count := 0
	for i, word := range n.exceptions {
		n.picks[i] = uint32(count)
		count += bits.OnesCount32(word)
	}
	if count != n.kids[1].rows {
		d.plan.fail()
	}
}

// loadBits reads exceptions that are bits.
func (d *Decoder) loadBits(n *node) {
	raw := d.open(n.numbers.section)
	if len(raw) != (n.rows+7)/8 {
		d.plan.fail()
		return
	}
	for i, c := range raw {
		n.exceptions[i/4] |= uint32(c) << (i % 4 * 8)
	}
	n.exceptions[n.rows/32] &= 1<<(n.rows%32) - 1 // of what is behind the last row nothing counts
}

// exception returns which of the other values a row has, if it does not follow from the key.
func (n *node) exception(row uint32) (i uint32, ok bool) {
	if n.exceptions == nil {
		return 0, false
	}
	word, bit := n.exceptions[row/32], uint32(1)<<(row%32)
	if word&bit == 0 {
		return 0, false
	}
	return n.picks[row/32] + uint32(bits.OnesCount32(word&(bit-1))), true
}

const choiceShift = 20 // rows are fewer

func (d *Decoder) loadChoice(n *node) {
	n.picks = d.loadIndex(&n.numbers, len(n.kids)-1)
	if d.plan.bad {
		return
	}
	var count [16]uint32
	for i, g := range n.picks {
		n.picks[i] = g<<choiceShift | count[g]
		count[g]++
	}
	for g := range n.kids {
		if n.kids[g].rows != int(count[g]) {
			d.plan.fail()
		}
	}
}
