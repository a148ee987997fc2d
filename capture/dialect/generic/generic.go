// Package generic is a dialect made from a map that names a payload's fields, for senders whose dialect is
// not built in, and signatures made from a profile, for senders whose scheme is an HMAC of parts of the request.
//
// The vendors that New returns may be used by several goroutines at once.
package generic

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Map says where things are in a payload: each field is a JSON pointer (RFC 6901: "/data/to/0/number", where any
// index stands for every element) or the key of a form or query ("From"). Fields that are not there are "".
type Map struct {
	ID, From, To, Text, Time string
	// Type is the field that tells messages from delivery receipts.
	Type string
	// Inbound and Status are the values of Type for each. Where Inbound is empty, every value that is not
	// among Status means a message.
	Inbound, Status []string
	// Path is how the paths of the webhook's URLs begin; "" leaves detection to the fields alone.
	Path string
	// Fields are further fields, and what they hold.
	Fields map[string]dialect.Class
	// Headers are the sender's own headers, in any case, and what they hold: an id that is to be fresh in each replay.
	Headers map[string]dialect.Class
}

// reader reads payloads by a Map.
type reader struct {
	path                               string
	id, from, to, text, typ            string
	inboundTypes, statusTypes, present []string
	inbound, receipt, headers          dialect.Fields
}

// New returns the vendor of that name. The map must name the sender and the text.
func New(name string, m Map) (*dialect.Vendor, error) {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return nil, fmt.Errorf("generic: %q is no name: lower-case letters, digits, - and _", name)
	}
	if m.From == "" || m.Text == "" {
		return nil, errors.New("generic: the map must say where the sender and the text are")
	}
	if m.Type == "" && len(m.Inbound)+len(m.Status) > 0 {
		return nil, errors.New("generic: the map lists values of the type, and not where it is")
	}
	d := &reader{path: m.Path, inboundTypes: slices.Clone(m.Inbound), statusTypes: slices.Clone(m.Status)}
	for _, f := range []struct {
		to   *string
		from string
	}{{&d.id, m.ID}, {&d.from, m.From}, {&d.to, m.To}, {&d.text, m.Text}, {&d.typ, m.Type}} {
		*f.to = fieldName(f.from)
	}
	if d.present = []string{d.from, d.text}; d.to != "" {
		d.present = append(d.present, d.to)
	}
	d.inbound = dialect.Fields{}
	for pointer, class := range m.Fields {
		d.inbound[fieldName(pointer)] = class
	}
	d.inbound[fieldName(m.Time)], d.inbound[d.typ] = dialect.Time, dialect.Keep
	d.inbound[d.id], d.inbound[d.text] = dialect.ID, dialect.Text
	d.inbound[d.from], d.inbound[d.to] = dialect.Person, dialect.Business
	delete(d.inbound, "")
	d.headers = dialect.Fields{}
	for name, class := range m.Headers {
		d.headers[strings.ToLower(name)] = class
	}
	d.receipt = maps.Clone(d.inbound)
	d.receipt[d.from] = dialect.Business
	if d.to != "" {
		d.receipt[d.to] = dialect.Person
	}
	v := dialect.Vendor{
		Name: name, Title: name, Detect: d.detect, Parse: d.parse, Answer: dialect.JSONAnswer(),
		Layout: dialect.Layout{Headers: d.headers, Variants: []dialect.Fields{d.inbound, d.receipt}, Variant: d.variant},
	}
	v.Keywords, v.Retries = known(name)
	return dialect.New(v), nil
}

// fieldName turns a JSON pointer into a field's name as dialect.Field spells it; a form's key is one already.
func fieldName(pointer string) string {
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return pointer
	}
	steps := strings.Split(rest, "/")
	for i, step := range steps {
		if step == "-" || step != "" && strings.Trim(step, "0123456789") == "" {
			steps[i] = "*"
			continue
		}
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
	}
	return strings.Join(steps, ".")
}

// detect knows a payload by its path, where the map has one, and by its sender, recipient and text.
func (d *reader) detect(r *capture.Record) dialect.Confidence {
	if !strings.HasPrefix(r.URL, d.path) {
		return dialect.No
	}
	var seen [3]bool
	found := 0
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		for i, name := range d.present {
			if !seen[i] && string(s.Name()) == name {
				seen[i] = true
				found++
			}
		}
		if found == len(d.present) || found > 0 && d.path != "" {
			return dialect.ByShape
		}
	}
	return dialect.No
}

// parse reads what the map names. A payload of another type is no SMS.
func (d *reader) parse(r *capture.Record) (dialect.Event, error) {
	e, typ, err := d.read(r)
	if err != nil {
		return dialect.Event{}, err
	}
	e.Type = d.eventType(typ)
	switch {
	case e.Type == dialect.NotSMS:
		return dialect.Event{}, nil
	case e.Message.From == "":
		return dialect.Event{}, &payload.FieldError{Field: d.from, Reason: payload.ReasonMissing}
	case e.Type == dialect.Receipt:
		e.Person, e.State = e.Message.To, typ
	default:
		e.Person = e.Message.From
	}
	return e, nil
}

func (d *reader) read(r *capture.Record) (e dialect.Event, typ string, err error) {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "":
		case d.id:
			s.First(&e.Message.ID)
		case d.from:
			s.First(&e.Message.From)
		case d.to:
			s.First(&e.Message.To)
		case d.text:
			s.First(&e.Message.Text)
		case d.typ:
			s.First(&typ)
		}
	}
	return e, typ, s.Err()
}

func (d *reader) eventType(typ string) dialect.EventType {
	switch {
	case slices.Contains(d.statusTypes, typ):
		return dialect.Receipt
	case len(d.inboundTypes) == 0 || slices.Contains(d.inboundTypes, typ):
		return dialect.Inbound
	}
	return dialect.NotSMS
}

// variant says which of the tables of fields a payload is of. What is wrong with a body, Locate says better.
func (d *reader) variant(r *capture.Record) int {
	if _, typ, _ := d.read(r); d.eventType(typ) == dialect.Receipt {
		return 1
	}
	return 0
}
