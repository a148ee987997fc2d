package bandwidth

import (
	"errors"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
)

// The samples hold every field that Bandwidth documents for messaging.
func samples() []dialecttest.Sample {
	return []dialecttest.Sample{
		{
			Name:    "inbound SMS, spaced as in the documentation",
			Headers: []capture.Header{{Name: "User-Agent", Value: "BandwidthAPI/v2"}, {Name: "Authorization", Value: "Basic dTpw"}},
			Body: `[
  {
    "type"          : "message-received",
    "time"          : "2016-09-14T18:20:16Z",
    "description"   : "Incoming message received",
    "to"            : "+12345550111",
    "carrierName"   : "AB Mobile",
    "message"       : {
      "id"            : "14762070468292kw2fuqty55yp2b2",
      "time"          : "2016-09-14T18:20:16Z",
      "to"            : ["+12345550111"],
      "from"          : "+12345550188",
      "text"          : "Hey, check this out!",
      "applicationId" : "93de2206-9669-4e07-948d-329f4b722ee2",
      "owner"         : "+12345550111",
      "direction"     : "in",
      "segmentCount"  : 1
    }
  }
]`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+12345550188",
				Message: capture.Message{ID: "14762070468292kw2fuqty55yp2b2", From: "+12345550188", To: "+12345550111", Text: "Hey, check this out!"},
			},
		},
		{
			Name: "delivered",
			Body: `[{"type":"message-delivered","time":"2016-09-14T18:20:17Z","eventTime":"2016-09-14T18:20:16Z","description":"ok","errorCode":0,"to":"+12345550188",` +
				`"replyTo":"+12345550111","message":{"id":"m-kw2fuqty55yp2b3","owner":"+12345550111","applicationId":"93de2206-9669-4e07-948d-329f4b722ee2",` +
				`"time":"2016-09-14T18:20:15Z","segmentCount":1,"direction":"out","to":["+12345550188"],"from":"+12345550111","text":"Sale!","tag":"t-1",` +
				`"media":["https://m.example.com/5500000/1.png"],"priority":"default","channel":"SMS","expiration":"2016-09-15T18:20:15Z",` +
				`"content":{"type":"MEDIA","text":"Look here","media":{"fileUrl":"https://m.example.com/5500000/2.png"}}}}]`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+12345550188", State: "message-delivered",
				Message: capture.Message{ID: "m-kw2fuqty55yp2b3", From: "+12345550111", To: "+12345550188", Text: "Sale!"},
			},
		},
		{
			Name: "a tap on a suggestion",
			Body: `[{"type":"suggestion-response","time":"2026-09-14T18:20:17Z","description":"Incoming suggestion response","to":"BrandAgent",` +
				`"message":{"id":"m-kw2fuqty55yp2b4","owner":"BrandAgent2","applicationId":"93de2206-9669-4e07-948d-329f4b722ee2","time":"2026-09-14T18:20:15Z",` +
				`"segmentCount":1,"direction":"in","to":["BrandAgent3"],"from":"+12345550188","channel":"RBM","suggestionResponse":{"text":"Yes please","postbackData":"eWVz"}}}]`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+12345550188",
				Message: capture.Message{ID: "m-kw2fuqty55yp2b4", From: "+12345550188", To: "BrandAgent", Text: "Yes please"},
			},
		},
		{
			Name: "a place",
			Body: `[{"type":"request-location-response","time":"2026-09-14T18:20:17Z","description":"Incoming location response","to":"BrandAgent",` +
				`"message":{"id":"m-kw2fuqty55yp2b5","owner":"BrandAgent2","applicationId":"93de2206-9669-4e07-948d-329f4b722ee2","time":"2026-09-14T18:20:15Z",` +
				`"direction":"in","to":["BrandAgent3"],"from":"+12345550188","channel":"RBM","locationResponse":{"latitude":37.42,"longitude":-122.08}}}]`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+12345550188",
				Message: capture.Message{ID: "m-kw2fuqty55yp2b5", From: "+12345550188", To: "BrandAgent"},
			},
		},
		{
			Name: "read",
			Body: `[{"type":"message-read","time":"2026-09-14T18:20:17Z","description":"Message read","to":"+12345550188","message":{"id":"m-kw2fuqty55yp2b6",` +
				`"owner":"BrandAgent","applicationId":"93de2206-9669-4e07-948d-329f4b722ee2","direction":"out","to":["+12345550189"],"from":"BrandAgent2","channel":"RBM"}}]`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+12345550188", State: "message-read",
				Message: capture.Message{ID: "m-kw2fuqty55yp2b6", From: "BrandAgent2", To: "+12345550188"},
			},
		},
	}
}

func TestConformance(t *testing.T) { dialecttest.Run(t, New(), samples()...) }

// In a group the platform's own number is one of many, and is spelled in two ways.
func TestGroup(t *testing.T) {
	r := dialecttest.Sample{Body: `[{"type":"message-received","to":"+12345550111","message":{"id":"1","owner":"+12345550111",` +
		`"applicationId":"a","to":["12345550111","+12345550122","+12345550133"],"from":"+12345550188","text":"x"}}]`}.Record()
	classes := map[string]dialect.Class{}
	if err := New().Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Name == "*.message.to.*" {
			classes[f.Value] = f.Class
		}
		return "", dialect.Leave
	}); err != nil {
		t.Fatal(err)
	}
	if classes["12345550111"] != dialect.Business || classes["+12345550122"] != dialect.Person || classes["+12345550133"] != dialect.Person {
		t.Errorf("classes of a group's numbers: %v", classes)
	}
	if e, err := New().Parse(r); err != nil || e.Message.To != "+12345550111" {
		t.Errorf("Parse = %+v, %v", e, err)
	}
}

func TestParse(t *testing.T) {
	for _, tc := range []struct{ name, body, field string }{
		{"another event", `[{"type":"call-x","message":{}}]`, ""},
		{"no type", `[{"message":{"id":"1"}}]`, "type"},
		{"no id", `[{"type":"message-received"}]`, "message.id"},
		{"a form", "a=b", "body"},
		{"nothing", "", "body"},
		{"half", `[{"type":"message-received"`, "body"},
	} {
		e, err := New().Parse(dialecttest.Sample{Body: tc.body}.Record())
		if tc.field == "" {
			if err != nil || e != (dialect.Event{}) {
				t.Errorf("%s: Parse = %+v, %v, want no SMS", tc.name, e, err)
			}
			continue
		}
		if f, ok := err.(*payload.FieldError); !ok || f.Field != tc.field {
			t.Errorf("%s: Parse = %v, want an error of field %q", tc.name, err, tc.field)
		}
	}
}

func TestUnsigned(t *testing.T) {
	r := samples()[0].Record()
	if err := New().Sign(r, dialect.Signing{}); !errors.Is(err, dialect.ErrUnsupported) {
		t.Errorf("Sign = %v", err)
	}
	if err := New().Verify(r, dialect.Signing{}); !errors.Is(err, dialect.ErrUnsupported) {
		t.Errorf("Verify = %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.Body)
	}
	d := New()
	f.Fuzz(func(t *testing.T, body string) {
		r := dialecttest.Sample{Body: body}.Record()
		d.Detect(r)
		e, err := d.Parse(r)
		if err == nil && e.Type != dialect.NotSMS && e.Message.ID == "" {
			t.Errorf("a message without id")
		}
	})
}
