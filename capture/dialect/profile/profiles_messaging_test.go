package profile

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// inbound is the event of a message, receiptOf that of a receipt.
func inbound(id, from, to, text string) dialect.Event {
	return dialect.Event{Type: dialect.Inbound, Person: from, Message: capture.Message{ID: id, From: from, To: to, Text: text}}
}

func receiptOf(id, from, to, state string) dialect.Event {
	return dialect.Event{Type: dialect.Receipt, Person: to, State: state, Message: capture.Message{ID: id, From: from, To: to}}
}

// cloud is a payload of the WhatsApp Cloud API with those contents of its value.
func cloud(value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},` +
		value + `},"field":"messages"}]}]}`
}

func conversation(part string) string {
	return `{"app_id":"01E3S8B6YCMRNR0GGM94H80ACX","accepted_time":"2026-11-27T10:00:04.598Z","event_time":"2026-11-27T10:00:09.892757478Z","project_id":"c36f3d3d-1513-4edd-ae42-11995557ff61",` +
		part + `,"message_metadata":""}`
}

func birdEvent(name, payload string) string {
	return `{"service":"channels","event":"` + name + `","payload":{"id":"96a0b5fa-a986-453d-be5c-3117f989f025","channelId":"614208aa-b153-4d5d-9989-2fddfc0ce4c3",` + payload +
		`,"reference":"","parts":[{"platformReference":"e8077d803532c0b5937c639b60216938"}],"reason":"","lastStatusAt":"2026-11-27T10:00:00.736Z","createdAt":"2026-11-27T10:00:01.736Z","updatedAt":"2026-11-27T10:00:02.736Z"}}`
}

const birdParties = `"sender":{"contact":{"id":"32cf5eee-f940-422c-ab8c-5f753aad5efd","identifierKey":"phonenumber","identifierValue":"+31612345678"}},"receiver":{"connector":{"id":"86cc4dc0-3dc0-41b7-ac43-8ec829ead56f"}}`

func messagingSamples() map[string][]dialecttest.Sample {
	signed := func(name string) []capture.Header { return []capture.Header{{Name: name, Value: "c2ln"}} }
	form := capture.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}
	sam := `"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234"}],"messages":[{"from":"16505551234",`
	return map[string][]dialecttest.Sample{
		"whatsapp-cloud": {
			{
				Name: "a text by its header", Detect: dialect.ByHeader,
				Headers: []capture.Header{{Name: "X-Hub-Signature-256", Value: "sha256=00"}},
				Body:    cloud(sam + `"id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=","timestamp":"1739321024","text":{"body":"Does it \"fit\"? \u00e9"},"type":"text"}]`),
				Want:    inbound("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=", "16505551234", "15550783881", `Does it "fit"? é`),
			},
			{
				Name: "a person without a number taps a button",
				Body: cloud(`"contacts":[{"profile":{"name":"Sheena","username":"@nelson"},"user_id":"US.13491208655302741918"}],"messages":[{"context":{"from":"15550783882","id":"wamid.A1"},"from_user_id":"US.13491208655302741918","id":"wamid.B2","timestamp":"1739321024","type":"button","button":{"payload":"stop-it","text":"Stop"}}]`),
				Want: inbound("wamid.B2", "US.13491208655302741918", "15550783881", "Stop"),
			},
			{
				Name: "a reply of a list",
				Body: cloud(sam + `"id":"wamid.C3","timestamp":"1739321024","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"priority_express","title":"Priority Mail","description":"Next Day to 2 Days"}}}]`),
				Want: inbound("wamid.C3", "16505551234", "15550783881", "Priority Mail"),
			},
			{
				Name: "a picture without a text",
				Body: cloud(sam + `"id":"wamid.D4","timestamp":"1739321024","type":"image","image":{"mime_type":"image/jpeg","sha256":"SfInY0gGKTsJlUWbwxC1k","id":"1003383421387256"}}]`),
				Want: inbound("wamid.D4", "16505551234", "15550783881", ""),
			},
			{
				Name: "the answers of a form, out of an ad", Withheld: []string{"entry.*.changes.*.value.messages.*.interactive.nfm_reply.response_json.flow_token"},
				Body: cloud(sam + `"id":"wamid.H8","timestamp":"1739321024","type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{\"flow_token\":\"tok-1\"}","body":"Sent","name":"flow"}},"referral":{"source_url":"https://fb.example/ad","source_id":"120210","source_type":"ad","headline":"Come in","body":"Big sale","media_type":"image","image_url":"https://img.example/1","ctwa_clid":"Aff-n8"}}]`),
				Want: inbound("wamid.H8", "16505551234", "15550783881", "Sent"),
			},
			{
				Name: "a receipt",
				Body: cloud(`"statuses":[{"id":"wamid.E5","status":"failed","timestamp":"1750263773","recipient_id":"16505551235","errors":[{"code":131026,"title":"Message undeliverable","message":"No account","error_data":{"details":"Message Undeliverable."},"href":"https://developers.example.com/errors"}]}]`),
				Want: receiptOf("wamid.E5", "15550783881", "16505551235", "failed"),
			},
		},
		"360dialog": {
			{
				Name: "a text", Detect: dialect.ByHeader, Headers: signed("X-360Dialog-Signature"),
				Body: cloud(sam + `"id":"wamid.F6","timestamp":"1739321024","text":{"body":"Hi"},"type":"text"}]`),
				Want: inbound("wamid.F6", "16505551234", "15550783881", "Hi"),
			},
			{
				Name: "a receipt", Detect: dialect.ByHeader, Headers: signed("x-360dialog-signature"),
				Body: cloud(`"statuses":[{"id":"wamid.G7","status":"read","timestamp":"1750263773","recipient_id":"16505551235","conversation":{"id":"a75d17ad","expiration_timestamp":"1750943820","origin":{"type":"service"}},"pricing":{"billable":true,"pricing_model":"CBP","category":"utility"}}]`),
				Want: receiptOf("wamid.G7", "15550783881", "16505551235", "read"),
			},
		},
		"sinch-conversation": {
			{
				Name: "a text by its header", Detect: dialect.ByHeader, Headers: signed("x-sinch-webhook-signature"),
				Body: conversation(`"message":{"id":"01E6NKBV63YG6K01ENEW7S1N80","direction":"TO_APP","contact_message":{"text_message":{"text":"Hi \"there\""}},"channel_identity":{"channel":"SMS","identity":"46712312312","app_id":""},"conversation_id":"01EB199XQ2CBY50K6WZD9S1A22","contact_id":"01EB197NDA4W7V15NPRCVV0S79","metadata":"","accept_time":"2026-11-27T10:00:03.1Z","sender_id":"447520651116","processing_mode":"CONVERSATION"}`),
				Want: inbound("01E6NKBV63YG6K01ENEW7S1N80", "46712312312", "447520651116", `Hi "there"`),
			},
			{
				Name: "a tap on a choice, by a person without a number",
				Body: conversation(`"message":{"id":"01EBDTZMYPHM0G1D0AJFEZ0A4P","direction":"TO_APP","contact_message":{"choice_response_message":{"message_id":"01EBDTZ9SN8HTW092K56PH1GDS","postback_data":"email_postback"}},"channel_identity":{"channel":"WHATSAPP","identity":"US.13491208655302741918","app_id":""},"conversation_id":"01EB199XQ2CBY50K6WZD9S1A22","contact_id":"01EB197NDA4W7V15NPRCVV0S79","metadata":"","accept_time":"2026-11-27T10:00:03.1Z"}`),
				Want: inbound("01EBDTZMYPHM0G1D0AJFEZ0A4P", "US.13491208655302741918", "", "email_postback"),
			},
			{
				Name: "a receipt",
				Body: conversation(`"message_delivery_report":{"message_id":"01FVAWD1JP5PPB3KEZCBKGN0ES","conversation_id":"01FNV9VKCVZ6S6FVGKF62QBZ75","status":"FAILED","channel_identity":{"channel":"SINCH_CHAT","identity":"46702571492","app_id":""},"contact_id":"01FNV9VK83AMY60JPNHZ7YE9X6","reason":{"code":"RECIPIENT_NOT_REACHABLE","description":"The phone is off","sub_code":"UNSPECIFIED_SUB_CODE"},"metadata":"","processing_mode":"DISPATCH"}`),
				Want: receiptOf("01FVAWD1JP5PPB3KEZCBKGN0ES", "", "46702571492", "FAILED"),
			},
			{
				Name: "no message and no receipt",
				Body: conversation(`"message_submit_notification":{}`),
			},
		},
		"infobip": {
			{
				Name: "a message",
				Body: `{"results":[{"messageId":"817790313235066447","from":"385916242493","to":"385921004026","text":"QUIZ Paris, \"no\"","cleanText":"Paris","keyword":"QUIZ","receivedAt":"2016-10-06T09:28:39.220+0000","smsCount":1,"price":{"pricePerMessage":0.00,"currency":"EUR"},"callbackData":"back"}],"messageCount":1,"pendingMessageCount":0}`,
				Want: inbound("817790313235066447", "385916242493", "385921004026", `QUIZ Paris, "no"`),
			},
			{
				Name: "a message without a text",
				Body: `{"results":[{"messageId":"817790313235066448","from":"385916242493","to":"385921004026","text":"","cleanText":"","keyword":"","receivedAt":"2016-10-06T09:28:39.220+0000","smsCount":1}],"messageCount":1,"pendingMessageCount":0}`,
				Want: inbound("817790313235066448", "385916242493", "385921004026", ""),
			},
			{
				Name: "an MMS",
				Body: `{"results":[{"messageId":"817790313235066449","from":"385916242493","to":"385921004026","message":[{"contentType":"text/plain","value":"See"},{"contentType":"image/png","url":"https://media.example.com/1.png"}],"receivedAt":"2016-10-06T09:28:39.220+0000"}],"messageCount":1,"pendingMessageCount":0}`,
				Want: inbound("817790313235066449", "385916242493", "385921004026", "See"),
			},
			{
				Name: "a receipt",
				Body: `{"results":[{"bulkId":"BULK-77","messageId":"MSG-88","to":"41793026727","sentAt":"2019-11-09T16:00:00.000+0000","doneAt":"2019-11-09T16:00:01.000+0000","smsCount":1,"price":{"pricePerMessage":0.01,"currency":"EUR"},"callbackData":"back","status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET","description":"Message delivered to handset"},"error":{"groupId":0,"groupName":"OK","id":0,"name":"NO_ERROR","description":"No Error","permanent":false}}]}`,
				Want: receiptOf("MSG-88", "", "41793026727", "DELIVERED"),
			},
		},
		"messagebird": {
			{
				Name: "a message by its header, with fields twice", Detect: dialect.ByHeader, Headers: append(signed("MessageBird-Signature-JWT"), form),
				Body: "id=e8077d803532c0b5937c639b60216938&recipient=31642500190&originator=31612345678&body=Is+it+%C3%A9%3F&createdDatetime=2023-07-27T00%3A49%3A29%2B00%3A00&CreatedDatetime=2023-07-27T00%3A49%3A30%2B00%3A00&reference=ref7&id=e8077d803532c0b5937c639b60216938&body=Is+it+%C3%A9%3F",
				Want: inbound("e8077d803532c0b5937c639b60216938", "31612345678", "31642500190", "Is it é?"),
			},
			{
				Name: "a message to a short code, without a text", Headers: []capture.Header{form},
				Body: "mid=123456789&shortcode=90210&originator=15555550123&message=&receive_datetime=20230727004929",
				Want: inbound("123456789", "15555550123", "90210", ""),
			},
			{
				Name: "a receipt", Method: "GET",
				URL:  "/hook?recipient=31612345678&reference=FOO&statusDatetime=2019-01-11T09%3A17%3A11%2B00%3A00&id=eef0ab57a9e049be946f3821568c2b2e&status=delivered&mccmnc=20408&ported=1&price%5Bamount%5D=0.05&price%5Bcurrency%5D=EUR&statusErrorCode=0",
				Want: receiptOf("eef0ab57a9e049be946f3821568c2b2e", "", "31612345678", "delivered"),
			},
		},
		"bird": {
			{
				Name: "a message by its header", Detect: dialect.ByHeader, Headers: signed("messagebird-signature"),
				Body: birdEvent("sms.inbound", birdParties+`,"body":{"type":"text","text":{"text":"Sample \"text\""}},"meta":{"extraInformation":{"timestamp":"1702496037","whatsappbsuid":"US.134912","whatsappusername":"nelson"}},"status":"delivered","direction":"incoming"`),
				Want: inbound("96a0b5fa-a986-453d-be5c-3117f989f025", "+31612345678", "86cc4dc0-3dc0-41b7-ac43-8ec829ead56f", `Sample "text"`),
			},
			{
				Name: "a message without a text",
				Body: birdEvent("sms.inbound", birdParties+`,"body":{"type":"text","text":{"text":""}},"status":"delivered","direction":"incoming"`),
				Want: inbound("96a0b5fa-a986-453d-be5c-3117f989f025", "+31612345678", "86cc4dc0-3dc0-41b7-ac43-8ec829ead56f", ""),
			},
			{
				Name: "a message as the documentation shows it, without its event",
				Body: `{"id":"96a0b5fa-a986-453d-be5c-3117f989f025","channelId":"614208aa-b153-4d5d-9989-2fddfc0ce4c3",` + birdParties + `,"body":{"type":"text","text":{"text":"Bare"}},"status":"delivered","direction":"incoming","createdAt":"2026-11-27T10:00:01.736Z"}`,
				Want: inbound("96a0b5fa-a986-453d-be5c-3117f989f025", "+31612345678", "86cc4dc0-3dc0-41b7-ac43-8ec829ead56f", "Bare"),
			},
			{
				Name: "a receipt",
				Body: birdEvent("sms.outbound", `"sender":{"connector":{"id":"86cc4dc0-3dc0-41b7-ac43-8ec829ead56f"}},"receiver":{"contacts":[{"id":"32cf5eee-f940-422c-ab8c-5f753aad5efd","identifierKey":"phonenumber","identifierValue":"+31612345678"}]},"status":"delivery_failed","direction":"outgoing"`),
				Want: receiptOf("96a0b5fa-a986-453d-be5c-3117f989f025", "86cc4dc0-3dc0-41b7-ac43-8ec829ead56f", "+31612345678", "delivery_failed"),
			},
		},
	}
}

