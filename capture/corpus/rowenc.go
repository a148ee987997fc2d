package corpus

import (
	"encoding/binary"
	"slices"

	"reprise/capture"
)

// Part of the file format; never renumber.
const (
	fixedSlots = 5       // URL, message id, from, to, text
	maxSlots   = 1 << 18 // of a block's templates together
)

// template is what the rows of one sender share, and the slots of the row before.
type template struct {
	method, host, vendor string
	names                []string
	slots                []string
	places               places
	route                uint32 // its place in a projection's list and 1, once it is there
}

// slot returns the i-th slot of a record.
func slot(r *capture.Record, i int) string {
	switch i {
	case 0:
		return r.URL
	case 1:
		return r.Message.ID
	case 2:
		return r.Message.From
	case 3:
		return r.Message.To
	case 4:
		return r.Message.Text
	}
	return r.Headers[i-fixedSlots].Value
}

// rowEncoder encodes the rows of one block after another.
type rowEncoder struct {
	buf       []byte // the block's payload so far
	records   int
	last      int64 // time of the row before
	marked    bool  // a row of the block has an origin
	templates []*template
	byShape   map[string]int
	recent    int // index of the template that the row before used
	slots     int // of all templates
	strings   []byte
	shape     []byte
	quotes    quotes
}

func newRowEncoder() *rowEncoder {
	return &rowEncoder{byShape: make(map[string]int), recent: -1}
}

// codec implements encoder. A block without marks is as every reader of rows knows it.
func (e *rowEncoder) codec() byte {
	if e.marked {
		return codecMarkedRows
	}
	return codecRows
}

// take implements encoder.
func (e *rowEncoder) take(buf []byte) []byte {
	payload := e.buf
	e.buf, e.records, e.slots, e.recent, e.marked = buf[:0], 0, 0, -1, false
	clear(e.templates)
	e.templates = e.templates[:0]
	clear(e.byShape)
	return payload
}

// fits implements encoder. A template takes memory in every reader, however few bytes define it.
func (e *rowEncoder) fits(r *capture.Record, size, limit int) bool {
	return len(e.buf)+size <= limit && e.slots+fixedSlots+len(r.Headers) <= maxSlots
}

// add implements encoder.
func (e *rowEncoder) add(r *capture.Record, size int, alike bool) int {
	e.grow(size)
	ns := r.Time.UnixNano()
	if e.records == 0 {
		e.last = ns
	}
	t := e.template(r, alike)
	b := binary.AppendUvarint(e.buf, uint64(ns-e.last))
	b = append(b, byte(r.Kind)|byte(r.Origin)<<originShift)
	e.marked = e.marked || r.Origin != capture.Recorded
	b = binary.AppendUvarint(b, uint64(r.Response.Status))
	b = binary.AppendVarint(b, int64(r.Response.Latency))
	b = binary.AppendUvarint(b, uint64(len(r.Body)))
	b = append(b, r.Body...)
	e.encodeStrings(t, r)
	b = binary.AppendUvarint(b, uint64(len(e.strings)))
	e.buf = append(b, e.strings...)
	e.last = ns
	e.records++
	return len(e.buf)
}

// Codes of slots; a quoting is another. Part of the file format; never renumber.
const (
	slotSame    = 0 // as in the row before
	slotLiteral = 3 // this number less 3 is a length
)

// encodeStrings fills e.strings with the slots that differ from those of the template's row before.
func (e *rowEncoder) encodeStrings(t *template, r *capture.Record) {
	b := e.strings[:0]
	for i := range t.slots {
		s := slot(r, i)
		if s == t.slots[i] {
			b = append(b, slotSame)
			continue
		}
		t.slots[i] = s
		if 0 < i && i < fixedSlots {
			p := &t.places[i]
			if q, where, at, ok := e.quotes.find(r.Body, s, p.start, p.end); ok {
				p.start, p.end = at, len(r.Body)-at
				b = binary.AppendUvarint(append(b, byte(q)), where)
				continue
			}
		}
		b = binary.AppendUvarint(b, uint64(len(s))+slotLiteral)
		b = append(b, s...)
	}
	e.strings = b
}

// grow makes room for a record. It doubles, so that the first blocks are not copied over and over.
func (e *rowEncoder) grow(size int) {
	const least = 64 << 10
	if cap(e.buf)-len(e.buf) < size {
		e.buf = append(make([]byte, 0, max(least, 2*cap(e.buf), len(e.buf)+size)), e.buf...)
	}
}

// template writes the reference to r's template, defining it where it is new.
func (e *rowEncoder) template(r *capture.Record, alike bool) *template {
	if alike && e.templates[e.recent].vendor == r.Vendor {
		e.buf = binary.AppendUvarint(e.buf, uint64(e.recent)+1)
		return e.templates[e.recent]
	}
	if i, ok := e.find(r); ok {
		e.recent = i
		e.buf = binary.AppendUvarint(e.buf, uint64(i)+1)
		return e.templates[i]
	}
	t := &template{method: r.Method, host: r.Host, vendor: r.Vendor, slots: make([]string, fixedSlots+len(r.Headers))}
	t.names = slices.Grow(t.names, len(r.Headers))
	for i := range r.Headers {
		t.names = append(t.names, r.Headers[i].Name)
	}
	e.recent = len(e.templates)
	e.slots += len(t.slots)
	e.byShape[string(e.shape)] = e.recent
	e.templates = append(e.templates, t)
	e.buf = append(append(e.buf, 0), e.shape...)
	return t
}

// find returns the number of r's template. Where it is none of the first ones, which are compared, e.shape is what defines it.
func (e *rowEncoder) find(r *capture.Record) (i int, ok bool) {
	const few = 8
	for i, t := range e.templates[:min(few, len(e.templates))] {
		if t.of(r) {
			return i, true
		}
	}
	e.shape = appendShape(e.shape[:0], r)
	i, ok = e.byShape[string(e.shape)]
	return i, ok
}

// of says whether t is r's template.
func (t *template) of(r *capture.Record) bool {
	if len(t.names) != len(r.Headers) || t.vendor != r.Vendor || t.method != r.Method || t.host != r.Host {
		return false
	}
	for i := range t.names {
		if t.names[i] != r.Headers[i].Name {
			return false
		}
	}
	return true
}

// appendShape appends the definition of r's template.
func appendShape(b []byte, r *capture.Record) []byte {
	b = appendString(b, r.Method)
	b = appendString(b, r.Host)
	b = appendString(b, r.Vendor)
	b = binary.AppendUvarint(b, uint64(len(r.Headers)))
	for i := range r.Headers {
		b = appendString(b, r.Headers[i].Name)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
