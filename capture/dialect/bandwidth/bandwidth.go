// Package bandwidth is the dialect of Bandwidth's messaging callbacks, v2: a JSON array of one event in a
// POST. They carry no signature; a receiver may ask for HTTP Basic credentials.
//
// The vendor that New returns may be used by several goroutines at once.
package bandwidth

import (
	"bytes"
	"cmp"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// New returns Bandwidth.
func New() *dialect.Vendor {
	return dialect.New(dialect.Vendor{
		Name: "bandwidth", Title: "Bandwidth",
		Agents: []string{"BandwidthAPI/v2", "BWMessaging"},
		Detect: detect, Parse: parse,
		Layout: dialect.Layout{
			Variants: []dialect.Fields{fields(dialect.Inbound), fields(dialect.Receipt)}, Variant: variant, Settle: settle,
			Details: map[string]dialect.Detail{
				"*.carrierName": {Is: dialect.Carrier}, "*.message.locationResponse.latitude": {}, "*.message.locationResponse.longitude": {},
			},
		},
		// "Over the next 24 hours" (https://dev.bandwidth.com/docs/messaging/webhooks). The delays are not published: doubling ones
		// stand for them.
		Retries: dialect.Retries{Delays: dialect.Doubling(time.Minute, 4*time.Hour, 24*time.Hour)},
		Answer:  dialect.JSONAnswer(),
		Maker:   maker(),
		Exports: exports(),
		Lacks: map[string]string{
			"FormerNames": "it had no other name",
			"HeaderWords": "it sends no headers of its own",
			"Scheme":      "its callbacks carry no signature: a receiver may ask for HTTP Basic credentials",
			"Keywords":    "it leaves keywords to its customers, toll-free numbers apart",
			"SendAPI":     "no stand-in is written yet",
		},
	})
}

// detect knows Bandwidth by an array whose event has a type of message and an application.
func detect(r *capture.Record) dialect.Confidence {
	if !payload.IsJSON(r) {
		return dialect.No
	}
	event, application := false, false
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if name := s.Name(); len(name) == 0 || name[0] != '*' {
			return dialect.No
		}
		switch string(s.Name()) {
		case "*.type":
			event = eventType(s.Value()) != dialect.NotSMS
		case "*.message.applicationId":
			application = true
		}
		if event && application {
			return dialect.ByShape
		}
	}
	return dialect.No
}

// content is what parse and settle look for.
type content struct {
	event, outerTo, owner string
	content, tapped       string
	message               capture.Message
}

func read(r *capture.Record) (p content, err error) {
	if err := payload.RequireJSON(r); err != nil {
		return p, err
	}
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		switch string(s.Name()) {
		case "*.type":
			s.First(&p.event)
		case "*.to":
			s.First(&p.outerTo)
		case "*.message.owner":
			s.First(&p.owner)
		case "*.message.id":
			s.First(&p.message.ID)
		case "*.message.from":
			s.First(&p.message.From)
		case "*.message.to.*", "*.message.to":
			s.First(&p.message.To)
		case "*.message.text":
			s.First(&p.message.Text)
		case "*.message.content.text":
			s.First(&p.content)
		case "*.message.suggestionResponse.text":
			s.First(&p.tapped)
		}
	}
	p.message.Text = cmp.Or(p.message.Text, p.content, p.tapped)
	return p, s.Err()
}

// What a person sends who taps on what a rich message suggested, or is asked for a place.
const (
	suggestion = "suggestion-response"
	location   = "request-location-response"
)

// eventType says what an event's type tells of.
func eventType(event string) dialect.EventType {
	switch {
	case event == "message-received", event == suggestion, event == location:
		return dialect.Inbound
	case strings.HasPrefix(event, "message-"):
		return dialect.Receipt
	}
	return dialect.NotSMS
}

