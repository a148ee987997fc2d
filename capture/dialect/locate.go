package dialect

import (
	"bytes"
	"slices"
	"strings"
	"unsafe"

	"reprise/capture"
)

// Schema is a vendor's tables of fields, made ready for Locate. It does not change, and may be used by several
// goroutines at once.
type Schema struct {
	names, stems lookup
	headers      []ownHeader
	lengths      uint64 // a bit for the length of each name in headers
	pair         bool   // one table for messages and one for receipts: a record's kind says which
}

// ownHeader is a header whose class the vendor's table says.
type ownHeader struct {
	name  string // in lower case
	class Class
}

// NewSchema returns the schema of a vendor's own headers (names in lower case) and of its tables of fields: up to
// three, one for each sort of payload.
func NewSchema(headers Fields, variants ...Fields) *Schema {
	if len(variants) == 0 || len(variants) > maxVariants {
		panic("dialect: internal error: a schema has one to three tables")
	}
	names, stems := map[string][maxVariants]Class{}, map[string][maxVariants]Class{}
	for _, fields := range variants {
		for name := range fields {
			var classes [maxVariants]Class
			for i := range classes {
				classes[i] = variants[min(i, len(variants)-1)].Class(name)
			}
			names[name] = classes
			if stem, ok := strings.CutSuffix(name, "#"); ok {
				stems[stem] = classes
			}
		}
	}
	s := &Schema{names: newLookup(names), stems: newLookup(stems), pair: len(variants) == 2}
	for name, class := range headers {
		s.addHeader(name, class)
	}
	if _, ok := headers[sharedTime]; !ok {
		s.addHeader(sharedTime, Time)
	}
	return s
}

