package columns

import "reprise/capture"

// cutSteps are how a template's records are made, and where their values stand.
type cutSteps struct {
	template capture.Template
	body     []step
	head     []step      // the values of URL and headers
	message  recordSteps // what is made at once
	later    recordSteps // what is made for a whole record
	rest     func(*capture.Record)
}

// fewRecords are less than those of a template about which it is worth to find something out.
const fewRecords = 16

// NextCut is Next for who makes requests of records: r has Cuts, and lacks what those say, where its template has more than a few records.
// After the next call of any method they are not valid any more.
func (d *Decoder) NextCut(r *capture.Record) (ns int64, err error) {
	t, ok := d.record()
	if !ok || d.some {
		return 0, d.give()
	}
	if t.cut == nil && t.used >= d.few {
		t.cut = d.cutSteps(t)
	}
	w := t.cut
	if w == nil || w.template.Whole {
		return d.Next(r)
	}
	if len(t.early) > 0 && !d.ahead(t.early) {
		return 0, d.give()
	}
	d.marks = d.marks[:0]
	if d.buf, ok = d.run(d.buf[:0], w.body); !ok {
		return 0, d.give()
	}
	d.length = len(d.buf)
	marks := len(d.marks)
	if d.values, ok = d.run(d.values[:0], w.head); !ok || !d.fill(&w.message) {
		return 0, d.give()
	}
	if d.output += len(d.buf) + len(d.values) + len(d.text); d.output > maxOutput {
		return 0, d.give()
	}
	ns = d.first + d.columnOf[rowTime].at(d.at)
	d.head(r, t, d.at, ns)
	w.message.message(r, t)
	if len(d.buf) > 0 {
		r.Body = d.buf[:len(d.buf):len(d.buf)]
	}
	c := &d.cuts
	c.Reset(&w.template)
	c.Body, c.Head, c.Text = d.marks[:marks:marks], d.marks[marks:], d.values
	c.Message = w.rest
	r.Cuts, d.given = c, t
	return ns, nil
}

func (d *Decoder) cutSteps(t *shape) *cutSteps {
	w := &cutSteps{}
	w.body, w.template.Body = d.cutPart(nil, t, t.parts[partBody], true)
	w.head, w.template.URL = d.cutPart(nil, t, t.parts[partURL], false)
	w.template.Headers = make([]capture.TemplateHeader, len(t.names))
	for i, name := range t.names {
		h := &w.template.Headers[i]
		h.Name = name
		w.head, h.Value = d.cutPart(w.head, t, t.parts[partHeaders+i], false)
	}
	w.message.values, w.later.values = make([]string, len(t.parts)-1), make([]string, len(t.parts)-1)
	var later []int // parts
	for i := range partMessage {
		k := partHeaders + len(t.names) + i
		if i == partFrom || i == partTo || d.matters(t.parts[k]) {
			d.addField(&w.message, t, k)
		} else {
			later = append(later, k)
		}
	}
	w.rest = func(r *capture.Record) {
		d.one = true
		for _, k := range later { // few ask for it
			d.addField(&w.later, t, k)
		}
		d.one, later = false, nil
		made := d.text // what follows may follow from it
		d.text = d.later
		ok := d.fill(&w.later)
		d.text, d.later = made, d.text
		if !ok {
			return
		}
		for i, set := range [partMessage]*string{partID: &r.Message.ID, partText: &r.Message.Text} {
			if k := 1 + len(t.names) + i; set != nil && w.message.values[k] == "" {
				*set = w.later.values[k]
			}
		}
	}
	return w
}

// matters says whether what a part says decides about the values of others.
func (d *Decoder) matters(p part) bool {
	for i := range p {
		if c := p[i].column; c >= 0 && (d.columns[c].told || d.columns[c].keyed()) {
			return true
		}
	}
	return false
}

// cutPart appends the steps of a part of a template, of which the ends of pieces are marked, and returns the pieces: of all of them, or of its
// values alone.
func (d *Decoder) cutPart(steps []step, t *shape, p part, all bool) ([]step, []capture.Piece) {
	var pieces []capture.Piece
	var text []byte
	flush := func() {
		if len(text) == 0 {
			return
		}
		if pieces = append(pieces, capture.Piece{Text: string(text)}); all {
			steps = append(steps, step{op: stepText, text: text, cut: true})
		}
		text = nil
	}
	for i := range p {
		if fixed, ok := d.fixedBy(p[i].column); ok {
			text = append(text, fixed...)
			continue
		}
		some := d.compile(nil, t, p[i:i+1])
		switch {
		case len(some) == 0:
			continue
		case len(some) == 1 && some[0].op == stepText:
			text = append(text, some[0].text...)
			continue
		}
		flush()
		some[len(some)-1].cut = true
		steps, pieces = append(steps, some...), append(pieces, capture.Piece{Value: true})
	}
	flush()
	return steps, pieces
}

// fixedBy returns the value of a column that follows from the template alone, which is that of the record under way.
func (d *Decoder) fixedBy(column int) (value []byte, ok bool) {
	if column < 0 {
		return nil, false
	}
	n := &d.columns[column]
	if n.op != opKeyed || n.column != byTemplate || n.exceptions != nil || n.told {
		return nil, false
	}
	place, ok := d.pick(n, d.row(column))
	if !ok {
		return nil, false
	}
	return n.value(place), true
}
