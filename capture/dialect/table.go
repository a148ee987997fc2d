package dialect

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"reprise/capture"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// Table is a list of vendors in the order of their detection. Its zero value knows none.
type Table struct {
	vendors []*Vendor
	// fallback counts those at the end that are only asked about a record that none before them knows.
	fallback int
}

// NewTable returns a table of those vendors, in that order. They are copies, which know each other's shared headers.
func NewTable(vs ...*Vendor) Table {
	t := Table{vendors: slices.Clone(vs)}
	vendors := slices.Clone(vs)
	shared := sync.OnceValue(func() Fields { return Table{vendors: vendors}.shared() })
	for i, v := range vs {
		one := *v
		one.schema = schemaOf(func() Layout {
			l := v.Layout
			l.Headers = maps.Clone(l.Headers)
			if l.Headers == nil {
				l.Headers = Fields{}
			}
			maps.Copy(l.Headers, l.Shared)
			l.Shared = shared()
			return l
		})
		t.vendors[i] = &one
	}
	return t
}

// Before returns the table with vendors in front of its own. One that has the name of another takes its place.
func (t Table) Before(vs ...*Vendor) Table {
	kept := slices.DeleteFunc(slices.Clone(t.vendors[:len(t.vendors)-t.fallback]), func(v *Vendor) bool { return named(vs, v.Name) })
	back := slices.DeleteFunc(slices.Clone(t.vendors[len(t.vendors)-t.fallback:]), func(v *Vendor) bool { return named(vs, v.Name) })
	made := NewTable(slices.Concat(vs, kept, back)...)
	made.fallback = len(back)
	return made
}

// Behind returns the table with vendors behind its own, which are asked only about records that none of those knows.
func (t Table) Behind(vs ...*Vendor) Table {
	made := NewTable(slices.Concat(t.vendors, vs)...)
	made.fallback = t.fallback + len(vs)
	return made
}

// Signed returns the table with other schemes in place of the vendors' own, by their names.
func (t Table) Signed(schemes map[string]Scheme) Table {
	vs := t.All()
	for i, v := range vs {
		if scheme := schemes[v.Name]; scheme != nil {
			vs[i] = v.Signed(scheme)
		}
	}
	made := NewTable(vs...)
	made.fallback = t.fallback
	return made
}

func named(vs []*Vendor, name string) bool {
	return slices.ContainsFunc(vs, func(v *Vendor) bool { return v.Name == name })
}

// Definitions returns the texts that vendors were made from which are not built in, in the order of detection.
func (t Table) Definitions() (texts []string) {
	for _, v := range t.vendors {
		if v.definition != "" {
			texts = append(texts, v.definition)
		}
	}
	return texts
}

// shared returns the headers that say what they hold whoever sends them.
func (t Table) shared() Fields {
	all := Fields{}
	for _, v := range t.vendors {
		maps.Copy(all, v.Layout.Shared)
	}
	return all
}

// Keywords returns the words that each vendor takes for keywords itself, for sms.Options.
func (t Table) Keywords() map[string]sms.Words {
	all := make(map[string]sms.Words)
	for _, v := range t.vendors {
		if v.Keywords != nil {
			all[v.Name] = *v.Keywords
		}
	}
	return all
}

// RetrySchedule returns how long after a failed delivery the vendor of that name makes it again, see Retries.Delays: nil where no
// vendor is called that.
func (t Table) RetrySchedule(name string) []time.Duration {
	if v, ok := t.Named(name); ok {
		return v.Retries.Delays
	}
	return nil
}

// Answer returns what a receiver answers a vendor's webhook with; JSONAnswer where no vendor is called that.
func (t Table) Answer(name string) Answer {
	if v, ok := t.Named(name); ok && v.Answer != (Answer{}) {
		return v.Answer
	}
	return JSONAnswer()
}

// Unread is the schema of records that no vendor's dialect can read: nothing is known of their fields, but of some headers.
func (t Table) Unread() *Schema { return NewSchema(Layout{Shared: t.shared()}) }

// Sending returns the table of those vendors that have a SendAPI.
func (t Table) Sending() Table {
	return Table{vendors: slices.DeleteFunc(t.All(), func(v *Vendor) bool { return v.SendAPI == nil })}
}

// All returns the vendors in the order of their detection.
func (t Table) All() []*Vendor { return slices.Clone(t.vendors) }

// Names returns the vendors' names, in the order of their detection.
func (t Table) Names() []string {
	names := make([]string, 0, len(t.vendors))
	for _, d := range t.vendors {
		names = append(names, d.Name)
	}
	return names
}

// Named returns the vendor of that name.
func (t Table) Named(name string) (v *Vendor, ok bool) {
	for _, d := range t.vendors {
		if d.Name == name {
			return d, true
		}
	}
	return nil, false
}

// Detect returns the first vendor with the highest confidence in r, and nil where none has any. Those behind the others, see
// Behind, are not asked where the payload tells one before them.
func (t Table) Detect(r *capture.Record) *Vendor {
	var best *Vendor
	confidence := No
	for i, d := range t.vendors {
		if confidence >= ByShape && i >= len(t.vendors)-t.fallback {
			return best
		}
		c := d.Detect(r)
		if c == ByHeader {
			return d
		}
		if c > confidence {
			best, confidence = d, c
		}
	}
	return best
}

// Annotate fills in r's Vendor, Message and Kind from its payload. A Vendor that is set already is taken
// as the answer of detection. A payload that no vendor knows is of kind other, and so is one that cannot be read:
// then the error is a *payload.FieldError, the record is still good to keep, and Vendor says who sent it.
func (t Table) Annotate(r *capture.Record, c *sms.Classifier) error {
	r.Kind, r.Message = capture.Other, capture.Message{}
	var d *Vendor
	if r.Vendor == "" {
		if d = t.Detect(r); d == nil {
			return checkContent(r)
		}
	} else {
		var ok bool
		if d, ok = t.Named(r.Vendor); !ok {
			return &payload.FieldError{Field: "vendor", Reason: "not a known dialect"}
		}
	}
	r.Vendor = d.Name
	event, err := d.Parse(r)
	if err != nil {
		return err
	}
	r.Message = event.Message
	switch event.Type {
	case Inbound:
		r.Kind = c.Classify(r.Vendor, event.Message.Text)
	case Receipt:
		r.Kind = capture.Status
	}
	r.Message.Person, _ = sms.Canonical(event.Person)
	return nil
}

// checkContent finds a body that is not the JSON that its Content-Type promises, for a record that no
// dialect knows.
func checkContent(r *capture.Record) error {
	contentType, _ := r.Header("Content-Type")
	if !strings.Contains(strings.ToLower(contentType), "json") || len(r.Body) == 0 {
		return nil
	}
	if !payload.StartsJSON(r.Body) {
		return &payload.FieldError{Field: "body", Reason: payload.ReasonNotJSON}
	}
	var s payload.Scanner
	s.ResetJSON(r.Body)
	for s.Next() {
	}
	return s.Err()
}
