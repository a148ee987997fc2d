package dialect

import (
	"slices"
	"strings"
	"sync"
	"unsafe"

	"reprise/capture"
	"reprise/capture/payload"
)

// Schema is a vendor's tables of fields, made ready for Locate. It does not change, and may be used by several
// goroutines at once.
type Schema struct {
	names, stems lookup
	headers      []ownHeader
	lengths      uint64 // a bit for the length of each name in headers
	pair         bool   // one table for messages and one for receipts: a record's kind says which
	layout       Layout
	scratch      sync.Pool // of *scratch
}

// Layout is what a vendor's fields hold.
type Layout struct {
	// Headers are the vendor's own, in lower case.
	Headers Fields
	// Shared are headers of the vendor whose name alone says what they hold, whoever sends them: in lower case. A Table applies
	// them to every vendor's records.
	Shared Fields
	// Variants are the tables of fields: up to three, one for each sort of payload. Of two the second is that of receipts.
	Variants []Fields
	// Variant says which of them a payload is of. It is asked only where they differ, and may be nil where there is one.
	Variant func(r *capture.Record) int
	// ByKeys, where set, says of some payloads that Variant answers the same of all that have the same keys, whatever the values are.
	ByKeys func(r *capture.Record) bool
	// Details say more of the fields of class Place and Name, by the names that they have in Variants.
	Details map[string]Detail
	// Settle, where set, changes those classes of Person and of Business that hang together in one payload: of the numbers that a
	// message to a group went to, one is the platform's, and in a batch each event says who is who. It is given all fields of the two
	// classes, where the body is JSON.
	Settle func(r *capture.Record, spans []Span)
}

// ownHeader is a header whose class the vendor's table says.
type ownHeader struct {
	name  string // in lower case
	class Class
}

// schemaOf makes the schema of a layout when it is first asked for: a program has more vendors than it meets.
func schemaOf(layout func() Layout) func() *Schema {
	return sync.OnceValue(func() *Schema { return NewSchema(layout()) })
}

// NewSchema returns the schema of a vendor's layout.
func NewSchema(l Layout) *Schema {
	variants := l.Variants
	if len(variants) == 0 {
		variants = []Fields{nil}
	}
	if len(variants) > maxVariants {
		panic("dialect: internal error: a layout has up to three tables")
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
	s := &Schema{names: newLookup(names), stems: newLookup(stems), pair: len(variants) == 2, layout: l}
	for name, class := range l.Headers {
		s.addHeader(name, class)
	}
	for name, class := range l.Shared {
		if _, own := l.Headers[name]; !own {
			s.addHeader(name, class)
		}
	}
	return s
}

// Each calls f for every field and header that the tables list, in the order of their names, fields first: the class of a
// message's field, which is that of a receipt's unless the two swap who is who.
func (s *Schema) Each(f func(part payload.Part, name string, class Class)) {
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
		f(payload.InBody, name, classes[name])
	}
	headers := slices.DeleteFunc(slices.Clone(s.headers), func(h ownHeader) bool {
		_, own := s.layout.Headers[h.name]
		return !own && h.class == Keep // as of those that serve HTTP itself
	})
	slices.SortFunc(headers, func(a, b ownHeader) int { return strings.Compare(a.name, b.name) })
	for _, h := range headers {
		f(payload.InHeader, h.name, h.class)
	}
}

func (s *Schema) addHeader(name string, class Class) {
	s.headers = append(s.headers, ownHeader{name, class})
	s.lengths |= 1 << (len(name) & 63)
}

// Locate appends the span of every field of r whose class is wanted: those of the path, of the query, of the headers and
// of the body, each in the order of the wire. They are the fields that Rewrite offers, under the same classes. Nothing is
// allocated once dst is large enough.
//
// The error is a *payload.FieldError where the body cannot be read. dst is then as long as it was.
func (s *Schema) Locate(dst []Span, r *capture.Record, want Classes) ([]Span, error) {
	spans, _, err := s.locate(dst, r, want, false)
	return spans, err
}

// LocateFixed is Locate that says whether the values had no part in what it found: then the fields of another record of the same kind stand
// in the same places, if its payload has the same keys in the same order and differs in values of the same sorts alone.
func (s *Schema) LocateFixed(dst []Span, r *capture.Record, want Classes) (spans []Span, fixed bool, err error) {
	return s.locate(dst, r, want, true)
}

func (s *Schema) locate(dst []Span, r *capture.Record, want Classes, fixing bool) (spans []Span, fixed bool, err error) {
	f := finder{schema: s, spans: dst, want: want &^ classesOfJSON, variant: -1, fixing: fixing}
	if settled := ClassSet(Person, Business); s.layout.settles(r) && want&settled != 0 {
		f.want |= settled
	}
	if want&ClassSet(Business, Account, Unknown) != 0 {
		f.path(r.URL)
	}
	f.query(r)
	f.headers(r)
	if err := f.body(r); err != nil {
		return dst, false, err
	}
	settles := want&ClassSet(Person, Business) != 0 && s.layout.settles(r)
	return f.settled(r, len(dst), want), !f.read && !settles, nil
}

func (l *Layout) settles(r *capture.Record) bool {
	return l.Settle != nil && payload.StartsJSON(r.Body)
}

