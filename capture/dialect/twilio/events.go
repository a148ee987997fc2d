package twilio

import (
	"bytes"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// otherEvent is what tells a webhook of Conversations (https://www.twilio.com/docs/conversations/conversations-webhooks), a form, or an event
// of Event Streams (https://www.twilio.com/docs/events/event-types), JSON whose fields have other names.
type otherEvent struct {
	kind         otherKind
	ours, theirs bool // the platform wrote the message, or a number did
	state        string
}

type otherKind uint8

const (
	noOther otherKind = iota
	conversation
	conversationMessage
	conversationReceipt
	streamed
	streamedMessage
	streamedReceipt
)

// The types of events on a stream.
const (
	streamPrefix  = "com.twilio."
	streamInbound = "com.twilio.messaging.inbound-message.received"
	streamReceipt = "com.twilio.messaging.message."
)

// field takes in a field that messages and receipts of the messaging API do not have, and returns where its value belongs.
func (o *otherEvent) field(p *content, s *payload.Scanner) *string {
	switch string(s.Name()) {
	case "EventType":
		o.conversation(s)
	case "ConversationSid":
		o.kind = max(o.kind, conversation)
	case "Source":
		o.ours = s.Is("API") || s.Is("SDK")
		o.theirs = o.theirs || !o.ours && !s.Is("")
	case "Author":
		o.theirs = o.theirs || s.Begins("+") || strings.Contains(s.Value(), ":+")
		return &p.message.From
	case "MessagingBinding.ProxyAddress":
		return &p.message.To
	case "Status":
		return &o.state
	case "*.type", "type":
		o.stream(s)
	case "*.data.messageSid", "data.messageSid":
		p.id = p.id || !s.Is("")
		return &p.message.ID
	case "*.data.from", "data.from":
		return &p.message.From
	case "*.data.to", "data.to":
		return &p.message.To
	case "*.data.body", "data.body":
		return &p.message.Text
	case "*.data.messageStatus", "data.messageStatus":
		return &o.state
	}
	return nil
}

func (o *otherEvent) conversation(s *payload.Scanner) {
	switch {
	case s.Is("onMessageAdded"), s.Is("onMessageAdd"):
		o.kind = conversationMessage
	case s.Is("onDeliveryUpdated"):
		o.kind = conversationReceipt
	}
}

func (o *otherEvent) stream(s *payload.Scanner) {
	switch {
	case o.kind > streamed:
	case s.Is(streamInbound):
		o.kind = streamedMessage
	case s.Begins(streamReceipt):
		o.kind = streamedReceipt
	case s.Begins(streamPrefix):
		o.kind = streamed
	}
}

// eventType says what it tells of; ok is false where it is no such event. Of a conversation, only what a number wrote is a message.
func (o *otherEvent) eventType() (t dialect.EventType, ok bool) {
	switch o.kind {
	case noOther:
		return dialect.NotSMS, false
	case conversationMessage:
		if o.ours || !o.theirs {
			return dialect.NotSMS, true
		}
		return dialect.Inbound, true
	case streamedMessage:
		return dialect.Inbound, true
	case conversationReceipt, streamedReceipt:
		return dialect.Receipt, true
	}
	return dialect.NotSMS, true
}

// detectStream knows a batch of events by the type of the first, which stands near its begin.
func detectStream(r *capture.Record) dialect.Confidence {
	const near = 8
	if !bytes.Contains(r.Body, []byte("wilio")) { // other vendors' JSON is told at sight, and by a letter that is rare
		return dialect.No
	}
	var s payload.Scanner
	s.Reset(r)
	for range near {
		if !s.Next() {
			break
		}
		switch string(s.Name()) {
		case "*.type", "type":
			if s.Begins(streamPrefix) {
				return dialect.ByShape
			}
		}
	}
	return dialect.No
}

// otherFields adds the fields of conversations and of events on a stream.
func otherFields(all dialect.Fields, from, to dialect.Class) {
	for name, class := range (dialect.Fields{
		"Author": dialect.Person, "ConversationSid": dialect.ID, "ParticipantSid": dialect.ID, "DeliveryReceiptSid": dialect.ID, "ChannelMessageSid": dialect.ID,
		"ChatServiceSid": dialect.Account, "ClientIdentity": dialect.Account, "Identity": dialect.Account, "RoleSid": dialect.Account, "UniqueName": dialect.Account,
		"FriendlyName": dialect.Text, "Source": dialect.Keep, "Index": dialect.Keep, "RetryCount": dialect.Keep, "Status": dialect.Keep,
		"State": dialect.Keep, "StateFrom": dialect.Keep, "StateTo": dialect.Keep, "Reason": dialect.Keep, "LastReadMessageIndex": dialect.Keep,
		"DateCreated": dialect.Time, "DateUpdated": dialect.Time,
		"MessagingBinding.Address": dialect.Person, "MessagingBinding.ProxyAddress": dialect.Business, "MessagingBinding.Type": dialect.Keep,
		"Attributes": dialect.JSON, "Media": dialect.JSON,
		"Media.*.Sid": dialect.ID, "Media.*.Filename": dialect.Text, "Media.*.ContentType": dialect.Keep, "Media.*.Size": dialect.Keep,
	}) {
		all[name] = class
	}
	for _, root := range [...]string{"", "*."} {
		for name, class := range (dialect.Fields{
			"specversion": dialect.Keep, "type": dialect.Keep, "source": dialect.ID, "id": dialect.ID, "dataschema": dialect.Keep,
			"datacontenttype": dialect.Keep, "time": dialect.Time, "data.timestamp": dialect.Time,
			"data.numMedia": dialect.Keep, "data.numSegments": dialect.Segments, "data.eventName": dialect.Keep, "data.messageStatus": dialect.Keep,
			"data.errorCode": dialect.Keep, "data.errorMessage": dialect.Text,
			"data.accountSid": dialect.Account, "data.messagingServiceSid": dialect.Account, "data.messageSid": dialect.ID,
			"data.from": from, "data.to": to, "data.recipients.*": to, "data.body": dialect.Text, "data.mediaUrls.*": dialect.Link,
		}) {
			all[root+name] = class
		}
	}
}

// settle says of each event in a batch who is who.
func settle(r *capture.Record, spans []dialect.Span) {
	if !dialect.Batched(spans, "*.data.to") {
		return
	}
	tables := [...]dialect.Fields{fields(dialect.Inbound), fields(dialect.Receipt)}
	dialect.SettleEach(r, spans, func(event *capture.Record, spans []dialect.Span) {
		classes := tables[variant(event)]
		for i := range spans {
			spans[i].Class = classes.Class(spans[i].Name)
		}
	})
}
