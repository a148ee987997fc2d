package corpus

import (
	"encoding/binary"
	"slices"
	"time"

	"reprise/capture"
)

// rowDecoder decodes one rows block after another. Its results share its memory and the block's.
type rowDecoder struct {
	cursor
	left      int // rows not yet decoded
	seq       int64
	now       int64
	last      int64
	kinds     uint16
	templates []template
	slots     int
	headers   []capture.Header
	changed   []stretch // of the row under way
	text      []byte
	marked    bool // rows have origins
	skims     bool // leave URLs, headers, bodies and messages unread
}

// skim implements decoder.
func (d *rowDecoder) skim() { d.skims = true }

// start implements decoder.
func (d *rowDecoder) start(h *head, raw []byte) {
	clear(d.templates)
	d.templates, d.slots = d.templates[:0], 0
	d.raw, d.pos, d.left, d.seq = raw, 0, int(h.Records), h.Seq
	d.now, d.last, d.kinds = h.First, h.Last, h.Kinds
}

// row is what a row holds beside its template.
type row struct {
	template      *template
	kind          capture.Kind
	origin        capture.Origin
	status        int
	latency       time.Duration
	body, strings []byte
}

// row reads the next row up to its slots, and moves on to its time.
func (d *rowDecoder) row() (w row, ok bool) {
	var err error
	if w.template, err = d.template(); err != nil {
		return w, false
	}
	delta, ok := d.uvarint()
	if !ok || delta > uint64(d.last-d.now) || d.pos >= len(d.raw) {
		return w, false
	}
	kind := d.raw[d.pos]
	d.pos++
	if d.marked {
		kind, w.origin = kind&(kindLimit-1), capture.Origin(kind>>originShift)
	}
	status, ok1 := d.uvarint()
	latency, ok2 := d.varint()
	if !ok1 || !ok2 || status > maxStatus || kind >= kindLimit || d.kinds&(1<<kind) == 0 {
		return w, false
	}
	w.kind, w.status, w.latency = capture.Kind(kind), int(status), time.Duration(latency)
	w.body, ok1 = d.bytes()
	w.strings, ok2 = d.bytes()
	now := d.now + int64(delta)
	if !ok1 || !ok2 || d.left == 1 && (d.pos != len(d.raw) || now != d.last) {
		return w, false
	}
	d.now = now
	d.left--
	d.seq++
	return w, true
}

// next implements decoder.
func (d *rowDecoder) next(r *capture.Record) (int64, error) {
	w, ok := d.row()
	if !ok || !d.skims && !d.fill(w.template, w.strings, w.body) {
		return 0, errMalformed
	}
	t := w.template
	*r = capture.Record{
		Seq: d.seq - 1, Time: unixTime(d.now), Method: t.method, Host: t.host,
		Response: capture.Response{Status: w.status, Latency: w.latency},
		Origin:   w.origin, Kind: w.kind, Vendor: t.vendor,
	}
	if !d.skims {
		r.URL, r.Headers, r.Body = t.slots[0], d.headerLines(t), w.body
		r.Message = capture.Message{ID: t.slots[1], From: t.slots[2], To: t.slots[3], Text: t.slots[4]}
	}
	return d.now, nil
}

// project implements projector. Slots are read for the persons alone.
func (d *rowDecoder) project(p *Projection) error {
	p.Times, p.Kinds, p.Routes = slices.Grow(p.Times, d.left), slices.Grow(p.Kinds, d.left), slices.Grow(p.Routes, d.left)
	for d.left > 0 {
		w, ok := d.row()
		if !ok || p.wantsPersons() && !d.fill(w.template, w.strings, w.body) {
			return errMalformed
		}
		t := w.template
		p.Times = append(p.Times, d.now)
		p.Kinds = append(p.Kinds, w.kind)
		p.origin(w.origin)
		if t.route == 0 {
			t.route = 1 + p.route(Route{t.method, t.host, t.vendor})
		}
		p.Routes = append(p.Routes, t.route-1)
		if p.wantsPersons() {
			r := capture.Record{Kind: w.kind, Message: capture.Message{From: t.slots[2], To: t.slots[3]}}
			p.handset(r.Handset())
		}
	}
	return nil
}

func unixTime(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func (d *rowDecoder) headerLines(t *template) []capture.Header {
	n := len(t.names)
	if cap(d.headers) < n {
		d.headers = make([]capture.Header, n)
	}
	hs := d.headers[:n]
	values := t.slots[fixedSlots:]
	for i := range hs {
		hs[i].Name, hs[i].Value = t.names[i], values[i]
	}
	return hs
}

// stretch is a part of the text that a row's changed slots share.
type stretch struct{ slot, from, to int32 }

// fill sets the template's slots from the strings field and the body. The slots that change share one string.
func (d *rowDecoder) fill(t *template, strings, body []byte) bool {
	changed := d.changed[:0]
	text := append(d.text[:0], strings...)
	p := 0
	for i := range t.slots {
		if p >= len(strings) {
			return false
		}
		n := uint64(strings[p])
		p++
		if n == slotSame {
			continue
		}
		if n >= 0x80 {
			v, used := binary.Uvarint(strings[p-1:])
			if n = v; used <= 0 {
				return false
			}
			p += used - 1
		}
		if n >= slotLiteral {
			if n -= slotLiteral; n > uint64(len(strings)-p) {
				return false
			}
			changed = append(changed, stretch{int32(i), int32(p), int32(p) + int32(n)})
			p += int(n)
			continue
		}
		if i == 0 || i >= fixedSlots {
			return false
		}
		where, used := binary.Uvarint(strings[p:])
		if used <= 0 || where > maxRaw {
			return false
		}
		p += used
		from, ok := len(text), false
		if text, ok = quoting(n).unquote(text, body, t.places.at(i, where, len(body))); !ok {
			return false
		}
		changed = append(changed, stretch{int32(i), int32(from), int32(len(text))})
	}
	d.changed, d.text = changed, text
	if p != len(strings) {
		return false
	}
	if len(changed) > 0 {
		shared := string(text)
		for _, c := range changed {
			t.slots[c.slot] = shared[c.from:c.to]
		}
	}
	return true
}

// at resolves where the i-th slot's value begins and remembers it for the next row.
func (p *places) at(i int, where uint64, body int) int {
	start := int(where) - whereAbsolute
	switch where {
	case whereSameStart:
		start = p[i].start
	case whereSameEnd:
		start = body - p[i].end
	}
	p[i].start, p[i].end = start, body-start
	return start
}

// template reads the reference to a row's template, and its definition where that is new.
func (d *rowDecoder) template() (*template, error) {
	n, ok := d.uvarint()
	if !ok || n > uint64(len(d.templates)) {
		return nil, errMalformed
	}
	if n > 0 {
		return &d.templates[n-1], nil
	}
	var t template
	var ok1, ok2, ok3 bool
	t.method, ok1 = d.string()
	t.host, ok2 = d.string()
	t.vendor, ok3 = d.string()
	names, ok4 := d.uvarint()
	if !ok1 || !ok2 || !ok3 || !ok4 || names > maxHeaders || names > uint64(len(d.raw)-d.pos) ||
		d.slots+int(names)+fixedSlots > maxSlots {
		return nil, errMalformed
	}
	t.names = make([]string, names)
	for i := range t.names {
		if t.names[i], ok = d.string(); !ok {
			return nil, errMalformed
		}
	}
	t.slots = make([]string, fixedSlots+names)
	d.slots += len(t.slots)
	d.templates = append(d.templates, t)
	return &d.templates[len(d.templates)-1], nil
}