// parse reads message-received as a message, so also a tap on a suggestion and a place that was asked for, and every other message
// event as a receipt. A message to a group is to the number that the platform owns.
func parse(r *capture.Record) (dialect.Event, error) {
	p, err := read(r)
	if err != nil {
		return dialect.Event{}, err
	}
	if p.event == "" {
		return dialect.Event{}, &payload.FieldError{Field: "type", Reason: payload.ReasonMissing}
	}
	e := dialect.Event{Type: eventType(p.event), Message: p.message}
	switch e.Type {
	case dialect.NotSMS:
		return dialect.Event{}, nil
	case dialect.Inbound:
		if p.outerTo != "" {
			e.Message.To = p.outerTo
		}
		e.Person = e.Message.From
	case dialect.Receipt:
		if p.outerTo != "" {
			e.Message.To = p.outerTo
		}
		e.Person, e.State = e.Message.To, p.event
	}
	if e.Message.ID == "" {
		return dialect.Event{}, &payload.FieldError{Field: "message.id", Reason: payload.ReasonMissing}
	}
	return e, nil
}

// groupField is each of the numbers that a message went to.
const groupField = "*.message.to.*"

// settle makes people of those numbers that a group message went to and that the platform does not own. In a batch it asks each event.
func settle(r *capture.Record, spans []dialect.Span) {
	if !dialect.Batched(spans, "*.to") {
		settleGroup(r, r, spans)
		return
	}
	tables := [...]dialect.Fields{fields(dialect.Inbound), fields(dialect.Receipt)}
	dialect.SettleEach(r, spans, func(event *capture.Record, spans []dialect.Span) {
		classes := tables[variant(event)]
		for i := range spans {
			spans[i].Class = classes.Class(spans[i].Name)
		}
		settleGroup(r, event, spans)
	})
}

// settleGroup settles the numbers that the message of an event, which is r or one of its, went to.
func settleGroup(r, event *capture.Record, spans []dialect.Span) {
	p, _ := read(event)
	owner := p.platform()
	var buffer [64]byte
	for i := range spans {
		s := &spans[i]
		if s.Name != groupField || s.Class != dialect.Business {
			continue
		}
		number := s.Decode(buffer[:0], r.Body[s.Start:s.End])
		if string(bytes.TrimPrefix(number, []byte{'+'})) != owner {
			s.Class = dialect.Person
		}
	}
}

// platform returns the number that the platform owns, without its +.
func (p *content) platform() string {
	if p.owner == "" {
		return strings.TrimPrefix(p.outerTo, "+")
	}
	return strings.TrimPrefix(p.owner, "+")
}

// variant says which of the tables of fields a payload is of. What is wrong with a body, Locate says better.
func variant(r *capture.Record) int {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if string(s.Name()) == "*.type" && !s.Is("") {
			if s.Begins("message-") && !s.Is("message-received") {
				return 1
			}
			break
		}
	}
	return 0
}

// fields are those of message callbacks (https://dev.bandwidth.com/docs/messaging/webhooks/, and InboundCallbackMessage of its SDKs).
func fields(t dialect.EventType) dialect.Fields {
	from, to := dialect.Person, dialect.Business
	if t == dialect.Receipt {
		from, to = to, from
	}
	return dialect.Fields{
		"*.type": dialect.Keep, "*.time": dialect.Time, "*.eventTime": dialect.Time, "*.description": dialect.Keep,
		"*.to": to, "*.carrierName": dialect.Name, "*.errorCode": dialect.Keep, "*.replyTo": from,
		"*.message.id": dialect.ID, "*.message.owner": dialect.Business, "*.message.applicationId": dialect.Account,
		"*.message.time": dialect.Time, "*.message.segmentCount": dialect.Segments, "*.message.direction": dialect.Keep,
		"*.message.to.*": to, "*.message.to": to, "*.message.from": from, "*.message.text": dialect.Text,
		"*.message.tag": dialect.Account, "*.message.media.*": dialect.Link, "*.message.media": dialect.Keep,
		"*.message.priority": dialect.Keep, "*.message.channel": dialect.Keep, "*.message.expiration": dialect.Time,
		"*.message.content.type": dialect.Keep, "*.message.content.text": dialect.Text,
		"*.message.content.media.fileUrl": dialect.Link, "*.message.content.media.thumbnailUrl": dialect.Link,
		"*.message.suggestionResponse.text": dialect.Text, "*.message.suggestionResponse.postbackData": dialect.Text,
		"*.message.locationResponse.latitude": dialect.Place, "*.message.locationResponse.longitude": dialect.Place,
	}
}
