// Package plivo is the dialect of Plivo's messaging webhooks: forms in the body of a POST or in the query of
// a GET, numbers without +, signed by X-Plivo-Signature-V2 or V3.
//
// The vendor that New returns may be used by several goroutines at once.
package plivo

import (
	"cmp"
	"crypto/sha256"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// New returns Plivo.
func New() *dialect.Vendor {
	return dialect.New(dialect.Vendor{
		Name: "plivo", Title: "Plivo",
		Agents: []string{"AHC/2.0", "PlivoAPI"},
		Detect: detect, Parse: parse,
		// Whether From or To is the person depends on what the payload tells of.
		Layout: dialect.Layout{
			Variants: []dialect.Fields{fields(dialect.Inbound), fields(dialect.Receipt)}, Variant: variant,
			Details: map[string]dialect.Detail{
				"MCC": {Is: dialect.MCC}, "MNC": {Is: dialect.MNC}, "ProfileName": {}, "Latitude": {}, "Longitude": {}, "Address": {}, "Name": {},
			},
		},
		Scheme: &scheme{macs: keyed.NewMACs(sha256.New)},
		// https://www.plivo.com/docs/sms/concepts/dnd-service/: all that its revisions name.
		Keywords: &sms.Words{
			Stop:  []string{"STOP", "STOP ALL", "END", "QUIT", "CANCEL", "UNSUBSCRIBE", "UNSUB"},
			Start: []string{"START", "YES", "RESUME", "RESUME ALL", "UNSTOP", "GO"},
			Help:  []string{"HELP"},
			Info:  []string{"INFO"},
		},
		// Three times (plivo.com/docs/messaging, on callbacks).
		Retries: dialect.Retries{Delays: []time.Duration{60 * time.Second, 120 * time.Second, 240 * time.Second}},
		// A message's URL answers with XML, which may hold messages to send (https://www.plivo.com/docs/messaging/xml/response).
		Answer:  dialect.Answer{MediaType: "text/xml; charset=utf-8", Body: `<?xml version="1.0" encoding="UTF-8"?><Response/>`},
		Maker:   maker(),
		Exports: exports(),
		Lacks: map[string]string{
			"FormerNames": "it had no other name",
			"HeaderWords": "its own headers hold signatures",
			"SendAPI":     "no stand-in is written yet",
		},
	})
}

const headerPrefix = "X-Plivo-Signature"

// detect knows Plivo by its signature headers, and by a MessageUUID beside the fields of its bill.
func detect(r *capture.Record) dialect.Confidence {
	for i := range r.Headers {
		if name := r.Headers[i].Name; len(name) >= len(headerPrefix) && strings.EqualFold(name[:len(headerPrefix)], headerPrefix) {
			return dialect.ByHeader
		}
	}
	if payload.IsJSON(r) {
		return dialect.No
	}
	message, bill := false, false
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "MessageUUID":
			message = true
		case "TotalRate", "TotalAmount", "Units", "Type", "Status", "status", "From":
			bill = true
		}
		if message && bill {
			return dialect.ByShape
		}
	}
	return dialect.No
}

// content is what Parse looks for.
type content struct {
	message           capture.Message
	state, tapped     string
	hasText, reported bool
}

func read(r *capture.Record) (p content, err error) {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "MessageUUID":
			s.First(&p.message.ID)
		case "From":
			s.First(&p.message.From)
		case "To":
			s.First(&p.message.To)
		case "Text", "Body":
			p.hasText = true
			s.First(&p.message.Text)
		case "ButtonText":
			p.hasText = true
			s.First(&p.tapped)
		case "Latitude", "MediaCount":
			p.hasText = true
		case "Status", "status":
			p.reported = true
			s.First(&p.state)
		case "DeliveryReportTime", "ParentMessageUUID":
			p.reported = true
		}
	}
	p.message.Text = cmp.Or(p.message.Text, p.tapped)
	return p, s.Err()
}

// eventType tells a message from a delivery report: only a report has a status, and it has no text.
func (p *content) eventType() dialect.EventType {
	switch {
	case p.message.ID == "":
		return dialect.NotSMS
	case p.reported && !p.hasText:
		return dialect.Receipt
	}
	return dialect.Inbound
}

// parse reads an inbound message or a delivery report. A callback without a MessageUUID (of a call) is no
// SMS.
func parse(r *capture.Record) (dialect.Event, error) {
	p, err := read(r)
	if err != nil {
		return dialect.Event{}, err
	}
	e := dialect.Event{Type: p.eventType(), Message: p.message}
	switch e.Type {
	case dialect.NotSMS:
		if payload.IsJSON(r) || p.message.From != "" {
			return dialect.Event{}, nil
		}
		return dialect.Event{}, &payload.FieldError{Field: "MessageUUID", Reason: payload.ReasonMissing}
	case dialect.Inbound:
		e.Person = e.Message.From
	case dialect.Receipt:
		e.Person, e.State = e.Message.To, p.state
	}
	return e, nil
}

// variant says which of the tables of fields a payload is of. What is wrong with a body, Locate says better.
func variant(r *capture.Record) int {
	var s payload.Scanner
	id, reported := false, false
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "MessageUUID":
			id = id || !s.Is("")
		case "Text", "Body", "ButtonText", "Latitude", "MediaCount":
			return 0
		case "Status", "status", "DeliveryReportTime", "ParentMessageUUID":
			reported = true
		}
	}
	if id && reported {
		return 1
	}
	return 0
}

// fields are the parameters of messages and delivery reports (https://www.plivo.com/docs/messaging/api/message/).
func fields(t dialect.EventType) dialect.Fields {
	from, to := dialect.Person, dialect.Business
	if t == dialect.Receipt {
		from, to = to, from
	}
	return dialect.Fields{
		"From": from, "To": to,
		"MessageUUID": dialect.ID, "ParentMessageUUID": dialect.ID,
		"PowerpackUUID": dialect.Account,
		"Text":          dialect.Text, "Body": dialect.Text,
		"Media#": dialect.Link,
		// Of WhatsApp (https://www.plivo.com/docs/whatsapp/concepts/message-types).
		"ButtonText": dialect.Text, "ButtonPayload": dialect.Text, "ProfileName": dialect.Name,
		"Latitude": dialect.Place, "Longitude": dialect.Place, "Address": dialect.Place, "Name": dialect.Place,
		"ConversationID": dialect.ID, "ConversationOrigin": dialect.Keep, "ConversationExpirationTimestamp": dialect.Time,
		"Units": dialect.Segments,
		"MCC":   dialect.Place, "MNC": dialect.Place,
		"QueuedTime": dialect.Time, "SentTime": dialect.Time, "DeliveryReportTime": dialect.Time,
		"Type": dialect.Keep, "TotalRate": dialect.Keep, "TotalAmount": dialect.Keep, "MessageIntent": dialect.Keep,
		"MediaCount": dialect.Keep, "ContentType": dialect.Keep, "MimeType": dialect.Keep, "ErrorCode": dialect.Keep,
		"Status": dialect.Keep, "status": dialect.Keep, "PartInfo": dialect.Keep,
	}
}
