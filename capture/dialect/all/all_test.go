package all

import (
	"strconv"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// sample is a request of one vendor, as its servers spell it.
type sample struct {
	vendor      string
	header      capture.Header // that only this vendor sends
	target      string
	contentType string
	body        string
	want        capture.Message
	kind        capture.Kind
}

const form = "application/x-www-form-urlencoded; charset=UTF-8"

func samples() []sample {
	return []sample{
		{
			"twilio",
			capture.Header{Name: "X-Twilio-Signature", Value: "AAAA"},
			"/webhooks/twilio/inbound", form,
			"AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&ApiVersion=2010-04-01&Body=stop&From=%2B14155550188&FromCity=AUSTIN&FromCountry=US&FromState=WA&FromZip=71066" +
				"&MessageSid=SM7513bfc2d93963db8d73e388321f5197&MessagingServiceSid=MGa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1&NumMedia=0&NumSegments=1" +
				"&SmsMessageSid=SM7513bfc2d93963db8d73e388321f5197&SmsSid=SM7513bfc2d93963db8d73e388321f5197&SmsStatus=received&To=%2B12025550111&ToCity=&ToCountry=US&ToState=&ToZip=",
			capture.Message{ID: "SM7513bfc2d93963db8d73e388321f5197", From: "+14155550188", To: "+12025550111", Text: "stop"},
			capture.Unsubscribe,
		},
		{
			"telnyx",
			capture.Header{Name: "telnyx-signature-ed25519", Value: "AAAA"},
			"/webhooks/telnyx", "application/json",
			`{"data":{"event_type":"message.received","id":"51a00665-b5c1-4778-ab30-a4557bfd4df1","occurred_at":"2026-11-23T07:55:47.824+00:00","payload":{"cost":null,` +
				`"direction":"inbound","encoding":"GSM-7","errors":[],"from":{"carrier":"T-Mobile USA","line_type":"Wireless","phone_number":"+14155550188"},` +
				`"id":"298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e","media":[],"parts":1,"received_at":"2026-11-23T07:55:47.824+00:00","text":"START",` +
				`"to":[{"carrier":"Telnyx","line_type":"Wireless","phone_number":"28572","status":"webhook_delivered"}],"type":"SMS"},"record_type":"event"},` +
				`"meta":{"attempt":1,"delivered_to":"https://hooks.example.com/webhooks/telnyx"}}`,
			capture.Message{ID: "298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e", From: "+14155550188", To: "28572", Text: "START"},
			capture.Subscribe,
		},
		{
			"plivo",
			capture.Header{Name: "X-Plivo-Signature-V2", Value: "AAAA"},
			"/webhooks/plivo?tenant=brand%2042", "application/x-www-form-urlencoded",
			"From=14155550188&MessageUUID=77180317-0821-451a-a61d-71d127706833&Text=who+is+this&To=12025550111&TotalAmount=0.00000&TotalRate=0.00000&Type=sms&Units=1",
			capture.Message{ID: "77180317-0821-451a-a61d-71d127706833", From: "14155550188", To: "12025550111", Text: "who is this"},
			capture.Unrecognized,
		},
		{
			"vonage",
			capture.Header{Name: "Authorization", Value: "Bearer eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJWb25hZ2UifQ.AAAA"},
			"/webhooks/vonage", "",
			`{"api-key":"abcd1234","keyword":"HELP","message-timestamp":"2026-11-23 07:55:47","messageId":"31484555E7A3FF12","msisdn":"14155550188","text":"Help","to":"12025550111","type":"text"}`,
			capture.Message{ID: "31484555E7A3FF12", From: "14155550188", To: "12025550111", Text: "Help"},
			capture.Help,
		},
		{
			"bandwidth",
			capture.Header{},
			"/webhooks/bandwidth", "application/json; charset=utf-8",
			`[{"description":"Incoming message received","message":{"applicationId":"93de2206-9669-4e07-948d-329f4b722ee2","direction":"in","from":"+14155550188",` +
				`"id":"5780e3eb972883ed3f93c594abe611031dbf1979","owner":"28572","segmentCount":1,"text":"Liked “See you then”","time":"2026-11-23T07:55:47.875776409Z","to":["28572"]},` +
				`"time":"2026-11-23T07:55:47.875771501Z","to":"28572","type":"message-received"}]`,
			capture.Message{ID: "5780e3eb972883ed3f93c594abe611031dbf1979", From: "+14155550188", To: "28572", Text: "Liked “See you then”"},
			capture.Reaction,
		},
	}
}

func (s sample) record(withHeader bool) *capture.Record {
	r := &capture.Record{Method: "POST", URL: s.target, Host: "hooks.example.com", Body: []byte(s.body), Headers: []capture.Header{
		{Name: "Host", Value: "hooks.example.com"}, {Name: "Content-Length", Value: strconv.Itoa(len(s.body))},
	}}
	if s.contentType != "" {
		r.Headers = append(r.Headers, capture.Header{Name: "Content-Type", Value: s.contentType})
	}
	if withHeader && s.header.Name != "" {
		r.Headers = append(r.Headers, s.header)
	}
	return r
}

func classifier(t testing.TB) *sms.Classifier {
	t.Helper()
	c, err := sms.NewClassifier(sms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every vendor is known among all the others, by its header and by its payload's shape alone.
func TestAnnotate(t *testing.T) {
	table, c := Table(), classifier(t)
	for _, s := range samples() {
		for _, withHeader := range []bool{true, false} {
			r, want := s.record(withHeader), s.want
			want.Person, _ = sms.Canonical(want.From)
			if s.kind == capture.Status {
				want.Person, _ = sms.Canonical(want.To)
			}
			if err := table.Annotate(r, c); err != nil || r.Vendor != s.vendor || r.Message != want || r.Kind != s.kind {
				t.Errorf("%s (header %v): vendor %q, kind %v, %+v, %v", s.vendor, withHeader, r.Vendor, r.Kind, r.Message, err)
			}
		}
	}
}

// No vendor's payload is taken for another's.
func TestDetectionIsExclusive(t *testing.T) {
	for _, s := range samples() {
		for _, d := range Table().All() {
			if c := d.Detect(s.record(false)); (c != dialect.No) != (d.Name == s.vendor) {
				t.Errorf("%s has confidence %v in a payload of %s", d.Name, c, s.vendor)
			}
		}
	}
}

func TestNames(t *testing.T) {
	table := Table()
	for _, s := range samples() {
		if d, ok := table.Named(s.vendor); !ok || d.Name != s.vendor {
			t.Errorf("Named(%q) = %v, %v", s.vendor, d, ok)
		}
	}
	if _, ok := table.Named("nobody"); ok {
		t.Error("Named found nobody")
	}
}

// A header that only one vendor sends counts for more than a payload of another's shape.
func TestHeaderGoesBeforeShape(t *testing.T) {
	all := samples()
	r := all[0].record(false)
	r.Headers = append(r.Headers, all[1].header)
	if d := Table().Detect(r); d == nil || d.Name != "telnyx" {
		t.Errorf("Detect = %v, want the header's vendor", d)
	}
}

func BenchmarkAnnotate(b *testing.B) {
	table, c := Table(), classifier(b)
	for _, s := range samples() {
		b.Run(s.vendor, func(b *testing.B) {
			r := s.record(true)
			b.ReportAllocs()
			for b.Loop() {
				r.Vendor = ""
				if err := table.Annotate(r, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSplice rewrites what anonymizing would: numbers, ids and the text.
func BenchmarkSplice(b *testing.B) {
	table := Table()
	for _, s := range samples() {
		b.Run(s.vendor, func(b *testing.B) {
			d, _ := table.Named(s.vendor)
			r := s.record(true)
			was := *r
			edit := func(f dialect.Field) (string, dialect.Op) {
				switch f.Class {
				case dialect.Person:
					return "+15125550123", dialect.Set
				case dialect.ID:
					return "SM00000000000000000000000000000000", dialect.Set
				case dialect.Text:
					return "something else, é", dialect.Set
				}
				return "", dialect.Leave
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Body, r.URL = was.Body, was.URL
				if err := d.Rewrite(r, edit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