// Each calls f for every field and header that the tables list, in the order of their names, fields first: the class of a
// message's field, which is that of a receipt's unless the two swap who is who.
func (s *Schema) Each(f func(part Part, name string, class Class)) {
	var names []string
	classes := make(map[string]Class)
	for i := range s.names.slots {
		if k := &s.names.slots[i]; k.any != 0 {
			names = append(names, k.name)
			classes[k.name] = k.classes[0]
			if k.classes[0] == Unknown { // what one payload lacks another may list
				classes[k.name] = max(k.classes[1], k.classes[2])
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f(InBody, name, classes[name])
	}
	headers := slices.Clone(s.headers)
	slices.SortFunc(headers, func(a, b ownHeader) int { return strings.Compare(a.name, b.name) })
	for _, h := range headers {
		f(InHeader, h.name, h.class)
	}
}

func (s *Schema) addHeader(name string, class Class) {
	s.headers = append(s.headers, ownHeader{name, class})
	s.lengths |= 1 << (len(name) & 63)
}

// Locate appends the span of every field of r whose class is wanted: those of the path, of the query, of the headers and
// of the body, each in the order of the wire. They are the fields that Splice offers, under the same classes. which
// tells the sort of payload, as an index of NewSchema's tables; it is asked only where the tables differ, and may
// be nil where there is one. Nothing is allocated once dst is large enough.
//
// The error is Splice's: a *FieldError where the body cannot be read. dst is then as long as it was.
func (s *Schema) Locate(dst []Span, r *capture.Record, want Classes, which func(*capture.Record) int) ([]Span, error) {
	f := finder{schema: s, spans: dst, want: want, variant: -1}
	if want&ClassSet(Business, Account, Unknown) != 0 {
		f.path(r.URL)
	}
	if query := strings.IndexByte(r.URL, '?'); query >= 0 {
		f.part = InQuery
		f.form(r, which, bytesOf(r.URL), query+1)
	}
	f.headers(r)
	f.part = InBody
	switch sniff(r) {
	case modeForm:
		f.form(r, which, r.Body, 0)
	case modeJSON:
		if err := f.json(r, which); err != nil {
			return dst, err
		}
	case modeOpaque:
		if want.Has(Unknown) {
			f.add(0, len(r.Body), Unknown, asIs, "", r.Body)
		}
	}
	return f.spans, nil
}

// bytesOf returns the bytes of s without copying them. They are read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// finder is one run of Locate.
type finder struct {
	schema  *Schema
	spans   []Span
	want    Classes
	part    Part
	variant int // -1 as long as nobody needed to know
}

// add appends the span of a value in src.
func (f *finder) add(start, end int, class Class, n notation, name string, src []byte) {
	raw := src[start:end]
	s := Span{Part: f.part, Start: start, End: end, Class: class, Name: name, style: spanStyle{notation: n}}
	switch n {
	case asIs:
		s.Plain = true
	case jsonString:
		s.Plain = bytes.IndexByte(raw, '\\') < 0
	case pathValue:
		s.Plain = bytes.IndexByte(raw, '%') < 0
	default:
		s.Plain = bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0
	}
	// The id that takes an id's place is made of the same characters: how others would be written is not asked.
	if !s.Plain || n != asIs && class != ID {
		s.style.observe(raw)
	}
	f.spans = append(f.spans, s)
}

// classOf returns the class of what the tables say of a name.
func (f *finder) classOf(k *known, r *capture.Record, which func(*capture.Record) int) Class {
	if k.classes[0] == k.classes[1] && k.classes[0] == k.classes[2] {
		return k.classes[0]
	}
	switch {
	case f.variant >= 0:
	case f.schema.pair && r.Kind == capture.Status:
		f.variant = 1
	case f.schema.pair && r.Kind != capture.Other: // what the capture found when it read the whole payload
		f.variant = 0
	default:
		f.variant = which(r)
	}
	return k.classes[f.variant]
}

// class returns the class of the field of that name, and the name as the table spells it.
func (f *finder) class(name []byte, r *capture.Record, which func(*capture.Record) int) (Class, string) {
	k := f.schema.names.find(name)
	if k == nil {
		k = f.schema.stem(name)
	}
	switch {
	case k == nil:
		return Unknown, ""
	case f.want&k.any == 0:
		return k.classes[0], k.name // whichever it is, it is not wanted
	}
	return f.classOf(k, r, which), k.name
}

// stem returns what is known of a name that ends in a number.
func (s *Schema) stem(name []byte) *known {
	end := len(name)
	for end > 0 && name[end-1] >= '0' && name[end-1] <= '9' {
		end--
	}
	if end == 0 || end == len(name) || len(s.stems.slots) == 0 {
		return nil
	}
	return s.stems.find(name[:end])
}

// json finds fields in a body of JSON.
func (f *finder) json(r *capture.Record, which func(*capture.Record) int) error {
	var s Scanner
	s.resetJSON(InBody, r.Body)
	for s.next() {
		n := jsonString
		switch s.tok.kind {
		case tokKey:
			if f.want.Has(Unknown) {
				f.add(s.tok.start, s.tok.end, Unknown, jsonString, "", r.Body)
			}
			continue
		case tokLiteral:
			n = asIs
		}
		if class, name := f.class(s.name.bytes(), r, which); f.want.Has(class) {
			f.add(s.tok.start, s.tok.end, class, n, name, r.Body)
			f.spans[len(f.spans)-1].Literal = n == asIs
		}
	}
	return s.Err()
}

// headers finds fields among the headers. Where none of the classes is wanted that headerClass gives, the vendor's
// own are all that matter.
func (f *finder) headers(r *capture.Record) {
	f.part = InHeader
	if f.want&ClassSet(Keep, Secret, Unknown) == 0 {
		f.ownHeaders(r)
		return
	}
	for i := range r.Headers {
		h := &r.Headers[i]
		if strings.EqualFold(h.Name, "Content-Length") {
			continue
		}
		if class := f.headerClass(h.Name); f.want.Has(class) {
			f.addHeader(i, h, class)
		}
	}
}

func (f *finder) ownHeaders(r *capture.Record) {
	for i := range r.Headers {
		h := &r.Headers[i]
		if f.schema.lengths>>(len(h.Name)&63)&1 == 0 {
			continue
		}
		for j := range f.schema.headers {
			own := &f.schema.headers[j]
			if len(own.name) == len(h.Name) && f.want.Has(own.class) && equalFold(h.Name, own.name) {
				f.addHeader(i, h, own.class)
				break
			}
		}
	}
}

func (f *finder) headerClass(name string) Class {
	for i := range f.schema.headers {
		if own := &f.schema.headers[i]; equalFold(name, own.name) {
			return own.class
		}
	}
	var buffer [64]byte
	return headerClass(appendLower(buffer[:0], name))
}

func (f *finder) addHeader(i int, h *capture.Header, class Class) {
	f.spans = append(f.spans, Span{Part: InHeader, Header: i, End: len(h.Value), Class: class, Plain: true, Name: h.Name})
}

// equalFold says whether name, its ASCII letters in lower case, is lower.
func equalFold(name, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
