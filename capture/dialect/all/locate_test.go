package all

import (
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
)

// twilioForm is a message as Twilio sends it, with the headers of a proxy.
func twilioForm() *capture.Record {
	return &capture.Record{
		Method: "POST", URL: "/webhooks/twilio/sms", Host: "hooks.example.com",
		Headers: []capture.Header{
			{Name: "Host", Value: "hooks.example.com"},
			{Name: "X-Twilio-Signature", Value: "1+wssFxmy4VHtYCWwRZ8ydGSgEA="},
			{Name: "I-Twilio-Idempotency-Token", Value: "29e2d263-7ac9-4fa2-8254-84bbda884287"},
			{Name: "Content-Type", Value: "application/x-www-form-urlencoded; charset=UTF-8"},
			{Name: "Content-Length", Value: "476"},
			{Name: "Accept", Value: "*/*"},
			{Name: "X-Home-Region", Value: "us1"},
			{Name: "User-Agent", Value: "TwilioProxy/1.1"},
			{Name: "X-Forwarded-Proto", Value: "https"},
		},
		Body: []byte("ToCountry=US&ToState=MD&SmsMessageSid=SMc6c6ff87ec4786bc622265feebdcc746&NumMedia=0&ToCity=SAN+CEDARVILLE&FromZip=74900" +
			"&SmsSid=SMc6c6ff87ec4786bc622265feebdcc746&FromState=CT&SmsStatus=received&FromCity=NEW+STONEMONT&Body=No" +
			"&FromCountry=US&To=%2B12025550111&ToZip=68538&NumSegments=1&MessagingServiceSid=MG55d512647f4242f1f6d756c135323efb" +
			"&MessageSid=SMc6c6ff87ec4786bc622265feebdcc746&AccountSid=AC55d512647f4242f1f6d756c135323efb&From=%2B14155550188&ApiVersion=2010-04-01"),
	}
}

// telnyxJSON is a message with an attachment, of about 1500 bytes.
func telnyxJSON() *capture.Record {
	return &capture.Record{
		Method: "POST", URL: "/webhooks/telnyx", Host: "hooks.example.com",
		Headers: []capture.Header{
			{Name: "Host", Value: "hooks.example.com"},
			{Name: "telnyx-signature-ed25519", Value: "AAAA"},
			{Name: "telnyx-timestamp", Value: "1700000000"},
			{Name: "Content-Type", Value: "application/json"},
			{Name: "User-Agent", Value: "telnyx-webhooks"},
		},
		Body: []byte(`{"data":{"event_type":"message.received","id":"51a00665-b5c1-4778-ab30-a4557bfd4df1","occurred_at":"2026-11-23T07:55:47.824+00:00",` +
			`"payload":{"cc":[],"completed_at":null,"cost":null,"cost_breakdown":null,"direction":"inbound","encoding":"GSM-7","errors":[],` +
			`"from":{"carrier":"T-Mobile USA","line_type":"Wireless","phone_number":"+14155550188","status":"webhook_delivered"},` +
			`"id":"298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e","media":[{"url":"https://media.example.com/298d1e73/attachment-one.png","content_type":"image/png","size":48211,` +
			`"hash_sha256":"3c42cb405cc3f5fdc0f02a55fe72a9350d8e2e7f3c42cb405cc3f5fdc0f02a55"}],"messaging_profile_id":"29e2d263-7ac9-4fa2-8254-84bbda884287",` +
			`"organization_id":"47a530f8-4362-4526-829b-bcee17fd9f7a","parts":1,"received_at":"2026-11-23T07:55:47.824+00:00","record_type":"message",` +
			`"sent_at":null,"subject":"","tags":[],"text":"Could you tell me whether my order of last week has been sent, please? I have not heard anything since.",` +
			`"to":[{"carrier":"Telnyx","line_type":"Wireless","phone_number":"+12025550111","status":"webhook_delivered"}],"type":"MMS","valid_until":null,` +
			`"webhook_failover_url":"https://backup.example.com/webhooks/telnyx","webhook_url":"https://hooks.example.com/webhooks/telnyx"},` +
			`"record_type":"event"},"meta":{"attempt":1,"delivered_to":"https://hooks.example.com/webhooks/telnyx"}}`),
	}
}

// Locate is asked for every request of a replay: it may not allocate.
func TestLocateAllocatesNothing(t *testing.T) {
	spans := make([]dialect.Span, 0, 64)
	for _, r := range []*capture.Record{twilioForm(), telnyxJSON()} {
		d := Table().Detect(r)
		for _, want := range []dialect.Classes{
			dialect.ClassSet(dialect.ID), dialect.ClassSet(dialect.ID, dialect.Time, dialect.Business), ^dialect.Classes(0),
		} {
			var err error
			if n := testing.AllocsPerRun(100, func() { spans, err = d.Locate(spans[:0], r, want) }); n > 0 || err != nil || len(spans) == 0 {
				t.Errorf("%s: %v allocations, %d spans, %v", d.Name, n, len(spans), err)
			}
		}
	}
}

func BenchmarkLocate(b *testing.B) {
	for _, bc := range []struct {
		name string
		r    *capture.Record
		want dialect.Classes
	}{
		{"twilio/id", twilioForm(), dialect.ClassSet(dialect.ID)},
		{"twilio/id+person", twilioForm(), dialect.ClassSet(dialect.ID, dialect.Person)},
		{"telnyx/id", telnyxJSON(), dialect.ClassSet(dialect.ID)},
		{"telnyx/id+person", telnyxJSON(), dialect.ClassSet(dialect.ID, dialect.Person)},
	} {
		b.Run(bc.name, func(b *testing.B) {
			d := Table().Detect(bc.r)
			spans := make([]dialect.Span, 0, 64)
			b.SetBytes(int64(len(bc.r.Body)))
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if spans, err = d.Locate(spans[:0], bc.r, bc.want); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
