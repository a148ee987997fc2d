package all

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// written is the request of a body that a vendor's maker wrote.
func written(v *dialect.Vendor, body []byte, d *dialect.Draft, receipt bool) *capture.Record {
	r := &capture.Record{Method: "POST", URL: "/in", Vendor: v.Name, Body: body, Headers: []capture.Header{{Name: "Content-Type", Value: v.Maker.MediaType}}}
	if v.Maker.Headers != nil {
		r.Headers = v.Maker.Headers(r.Headers, d)
	}
	if receipt && v.Maker.InQuery {
		*r = capture.Record{Method: "GET", URL: "/in?" + string(body), Vendor: v.Name}
	}
	return r
}

// A STOP is one under every dialect, and all receipts of a message name it, also when ids become others.
func TestReceiptsNameTheirMessage(t *testing.T) {
	table, c := Table(), classifier(t)
	for _, v := range table.All() {
		if v.Maker == nil {
			t.Errorf("%s: nothing can be made up", v.Name)
			continue
		}
		d := &dialect.Draft{
			Random: rand.New(rand.NewPCG(3, 4)), At: time.Unix(1764237600, 0).UTC(), Now: time.Unix(1764237605, 0).UTC(),
			From: "+14155552010", To: "+12125550101", Text: "STOP", Size: sms.Measure("STOP"), URL: "https://h.example.com/in",
		}
		d.Account, d.Profile = v.Maker.Account(d.Random)
		body, _, _ := v.Maker.Message(nil, d)
		r, want := written(v, body, d, false), capture.Unsubscribe
		if v.Maker.Events {
			want = capture.Other
		}
		if err := table.Annotate(r, c); err != nil || r.Kind != want {
			t.Errorf("%s: a message is of kind %v, %v\n%s", v.Name, r.Kind, err, r.Body)
		}
		for _, states := range v.Maker.States {
			checkReceipts(t, table, v, d, states)
		}
	}
}

func checkReceipts(t *testing.T, table dialect.Table, v *dialect.Vendor, d *dialect.Draft, states []string) {
	t.Helper()
	if len(states) == 0 {
		return
	}
	d.ID = string(v.Maker.ID(nil, d))
	for i, state := range states {
		d.State, d.Last, d.Event = state, i == len(states)-1, ""
		r := written(v, v.Maker.Receipt(nil, d), d, true)
		if err := table.Annotate(r, classifier(t)); err != nil || r.Kind != capture.Status || r.Message.ID != d.ID || r.Message.Person != "+14155552010" {
			t.Errorf("%s, %s: of kind %v, of message %q by %q, %v\n%s %s", v.Name, state, r.Kind, r.Message.ID, r.Message.Person, err, r.URL, r.Body)
		}
		if err := v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
			if f.Class == dialect.ID {
				return "x" + f.Value, dialect.Set
			}
			return "", dialect.Leave
		}); err != nil {
			t.Fatal(err)
		}
		if e, err := v.Parse(r); err != nil || e.Message.ID != "x"+d.ID {
			t.Errorf("%s, %s: another message's id became %q, %v", v.Name, state, e.Message.ID, err)
		}
	}
}

// inString is text as a string of JSON, without its quotes.
func inString(t *testing.T, text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(quoted), `"`)
}

