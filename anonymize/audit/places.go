package audit

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Place is a field in which a check found something, and how many records have it there. It never holds a value.
type Place struct {
	Check Check `json:"check"`
	// Field is "url path segment 3", "query agent", "form Body", "json /data/payload/text", "header X-Name", "message.text", "query name"
	// where a parameter's name has it, and so on. Where the name itself may tell of someone it is left out.
	Field  string `json:"field"`
	Vendor string `json:"vendor"`
	// What says which class of value it is.
	What    string `json:"what"`
	Records int64  `json:"records"`
	// First are the first of them, as cat --record takes them.
	First []int64 `json:"first_records"`
	// Path is the form of the first record's path, where the place is in a path: what is neither a route's word nor named in the
	// policy is in braces.
	Path string `json:"path,omitempty"`
	// Mend is what to do about it: a line for a policy. Who knows policies fills it in.
	Mend string `json:"mend,omitempty"`

	// Part is "path", "query", "form", "json" or "header" where Field is of one; Name is the name there, of JSON a pointer with * for
	// the elements of an array; and Segment, from 0, of a path.
	Part    string `json:"-"`
	Name    string `json:"-"`
	Segment int    `json:"-"`

	last int64
}

const (
	// maxPlaces is how many places a report lists, and maxKept how many are told apart.
	maxPlaces, maxKept = 100, 1000
	// maxFirst is how many records a place lists.
	maxFirst = 100
)

// What says which class of value a check finds.
func (c Check) What() string {
	switch c {
	case Numbers:
		return "a telephone number, short code or sender's name of the input"
	case IDs:
		return "a message's id of the input"
	case Credentials:
		return "a credential of the input"
	case Values:
		return "a name, a place, an id, a link or an undocumented value of the input"
	case Texts:
		return "words of a text of the input"
	case Vocabulary:
		return "a word that no generator wrote"
	case Gate:
		return "a telephone number that is of no pool"
	case Digits:
		return "7 to 15 digits that are of no pool and no id"
	case Emails:
		return "an e-mail address of the input, or of a real domain"
	case Links:
		return "a URL of a real host"
	case Paths:
		return "a segment of the input's path that is no route"
	case Hosts:
		return "part of the input's host name"
	case Headers:
		return "a header's value of the input"
	case Cards:
		return "a payment card's number"
	case SSNs:
		return "a social security number"
	case IBANs:
		return "a bank account's number"
	}
	return "a record that is not what its counterpart was"
}

// Lacking says that its records are those that only one of the two corpora has.
func (p *Place) Lacking() bool { return p.Check == Fidelity && p.Field == recordsField }

// placeKey tells places apart.
type placeKey struct {
	check  Check
	field  field
	vendor string
}

// what says which class of value is there.
func (k *placeKey) what() string {
	if k.check == Fidelity && k.field.name == recordsField {
		return "a record that only one of the two has"
	}
	return k.check.What()
}

// recordsField is the field of a record without a counterpart.
const recordsField = "records"

// placeTable holds places by their keys.
type placeTable struct {
	list   map[placeKey]*Place
	listed func(header string) bool // which names of headers are documented; may be nil
	more   int64                    // that found no room, once for each record
}

// newPlaces is a table without places.
func (a *auditor) newPlaces() *placeTable {
	p := new(placeTable)
	if a.o.Headers != nil {
		p.listed = a.o.Headers.Listed
	}
	return p
}

// where is a record's field, as the scanner is at it.
type where struct {
	field  field
	vendor string
	seq    int64
	path   string
}

func (p *placeTable) add(check Check, w where) {
	k := placeKey{check, w.field, w.vendor}
	at := p.list[k]
	if at == nil {
		if len(p.list) >= maxKept {
			p.more++
			return
		}
		if p.list == nil {
			p.list = make(map[placeKey]*Place)
		}
		k.field.header, k.vendor, w.path = strings.Clone(k.field.header), strings.Clone(k.vendor), strings.Clone(w.path)
		named := k.field
		named.listed = named.name == "header" && p.listed != nil && p.listed(named.header)
		at = &Place{
			Check: check, Field: named.label(), Vendor: k.vendor, What: k.what(), Path: w.path, last: -1,
			Part: k.field.part(), Name: named.shown(), Segment: k.field.segment - 1,
		}
		if k.field.behind == ofName {
			at.Name = "" // which one it is would tell it
		}
		p.list[k] = at
	}
	if at.last == w.seq {
		return
	}
	at.last = w.seq
	at.Records++
	if len(at.First) < maxFirst {
		at.First = append(at.First, w.seq)
	}
}

