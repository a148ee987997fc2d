package payload

import "bytes"

// Span is where a value stands in a record.
type Span struct {
	Part Part
	// Header is the index into the record's headers of a field InHeader.
	Header int
	// Start and End bound the value, as it is written: in the body, in the URL or in the header's value. Quotes
	// are outside.
	Start, End int
	// Literal says that the value is a JSON number, boolean or null.
	Literal bool
	// Plain says that the value is written as it is: no character is in it that begins an escape.
	Plain bool

	style spanStyle
}

// spanStyle is what a value shows of how its writer escapes. Of the characters it holds those from U+0020 to
// U+005F, one bit each: the ones whose escaping varies.
type spanStyle struct {
	raw, escaped uint64
	notation     notation
	marks        mark
	// outer is how the value is written that the span's JSON stands in, see Inner, and asIs where it stands in none. raw, escaped and
	// marks are of that then. deep is how many strings of JSON are in between.
	outer notation
	deep  uint8
}

// notation is how a value is written.
type notation uint8

const (
	asIs notation = iota
	formValue
	formKey
	pathValue
	jsonString
	jsonKey
)

// mark is one thing that a value shows of its writer.
type mark uint8

const (
	markUpper mark = 1 << iota // hex digits that are letters
	markLower
	markPlus         // a space as +
	markPercentSpace // a space as %20
	markRawHigh      // characters from U+0080 as they are
	markEscapedHigh
	markSlash // \/
)

// SetHeader makes s, which is zero, the span of the value of header i of a record, which has so many bytes. Like the other ways to make a
// span, it fills in what the caller has: a replay makes a dozen of them for each request.
func (s *Span) SetHeader(i, length int) { s.Part, s.Header, s.End, s.Plain = InHeader, i, length, true }

// SetPath makes s the span of a piece of a URL's path, as EachPathField finds it.
func (s *Span) SetPath(url []byte, start, end int) {
	s.Part, s.Start, s.End, s.style.notation = InPath, start, end, pathValue
	s.Plain = bytes.IndexByte(url[start:end], '%') < 0
}

// SetForm makes s the span of a value of the form, or of the query, in src.
func (s *Span) SetForm(part Part, src []byte, start, end int) {
	s.Part, s.Start, s.End, s.style.notation = part, start, end, formValue
	s.Plain = isPlainForm(src[start:end])
}

// SetKey makes s the span of a key of the form, or of the query, in src, as if it were a value.
func (s *Span) SetKey(part Part, src []byte, start, end int) {
	s.Part, s.Start, s.End, s.style.notation = part, start, end, formKey
	s.Plain = isPlainForm(src[start:end])
}

// SetOpaque makes s the span of a body that is one value.
func (s *Span) SetOpaque(body []byte) { s.End, s.Plain = len(body), true }

// isPlainForm says whether nothing in a key or a value of a form is escaped.
func isPlainForm(raw []byte) bool {
	return bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0
}

// Moved is the span of another value, which is raw and begins at 0, in the same place of another document. What the old one showed of its writer
// is forgotten.
func (s *Span) Moved(raw []byte) Span {
	m := Span{Part: s.Part, Header: s.Header, End: len(raw), Literal: s.Literal, Plain: true}
	switch m.style.notation = s.style.notation; m.style.notation {
	case formValue, formKey:
		m.Plain = isPlainForm(raw)
	case pathValue:
		m.Plain = bytes.IndexByte(raw, '%') < 0
	case jsonString, jsonKey:
		m.Plain = bytes.IndexByte(raw, '\\') < 0
	}
	return m
}

// Observe notes how the value, the bytes of the span in src, is escaped, so that Encode can escape another one likewise.
func (s *Span) Observe(src []byte) {
	if s.style.notation != asIs || s.style.outer != asIs {
		s.style.observe(src[s.Start:s.End])
	}
}

