package audit

import (
	"bytes"

	"reprise/capture"
)

// field names a part of a record, cheaply.
type field struct {
	name    string
	header  string // its own name, where it is a header's value, or a part of a query or a body
	segment int    // of a path, from 1
	behind  string // what of the field it is
	listed  bool   // its own name is documented
}

var (
	urlField        = field{name: "url"}
	bodyField       = field{name: "body"}
	textField       = field{name: "message.text"}
	headerNameField = field{name: "header name"}
)

// label is how findings name the field. A name that may itself be a leak is left out.
func (f field) label() string {
	if own := f.shown(); own != "" {
		return f.name + " " + own + f.behind
	}
	return f.name + f.behind
}

// reader walks through all that a record holds, field by field and escaping by escaping. It keeps its memory
// between records.
type reader struct {
	folder  folder
	raw     []byte
	decoded [maxDecodings][]byte
	// plain and narrow are what disguised works in.
	plain, narrow []byte
}

// fields calls f with each field, folded, its escaping taken off, and with what is disguised in it.
// The text is valid during the call.
func (r *reader) fields(rec *capture.Record, f func(field, []byte)) {
	r.views(bodyField, rec.Body, f)
	eachString(rec, func(name field, value string) {
		r.raw = append(r.raw[:0], value...)
		r.views(name, r.raw, f)
	})
}

// eachString calls f for each field but the body.
func eachString(rec *capture.Record, f func(field, string)) {
	f(urlField, rec.URL)
	f(field{name: "method"}, rec.Method)
	f(field{name: "host"}, rec.Host)
	f(field{name: "vendor"}, rec.Vendor)
	f(field{name: "message.id"}, rec.Message.ID)
	f(field{name: "message.from"}, rec.Message.From)
	f(field{name: "message.to"}, rec.Message.To)
	f(textField, rec.Message.Text)
	for i := range rec.Headers {
		h := &rec.Headers[i]
		f(headerNameField, h.Name)
		f(field{name: "header", header: h.Name}, h.Value)
	}
}

// views calls f with what one field says, all layers of escaping taken off, and with what is disguised in it. What an outer
// layer shows, the innermost shows too.
func (r *reader) views(name field, view []byte, f func(field, []byte)) {
	if bytes.IndexByte(view, 0) >= 0 || bytes.Contains(view, gzipMagic) { // packed: an escape in it is none
		r.disguised(view, func(plain []byte) { f(name, r.folder.fold(plain)) })
	}
	view = r.innermost(view)
	f(name, r.folder.fold(view))
	r.disguised(view, func(plain []byte) { f(name, r.folder.fold(plain)) })
}

// innermost takes all layers of escaping off.
func (r *reader) innermost(view []byte) []byte {
	for level := range maxDecodings {
		next, changed := decode(r.decoded[level][:0], view)
		r.decoded[level] = next
		if !changed {
			break
		}
		view = next
	}
	return view
}

// plainly returns what one field says, folded and without escapes.
func (r *reader) plainly(view []byte) []byte { return r.folder.fold(r.innermost(view)) }