// What somebody taps is a message with a text, of that text's kind; media and places are messages that keep their parts.
func TestTapsAndParts(t *testing.T) {
	const person = `"from":"14155552010"`
	whatsapp := func(message string) string {
		return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"display_phone_number":"12125550101"},"messages":[{"id":"wamid.1",` +
			person + `,` + message + `}]}}]}]}`
	}
	telnyx := func(body string) string {
		return `{"data":{"record_type":"event","event_type":"message.received","payload":{"id":"1","from":{"phone_number":"+14155552010"},"to":[{"agent_id":"a"}],"body":` + body + `}}}`
	}
	conversation := func(message string) string {
		return `{"app_id":"a","project_id":"p","accepted_time":"2026-11-27T10:00:00Z","message":{"id":"1","direction":"TO_APP","sender_id":"s","channel_identity":{"identity":"14155552010"},"contact_message":` + message + `}}`
	}
	aws := inString(t, `{"originationNumber":"14155552010","destinationNumber":"rcs-1","inboundMessageId":"1","messageBody":"{\"type\":\"SUGGESTION\",\"text\":\"Stop\",\"postbackData\":\"s\"}"}`)
	for _, tc := range []struct {
		name, vendor, body string
		kind               capture.Kind
		parts              map[string]dialect.Class
	}{
		{"a button of WhatsApp", "twilio", "AccountSid=AC1&MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B14155552010&To=whatsapp%3A%2B12125550101&Body=Stop&ButtonText=Stop&ButtonPayload=s", capture.Unsubscribe, nil},
		{"a place", "twilio", "AccountSid=AC1&MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B14155552010&To=whatsapp%3A%2B12125550101&Latitude=1.5&Longitude=2.5", capture.Unrecognized, map[string]dialect.Class{"Latitude": dialect.Place}},
		{"media", "twilio", "AccountSid=AC1&MessageSid=MM1&SmsStatus=received&From=%2B14155552010&To=%2B12125550101&Body=&NumMedia=1&MediaUrl0=https%3A%2F%2Fm.example%2F1", capture.Unrecognized, map[string]dialect.Class{"MediaUrl0": dialect.Link}},
		{"a tap", "telnyx", telnyx(`{"suggestion_response":{"text":"Stop","postback_data":"s"}}`), capture.Unsubscribe, map[string]dialect.Class{"data.payload.body.suggestion_response.postback_data": dialect.Text}},
		{"a place", "telnyx", telnyx(`{"location":{"latitude":1.5,"longitude":2.5}}`), capture.Unrecognized, map[string]dialect.Class{"data.payload.body.location.latitude": dialect.Place}},
		{"a file", "telnyx", telnyx(`{"user_file":{"payload":{"file_uri":"https://m.example/1"}}}`), capture.Unrecognized, map[string]dialect.Class{"data.payload.body.user_file.payload.file_uri": dialect.Link}},
		{"a tap", "bandwidth", `[{"type":"suggestion-response","to":"agent","message":{"id":"1","applicationId":"a","owner":"agent","from":"+14155552010","to":["agent"],"suggestionResponse":{"text":"Stop","postbackData":"cw=="}}}]`, capture.Unsubscribe, nil},
		{"a place", "bandwidth", `[{"type":"request-location-response","to":"agent","message":{"id":"1","applicationId":"a","owner":"agent","from":"+14155552010","to":["agent"],"locationResponse":{"latitude":1.5,"longitude":2.5}}}]`, capture.Unrecognized, map[string]dialect.Class{"*.message.locationResponse.latitude": dialect.Place}},
		{"a tap", "vonage", `{"channel":"whatsapp","message_uuid":"1",` + person + `,"to":"12125550101","message_type":"reply","reply":{"id":"s","title":"Stop"}}`, capture.Unsubscribe, nil},
		{"a picture", "vonage", `{"channel":"mms","message_uuid":"1",` + person + `,"to":"12125550101","message_type":"image","image":{"url":"https://m.example/1","caption":"Stop"}}`, capture.Unsubscribe, map[string]dialect.Class{"image.url": dialect.Link}},
		{"a place", "vonage", `{"channel":"whatsapp","message_uuid":"1",` + person + `,"to":"12125550101","message_type":"location","location":{"lat":1.5,"long":2.5}}`, capture.Unrecognized, map[string]dialect.Class{"location.lat": dialect.Place}},
		{"a tap", "plivo", "MessageUUID=1&From=14155552010&To=12125550101&Type=whatsapp&ContentType=button&ButtonText=Stop&ButtonPayload=s", capture.Unsubscribe, nil},
		{"media", "plivo", "MessageUUID=1&From=14155552010&To=12125550101&Type=mms&MediaCount=1&Media0=https%3A%2F%2Fm.example%2F1", capture.Unrecognized, map[string]dialect.Class{"Media0": dialect.Link}},
		{"a button", "whatsapp-cloud", whatsapp(`"type":"button","button":{"text":"Stop","payload":"s"}`), capture.Unsubscribe, nil},
		{"a choice of a list", "whatsapp-cloud", whatsapp(`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"s","title":"Stop"}}`), capture.Unsubscribe, nil},
		{"a place", "whatsapp-cloud", whatsapp(`"type":"location","location":{"latitude":1.5,"longitude":2.5}`), capture.Unrecognized, map[string]dialect.Class{"entry.*.changes.*.value.messages.*.location.latitude": dialect.Place}},
		{"a tap", "sinch-conversation", conversation(`{"choice_response_message":{"message_id":"2","postback_data":"Stop"}}`), capture.Unsubscribe, nil},
		{"media", "sinch-conversation", conversation(`{"media_message":{"url":"https://m.example/1"}}`), capture.Unrecognized, map[string]dialect.Class{"message.contact_message.media_message.url": dialect.Link}},
		{"media", "sinch", `{"type":"mo_media","id":"1",` + person + `,"to":"12125550101","body":{"message":"Stop","media":[{"url":"https://m.example/1"}]}}`, capture.Unsubscribe, map[string]dialect.Class{"body.media.*.url": dialect.Link}},
		{"media", "infobip", `{"results":[{"messageId":"1",` + person + `,"to":"12125550101","message":[{"contentType":"image/png","url":"https://m.example/1"},{"contentType":"text/plain","value":"Stop"}]}],"messageCount":1}`, capture.Unsubscribe, map[string]dialect.Class{"results.*.message.*.url": dialect.Link}},
		{"media", "messagebird", "id=1&originator=14155552010&recipient=12125550101&body=Stop&mediaURLs=https%3A%2F%2Fm.example%2F1", capture.Unsubscribe, map[string]dialect.Class{"mediaURLs": dialect.Link}},
		{"a tap", "aws", `{"Type":"Notification","TopicArn":"t","SigningCertURL":"u","Message":"` + aws + `"}`, capture.Unsubscribe, map[string]dialect.Class{"Message.messageBody.type": dialect.Keep}},
	} {
		r := &capture.Record{Method: "POST", URL: "/in", Body: []byte(tc.body)}
		if err := Table().Annotate(r, classifier(t)); err != nil || r.Vendor != tc.vendor || r.Kind != tc.kind || r.Message.Person != "+14155552010" {
			t.Errorf("%s, %s: %q, %v, %+v, %v", tc.vendor, tc.name, r.Vendor, r.Kind, r.Message, err)
			continue
		}
		v, _ := Table().Named(tc.vendor)
		spans, err := v.Locate(nil, r, ^dialect.Classes(0))
		if err != nil {
			t.Fatal(err)
		}
		for name, class := range tc.parts {
			listed := func(s dialect.Span) bool {
				return s.Class == class && (s.Name == name || s.Name == strings.TrimSuffix(name, "0"))
			}
			if !slices.ContainsFunc(spans, listed) {
				t.Errorf("%s, %s: %s is no %v", tc.vendor, tc.name, name, class)
			}
		}
	}
}
