package dialect

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"reprise/capture"
)

// Splice offers every value of r to edit and puts what it answers in place of the old one: the values of a
// form or of JSON in the body, of the query, those segments of the path that hold a number or an id, and the
// headers. classify says what a field holds; nil makes all but the headers Unknown. A new value is escaped as
// the old one and the rest of its document were; bytes outside the values that change stay as they are, and
// an answer equal to the old value changes nothing. A Content-Length header follows the body.
//
// Values come in wire order: body, query, path, headers. Keys that look like data (a number, an address,
// several words) are offered like values: they, and what stands under them, are named with # in place of the
// key. A body that is neither JSON nor a form is one value without a name. The body and the URL are replaced,
// never written into, and after an error, a *FieldError, nothing has changed. A body that cannot be read may
// be emptied and the rest spliced all the same.
func Splice(r *capture.Record, classify func(part Part, name string) Class, edit Edit) error {
	if classify == nil {
		classify = Classify(nil, nil)
	}
	var s Scanner
	s.resetBody(r)
	body, _, err := spliceScan(&s, r.Body, classify, edit)
	if err != nil {
		return err
	}
	url, err := spliceURL(r.URL, &s, classify, edit)
	if err != nil {
		return err
	}
	if len(body) != len(r.Body) {
		if _, ok := r.Header("Content-Length"); ok {
			r.SetHeader("Content-Length", strconv.Itoa(len(body)))
		}
	}
	r.Body, r.URL = body, url
	spliceHeaders(r, classify, edit)
	return nil
}

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

// patch is a document with some of its spans replaced.
type patch struct {
	src, out []byte
	done     int // how much of src is in out
	removed  bool
}

// open copies what stands before start, and passes over the old span.
func (p *patch) open(start, end int) {
	if p.out == nil {
		p.out = make([]byte, 0, len(p.src)+64)
	}
	p.out = append(p.out, p.src[p.done:start]...)
	p.done = end
}

// finish returns the patched document: src itself where nothing changed.
func (p *patch) finish() []byte {
	if p.out == nil {
		return p.src
	}
	return append(p.out, p.src[p.done:]...)
}

// spliceScan edits the document that s stands at the start of.
func spliceScan(s *Scanner, src []byte, classify func(Part, string) Class, edit Edit) (out []byte, removed bool, err error) {
	p := patch{src: src}
	style := documentStyle{mode: s.mode}
	var names arena
	for s.next() {
		if s.tok.start < p.done {
			continue // it went with its name
		}
		f, raw := s.field(&names, classify)
		if s.tok.kind == tokBare {
			if f.Class != Unknown {
				continue
			}
			f.Name, f.Value = "#", string(s.name.bytes())
		}
		value, op := edit(f)
		if op == Remove && p.remove(s) {
			continue
		}
		value, changed := answer(f, value, op)
		if !changed {
			continue
		}
		if f.Literal && !isLiteral([]byte(value)) {
			return nil, false, &FieldError{Field: f.Name, Reason: "set to what is no JSON literal"}
		}
		p.open(s.tok.start, s.tok.end)
		if s.mode == modeOpaque || f.Literal {
			p.out = append(p.out, value...)
			continue
		}
		p.out = style.appendValue(p.out, value, s.tok.kind, raw, src)
	}
	if s.err != nil {
		return nil, false, s.Err()
	}
	return p.finish(), p.removed, nil
}

// field describes the token that s stands at.
func (s *Scanner) field(names *arena, classify func(Part, string) Class) (f Field, raw []byte) {
	raw = s.src[s.tok.start:s.tok.end]
	f = Field{Part: s.part, Name: names.string(s.name.bytes())}
	switch s.tok.kind {
	case tokBare:
	case tokLiteral:
		f.Literal, f.Value = true, string(raw)
	default:
		f.Value = s.decode(raw)
	}
	if s.tok.kind != tokKey && s.tok.kind != tokOpaque {
		f.Class = classify(s.part, f.Name)
	}
	return f, raw
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

// documentStyle is how the document is written, found out when the first value of it changes.
type documentStyle struct {
	mode mode
	seen bool
	form formStyle
	json jsonStyle
}

// appendValue appends value in the style of raw, the encoded value that stood there, and of the document.
func (d *documentStyle) appendValue(dst []byte, value string, kind tokenKind, raw, document []byte) []byte {
	if d.mode == modeJSON {
		if !d.seen {
			d.seen = true
			d.json.observeDocument(document)
		}
		var own jsonStyle
		own.observe(raw)
		return appendJSON(dst, value, &own, &d.json)
	}
	if !d.seen {
		d.seen = true
		observeValues(&d.form, document)
	}
	own := formStyle{path: d.form.path, key: kind == tokKey || kind == tokBare}
	own.observe(raw)
	return appendEncoded(dst, value, &own, &d.form)
}

// observeValues learns a form's style from its values, leaving out the equals signs between them and their
// keys.
func observeValues(f *formStyle, form []byte) {
	for item := range bytes.SplitSeq(form, []byte{'&'}) {
		key, value, _ := bytes.Cut(item, []byte{'='})
		f.observe(key)
		f.observe(value)
	}
}

// spliceURL edits the query and the path of url, with the help of s.
func spliceURL(url string, s *Scanner, classify func(Part, string) Class, edit Edit) (string, error) {
	path, query, hasQuery := strings.Cut(url, "?")
	if hasQuery && query != "" {
		src := []byte(query)
		s.reset(InQuery, modeForm, src)
		s.url = ""
		out, removed, err := spliceScan(s, src, classify, edit)
		if err != nil {
			return "", err
		}
		hasQuery = !removed || len(out) > 0
		if !bytes.Equal(out, src) {
			query = string(out)
		}
	}
	path = splicePath(path, classify, edit)
	if !hasQuery {
		return path, nil
	}
	return path + "?" + query, nil
}

// spliceHeaders edits the headers in place. It never offers a Content-Length: that says what the body is.
func spliceHeaders(r *capture.Record, classify func(Part, string) Class, edit Edit) {
	dropped := false
	for i := range r.Headers {
		h := &r.Headers[i]
		if strings.EqualFold(h.Name, "Content-Length") {
			continue
		}
		value, op := edit(Field{Part: InHeader, Name: h.Name, Value: h.Value, Class: classify(InHeader, h.Name)})
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