// Decode appends the value that raw, the bytes of the span, stand for. A literal stands for itself.
func (s Span) Decode(dst, raw []byte) []byte {
	if s.style.outer != asIs {
		return Span{style: spanStyle{notation: s.style.notation}}.Decode(dst, s.style.unwrap(raw))
	}
	switch s.style.notation {
	case formValue, formKey:
		return appendDecodedForm(dst, raw)
	case pathValue:
		return appendDecodedPath(dst, raw)
	case jsonString, jsonKey:
		return appendDecodedJSON(dst, raw)
	}
	return append(dst, raw...)
}

// unwrap returns what the innermost JSON has of raw, a piece of the document around.
func (s *spanStyle) unwrap(raw []byte) []byte {
	inner := Span{style: spanStyle{notation: s.outer}}.Decode(nil, raw)
	for range s.deep {
		inner = appendDecodedJSON(nil, inner)
	}
	return inner
}

// Encode appends value as it has to be written in the place of the span: escaped as the old value was where that
// tells, and otherwise as most vendors' libraries do. What takes the place of a Literal must be one.
func (s Span) Encode(dst []byte, value string) []byte {
	if s.style.outer != asIs {
		inner := Span{style: spanStyle{notation: s.style.notation}}.Encode(nil, value)
		for range s.style.deep {
			inner = Span{style: spanStyle{notation: jsonString}}.Encode(nil, string(inner))
		}
		around := Span{style: s.style}
		around.style.notation, around.style.outer, around.style.deep = s.style.outer, asIs, 0
		return around.Encode(dst, string(inner))
	}
	switch s.style.notation {
	case formValue, formKey, pathValue:
		own, other := s.style.form(), formStyle{}
		return appendEncoded(dst, value, &own, &other)
	case jsonString, jsonKey:
		own, other := s.style.json(), jsonStyle{}
		return appendJSON(dst, value, &own, &other)
	}
	return append(dst, value...)
}

// observe notes what raw, the value as it is written, shows.
func (s *spanStyle) observe(raw []byte) {
	notation := s.notation
	if s.outer != asIs {
		notation = s.outer
	}
	switch notation {
	case formValue, formKey, pathValue:
		f := formStyle{path: notation == pathValue}
		f.observe(raw)
		s.raw, s.escaped = f.raw.middle(), f.escaped.middle()
		s.note(markUpper, f.upper)
		s.note(markLower, f.lower)
		s.note(markPlus, f.plus)
		s.note(markPercentSpace, f.percentSpace)
		s.note(markRawHigh, f.rawHigh)
		s.note(markEscapedHigh, f.escHigh)
	case jsonString, jsonKey:
		var j jsonStyle
		j.observe(raw)
		s.raw, s.escaped = j.raw.middle(), j.escaped.middle()
		s.note(markUpper, j.upper)
		s.note(markRawHigh, j.rawHigh)
		s.note(markEscapedHigh, j.escHigh)
		s.note(markSlash, j.slash)
	}
}

func (s *spanStyle) note(m mark, seen bool) {
	if seen {
		s.marks |= m
	}
}

func (s *spanStyle) has(m mark) bool { return s.marks&m != 0 }

func (s *spanStyle) form() formStyle {
	return formStyle{
		raw: fromMiddle(s.raw), escaped: fromMiddle(s.escaped), rawHigh: s.has(markRawHigh), escHigh: s.has(markEscapedHigh),
		plus: s.has(markPlus), percentSpace: s.has(markPercentSpace), upper: s.has(markUpper), lower: s.has(markLower),
		path: s.notation == pathValue, key: s.notation == formKey,
	}
}

func (s *spanStyle) json() jsonStyle {
	return jsonStyle{
		raw: fromMiddle(s.raw), escaped: fromMiddle(s.escaped), rawHigh: s.has(markRawHigh), escHigh: s.has(markEscapedHigh),
		upper: s.has(markUpper), slash: s.has(markSlash),
	}
}

// middle returns the members from 32 to 95 as bits from 0.
func (a *asciiSet) middle() uint64 { return a[0]>>32 | a[1]<<32 }

func fromMiddle(bits uint64) asciiSet { return asciiSet{bits << 32, bits >> 32} }
