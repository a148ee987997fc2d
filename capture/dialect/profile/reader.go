package profile

import (
	"slices"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
	"reprise/capture/yamldoc"
)

func (k *Keywords) words() *sms.Words {
	return &sms.Words{Stop: k.Stop, Start: k.Start, Help: k.Help, Info: k.Info}
}

// role is what a field is to an event.
type role uint8

const (
	noRole role = iota
	idRole
	senderRole
	recipientRole
	textRole
	stateRole
)

// The events, as indexes.
const (
	message = iota
	receipt
	events
)

// field is what the profile says of a name.
type field struct {
	roles [events]role
	// when are the conditions that the field has to meet for each event: "*" alone where any value will do, and nil where there is
	// none. tells are those for the vendor.
	when [events]Values
	// unless are those of which none may be met.
	unless [events]Values
	tells  []tell
	json   bool // JSON in a string
}

// reader reads payloads as a profile says.
type reader struct {
	fields  map[string]*field // by the names that dialect.Field has
	headers []headerField
	paths   []string

	sure   []sureHeader       // headers that tell the vendor
	both   bool               // but only along with a shape
	alone  dialect.Confidence // what they are worth without a shape
	shapes []uint32           // the conditions of each set that tells it
	when   [events]int        // how many conditions tell each event
	events [events]bool       // whether the profile has such a thing
	needs  [events]string     // the name of the id, for errors; "" where none is needed
	person [events]string     // the name of where the person is
}

// headerField is a header that an event's value stands in.
type headerField struct {
	name string // in lower case
	*field
}

// maxConditions is how many conditions an event may have, and maxTells how many tell a vendor: a bit for each.
const (
	maxConditions = 16
	maxTells      = 32
)

func (p *Profile) addReader(v *dialect.Vendor) error {
	d := &reader{fields: map[string]*field{}, paths: p.Detect.Paths}
	layout := dialect.Layout{
		Headers: dialect.Fields{}, Variants: []dialect.Fields{{}, {}}, Variant: d.variant, Details: map[string]dialect.Detail{},
	}
	for i, e := range [...]struct {
		key string
		*Event
	}{{"message", &p.Message}, {"receipt", &p.Receipt}} {
		if err := d.addEvent(i, e.key, e.Event, layout); err != nil {
			return err
		}
	}
	switch {
	case !d.events[message] && !d.events[receipt] && p.Signature == nil && len(p.Fields) == 0:
		return &Error{Field: "message", Reason: "a profile says where the sender of a message is, or the recipient of a receipt's, or what fields and signatures are"}
	case d.events[receipt] && d.when[receipt] == 0:
		return &Error{Field: "receipt", Reason: "say when a payload is one: receipt.when"}
	}
	if err := d.addDetection(&p.Detect); err != nil {
		return err
	}
	if err := addClasses(layout, "fields", p.Fields); err != nil {
		return err
	}
	d.completeClasses(layout)
	for _, variant := range layout.Variants {
		for name, class := range variant {
			switch class {
			case dialect.JSON, dialect.TextJSON:
				d.named(name).json = true
			case dialect.Place, dialect.Name:
				layout.Details[name] = dialect.DetailByName(name, class)
			}
		}
	}
	headers := layout.Headers
	if p.Detect.Envelope { // whosever the payload is
		headers = dialect.Fields{}
		layout.Shared = headers
	}
	if err := addHeaderClasses(headers, p.Headers); err != nil {
		return err
	}
	v.Detect, v.Parse, v.Layout = d.detect, d.parse, layout
	return nil
}

