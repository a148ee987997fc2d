package telnyx

import (
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
)

func jsonHeaders(more ...capture.Header) []capture.Header {
	return append([]capture.Header{{Name: "Content-Type", Value: "application/json"}}, more...)
}

// The samples hold every field that Telnyx documents for messaging.
func samples() []dialecttest.Sample {
	return []dialecttest.Sample{
		{
			Name: "inbound SMS",
			Headers: jsonHeaders(
				capture.Header{Name: "Telnyx-Signature-Ed25519", Value: "AAAA"},
				capture.Header{Name: "Telnyx-Timestamp", Value: "1669390000"},
				capture.Header{Name: "User-Agent", Value: "telnyx-webhooks"},
			),
			Detect: dialect.ByHeader,
			Body: `{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4","occurred_at":"2022-11-25T15:26:40.000+00:00",` +
				`"payload":{"cc":[],"completed_at":null,"cost":{"amount":"0.0000","currency":"USD"},` +
				`"cost_breakdown":{"carrier_fee":{"amount":"0.00305","currency":"USD"},"rate":{"amount":"0.0051","currency":"USD"}},` +
				`"direction":"inbound","encoding":"GSM-7","errors":[],` +
				`"from":{"carrier":"AT\u0026T Mobility","line_type":"Wireless","phone_number":"+13125550188","status":"webhook_delivered"},` +
				`"id":"84cca175-9755-4859-b67f-4730d7f58aa3","is_spam":false,"media":[],"messaging_profile_id":"740572b6-099c-44a1-89b9-6c92163bc68d",` +
				`"organization_id":"47a530f8-4362-4526-829b-bcee17fd9f7a","parts":1,"num_chars":17,"received_at":"2022-11-25T15:26:40.000+00:00","record_type":"message",` +
				`"sent_at":null,"subject":null,"tags":["spring"],"tcr_campaign_billable":true,"tcr_campaign_id":"TCPA3X7","tcr_campaign_registered":"REGISTERED",` +
				`"text":"Hi \u003cthere\u003e \ud83d\ude00 caf\u00e9","to":[{"carrier":"Telnyx","line_type":"Wireless","phone_number":"+17735550111","status":"webhook_delivered"}],` +
				`"autoresponse_type":null,"smart_encoding_applied":false,"wait_seconds":0.5,"type":"SMS","valid_until":null,` +
				`"webhook_failover_url":"https://b.example.com/x","webhook_url":"https://a.example.com/x"},"record_type":"event"},` +
				`"meta":{"attempt":1,"delivered_to":"https://a.example.com/x?y=1"}}`,
			Withheld: []string{"data.payload.num_chars"},
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+13125550188",
				Message: capture.Message{
					ID: "84cca175-9755-4859-b67f-4730d7f58aa3", From: "+13125550188", To: "+17735550111", Text: "Hi <there> 😀 café",
				},
			},
		},
		{
			Name: "inbound group MMS",
			Body: "\n{ \"data\" : {\"record_type\":\"event\", \"event_type\":\"message.received\",\"id\":\"e1\",\"payload\": {\n" +
				"  \"id\":\"m1-84cca175\",\"from\":{\"phone_number\":\"+13125550188\"},\"to\":[{\"phone_number\":\"+17735550111\"},{\"phone_number\":\"+17735550122\"}],\n" +
				"  \"cc\":[{\"phone_number\":\"+17735550133\",\"carrier\":\"C\",\"line_type\":\"W\",\"status\":\"d\"}],\"type\":\"MMS\",\"text\":\"\",\"subject\":\"Look\",\n" +
				"  \"media\":[{\"url\":\"https:\\/\\/m.example.com\\/1.png\",\"content_type\":\"image/png\",\"size\":102400,\"hash_sha256\":\"ab12\",\"sha256\":null}],\n" +
				"  \"group_message_id\":\"g1\"}}}\n",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+13125550188",
				Message: capture.Message{ID: "m1-84cca175", From: "+13125550188", To: "+17735550111"},
			},
		},
		{
			Name: "a tap on a suggestion of RCS",
			Body: `{"data":{"event_type":"message.received","id":"b301ed3f-1490","occurred_at":"2024-12-09T20:16:07.588+00:00","payload":{"body":{"suggestion_response":` +
				`{"postback_data":"action_visit_store","text":"Explore the online store"}},"direction":"inbound","from":{"carrier":"T-Mobile USA","line_type":"long_code",` +
				`"phone_number":"+13125550177","status":"webhook_delivered"},"id":"84cca175-9755","messaging_profile_id":"740572b6-099c","to":[{"agent_id":"e4448a5c0670c2a9",` +
				`"agent_name":"My RCS Agent"}],"type":"RCS","rcs_message_category":"basic_message"},"record_type":"event"}}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+13125550177",
				Message: capture.Message{ID: "84cca175-9755", From: "+13125550177", To: "e4448a5c0670c2a9", Text: "Explore the online store"},
			},
		},
		{
			Name: "a file over RCS",
			Body: `{"data":{"event_type":"message.received","payload":{"body":{"user_file":{"payload":{"file_name":"photo.jpg","file_size_bytes":179099,` +
				`"file_uri":"https://rcs.example.com/1.jpg","mime_type":"image/jpeg"},"thumbnail":{"file_name":"thumb.jpg","file_size_bytes":12074,` +
				`"file_uri":"https://rcs.example.com/2.jpg","mime_type":"image/png"}}},"from":{"phone_number":"+13125550177"},"id":"84cca175-9755","to":[{"agent_id":"e4448a5c0670c2a9"}],` +
				`"type":"RCS"},"record_type":"event"}}`,
			Want: dialect.Event{Type: dialect.Inbound, Person: "+13125550177", Message: capture.Message{ID: "84cca175-9755", From: "+13125550177", To: "e4448a5c0670c2a9"}},
		},
		{
			Name: "a place over RCS",
			Body: `{"data":{"event_type":"message.received","payload":{"body":{"location":{"latitude":38.24961321640261,"longitude":-85.78378468751907}},` +
				`"from":{"phone_number":"+13125550177"},"id":"84cca175-9755","to":[{"agent_id":"e4448a5c0670c2a9"}]},"record_type":"event"}}`,
			Want: dialect.Event{Type: dialect.Inbound, Person: "+13125550177", Message: capture.Message{ID: "84cca175-9755", From: "+13125550177", To: "e4448a5c0670c2a9"}},
		},
		{
			Name: "read over RCS",
			Body: `{"data":{"event_type":"message.read","id":"7bc4d2e1-3f89","payload":{"body":{"text":"Hello there!"},"direction":"outbound","from":{"agent_id":"e4448a5c0670c2a9",` +
				`"agent_name":"My RCS Agent"},"id":"ac012cbf-5e09","to":[{"phone_number":"+13125550178","status":"read"}],"type":"RCS"},"record_type":"event"}}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+13125550178", State: "message.read read",
				Message: capture.Message{ID: "ac012cbf-5e09", From: "e4448a5c0670c2a9", To: "+13125550178", Text: "Hello there!"},
			},
		},
		{
			Name: "finalized",
			Body: `{"data":{"event_type":"message.finalized","id":"e2","payload":{"id":"m2-84cca175","direction":"outbound","text":"Sale!",` +
				`"errors":[{"code":"40300","title":"Blocked","detail":"by the handset","source":{"pointer":"/to"},"meta":{"url":"https://d.example.com/40300"}}],` +
				`"from":{"phone_number":"+17735550111"},"to":[{"phone_number":"+13125550188","status":"delivery_failed"}]},"record_type":"event"}}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+13125550188", State: "message.finalized delivery_failed",
				Message: capture.Message{ID: "m2-84cca175", From: "+17735550111", To: "+13125550188", Text: "Sale!"},
			},
		},
		{
			Name: "older, with numbers as strings",
			Body: `{"data":{"record_type":"event","event_type":"message.received","payload":{"id":"m3-84cca175","from":"+13125550188","to":"+17735550111","text":"STOP","media":null,"tags":null,"cost":null,"errors":null,"cost_breakdown":null}}}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+13125550188",
				Message: capture.Message{ID: "m3-84cca175", From: "+13125550188", To: "+17735550111", Text: "STOP"},
			},
		},
	}
}

func TestConformance(t *testing.T) { dialecttest.Run(t, New(), samples()...) }

func TestParse(t *testing.T) {
	for _, tc := range []struct{ name, body, field string }{
		{"another product", `{"data":{"record_type":"event","event_type":"call.initiated","payload":{}}}`, ""},
		{"no event", `{"data":{}}`, "data.event_type"},
		{"no id", `{"data":{"event_type":"message.received","payload":{"text":"x"}}}`, "data.payload.id"},
		{"a form", "From=1", "body"},
		{"nothing", "", "body"},
		{"data after its end", `{"data":{}} x`, "body"},
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

func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.Body)
	}
	d := New()
	f.Fuzz(func(t *testing.T, body string) {
		r := dialecttest.Sample{Headers: jsonHeaders(), Body: body}.Record()
		d.Detect(r)
		e, err := d.Parse(r)
		if err == nil && e.Type != dialect.NotSMS && e.Message.ID == "" {
			t.Errorf("a message without id")
		}
	})
}
