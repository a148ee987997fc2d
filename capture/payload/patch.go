package payload

import "bytes"

// Patch is a document of which some spans are replaced, in the order in which they stand.
//
//	p := payload.NewPatch(r.Body)
//	p.Set(span, "+14155550100")
//	r.Body = p.Finish()
type Patch struct {
	src, out []byte
	done     int // how much of src is in out
	removed  bool
	style    documentStyle
}

// NewPatch returns a patch of src, which is only read.
func NewPatch(src []byte) Patch { return Patch{src: src} }

// Passed says whether s stands in what was replaced or removed already, as a value does whose field was removed by its key.
func (p *Patch) Passed(s *Span) bool { return s.Start < p.done }

// Set puts value in the place of s, which stands behind everything that was set before. It is escaped as the old value was
// where that tells, else as the rest of the document is, else as most vendors' libraries do. What takes the place of a
// literal must be one, see IsLiteral.
func (p *Patch) Set(s *Span, value string) {
	raw := p.src[s.Start:s.End]
	p.open(s.Start, s.End)
	if notation := s.style.notation; s.style.outer == asIs {
		p.out = p.style.appendValue(p.out, value, notation, raw, p.src)
	} else { // JSON in a value
		p.out = p.style.appendValue(p.out, string(s.style.wrap(value, raw)), s.style.outer, raw, p.src)
	}
}

// wrap returns value as the outermost string has it, in the style of raw, the piece of the document around that it takes the place of.
func (s *spanStyle) wrap(value string, raw []byte) []byte {
	level := *s
	inner := new(documentStyle).appendValue(nil, value, s.notation, level.unwrap(raw), nil)
	for level.deep > 0 {
		level.deep--
		inner = new(documentStyle).appendValue(nil, string(inner), jsonString, level.unwrap(raw), nil)
	}
	return inner
}

// Finish returns the patched document: src itself where nothing changed.
func (p *Patch) Finish() []byte {
	if p.out == nil {
		return p.src
	}
	return append(p.out, p.src[p.done:]...)
}

// Changed says whether anything was set or removed.
func (p *Patch) Changed() bool { return p.out != nil }

// Removed says whether a field was removed.
func (p *Patch) Removed() bool { return p.removed }

// open copies what stands before start, and passes over the old span.
func (p *Patch) open(start, end int) {
	if p.out == nil {
		p.out = make([]byte, 0, len(p.src)+64)
	}
	p.out = append(p.out, p.src[p.done:start]...)
	p.done = end
}

// documentStyle is how the document is written, found out when the first value of it changes.
type documentStyle struct {
	seen bool
	form formStyle
	json jsonStyle
}

// appendValue appends value in the style of raw, the encoded value that stood there, and of the document.
func (d *documentStyle) appendValue(dst []byte, value string, n notation, raw, document []byte) []byte {
	switch n {
	case asIs:
		return append(dst, value...)
	case jsonString, jsonKey:
		if !d.seen {
			d.seen = true
			d.json.observeDocument(document)
		}
		var own jsonStyle
		own.observe(raw)
		return appendJSON(dst, value, &own, &d.json)
	}
	own := formStyle{path: n == pathValue, key: n == formKey}
	if !d.seen {
		d.seen = true
		if d.form.path = own.path; !own.path { // of a path only the value itself tells
			observeValues(&d.form, document)
		}
	}
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

// Remove takes away the field whose value s is, with its name and one of the marks around it, and says whether it could: a body
// that is one value has no name, and a key of JSON that looks like data, or what stands in JSON in a value, can only be emptied.
func (p *Patch) Remove(s *Span) bool {
	if s.style.outer != asIs {
		return false
	}
	var start, end int
	var comma byte
	switch s.style.notation {
	case formValue, formKey:
		comma = '&'
		start, end = s.Start, s.End
		for start > 0 && p.src[start-1] != comma {
			start--
		}
		if i := bytes.IndexByte(p.src[end:], comma); i >= 0 {
			end += i
		} else {
			end = len(p.src)
		}
	case asIs, jsonString:
		if s.style.notation == asIs && !s.Literal {
			return false
		}
		comma = ','
		start, end = memberOf(p.src, s)
	default:
		return false
	}
	if start < p.done {
		return false // a part of it was replaced
	}
	p.open(start, end)
	p.removed = true
	rest := p.src[end:]
	if comma == ',' {
		rest = bytes.TrimLeft(rest, jsonSpace)
	}
	if len(rest) > 0 && rest[0] == comma {
		rest = rest[1:]
		if comma == ',' {
			rest = bytes.TrimLeft(rest, jsonSpace)
		}
		p.done = len(p.src) - len(rest)
		return true
	}
	if before := bytes.TrimRight(p.out, spaceOf(comma)); len(before) > 0 && before[len(before)-1] == comma {
		p.out = before[:len(before)-1] // it was the last one
	}
	return true
}

const jsonSpace = " \t\r\n"

func spaceOf(comma byte) string {
	if comma == ',' {
		return jsonSpace
	}
	return ""
}

// memberOf returns where the member of an object, or the element of an array, begins and ends that has s for its value.
func memberOf(src []byte, s *Span) (start, end int) {
	start, end = s.Start, s.End
	if !s.Literal {
		start, end = start-1, end+1 // the quotes
	}
	before := bytes.TrimRight(src[:start], jsonSpace)
	if len(before) == 0 || before[len(before)-1] != ':' {
		return start, end
	}
	before = bytes.TrimRight(before[:len(before)-1], jsonSpace)
	for i := len(before) - 2; i >= 0; i-- {
		if before[i] != '"' {
			continue
		}
		escapes := len(before[:i]) - len(bytes.TrimRight(before[:i], `\`))
		if escapes%2 == 0 {
			return i, end
		}
	}
	return start, end
}
