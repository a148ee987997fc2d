// Package vonage is the dialect of Vonage's two messaging APIs: the SMS API (a query, a form or JSON, as the
// account is set) and the Messages API (JSON, with a JSON web token in Authorization).
//
// A Dialect holds no state that changes and may be used by several goroutines at once.
package vonage

import (
	"encoding/base64"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Dialect reads, rewrites and signs Vonage's webhooks.
type Dialect struct {
	sms, messagesIn, messagesOut dialect.Fields
	schema                       *dialect.Schema
}

// New returns Vonage's dialect.
func New() dialect.Dialect {
	d := &Dialect{
		sms: smsFields(), messagesIn: messagesFields(dialect.Inbound), messagesOut: messagesFields(dialect.Receipt),
	}
	d.schema = dialect.NewSchema(dialect.Layout{Variants: []dialect.Fields{d.sms, d.messagesIn, d.messagesOut}, Variant: variant})
	return d
}

// Name returns "vonage".
func (*Dialect) Name() string { return "vonage" }

// FormerNames returns what the vendor was called before, as older webhooks' paths have it.
func (*Dialect) FormerNames() []string { return []string{"nexmo"} }

// Detect knows Vonage by the issuer of its token, and by the names of either API.
func (*Dialect) Detect(r *capture.Record) dialect.Confidence {
	if authorization, ok := r.Header("Authorization"); ok && issuedByVonage(authorization) {
		return dialect.ByHeader
	}
	var handset, id, uuid, channel bool
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if name := s.Name(); len(name) > 0 && name[0] == '*' {
			return dialect.No // an array
		}
		switch string(s.Name()) {
		case "msisdn":
			handset = true
		case "messageId":
			id = true
		case "message_uuid":
			uuid = true
		case "channel":
			channel = true
		}
		if handset && id || uuid && channel {
			return dialect.ByShape
		}
	}
	return dialect.No
}

// issuedByVonage says whether an Authorization header holds a token whose issuer is Vonage.
func issuedByVonage(authorization string) bool {
	scheme, token, _ := strings.Cut(authorization, " ")
	parts := strings.Split(token, ".")
	if !strings.EqualFold(scheme, "Bearer") || len(parts) != 3 {
		return false
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	var s payload.Scanner
	for s.ResetJSON(claims); s.Next(); {
		if string(s.Name()) == "iss" && s.Is("Vonage") {
			return true
		}
	}
	return false
}

// content is what Parse looks for, of either API.
type content struct {
	msisdn, id     string // of the SMS API
	uuid           string // of the Messages API
	to, from, text string
	status         string
	reported       bool // it has a status
	content        bool // it has a text or the type of one
}

func read(r *capture.Record) (p content, err error) {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "msisdn":
			s.First(&p.msisdn)
		case "messageId":
			s.First(&p.id)
		case "err-code", "scts":
			p.reported = true
		case "status":
			p.reported = true
			s.First(&p.status)
		case "to", "to.number":
			s.First(&p.to)
		case "from", "from.number":
			s.First(&p.from)
		case "text", "message.content.text":
			p.content = true
			s.First(&p.text)
		case "message_uuid":
			s.First(&p.uuid)
		case "message_type":
			p.content = true
		}
	}
	return p, s.Err()
}

// messages says whether the payload is of the Messages API.
func (p *content) messages() bool { return p.uuid != "" }

// eventType tells a message from a status: only a status says how the message fared.
func (p *content) eventType() dialect.EventType {
	switch {
	case p.uuid == "" && p.id == "":
		return dialect.NotSMS
	case p.messages() && p.content:
		return dialect.Inbound
	case p.reported:
		return dialect.Receipt
	case p.messages():
		return dialect.NotSMS
	}
	return dialect.Inbound
}

// Parse reads a message or a delivery receipt. In a receipt of the SMS API msisdn is still the handset, and to
// the sender that the platform used.
func (*Dialect) Parse(r *capture.Record) (dialect.Event, error) {
	p, err := read(r)
	if err != nil {
		return dialect.Event{}, err
	}
	e := dialect.Event{Type: p.eventType()}
	if e.Type == dialect.Receipt {
		e.State = p.status
	}
	switch {
	case e.Type == dialect.NotSMS && (p.uuid != "" || p.to != "" || p.from != ""):
		return dialect.Event{}, nil
	case e.Type == dialect.NotSMS:
		return dialect.Event{}, &payload.FieldError{Field: "messageId", Reason: payload.ReasonMissing}
	case p.messages():
		e.Message = capture.Message{ID: p.uuid, From: p.from, To: p.to, Text: p.text}
		if e.Person = p.from; e.Type == dialect.Receipt {
			e.Person = p.to
		}
	case e.Type == dialect.Receipt:
		e.Message = capture.Message{ID: p.id, From: p.to, To: p.msisdn}
		e.Person = p.msisdn
	default:
		e.Message = capture.Message{ID: p.id, From: p.msisdn, To: p.to, Text: p.text}
		e.Person = p.msisdn
	}
	return e, nil
}

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
	messages, content, reported := false, false, false
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "message_uuid":
			messages = messages || !s.Is("") && (s.IsString() || !s.Is("null"))
		case "text", "message.content.text", "message_type":
			content = true
		case "err-code", "scts", "status":
			reported = true
		}
	}
	switch {
	case !messages:
		return 0
	case reported && !content:
		return 2
	}
	return 1
}
