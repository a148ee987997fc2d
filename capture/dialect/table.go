package dialect

import (
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// Table is a list of dialects in the order of their detection. Its zero value knows none.
type Table struct {
	dialects []Dialect
}

// NewTable returns a table of those dialects, in that order.
func NewTable(ds ...Dialect) Table { return Table{dialects: slices.Clone(ds)} }

// All returns the dialects in the order of their detection.
func (t Table) All() []Dialect { return slices.Clone(t.dialects) }

// Names returns the dialects' names, in the order of their detection.
func (t Table) Names() []string {
	names := make([]string, 0, len(t.dialects))
	for _, d := range t.dialects {
		names = append(names, d.Name())
	}
	return names
}

// Named returns the dialect of that name, as Dialect.Name spells it.
func (t Table) Named(name string) (d Dialect, ok bool) {
	for _, d := range t.dialects {
		if d.Name() == name {
			return d, true
		}
	}
	return nil, false
}

// Detect returns the first dialect with the highest confidence in r, and nil where none has any.
func (t Table) Detect(r *capture.Record) Dialect {
	var best Dialect
	for _, d := range t.dialects {
		switch d.Detect(r) {
		case ByHeader:
			return d
		case ByShape:
			if best == nil {
				best = d
			}
		}
	}
	return best
}

// Annotate fills in r's Vendor, Message and Kind from its payload. A Vendor that is set already is taken
// as the answer of detection. A payload that no dialect knows is of kind other, and so is one that cannot be read:
// then the error is a *payload.FieldError, the record is still good to keep, and Vendor says who sent it.
func (t Table) Annotate(r *capture.Record, c *sms.Classifier) error {
	r.Kind, r.Message = capture.Other, capture.Message{}
	var d Dialect
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
	r.Vendor = d.Name()
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

// Unsigned is embedded by the dialects of vendors that sign nothing.
type Unsigned struct{}

// Sign returns ErrUnsupported.
func (Unsigned) Sign(*capture.Record, Signing) error { return ErrUnsupported }

// Verify returns ErrUnsupported.
func (Unsigned) Verify(*capture.Record, Signing) error { return ErrUnsupported }
