package render

import (
	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/wire"
)

// scratch is where one request at a time is made: the message in the making, and memory that is used again for the next. It is for
// one goroutine.
type scratch struct {
	w       wire.Request
	roles   wire.Roles
	targets targets
	text    wire.Arena
	out     []byte
	lines   []wire.Line
	parts   wire.Parts

	headers []capture.Header
	spans   []dialect.Span
	sieve   dialect.Sieve
	body    []byte // of w, where it is not as recorded
	part    []byte // a URL or a header in the making
	raw     []byte // the span that is being replaced, in bytes
	value   []byte // the same, decoded

	// Of a request that is signed in place.
	outlined dialect.Outlined
	signs    []signAt
	grown    []int32 // by how much the body has grown before its first slot and behind each
	places   []int32 // of the values of its form
	form     *sortedForm
	fields   func(dst []byte) []byte
	message  []byte
	told     *wire.Parts
	header   func(name string) []byte

	host, path, url string // the last signed URL, and what it was made of
}

// bind makes the functions that others call.
func (d *scratch) bind() { d.fields, d.header = d.appendFields, d.valueOf }

// change appends what takes the place of a field, as it is written there, to dst; ok is false where it stays.
type change func(dst []byte, s *dialect.Span, value []byte) (out []byte, ok bool)

// load begins with a record. Its body is not copied.
func (d *scratch) load(r *capture.Record) {
	d.w.Record = *r
	d.headers = append(d.headers[:0], r.Headers...)
	d.w.Headers = d.headers
	d.w.Bad, d.w.Chunked = false, false
}

// rewrite offers the fields of the wanted classes to change and splices what it answers, in the current record. After
// an error nothing is changed.
func (d *scratch) rewrite(by *dialect.Vendor, want dialect.Classes, change change) error {
	spans, err := by.Locate(d.spans[:0], &d.w.Record, want)
	d.spans = spans[:0]
	if err != nil {
		return err
	}
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && sameDocument(&spans[n], &spans[0]) {
			n++
		}
		d.splice(spans[:n], change)
		spans = spans[n:]
	}
	return nil
}

// sameDocument says whether two spans count from the same place.
func sameDocument(a, b *dialect.Span) bool {
	switch a.Part {
	case payload.InPath, payload.InQuery:
		return b.Part == payload.InPath || b.Part == payload.InQuery
	case payload.InHeader:
		return b.Part == payload.InHeader && a.Header == b.Header
	}
	return b.Part == a.Part
}

// splice replaces spans of one document.
func (d *scratch) splice(spans []dialect.Span, change change) {
	changed := false
	switch spans[0].Part {
	case payload.InBody:
		if d.body, changed = spliced(d, d.body[:0], d.w.Body, spans, change); changed {
			d.w.Body = d.body
		}
	case payload.InHeader:
		i := spans[0].Header
		if i < 0 || i >= len(d.w.Headers) {
			return
		}
		if d.part, changed = spliced(d, d.part[:0], d.w.Headers[i].Value, spans, change); changed {
			d.w.Headers[i].Value = d.text.String(d.part)
		}
	default:
		if d.part, changed = spliced(d, d.part[:0], d.w.URL, spans, change); changed {
			d.w.URL = d.text.String(d.part)
		}
	}
}

// spliced appends src with its spans replaced.
func spliced[T string | []byte](d *scratch, dst []byte, src T, spans []dialect.Span, change change) (out []byte, changed bool) {
	done := 0
	for i := range spans {
		s := &spans[i]
		if s.Start < done || s.End < s.Start || s.End > len(src) {
			continue // within another: a dialect does not say so
		}
		dst = append(dst, src[done:s.Start]...)
		done = s.End
		d.raw = append(d.raw[:0], src[s.Start:s.End]...)
		value := d.raw
		if !s.Plain && !s.Literal {
			d.value = s.Decode(d.value[:0], d.raw)
			value = d.value
		}
		ok := false
		if len(value) > 0 {
			dst, ok = change(dst, s, value)
		}
		if !ok {
			dst = append(dst, d.raw...)
		}
		changed = changed || ok
	}
	return append(dst, src[done:]...), changed
}
