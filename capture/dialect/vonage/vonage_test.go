package vonage

import (
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
)

// token is a JSON web token of {"iss":"Vonage","iat":1669390000}, without a signature that holds.
const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJWb25hZ2UiLCJpYXQiOjE2NjkzOTAwMDB9.AAAA"

var inbound = dialect.Event{
	Type: dialect.Inbound, Person: "447700900001",
	Message: capture.Message{ID: "0A0000000123ABCD1", From: "447700900001", To: "447700900002", Text: "Hello world"},
}

// The samples hold every field that Vonage documents for both APIs.
func samples() []dialecttest.Sample {
	return []dialecttest.Sample{
		{
			Name: "SMS API by GET", Method: "GET",
			URL: "/webhooks/inbound-sms?msisdn=447700900001&to=447700900002&messageId=0A0000000123ABCD1&text=Hello+world&type=text&keyword=HELLO" +
				"&api-key=abcd1234&message-timestamp=2020-01-01+12%3A00%3A00&timestamp=1578787200&nonce=aaaaaaaa-bbbb&sig=0123abcd" +
				"&concat=true&concat-ref=17&concat-total=3&concat-part=2&data=abc123&udh=0500",
			Withheld: []string{"data", "udh"},
			Want:     inbound,
		},
		{
			Name:    "SMS API by form",
			Headers: []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}},
			Body:    "msisdn=447700900001&to=447700900002&messageId=0A0000000123ABCD1&text=Hello+world&type=text&keyword=HELLO",
			Want:    inbound,
		},
		{
			Name: "SMS API by JSON, without Content-Type",
			Body: `{"msisdn":"447700900001","to":"447700900002","messageId":"0A0000000123ABCD1","text":"Hello world","type":"text","keyword":"HELLO",` +
				`"message-timestamp":"2020-01-01 12:00:00","timestamp":1578787200}`,
			Want: inbound,
		},
		{
			Name: "delivery receipt", Method: "GET",
			URL: "/webhooks/delivery?msisdn=447700900001&to=AcmeInc&network-code=12345&messageId=0A0000001234567B&price=0.03330000&status=delivered" +
				"&scts=2001011400&err-code=0&api-key=abcd1234&client-ref=ref-19&message-timestamp=2020-01-01+12:00:00",
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "447700900001", State: "delivered",
				Message: capture.Message{ID: "0A0000001234567B", From: "AcmeInc", To: "447700900001"},
			},
		},
		{
			Name:    "Messages API",
			Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "Authorization", Value: "Bearer " + token}},
			Detect:  dialect.ByHeader,
			Body: `{"channel":"sms","message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":"447700900002","from":"447700900001","timestamp":"2020-01-01T14:00:00.000Z",` +
				`"text":"Hello","sms":{"num_messages":"2","total_count":"9","keyword":"HELLO","count_total":"8"},"usage":{"price":"0.0333","currency":"EUR"},` +
				`"context":{"message_uuid":"bbbbbbbb-bbbb-4ccc-8ddd-0123456789ab"},"profile":{"name":"Jane Smith"},` +
				`"image":{"url":"https://m.example.com/1","name":"beach.png","caption":"At sea"},"origin":{"network_code":"54321"},"client_ref":"ref-19","message_type":"text","api_key":"abcd1234"}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "447700900001",
				Message: capture.Message{ID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", From: "447700900001", To: "447700900002", Text: "Hello"},
			},
		},
		{
			Name: "a tap on a button",
			Body: `{"channel":"whatsapp","message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":"447700900002","from":"447700900001","timestamp":"2020-01-01T14:00:00.000Z",` +
				`"message_type":"reply","reply":{"id":"slot-1","title":"9am","description":"Select 9am"},"context":{"message_uuid":"bbbb","message_from":"447700900003"},"context_status":"available"}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "447700900001",
				Message: capture.Message{ID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", From: "447700900001", To: "447700900002", Text: "9am"},
			},
		},
		{
			Name: "a place",
			Body: `{"channel":"rcs","message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":"Brand","from":"447700900001","message_type":"location",` +
				`"location":{"lat":40.34772,"long":-74.18847,"name":"Home","address":"1 Example Street"}}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "447700900001",
				Message: capture.Message{ID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", From: "447700900001", To: "Brand"},
			},
		},
		{
			Name: "Messages API, first version",
			Body: `{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":{"type":"sms","number":"447700900002"},"from":{"type":"sms","number":"447700900001"},` +
				`"channel":"sms","message":{"content":{"type":"text","text":"Hello"}}}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "447700900001",
				Message: capture.Message{ID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", From: "447700900001", To: "447700900002", Text: "Hello"},
			},
		},
		{
			Name: "Messages API status",
			Body: `{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":"447700900001","from":"AcmeInc","timestamp":"2020-01-01T14:00:00.000Z","status":"rejected",` +
				`"error":{"type":"https://d.example.com/1000","title":1000,"detail":"Throttled","instance":"cccccccc-bbbb-4ccc-8ddd-0123456789ab"},"channel":"sms",` +
				`"destination":{"network_code":"12345"},"usage":{"currency":"EUR","price":"0.0333"},"client_ref":"ref-19"}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "447700900001", State: "rejected",
				Message: capture.Message{ID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", From: "AcmeInc", To: "447700900001"},
			},
		},
	}
}

func TestConformance(t *testing.T) { dialecttest.Run(t, New(), samples()...) }

func TestIssuer(t *testing.T) {
	for _, tc := range []struct {
		authorization string
		want          bool
	}{
		{"Bearer " + token, true},
		{"bearer " + token, true},
		{"Basic " + token, false},
		{"Bearer a.b", false},
		{"Bearer eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJPdGhlciJ9.AAAA", false},
		{"Bearer a.***.c", false},
		{"", false},
	} {
		if got := issuedByVonage(tc.authorization); got != tc.want {
			t.Errorf("issuedByVonage(%q) = %v", tc.authorization, got)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tc := range []struct{ name, body, field string }{
		{"another channel's event", `{"from":"1","to":"2","uuid":"3"}`, ""},
		{"neither message nor status", `{"message_uuid":"1","channel":"sms"}`, ""},
		{"no field of Vonage's", "a=b", "messageId"},
		{"half", `{"msisdn":"1"`, "body"},
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
		r := dialecttest.Sample{URL: url, Body: body}.Record()
		d.Detect(r)
		e, err := d.Parse(r)
		if err == nil && e.Type != dialect.NotSMS && e.Message.ID == "" {
			t.Errorf("a message without id")
		}
	})
}