// addEvent takes in where the parts of one type of event are.
func (d *reader) addEvent(i int, key string, e *Event, layout dialect.Layout) error {
	person, business := e.Sender, e.Recipient
	roles := []struct {
		role  role
		key   string
		names yamldoc.Texts
		class dialect.Class
	}{
		{idRole, "id", e.ID, dialect.ID},
		{senderRole, "sender", e.Sender, dialect.Person},
		{recipientRole, "recipient", e.Recipient, dialect.Business},
		{textRole, "text", e.Text, dialect.Text},
		{stateRole, "state", e.State, dialect.Keep},
	}
	if i == receipt {
		person, business = business, person
		roles[1].class, roles[2].class = roles[2].class, roles[1].class
	}
	d.events[i] = len(person) > 0
	if !d.events[i] {
		if len(business)+len(e.ID)+len(e.Text)+len(e.State)+len(e.When) > 0 {
			return &Error{Field: key, Reason: "it does not say who the person is: the sender of a message, the recipient of a receipt's"}
		}
		return nil
	}
	for _, r := range roles {
		for _, name := range r.names {
			if err := d.addRole(i, key+"."+r.key, name, r.role, r.class, layout); err != nil {
				return err
			}
		}
	}
	d.person[i], _, _ = fieldName(person[0])
	if len(e.ID) > 0 {
		d.needs[i], _, _ = fieldName(e.ID[0])
	}
	for name, values := range e.When {
		f, err := d.told(key+".when", name)
		if err != nil {
			return err
		}
		if f.when[i] = anyOf(values); d.when[i] == maxConditions {
			return &Error{Field: key + ".when", Reason: "too many conditions"}
		}
		d.when[i]++
	}
	for name, values := range e.Unless {
		f, err := d.told(key+".unless", name)
		if err != nil {
			return err
		}
		f.unless[i] = anyOf(values)
	}
	return addClasses(dialect.Layout{Variants: layout.Variants[i : i+1]}, key+".fields", e.Fields)
}

// told returns what is known of a field that tells what a payload is.
func (d *reader) told(key, name string) (*field, error) {
	f, _, header, err := d.at(key, name)
	if header {
		return nil, &Error{Field: key, Reason: "a header does not tell what a payload is"}
	}
	return f, err
}

// addRole says what a field is to an event.
func (d *reader) addRole(event int, key, name string, as role, class dialect.Class, layout dialect.Layout) error {
	f, named, header, err := d.at(key, name)
	if err != nil {
		return err
	}
	if f.roles[event] != noRole {
		return &Error{Field: key, Reason: "the same field is something else too"}
	}
	f.roles[event] = as
	if !header {
		layout.Variants[event][named] = class
		return nil
	}
	if had, ok := layout.Headers[named]; ok && had != class {
		return &Error{Field: key, Reason: "a header is the same in messages and in receipts"}
	}
	layout.Headers[named] = class
	return nil
}

// at returns what is known of a field, to be added to, its name as dialect.Field has it, and whether it is a header.
func (d *reader) at(key, name string) (f *field, named string, header bool, err error) {
	named, header, reason := fieldName(name)
	if reason != "" {
		return nil, "", false, &Error{Field: key, Reason: reason}
	}
	if !header {
		return d.named(named), named, false, nil
	}
	for _, h := range d.headers {
		if h.name == named {
			return h.field, named, true, nil
		}
	}
	f = new(field)
	d.headers = append(d.headers, headerField{named, f})
	return f, named, true, nil
}

// named returns what is known of the field of that name, as dialect.Field has it, to be added to.
func (d *reader) named(name string) *field {
	f := d.fields[name]
	if f == nil {
		f = new(field)
		d.fields[name] = f
	}
	return f
}

// found is what a payload holds, as each event would read it.
type found struct {
	id, from, to, text, state [events]string
	met                       [events][maxConditions]*field
	n                         [events]int
	not                       [events]bool // a condition is met that must not be
}

// condition takes in that the value that a scanner stands at may be what tells an event.
func (c *found) condition(s *payload.Scanner, f *field) {
	for e, values := range f.when {
		if values != nil && !slices.Contains(c.met[e][:c.n[e]], f) && isOne(s, values) {
			c.met[e][c.n[e]] = f
			c.n[e]++
		}
		if unless := f.unless[e]; unless != nil && !c.not[e] {
			c.not[e] = isOne(s, unless)
		}
	}
}