// take takes over what others are.
func (p *placeTable) take(o *placeTable) {
	for k, other := range o.list {
		at := p.list[k]
		switch {
		case at == nil && len(p.list) >= maxKept:
			p.more += other.Records
			continue
		case at == nil:
			if p.list == nil {
				p.list = make(map[placeKey]*Place)
			}
			p.list[k] = other
			continue
		}
		at.Records += other.Records
		at.First = append(at.First, other.First...)
		slices.Sort(at.First)
		at.First = slices.Compact(at.First)
		at.First = at.First[:min(len(at.First), maxFirst)]
	}
	p.more += o.more
}

// sorted returns them, those of the most records first, and how many are beyond the report's room.
func (p *placeTable) sorted() (list []Place, more int64) {
	for _, at := range slices.SortedFunc(maps.Values(p.list), func(a, b *Place) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Vendor, b.Vendor))
	}) {
		list = append(list, *at)
	}
	more = int64(max(0, len(list)-maxPlaces))
	if p.more > 0 {
		more++ // how many fields they are is not known
	}
	return list[:min(len(list), maxPlaces)], more
}

// explain reads everything once more, part by part, to say where what was found stands. Nothing else is left of what the auditor
// held.
func (a *auditor) explain(ctx context.Context) error {
	found := a.report
	a.report, a.places, a.people = &Report{}, a.newPlaces(), people{}
	for _, h := range a.hands {
		h.scan.report, h.scan.places = &Report{}, a.newPlaces()
	}
	if err := a.compare(ctx); err != nil {
		return err
	}
	for _, h := range a.hands {
		a.places.take(h.scan.places)
	}
	a.report = found
	a.report.Places, a.report.MorePlaces = a.places.sorted()
	return nil
}

// tell reports n findings of a check in a field of the record at hand.
func (s *scanner) tell(check Check, f field, n int64) {
	s.report.add(check, s.n, f.label(), n)
	if s.places != nil {
		s.places.add(check, s.where(f))
	}
}

// confirmed is what was found for certain: its check, and whether it counts in texts alone.
type confirmed struct {
	check    Check
	inText   bool
	spelling string
}

// maxConfirmed bounds how many of them are placed.
const maxConfirmed = 1 << 17

// place notes where a key stands that was confirmed. What stands in a part of a field does not stand in the field as well.
func (s *scanner) place(k *key, f field) {
	slot := bits(k.hash, k.domain)
	c, ok := s.confirmed[slot]
	if !ok || c.inText && f != textField {
		return
	}
	switch {
	case s.inParts:
		s.placed = append(s.placed, slot)
	case f.isWhole() && slices.Contains(s.placed, slot):
		return
	}
	w := s.where(f)
	if w.field.header != "" && holdsWord(w.field.header, c) {
		w.field.header = "" // it would tell the value
	}
	s.places.add(c.check, w)
}

// holdsWord says whether a name holds a word of what was found. Of a secret short words say nothing: many begin with what they are.
func holdsWord(name string, c confirmed) bool {
	least := 3
	if c.check == Credentials || c.check == IDs {
		least = minAnchor
	}
	name = strings.ToLower(name)
	for word := range strings.FieldsSeq(c.spelling) {
		if len(word) >= least && strings.Contains(name, word) {
			return true
		}
	}
	return false
}

func (s *scanner) where(f field) where {
	w := where{field: f, vendor: s.out.Vendor, seq: s.n}
	if s.counterpart != nil {
		w.seq = max(w.seq, s.counterpart.Seq) // of a corpus that lost records, the greater
	}
	if f.segment > 0 && s.routes != nil && s.cmpOf == s.n {
		w.path = s.form()
	}
	return w
}

// form writes the path at hand with braces around what is neither a route's word nor named in the policy.
func (s *scanner) form() string {
	var b strings.Builder
	form := s.routes.form(&s.cmp.out)
	for i := range s.cmp.out.segments {
		segment := &s.cmp.out.segments[i]
		b.WriteByte('/')
		switch {
		case len(segment.plain) == 0:
		case s.routes.isRoute(segment.plain):
			b.Write(segment.plain)
		case i < len(form) && !form[i].any:
			b.WriteString(form[i].literal)
		default:
			b.WriteString("{" + strconv.Itoa(i+1) + "}")
		}
	}
	return b.String()
}
