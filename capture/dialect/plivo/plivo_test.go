package plivo

import (
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
)

func formHeaders(more ...capture.Header) []capture.Header {
	return append([]capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}, more...)
}

// The samples hold every parameter that Plivo documents for messaging.
func samples() []dialecttest.Sample {
	return []dialecttest.Sample{
		{
			Name: "inbound SMS",
			Headers: formHeaders(
				capture.Header{Name: "X-Plivo-Signature-V2", Value: "AAAA"}, capture.Header{Name: "X-Plivo-Signature-Ma-V2", Value: "AAAA"},
				capture.Header{Name: "X-Plivo-Signature-V2-Nonce", Value: "12345"}, capture.Header{Name: "User-Agent", Value: "AHC/2.0"},
			),
			Detect: dialect.ByHeader,
			Body: "From=14155550188&MessageUUID=8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e&Text=no%2C+stop&To=18005550111&TotalAmount=0.00100&TotalRate=0.00000" +
				"&Type=sms&Units=1&MessageIntent=optout&PowerpackUUID=d3ca87d9-1c2b-4f3e-8a9b-0c1d2e3f4a5b&ErrorCode=000",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "14155550188",
				Message: capture.Message{ID: "8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e", From: "14155550188", To: "18005550111", Text: "no, stop"},
			},
		},
		{
			Name:    "inbound MMS",
			Headers: formHeaders(),
			Body: "From=14155550188&MessageUUID=8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e&Body=Look&To=18005550111&Type=mms&TotalRate=0.0&MediaCount=2" +
				"&Media0=https%3A%2F%2Fm.example.com%2F1.png&Media12=https%3A%2F%2Fm.example.com%2F2.png&ContentType=media&MimeType=image%2Fpng",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "14155550188",
				Message: capture.Message{ID: "8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e", From: "14155550188", To: "18005550111", Text: "Look"},
			},
		},
		{
			Name:    "a tap on a button in WhatsApp",
			Headers: formHeaders(),
			Body: "From=14155550188&MessageUUID=8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e&To=18005550111&Type=whatsapp&ContentType=button&ButtonText=Yes+please&ButtonPayload=yes-1&ProfileName=Ada" +
				"&ConversationID=c0ffee&ConversationOrigin=service&ConversationExpirationTimestamp=2026-11-27%2010:00:00",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "14155550188",
				Message: capture.Message{ID: "8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e", From: "14155550188", To: "18005550111", Text: "Yes please"},
			},
		},
		{
			Name:    "a place in WhatsApp",
			Headers: formHeaders(),
			Body:    "From=14155550188&MessageUUID=8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e&To=18005550111&Type=whatsapp&ContentType=location&Latitude=37.78&Longitude=-122.39&Address=1+Elm+St&Name=Home",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "14155550188", Message: capture.Message{ID: "8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e", From: "14155550188", To: "18005550111"},
			},
		},
		{
			Name: "delivery report by GET", Method: "GET",
			URL: "/hook?From=18005550111&MessageUUID=8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e&ParentMessageUUID=9bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e" +
				"&Status=delivered&status=delivered&To=14155550188&Units=2&TotalRate=0.0&TotalAmount=0.1&MCC=310&MNC=004&PartInfo=1%20of%201" +
				"&QueuedTime=2022-11-25%2010:00:00&SentTime=2022-11-25%2010:00:01&DeliveryReportTime=2022-11-25%2010:00:02",
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "14155550188", State: "delivered",
				Message: capture.Message{ID: "8bfef9ee-e7fd-4a1c-9d2f-7e1b3a5c7d9e", From: "18005550111", To: "14155550188"},
			},
		},
	}
}

func TestConformance(t *testing.T) { dialecttest.Run(t, New(), samples()...) }

func TestParse(t *testing.T) {
	for _, tc := range []struct{ name, body, field string }{
		{"a call", "From=1&To=2&CallUUID=3", ""},
		{"JSON", `{"a":1}`, ""},
		{"no field of Plivo's", "a=b", "MessageUUID"},
		{"nothing", "", "MessageUUID"},
	} {
		e, err := New().Parse(dialecttest.Sample{Body: tc.body}.Record())
		if tc.field == "" {
			if err != nil || e.Type != dialect.NotSMS {
				t.Errorf("%s: Parse = %+v, %v, want no SMS", tc.name, e, err)
			}
			continue
		}
		if f, ok := err.(*payload.FieldError); !ok || f.Field != tc.field {
			t.Errorf("%s: Parse = %v, want an error of field %q", tc.name, err, tc.field)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.Body, s.URL)
	}
	d := New()
	f.Fuzz(func(t *testing.T, body, url string) {
		r := dialecttest.Sample{URL: url, Headers: formHeaders(), Body: body}.Record()
		d.Detect(r)
		e, err := d.Parse(r)
		if err == nil && e.Type != dialect.NotSMS && e.Message.ID == "" {
			t.Errorf("a message without id")
		}
	})
}
