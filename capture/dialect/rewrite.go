package dialect

import (
	"slices"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// Rewrite offers every value of r to edit and puts what it answers in place of the old one: the values of a form or of JSON
// in the body, of the query, those segments of the path that hold a number or an id, and the headers. They are the fields that
// Locate finds. A new value is escaped as the old one and the rest of its document were; bytes outside the values that change
// stay as they are, and an answer equal to the old value changes nothing. A Content-Length header follows the body.
//
// Values come in wire order: body, query, path, headers. Keys that look like data (a number, an address, several words) are
// offered like values: they, and what stands under them, are named with # in place of the key. A body that is neither JSON nor
// a form is one value without a name. The body and the URL are replaced, never written into, and after an error, a
// *payload.FieldError, nothing has changed.
func (s *Schema) Rewrite(r *capture.Record, edit Edit) error {
	m, ok := s.scratch.Get().(*scratch)
	if !ok {
		m = new(scratch)
	}
	defer s.scratch.Put(m)
	f := finder{schema: s, spans: m.spans[:0], want: ^classesOfJSON, variant: -1, names: new(arena)}
	err := f.body(r)
	inBody := len(f.spans)
	f.query(r)
	inQuery := len(f.spans)
	f.path(r.URL)
	inPath := len(f.spans)
	f.headers(r)
	m.spans = f.spans
	if err != nil {
		return err
	}
	spans := f.settled(r, 0, f.want)
	body := payload.NewPatch(r.Body)
	if err := splice(&body, r.Body, spans[:inBody], edit); err != nil {
		return err
	}
	url, err := spliceURL(r.URL, spans[inBody:inQuery], spans[inQuery:inPath], edit)
	if err != nil {
		return err
	}
	r.URL = url
	setBody(r, body.Finish())
	spliceHeaders(r, spans[inPath:], edit)
	return nil
}

// setBody gives r another body, and its length where a header says that.
func setBody(r *capture.Record, body []byte) {
	length := len(r.Body)
	if r.Body = body; len(body) == length {
		return
	}
	if _, ok := r.Header("Content-Length"); ok {
		r.SetHeader("Content-Length", strconv.Itoa(len(body)))
	}
}

// scratch is the memory of one Rewrite.
type scratch struct{ spans []Span }

// arena makes many small strings of few allocations. The strings share memory: it is for names, which are
// dropped together, and not for values, of which one may be kept for long.
type arena struct{ strings.Builder }

func (a *arena) string(b []byte) string {
	if a.Cap()-a.Len() < len(b) {
		a.Reset()
		a.Grow(max(512, len(b)))
	}
	start := a.Len()
	a.Write(b)
	return a.String()[start:]
}

// splice offers the fields at those spans of src to edit, and patches what it answers.
func splice(p *payload.Patch, src []byte, spans []Span, edit Edit) error {
	var buffer [256]byte
	for i := range spans {
		s := &spans[i]
		if p.Passed(&s.Span) {
			continue // it went with its key
		}
		f := Field{Part: s.Part, Name: s.Name, Literal: s.Literal, Class: s.Class}
		if raw := src[s.Start:s.End]; s.Plain {
			f.Value = string(raw)
		} else {
			f.Value = string(s.Decode(buffer[:0], raw))
		}
		value, op := edit(f)
		if op == Remove && p.Remove(&s.Span) {
			continue
		}
		value, changed := answer(f, value, op)
		if !changed {
			continue
		}
		if f.Literal && !payload.IsLiteral([]byte(value)) {
			return &payload.FieldError{Field: f.Name, Reason: "set to what is no JSON literal"}
		}
		p.Set(&s.Span, value)
	}
	return nil
}

// answer says what f becomes by what edit answered, and whether that differs from what it is.
func answer(f Field, made string, op Op) (value string, changed bool) {
	value = made
	switch op {
	case Leave:
		return "", false
	case Drop, Remove:
		value = f.Blank()
	}
	return value, value != f.Value
}

// spliceURL edits the query and the path of url, whose fields stand at those spans of it.
func spliceURL(url string, inQuery, inPath []Span, edit Edit) (string, error) {
	path, query, hasQuery := strings.Cut(url, "?")
	changed := false
	p := payload.NewPatch(bytesOf(query))
	for i := range inQuery {
		inQuery[i].Start -= len(path) + 1
		inQuery[i].End -= len(path) + 1
	}
	if err := splice(&p, bytesOf(query), inQuery, edit); err != nil {
		return "", err
	}
	if p.Changed() {
		changed = true
		query = string(p.Finish())
		hasQuery = !p.Removed() || query != ""
	}
	p = payload.NewPatch(bytesOf(path))
	if err := splice(&p, bytesOf(path), inPath, edit); err != nil {
		return "", err
	}
	if p.Changed() {
		changed = true
		path = string(p.Finish())
	}
	switch {
	case !changed:
		return url, nil
	case !hasQuery:
		return path, nil
	}
	return path + "?" + query, nil
}

// spliceHeaders edits the headers at those spans in place.
func spliceHeaders(r *capture.Record, spans []Span, edit Edit) {
	dropped := false
	for i := range spans {
		s := &spans[i]
		h := &r.Headers[s.Header]
		value, op := edit(Field{Part: payload.InHeader, Name: h.Name, Value: h.Value, Class: s.Class})
		switch op {
		case Drop, Remove:
			h.Name, dropped = "", true
		case Set:
			h.Value = value
			if strings.EqualFold(h.Name, "Host") {
				r.Host = value
			}
		}
	}
	if dropped {
		r.Headers = slices.DeleteFunc(r.Headers, func(h capture.Header) bool { return h.Name == "" })
	}
}
