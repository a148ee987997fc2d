package dialect

// Classes is a set of classes.
type Classes uint32

// ClassSet returns the set of those classes.
func ClassSet(classes ...Class) Classes {
	var set Classes
	for _, c := range classes {
		set |= 1 << c
	}
	return set
}

// Has says whether c is in the set.
func (c Classes) Has(class Class) bool { return c>>class&1 == 1 }

// Span is where a field's value stands in a record.
type Span struct {
	Part Part
	// Header is the index into the record's headers of a field InHeader.
	Header int
	// Start and End bound the value, as it is written: in the body, in the URL or in the header's value. Quotes
	// are outside.
	Start, End int
	Class      Class
	// Literal says that the value is a JSON number, boolean or null.
	Literal bool
	// Plain says that the value is written as it is: no character is in it that begins an escape.
	Plain bool
	// Name is the field's name as its vendor's table spells it, with # for a number at its end; a header's name
	// is as sent. It is empty where the table does not list the field.
	Name string

	style spanStyle
}

// spanStyle is what a value shows of how its writer escapes. Of the characters it holds those from U+0020 to
// U+005F, one bit each: the ones whose escaping varies.
type spanStyle struct {
	raw, escaped uint64
	notation     notation
	marks        mark
}

// notation is how a value is written.
type notation uint8

const (
	asIs notation = iota
	formValue
	formKey
	pathValue
	jsonString
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

// Decode appends the value that raw, the bytes of the span, stand for. A literal stands for itself.
func (s Span) Decode(dst, raw []byte) []byte {
	switch s.style.notation {
	case formValue, formKey:
		return appendDecodedForm(dst, raw)
	case pathValue:
		return appendDecodedPath(dst, raw)
	case jsonString:
		return appendDecodedJSON(dst, raw)
	}
	return append(dst, raw...)
}

// Encode appends value as it has to be written in the place of the span: escaped as the old value was where that
// tells, and otherwise as most vendors' libraries do. What takes the place of a Literal must be one.
func (s Span) Encode(dst []byte, value string) []byte {
	switch s.style.notation {
	case formValue, formKey, pathValue:
		own, other := s.style.form(), formStyle{}
		return appendEncoded(dst, value, &own, &other)
	case jsonString:
		own, other := s.style.json(), jsonStyle{}
		return appendJSON(dst, value, &own, &other)
	}
	return append(dst, value...)
}

// observe notes what raw, the value as it is written, shows.
func (s *spanStyle) observe(raw []byte) {
	switch s.notation {
	case formValue, formKey, pathValue:
		f := formStyle{path: s.notation == pathValue}
		f.observe(raw)
		s.raw, s.escaped = f.raw.middle(), f.escaped.middle()
		s.note(markUpper, f.upper)
		s.note(markLower, f.lower)
		s.note(markPlus, f.plus)
		s.note(markPercentSpace, f.percentSpace)
		s.note(markRawHigh, f.rawHigh)
		s.note(markEscapedHigh, f.escHigh)
	case jsonString:
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
