package columns

// shape is a template as it is read.
type shape struct {
	method, host, vendor string
	names                []string
	parts                []part
	columns              []int
	slots                []int32 // in Decoder.cursor that a record moves
	early                []int   // columns that others need before they come
	used                 int     // by how many records
	pieces               int     // with a part for each header
	numbers              []int   // columns that number keys, once a record is passed over

	record  *recordSteps  // once a record is asked for
	request *requestSteps // once a request is
	cut     *cutSteps     // once a record by its template is
	some    *someSteps    // once a part of a record is
}

func (d *Decoder) readTemplates() {
	p := &d.plan
	n := p.number(maxTemplates)
	d.templates = d.templates[:0]
	columns := 0
	for range n {
		t := shape{method: string(p.text()), host: string(p.text()), vendor: string(p.text())}
		names := p.number(maxHeaders)
		if t.pieces = partHeaders + names + partMessage; names > len(p.raw) || p.pieces+t.pieces > maxPieces {
			p.fail()
		}
		if p.pieces += t.pieces; p.bad {
			return
		}
		t.names = make([]string, names)
		for i := range t.names {
			t.names[i] = string(p.text())
		}
		t.parts = make([]part, t.pieces)
		for i := range t.parts {
			t.parts[i] = d.readPart(&t)
		}
		if p.bad {
			return
		}
		for _, c := range t.columns {
			columns = max(columns, c+1)
		}
		d.templates = append(d.templates, t)
	}
	d.rows = zeroed(d.rows, columns)
	d.slot, d.cursor = zeroed(d.slot, columns), zeroed(d.cursor, columns+1)
	d.said, d.places = zeroed(d.said, columns), zeroed(d.places, columns)
}

func (d *Decoder) readPart(t *shape) part {
	p := &d.plan
	n := p.number(maxPieces)
	if p.pieces += n; p.pieces > maxPieces || n > len(p.raw) {
		p.fail()
		return nil
	}
	t.pieces += n
	list := make(part, n)
	for i := range list {
		c := p.number(maxColumns)
		if list[i].column = c - 1; c == 0 {
			list[i].text = p.text()
			continue
		}
		t.columns = append(t.columns, c-1)
	}
	return list
}

// order is what is known of the columns while a template's order is checked. A column that has the template's mark is so.
type order struct {
	mark  int
	has   []int // it is in the template
	done  []int // it comes before the column under way, in its place or early
	early []int // it comes early
}

// checkOrder sees to it that a template has a column once, and those that it follows from, and finds those that come too late for it.
func (d *Decoder) checkOrder() {
	if d.plan.bad {
		return
	}
	n := len(d.columns)
	o := order{has: make([]int, n), done: make([]int, n), early: make([]int, n)}
	for i := range d.templates {
		t := &d.templates[i]
		o.mark = i + 1
		for _, c := range t.columns {
			if o.has[c] == o.mark {
				d.plan.fail()
				return
			}
			o.has[c] = o.mark
		}
		for _, c := range t.columns {
			if !d.require(t, c, &o) {
				d.plan.fail()
				return
			}
			o.done[c] = o.mark
		}
		d.checkLengths(t)
	}
}

// checkLengths sees to it that a header alone says how long the body is.
func (d *Decoder) checkLengths(t *shape) {
	for k, p := range t.parts {
		if k >= partHeaders && k < partHeaders+len(t.names) {
			continue
		}
		for i := range p {
			if c := p[i].column; c >= 0 && d.columns[c].op == opLength {
				d.plan.fail()
			}
		}
	}
}

// require sees to it that what column c follows from is there before it: in its place, or early.
func (d *Decoder) require(t *shape, c int, o *order) bool {
	for _, to := range d.columns[c].needs {
		if o.has[to] != o.mark {
			return false
		}
		d.columns[to].told = true
		if o.done[to] != o.mark && o.early[to] != o.mark && !d.lead(t, to, o) {
			return false
		}
		o.done[to] = o.mark
	}
	return true
}

// lead has a column come early, behind all that it follows from: also what has its place before the column that asks for this one, since
// what is early is made before anything has its place.
func (d *Decoder) lead(t *shape, c int, o *order) bool {
	for _, to := range d.columns[c].needs {
		if o.has[to] != o.mark {
			return false
		}
		d.columns[to].told = true
		if o.early[to] != o.mark && !d.lead(t, to, o) { // it has a lower number: this ends
			return false
		}
	}
	o.early[c] = o.mark
	t.early = append(t.early, c)
	return true
}