// set takes in a value, where none was seen before.
func (c *found) set(roles [events]role, value string) {
	for e, as := range roles {
		to := (*string)(nil)
		switch as {
		case idRole:
			to = &c.id[e]
		case senderRole:
			to = &c.from[e]
		case recipientRole:
			to = &c.to[e]
		case textRole:
			to = &c.text[e]
		case stateRole:
			to = &c.state[e]
		}
		if to != nil && *to == "" {
			*to = value
		}
	}
}

// event says which of the events the conditions met tell of; events where none.
func (d *reader) event(c *found) int {
	for _, e := range [...]int{receipt, message} {
		if d.events[e] && !c.not[e] && c.n[e] == d.when[e] && (e == message || d.when[e] > 0) {
			return e
		}
	}
	return events
}

// parse reads what the profile names.
func (d *reader) parse(r *capture.Record) (dialect.Event, error) {
	var c found
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		d.take(&c, &s, true)
	}
	if err := s.Err(); err != nil {
		return dialect.Event{}, err
	}
	for i := range d.headers {
		if value, ok := r.Header(d.headers[i].name); ok {
			c.set(d.headers[i].roles, value)
		}
	}
	e := d.event(&c)
	if e == events {
		return dialect.Event{}, nil
	}
	if d.needs[e] != "" && c.id[e] == "" {
		return dialect.Event{}, &payload.FieldError{Field: d.needs[e], Reason: payload.ReasonMissing}
	}
	said := dialect.Event{
		Type: dialect.Inbound, Person: c.from[e], State: c.state[e],
		Message: capture.Message{ID: c.id[e], From: c.from[e], To: c.to[e], Text: c.text[e]},
	}
	if said.Person == "" && (e != receipt || c.to[e] == "") {
		return dialect.Event{}, &payload.FieldError{Field: d.person[e], Reason: payload.ReasonMissing}
	}
	if e == receipt {
		said.Type, said.Person = dialect.Receipt, c.to[e]
	} else {
		said.State = ""
	}
	return said, nil
}

// take takes in the value that a scanner stands at, and the fields of the JSON in it; values are taken where they are wanted.
func (d *reader) take(c *found, s *payload.Scanner, values bool) {
	f := d.fields[string(s.Name())]
	if f == nil {
		return
	}
	c.condition(s, f)
	if f.json {
		var in payload.Inner
		if d.takeInner(c, &in, in.OpenValue(s), f, values) {
			return
		}
	}
	c.take(s, f, values)
}

// takeInner takes in the fields of the JSON in a value, and says whether there is such: as Layout's classes say it, see dialect.TextJSON.
func (d *reader) takeInner(c *found, in *payload.Inner, opened bool, of *field, values bool) bool {
	if !opened || of.roles != [events]role{} && !in.IsObject() {
		return false
	}
	before := *c
	for in.Next() {
		f := d.fields[string(in.Name())]
		if f == nil {
			continue
		}
		c.condition(&in.Scanner, f)
		if f.json {
			var deeper payload.Inner
			if d.takeInner(c, &deeper, deeper.OpenIn(in), f, values) {
				continue
			}
		}
		c.take(&in.Scanner, f, values)
	}
	if in.Err() != nil {
		*c = before
		return false
	}
	return true
}

// take takes in the value that a scanner stands at, where values are wanted.
func (c *found) take(s *payload.Scanner, f *field, values bool) {
	if values && f.roles != [events]role{} {
		c.set(f.roles, s.Value())
	}
}

// variant says which of the tables of fields a payload is of. What is wrong with a body, Locate says better.
func (d *reader) variant(r *capture.Record) int {
	var c found
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		d.take(&c, &s, false)
	}
	if d.event(&c) == receipt {
		return 1
	}
	return 0
}
