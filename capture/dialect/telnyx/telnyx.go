// Package telnyx is the dialect of Telnyx's messaging webhooks, API v2: JSON in a POST, signed with Ed25519.
//
// A receiver trusts Telnyx's own public key, so a replay can be signed for it only if it is given ours
// instead. A Dialect holds no state that changes and may be used by several goroutines at once.
package telnyx

import (
	"strings"
	"sync/atomic"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Dialect reads, rewrites and signs Telnyx's webhooks.
type Dialect struct {
	inbound, receipt, headers dialect.Fields
	schema                    *dialect.Schema
	last                      atomic.Pointer[signingKey]
}

// New returns Telnyx's dialect.
func New() dialect.Dialect {
	d := &Dialect{inbound: fields(dialect.Inbound), receipt: fields(dialect.Receipt), headers: headers()}
	d.schema = dialect.NewSchema(dialect.Layout{Headers: d.headers, Variants: []dialect.Fields{d.inbound, d.receipt}, Variant: variant})
	return d
}

// Name returns "telnyx".
func (*Dialect) Name() string { return "telnyx" }

// Detect knows Telnyx by its headers, and by the envelope of its message events.
func (*Dialect) Detect(r *capture.Record) dialect.Confidence {
	for i := range r.Headers {
		if name := r.Headers[i].Name; strings.EqualFold(name, signatureHeader) || strings.EqualFold(name, timestampHeader) {
			return dialect.ByHeader
		}
	}
	if !payload.IsJSON(r) {
		return dialect.No
	}
	record, event := false, false
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "data.record_type":
			record = s.Is("event")
		case "data.event_type":
			event = strings.HasPrefix(s.Value(), "message.")
		}
		if record && event {
			return dialect.ByShape
		}
	}
	return dialect.No
}

// read says what the payload tells of.
func read(r *capture.Record) (e dialect.Event, err error) {
	if err := payload.RequireJSON(r); err != nil {
		return e, err
	}
	event, state := "", ""
	m := &e.Message
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "data.event_type":
			s.First(&event)
		case "data.payload.id":
			s.First(&m.ID)
		case "data.payload.from.phone_number", "data.payload.from":
			s.First(&m.From)
		case "data.payload.to.*.phone_number", "data.payload.to", "data.payload.to.phone_number":
			s.First(&m.To)
		case "data.payload.text":
			s.First(&m.Text)
		case "data.payload.to.*.status":
			s.First(&state)
		}
	}
	if err := s.Err(); err != nil {
		return dialect.Event{}, err
	}
	switch {
	case event == "":
		return dialect.Event{}, &payload.FieldError{Field: "data.event_type", Reason: payload.ReasonMissing}
	case event == "message.received":
		e.Type, e.Person = dialect.Inbound, m.From
	case strings.HasPrefix(event, "message."):
		e.Type, e.Person = dialect.Receipt, m.To
		e.State = strings.TrimSuffix(event+" "+state, " ")
	default:
		return dialect.Event{}, nil
	}
	if m.ID == "" {
		return dialect.Event{}, &payload.FieldError{Field: "data.payload.id", Reason: payload.ReasonMissing}
	}
	return e, nil
}

// Parse reads message.received as a message, and every other message event as a receipt.
func (*Dialect) Parse(r *capture.Record) (dialect.Event, error) { return read(r) }

// Rewrite offers every value.
func (d *Dialect) Rewrite(r *capture.Record, edit dialect.Edit) error {
	return d.schema.Rewrite(r, edit)
}

// Schema returns the tables of fields.
func (d *Dialect) Schema() *dialect.Schema { return d.schema }

// Locate finds what Rewrite offers.
func (d *Dialect) Locate(dst []dialect.Span, r *capture.Record, want dialect.Classes) ([]dialect.Span, error) {
	return d.schema.Locate(dst, r, want)
}

// variant says which of the tables of fields a payload is of. What is wrong with a body, Locate says better.
func variant(r *capture.Record) int {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if string(s.Name()) != "data.event_type" || s.Is("") {
			continue
		}
		if s.Begins("message.") && !s.Is("message.received") {
			return 1
		}
		break
	}
	return 0
}