// settled settles the classes of the spans from first on, and keeps those that are wanted.
func (f *finder) settled(r *capture.Record, first int, want Classes) []Span {
	layout := &f.schema.layout
	if want&ClassSet(Person, Business) == 0 || !layout.settles(r) {
		return f.spans
	}
	layout.Settle(r, f.spans[first:])
	kept := f.spans[:first]
	for _, s := range f.spans[first:] {
		if want.Has(s.Class) {
			kept = append(kept, s)
		}
	}
	return kept
}

// bytesOf returns the bytes of s without copying them. They are read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// finder is one walk through the fields of a record.
type finder struct {
	schema  *Schema
	spans   []Span
	want    Classes
	part    payload.Part
	variant int // -1 as long as nobody needed to know
	// names is the memory for the names as sent, and nil where those are enough that the tables list.
	names *arena
	read  bool // a value had a part in what was found

	fixing bool // somebody asks for read
}

// add appends a field whose span is not known yet, and returns the place for it.
func (f *finder) add(class Class, name string) *payload.Span {
	f.spans = append(f.spans, Span{Class: class, Name: name})
	return &f.spans[len(f.spans)-1].Span
}

// observe notes how the value in src is written that was added last, where somebody may ask.
func (f *finder) observe(src []byte) {
	// The id that takes an id's place is made of the same characters: how others would be written is not asked. A Patch finds out
	// by itself.
	if s := &f.spans[len(f.spans)-1]; f.names == nil && (!s.Plain || s.Class != ID) {
		s.Observe(src)
	}
}

// named returns the name that a span is to have: as sent, or as the table spells it.
func (f *finder) named(sent []byte, listed string) string {
	if f.names == nil || listed == string(sent) {
		return listed
	}
	return f.names.string(sent)
}

// classOf returns the class of what the tables say of a name.
func (f *finder) classOf(k *known, r *capture.Record) Class {
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
		f.variant = f.schema.layout.Variant(r)
		f.read = f.read || f.fixing && (f.schema.layout.ByKeys == nil || !f.schema.layout.ByKeys(r))
	}
	return k.classes[f.variant]
}

// class returns the class of the field of that name, and the name as the table spells it.
func (f *finder) class(name []byte, r *capture.Record) (Class, string) {
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
	return f.classOf(k, r), k.name
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

// body finds fields in the body.
func (f *finder) body(r *capture.Record) error {
	f.part = payload.InBody
	switch payload.Sniff(r) {
	case payload.JSON:
		return f.json(r)
	case payload.Form:
		f.form(r, r.Body, 0)
	case payload.Opaque:
		if f.want.Has(Unknown) {
			f.add(Unknown, "").SetOpaque(r.Body)
		}
	}
	return nil
}

// json finds fields in a body of JSON.
func (f *finder) json(r *capture.Record) error {
	var s payload.Scanner
	for s.ResetJSON(r.Body); s.NextToken(); {
		if s.IsKey() {
			if f.want.Has(Unknown) {
				s.SetSpan(f.add(Unknown, f.named(s.Name(), "")))
				f.observe(r.Body)
			}
			continue
		}
		class, name := f.class(s.Name(), r)
		if class.holdsJSON() {
			var at payload.Span
			s.SetSpan(&at)
			var in payload.Inner
			if class = f.inner(&in, in.Open(&at, r.Body, s.Name()), class, r.Body, r); class == JSON {
				continue
			}
		}
		if f.want.Has(class) {
			s.SetSpan(f.add(class, f.named(s.Name(), name)))
			f.observe(r.Body)
		}
	}
	return s.Err()
}

// classesOfJSON are those of fields that are looked into: nobody is given such a field itself.
const classesOfJSON = Classes(1)<<JSON | Classes(1)<<TextJSON

func (c Class) holdsJSON() bool { return c == JSON || c == TextJSON }

// inner finds fields in the JSON that stands in a value of that class, where there is such and in was opened. It returns what the
// value is then: JSON, which nobody wants, or, where there is none, Unknown or Text.
func (f *finder) inner(in *payload.Inner, opened bool, class Class, src []byte, r *capture.Record) Class {
	f.read = true
	otherwise := Unknown
	if class == TextJSON {
		otherwise = Text
		opened = opened && in.IsObject()
	}
	if !opened {
		return otherwise
	}
	first := len(f.spans)
	for in.NextToken() {
		class, listed := Unknown, ""
		if !in.IsKey() {
			class, listed = f.class(in.Name(), r)
		}
		if class.holdsJSON() {
			var deeper payload.Inner
			if class = f.inner(&deeper, deeper.OpenIn(in), class, src, r); class == JSON {
				continue
			}
		}
		if f.want.Has(class) {
			in.SetSpan(f.add(class, f.named(in.Name(), listed)))
			f.observe(src)
		}
	}
	if in.Err() != nil {
		clear(f.spans[first:])
		f.spans = f.spans[:first]
		return otherwise
	}
	return JSON
}

// headers finds fields among the headers. Where none of the classes is wanted that headerClass gives, the vendor's
// own are all that matter.
func (f *finder) headers(r *capture.Record) {
	f.part = payload.InHeader
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
	f.add(class, h.Name).SetHeader(i, len(h.Value))
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