func TestConformanceOfMessaging(t *testing.T) {
	table := dialect.NewTable(Shipped()...)
	for name, samples := range messagingSamples() {
		t.Run(name, func(t *testing.T) {
			dialecttest.Run(t, vendor(t, name), samples...)
			for _, s := range samples {
				if known := table.Detect(s.Record()); known == nil || known.Name != name {
					t.Errorf("%s: it is taken for another vendor's", s.Name)
				}
			}
		})
	}
}

// messagingVector is one published signature; in testdata stands where it comes from.
type messagingVector struct {
	ID, Vendor, Method, URL, Body, Secret, Timestamp, Nonce string
	Headers                                                 map[string]string
}

func (v *messagingVector) record() *capture.Record {
	r := &capture.Record{Method: v.Method, URL: "/", Body: []byte(v.Body)}
	for name, value := range v.Headers {
		r.Headers = append(r.Headers, capture.Header{Name: name, Value: value})
	}
	return r
}

func TestPublishedSignaturesOfMessaging(t *testing.T) {
	text, err := os.ReadFile("testdata/messaging_signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []messagingVector }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 4 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	for _, v := range file.Vectors {
		vendors := []string{v.Vendor}
		if v.Vendor == "sinch" {
			vendors = append(vendors, "sinch-conversation") // which signs in the same way
		}
		at, err := strconv.ParseInt(v.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range vendors {
			d, s := vendor(t, name), dialect.Signing{URL: v.URL, Secret: []byte(v.Secret), Nonce: v.Nonce, Now: time.Unix(at, 0)}
			if err := d.Verify(v.record(), s); err != nil {
				t.Errorf("%s, %s: Verify: %v", v.ID, name, err)
			}
			again := v.record()
			again.Headers = nil
			if name == "messagebird" { // what anonymize leaves says that it was signed by the older scheme
				mark, ok := d.SignatureMark("MessageBird-Signature", v.Headers["MessageBird-Signature"])
				if mark != "" || !ok {
					t.Errorf("%s: the mark is %q, %v", v.ID, mark, ok)
				}
				again.SetHeader("MessageBird-Signature", mark)
			}
			if err := d.Sign(again, s); err != nil {
				t.Errorf("%s, %s: Sign: %v", v.ID, name, err)
			}
			for header, value := range v.Headers {
				if got, _ := again.Header(header); got != value && header != "x-sinch-webhook-signature-algorithm" {
					t.Errorf("%s, %s: %s = %q, want %q", v.ID, name, header, got, value)
				}
			}
		}
	}
}

// The signatures of which no example is published are those that the documentation's own code computes.
func TestSignaturesOfMessaging(t *testing.T) {
	const url = "https://hooks.example.com/hook?b=2&a=1"
	at := time.Unix(1719823259, 0)
	sum := func(secret string, parts ...string) []byte {
		m := hmac.New(sha256.New, []byte(secret))
		for _, part := range parts {
			m.Write([]byte(part))
		}
		return m.Sum(nil)
	}
	for _, tc := range []struct {
		vendor, header string
		want           func(body string) string
	}{
		{"whatsapp-cloud", "X-Hub-Signature-256", func(body string) string { return "sha256=" + hex.EncodeToString(sum("Secret", body)) }},
		{"360dialog", "x-360dialog-signature", func(body string) string { return hex.EncodeToString(sum("Secret", body)) }},
		{"bird", http.CanonicalHeaderKey("messagebird-signature"), func(body string) string {
			hash := sha256.Sum256([]byte(body))
			return base64.StdEncoding.EncodeToString(sum("Secret", "1719823259\n", url, "\n", string(hash[:])))
		}},
	} {
		sample := dialecttest.Sample{URL: "/hook?b=2&a=1", Body: messagingSamples()[tc.vendor][0].Body}
		r := sample.Record()
		d, s := vendor(t, tc.vendor), dialect.Signing{URL: url, Secret: []byte("Secret"), Now: at}
		if err := d.Sign(r, s); err != nil {
			t.Fatalf("%s: Sign: %v", tc.vendor, err)
		}
		if got, _ := r.Header(tc.header); got != tc.want(sample.Body) {
			t.Errorf("%s: %s = %q, want %q", tc.vendor, tc.header, got, tc.want(sample.Body))
		}
		dialecttest.CheckSigning(t, d, sample, s, s, true)
	}
}
