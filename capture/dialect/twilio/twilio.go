// Package twilio is Twilio's dialect, and that of the services that speak it too (SignalWire): forms in the
// body of a POST or in the query of a GET, signed by X-Twilio-Signature.
//
// The vendor that New returns may be used by several goroutines at once.
package twilio

import (
	"cmp"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// New returns Twilio.
func New() *dialect.Vendor {
	return dialect.New(dialect.Vendor{
		Name: "twilio", Title: "Twilio",
		Agents:      []string{agent},
		HeaderWords: append(regions(), "algorithm", "hmac", "sha"), // of the settings of signatures
		Detect:      detect, Parse: parse, Layout: layout(),
		Scheme: newScheme(),
		// Its messaging webhooks are tried once more only if no connection came about, then at the fallback URL if there is one
		// (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides): an answer of 500 is not repeated.
		Retries: dialect.Retries{Token: tokenHeader},
		// An empty document of TwiML: Twilio sends nothing back.
		Answer:  dialect.Answer{MediaType: "text/xml; charset=utf-8", Body: `<?xml version="1.0" encoding="UTF-8"?><Response/>`},
		Maker:   maker(),
		Exports: exports(),
		SendAPI: sendAPI(),
		Lacks: map[string]string{
			"FormerNames": "it had no other name",
			"Keywords":    "the default words are Twilio's",
		},
	})
}

const (
	agent     = "TwilioProxy/1.1"
	mediaType = "application/x-www-form-urlencoded; charset=UTF-8"
)

const tokenHeader = "I-Twilio-Idempotency-Token"

// detect knows Twilio by its headers, and by an account SID beside a message SID.
func detect(r *capture.Record) dialect.Confidence {
	for i := range r.Headers {
		h := &r.Headers[i]
		switch {
		case capture.SameName(h.Name, signatureHeader),
			capture.SameName(h.Name, tokenHeader),
			capture.SameName(h.Name, signalWireHeader),
			capture.SameName(h.Name, "User-Agent") && strings.HasPrefix(h.Value, "TwilioProxy/"):
			return dialect.ByHeader
		}
	}
	if payload.IsJSON(r) {
		return detectStream(r)
	}
	account, message := false, false
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "AccountSid":
			account = account || strings.HasPrefix(s.Value(), "AC")
		case "MessageSid", "SmsSid", "SmsMessageSid", "ConversationSid":
			message = true
		}
		if account && message {
			return dialect.ByShape
		}
	}
	return dialect.No
}

// content is what Parse looks for.
type content struct {
	message capture.Message
	smsSid  string
	// marks say which other fields are there.
	account, call, body, media, id bool
	other                          otherEvent
	messageStatus, smsStatus       string
	states                         [2]string // as written: of MessageStatus, of SmsStatus
}

// read takes the first value of each field: the body's before the query's. Without values it finds out no more
// than eventType needs.
func read(r *capture.Record, values bool) (p content, err error) {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		var value *string
		switch string(s.Name()) {
		case "AccountSid":
			p.account = true
		case "CallSid":
			p.call = true
		case "NumMedia":
			p.media = true
		case "MessageStatus":
			firstStatus(&p.messageStatus, &s)
			if values {
				s.First(&p.states[0])
			}
		case "SmsStatus":
			firstStatus(&p.smsStatus, &s)
			if values {
				s.First(&p.states[1])
			}
		case "MessageSid":
			p.id, value = p.id || !s.Is(""), &p.message.ID
		case "SmsSid", "SmsMessageSid":
			if p.id = p.id || !s.Is(""); p.message.ID == "" {
				value = &p.smsSid
			}
		case "From":
			value = &p.message.From
		case "To":
			value = &p.message.To
		case "Body":
			p.body, value = true, &p.message.Text
		default:
			value = p.other.field(&p, &s)
		}
		if value != nil && values {
			s.First(value)
		}
	}
	if p.message.ID == "" {
		p.message.ID = p.smsSid
	}
	return p, s.Err()
}

// firstStatus is First for a status, of which only "received" and "receiving" are told from others.
func firstStatus(status *string, s *payload.Scanner) {
	switch {
	case *status != "" || s.Is(""):
	case s.Is("received") || s.Is("receiving"):
		*status = "received"
	default:
		*status = "other"
	}
}

// eventType tells a message from a delivery receipt: both have an SmsStatus, and only a message is "received".
func (p *content) eventType() dialect.EventType {
	if t, ok := p.other.eventType(); ok {
		if !p.id {
			return dialect.NotSMS
		}
		return t
	}
	status := p.messageStatus
	if status == "" {
		status = p.smsStatus
	}
	switch {
	case !p.id:
		return dialect.NotSMS
	case status == "received":
		return dialect.Inbound
	case status != "":
		return dialect.Receipt
	case p.body || p.media:
		return dialect.Inbound
	}
	return dialect.NotSMS
}

// parse reads an inbound message or a status callback. Other callbacks of an account are no SMS.
func parse(r *capture.Record) (dialect.Event, error) {
	p, err := read(r, true)
	if err != nil {
		return dialect.Event{}, err
	}
	t := p.eventType()
	if t == dialect.NotSMS {
		switch {
		case p.account || p.call || payload.IsJSON(r):
			return dialect.Event{}, nil
		case len(r.Body) == 0 && !strings.Contains(r.URL, "?"):
			return dialect.Event{}, &payload.FieldError{Field: "body", Reason: payload.ReasonEmpty}
		}
		return dialect.Event{}, &payload.FieldError{Field: "MessageSid", Reason: payload.ReasonMissing}
	}
	e := dialect.Event{Type: t, Message: p.message, Person: p.message.From}
	if t == dialect.Receipt {
		e.Person, e.State = p.message.To, cmp.Or(p.states[0], p.states[1], p.other.state)
	}
	return e, nil
}

// variant says which of the tables of fields a payload is of. What is wrong with a body, Locate says better.
func variant(r *capture.Record) int {
	if p, _ := read(r, false); p.eventType() == dialect.Receipt {
		return 1
	}
	return 0
}
