// Package vonage is the dialect of Vonage's two messaging APIs: the SMS API (a query, a form or JSON, as the
// account is set) and the Messages API (JSON, with a JSON web token in Authorization).
//
// The vendor that New returns may be used by several goroutines at once.
package vonage

import (
	"cmp"
	"encoding/base64"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// New returns Vonage.
func New() *dialect.Vendor {
	return dialect.New(dialect.Vendor{
		Name: "vonage", Title: "Vonage",
		FormerNames: []string{"nexmo"},
		Agents:      []string{"Nexmo/MessagingHUB/v1.0"},
		Detect:      detect, Parse: parse,
		// Which API it is decides what to means.
		Layout: dialect.Layout{
			Variants: []dialect.Fields{smsFields(), messagesFields(dialect.Inbound), messagesFields(dialect.Receipt)}, Variant: variant, ByKeys: byKeys,
			Details: map[string]dialect.Detail{
				"network-code": {Is: dialect.NetworkCode}, "origin.network_code": {Is: dialect.NetworkCode},
				"destination.network_code": {Is: dialect.NetworkCode, Recipient: true}, "profile.name": {},
				"location.lat": {}, "location.long": {}, "location.name": {}, "location.address": {},
			},
		},
		Scheme: newScheme(),
		// https://developer.vonage.com/en/opt-out-assist/guides/key-word-setup: those of short codes.
		Keywords: &sms.Words{
			Stop:  []string{"STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE"},
			Start: []string{"START", "JOIN"},
			Help:  []string{"HELP"},
		},
		// "For the next 24 hours" (https://developer.vonage.com/messaging/sms/guides/inbound-sms). The delays are not published:
		// doubling ones stand for them.
		Retries: dialect.Retries{Delays: dialect.Doubling(5*time.Second, 15*time.Minute, 24*time.Hour), Delivery: delivery},
		Answer:  dialect.JSONAnswer(),
		Maker:   maker(),
		Exports: exports(),
		Lacks: map[string]string{
			"HeaderWords": "it sends no headers of its own but a token",
			"SendAPI":     "no stand-in is written yet",
		},
	})
}

// delivery is all of a receipt but what each attempt has anew.
func delivery(dst []byte, r *capture.Record) []byte {
	dst = append(append(append(append(dst, r.Method...), 0), r.URL...), 0)
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "timestamp", "nonce", "sig", "message-timestamp":
			continue
		}
		dst = append(append(dst, s.Name()...), '=')
		dst = append(append(dst, s.Value()...), '&')
	}
	return dst
}

// detect knows Vonage by the issuer of its token, and by the names of either API.
func detect(r *capture.Record) dialect.Confidence {
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
	rich           string // a text of another sort: what was tapped, or a caption
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
		case "reply.title", "button.text", "image.caption", "video.caption", "file.caption":
			s.First(&p.rich)
		case "message_uuid":
			s.First(&p.uuid)
		case "message_type":
			p.content = true
		}
	}
	p.text = cmp.Or(p.text, p.rich)
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

// parse reads a message or a delivery receipt. In a receipt of the SMS API msisdn is still the handset, and to
// the sender that the platform used.
func parse(r *capture.Record) (dialect.Event, error) {
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

// byKeys says whether the keys alone tell the variant: of the SMS API, whose payloads name no message_uuid.
func byKeys(r *capture.Record) bool {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if string(s.Name()) == "message_uuid" {
			return false
		}
	}
	return s.Err() == nil
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
