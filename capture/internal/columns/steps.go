package columns

import "slices"

// step is a part of what makes a string of a record: text, or the value of a node.
type step struct {
	op     byte
	told   bool // others follow from the value
	early  bool // it is made already
	cut    bool // where the value ends is marked
	column int32
	slot   int32 // of the column in Decoder.cursor
	n      *node
	text   []byte
}

// What a step does besides what nodes do.
const (
	stepText   = opConst
	stepSaid   = 252 // what a column has that was made early
	stepListed = 253 // a value of a list
	stepBegin  = 254 // of a value of several steps from which others follow
	stepEnd    = 255
)

const (
	shortText = 256 // texts up to this length are joined
	oftenUsed = 64  // templates for which it is worth to take values apart
)

// compile appends the steps of a part of a template.
func (d *Decoder) compile(steps []step, t *shape, p part) []step {
	for i := range p {
		c := p[i].column
		if c < 0 {
			steps = addText(steps, p[i].text, nil)
			continue
		}
		n := &d.columns[c]
		early := !d.some && slices.Contains(t.early, c)
		switch {
		case n.op == opConst:
			steps = addText(steps, n.text, n)
		case early && !n.isList():
			steps = append(steps, step{op: stepSaid, column: int32(c)})
		case n.op == opConcat && t.used >= oftenUsed:
			if n.told {
				steps = append(steps, step{op: stepBegin})
			}
			steps = d.addKids(steps, n, int32(c))
			if n.told {
				steps = append(steps, step{op: stepEnd, column: int32(c)})
			}
		case d.listed(n, t):
			s := step{op: n.op, told: n.told, early: early, column: int32(c), slot: d.slot[c], n: n}
			if n.op != opDict && n.op != opRecent {
				s.op = stepListed
			}
			steps = append(steps, s)
		default:
			steps = append(steps, step{op: n.op, told: n.told, column: int32(c), slot: d.slot[c], n: n})
		}
	}
	return steps
}

// listed says whether a node's values are those of a list, or follow from a column whose values are. A list is not decoded for a template
// with few records.
func (d *Decoder) listed(n *node, t *shape) bool {
	switch n.op {
	case opDict, opRecent, opKeyed:
		return true
	case opCopy, opForm, opJSON:
		if !n.tried {
			if to := &d.columns[n.column]; n.op != opCopy && (d.one || to.values() > 2*t.used) {
				return false
			}
			n.tried = true
			n.derived = d.deriveList(n, &d.columns[n.column])
		}
		return n.derived
	}
	return false
}

// deriveList makes the list of a node that follows from another one with a list, so that a value is decoded once. It is not worth it, or
// not possible, for every list.
func (d *Decoder) deriveList(n, to *node) bool {
	count := to.values()
	if !to.isList() || count > 2*n.rows {
		return false
	}
	if n.op == opCopy && (to.op != opKeyed || count == to.first) {
		n.entries = list{data: to.entries.data, bounds: to.entries.bounds}
		return true
	}
	size := len(to.entries.data) + len(to.other.data)
	if d.work += count; d.work > maxWork || d.memory.written()+size > maxPayload {
		return false
	}
	from := d.memory.room(len(d.memory.texts), size) // decoded they are no longer
	bounds := d.memory.numbers(count + 1)
	bounds[0] = 0
	for i := range uint32(count) {
		var ok bool
		if d.memory.texts, ok = derive(d.memory.texts, n.op, to.value(i)); !ok {
			return false
		}
		bounds[i+1] = uint32(len(d.memory.texts) - from)
	}
	n.entries = list{data: d.memory.texts[from:len(d.memory.texts):len(d.memory.texts)], bounds: bounds}
	return true
}

func (d *Decoder) addKids(steps []step, n *node, column int32) []step {
	for i := range n.kids {
		switch kid := &n.kids[i]; kid.op {
		case opConst:
			steps = addText(steps, kid.text, nil)
		case opConcat:
			steps = d.addKids(steps, kid, column)
		default:
			steps = append(steps, step{op: kid.op, column: column, slot: d.slot[column], n: kid})
		}
	}
	return steps
}

// addText appends text, joined with the text before it. The node has it alone, or is nil.
func addText(steps []step, text []byte, n *node) []step {
	if len(text) == 0 {
		return steps
	}
	if k := len(steps) - 1; k >= 0 && steps[k].op == stepText && len(steps[k].text) <= shortText && len(text) <= shortText {
		old := steps[k].text
		steps[k].text = append(old[:len(old):len(old)], text...)
		steps[k].n = nil
		return steps
	}
	return append(steps, step{op: stepText, text: text, n: n})
}

// listed says whether a step gives a value of a list.
func (s *step) listed() bool { return s.op == stepListed || s.op == opDict || s.op == opRecent }

// run appends what steps say.
func (d *Decoder) run(dst []byte, steps []step) ([]byte, bool) {
	limit := len(dst) + maxRecord
	for k := range steps {
		s := &steps[k]
		switch s.op {
		case stepText:
			dst = append(dst, s.text...)
		case opDict, opRecent:
			value := s.n.entries.at(s.n.picks[d.cursor[s.slot]])
			dst = append(dst, value...)
			if s.told {
				d.said[s.column] = value
			}
		case stepListed:
			if s.early {
				dst = append(dst, d.said[s.column]...)
				break
			}
			place, ok := d.pick(s.n, d.cursor[s.slot])
			if !ok {
				return dst, false
			}
			value := s.n.value(place)
			dst = append(dst, value...)
			if s.told {
				d.said[s.column], d.places[s.column] = value, place
			}
		case stepSaid:
			dst = append(dst, d.said[s.column]...)
		case stepBegin:
			d.from = len(dst)
		case stepEnd:
			d.said[s.column] = dst[d.from:len(dst):len(dst)]
		default:
			from := len(dst)
			var ok bool
			if dst, ok = d.emit(dst, s.n, int(d.cursor[s.slot])); !ok {
				return dst, false
			}
			if s.told {
				d.said[s.column] = dst[from:len(dst):len(dst)]
			}
		}
		if len(dst) > limit {
			return dst, false
		}
		if s.cut {
			d.marks = append(d.marks, int32(len(dst)))
		}
	}
	return dst, true
}

// ahead makes the values that others need before they come.
func (d *Decoder) ahead(columns []int) bool {
	d.early = d.early[:0]
	for _, c := range columns {
		if n := &d.columns[c]; n.isList() {
			place, ok := d.pick(n, d.row(c))
			if !ok {
				return false
			}
			d.said[c], d.places[c] = n.value(place), place
			continue
		}
		from := len(d.early)
		var ok bool
		if d.early, ok = d.emit(d.early, &d.columns[c], int(d.row(c))); !ok || len(d.early) > maxRecord {
			return false
		}
		d.said[c] = d.early[from:len(d.early):len(d.early)]
	}
	return true
}

// done ends a record of so many bytes.
func (d *Decoder) done(t *shape, size int) (ns int64, ok bool) {
	ns = d.first + d.columnOf[rowTime].at(d.at)
	d.advance(t)
	d.output += size
	return ns, d.output <= maxOutput
}

// advance goes to the next record.
func (d *Decoder) advance(t *shape) {
	for _, s := range t.slots {
		d.cursor[s]++
	}
	d.at++
}
