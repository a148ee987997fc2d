// Package telnyx is the dialect of Telnyx's messaging webhooks, API v2: JSON in a POST, signed with Ed25519.
//
// A receiver trusts Telnyx's own public key, so a replay can be signed for it only if it is given ours
// instead. The vendor that New returns may be used by several goroutines at once.
package telnyx

import (
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// New returns Telnyx.
func New() *dialect.Vendor {
	return dialect.New(dialect.Vendor{
		Name: "telnyx", Title: "Telnyx",
		Agents: []string{"telnyx-webhooks"},
		Detect: detect, Parse: parse, Layout: layout(),
		Scheme: new(scheme),
		// https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out; its help words are the customer's to set.
		Keywords: &sms.Words{
			Stop:  []string{"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"},
			Start: []string{"START", "UNSTOP"},
			Help:  []string{"HELP"},
			Info:  []string{"INFO"},
		},
		// Three attempts in all (developers.telnyx.com, on receiving webhooks). The delays are not published: these stand for them.
		Retries: dialect.Retries{Delays: []time.Duration{5 * time.Second, 10 * time.Second}, Delivery: delivery},
		Answer:  dialect.JSONAnswer(),
		Maker:   maker(),
		Exports: exports(),
		SendAPI: sendAPI(),
		Lacks: map[string]string{
			"FormerNames": "it had no other name",
			"HeaderWords": "its own headers hold a time and a signature",
		},
	})
}

// delivery is the name of the event: attempts are counted in meta.attempt, which changes the body.
func delivery(dst []byte, r *capture.Record) []byte {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if string(s.Name()) == "data.id" {
			return append(dst, s.Value()...)
		}
	}
	return dst
}

// detect knows Telnyx by its headers, and by the envelope of its message events.
func detect(r *capture.Record) dialect.Confidence {
	for i := range r.Headers {
		if name := r.Headers[i].Name; capture.SameName(name, signatureHeader) || capture.SameName(name, timestampHeader) {
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

// parse reads message.received as a message, and every other message event as a receipt. At an RCS message's other end is an agent.
func parse(r *capture.Record) (e dialect.Event, err error) {
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
		case "data.payload.from.phone_number", "data.payload.from", "data.payload.from.agent_id":
			s.First(&m.From)
		case "data.payload.to.*.phone_number", "data.payload.to", "data.payload.to.phone_number", "data.payload.to.*.agent_id":
			s.First(&m.To)
		case "data.payload.text", "data.payload.body.text", "data.payload.body.suggestion_response.text":
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
