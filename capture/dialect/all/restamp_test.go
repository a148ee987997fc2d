package all

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// Every time in a vendor's requests can be moved in its own form, and is as long as it was.
func TestTimesMove(t *testing.T) {
	at := time.Date(2025, 11, 27, 10, 0, 0, 123_456_789, time.UTC)
	for _, v := range Table().All() {
		d := &dialect.Draft{
			Random: rand.New(rand.NewPCG(3, 4)), At: at, Now: at.Add(5 * time.Second),
			From: "+14155552010", To: "+12125550101", Text: "Hello", Size: sms.Measure("Hello"), URL: "https://h.example.com/in",
		}
		d.Account, d.Profile = v.Maker.Account(d.Random)
		body, _, _ := v.Maker.Message(nil, d)
		records := []*capture.Record{written(v, body, d, false)}
		for _, states := range v.Maker.States {
			for _, state := range states {
				d.ID, d.State = string(v.Maker.ID(nil, d)), state
				records = append(records, written(v, v.Maker.Receipt(nil, d), d, true))
			}
		}
		times := 0
		for _, r := range records {
			times += checkTimes(t, v, r, at)
		}
		t.Logf("%s: %d times in %d requests", v.Name, times, len(records))
	}
}

// checkTimes moves the times of a request and says how many there are.
func checkTimes(t *testing.T, v *dialect.Vendor, r *capture.Record, near time.Time) (n int) {
	t.Helper()
	length := len(r.Body)
	err := v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Class != dialect.Time || f.Value == "" || f.Value == f.Blank() {
			return "", dialect.Leave
		}
		n++
		moved, ok := payload.AppendMoved(nil, []byte(f.Value), near, 3*24*time.Hour)
		if !ok || string(moved) == f.Value || len(moved) != len(f.Value) {
			t.Errorf("%s: %s is %q, and moved %q", v.Name, f.Name, f.Value, moved)
		}
		return string(moved), dialect.Set
	})
	if err != nil || len(r.Body) != length {
		t.Errorf("%s: %v, %d bytes of %d", v.Name, err, len(r.Body), length)
	}
	return n
}

// What vendors' own examples have, and what their fields of times become: the form stays, and so does the length.
func TestVendorsExamplesMove(t *testing.T) {
	near := time.Date(2024, 1, 4, 18, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ vendor, body, moved string }{
		{"twilio", `From=%2B1&MessageSid=SM1&MessageStatus=delivered&RawDlrDoneDate=2401041805`, `From=%2B1&MessageSid=SM1&MessageStatus=delivered&RawDlrDoneDate=2401041905`},
		{
			"telnyx", `{"data":{"occurred_at":"2024-01-04T18:05:25.123+00:00","payload":{"received_at":"2024-01-04T18:05:25.000+00:00","completed_at":null}}}`,
			`{"data":{"occurred_at":"2024-01-04T19:05:25.123+00:00","payload":{"received_at":"2024-01-04T19:05:25.000+00:00","completed_at":null}}}`,
		},
		{
			"bandwidth", `[{"type":"message-received","time":"2024-01-04T18:05:25.562Z","message":{"time":"2024-01-04T18:05:25Z"}}]`,
			`[{"type":"message-received","time":"2024-01-04T19:05:25.562Z","message":{"time":"2024-01-04T19:05:25Z"}}]`,
		},
		{"plivo", `From=1&MessageUUID=2&DeliveryReportTime=2024-01-04+18%3A05%3A25.123456%2B00%3A00`, `From=1&MessageUUID=2&DeliveryReportTime=2024-01-04+19%3A05%3A25.123456%2B00%3A00`},
		{
			"vonage", `msisdn=1&message-timestamp=2024-01-04+18%3A05%3A25&timestamp=1704391525&scts=2401041805`,
			`msisdn=1&message-timestamp=2024-01-04+19%3A05%3A25&timestamp=1704395125&scts=2401041905`,
		},
		{"infobip", `{"results":[{"receivedAt":"2024-01-04T18:05:25.220+0000"}]}`, `{"results":[{"receivedAt":"2024-01-04T19:05:25.220+0000"}]}`},
		{"whatsapp-cloud", `{"entry":[{"changes":[{"value":{"messages":[{"timestamp":"1704391525"}]}}]}]}`, `{"entry":[{"changes":[{"value":{"messages":[{"timestamp":"1704395125"}]}}]}]}`},
		{"attentive", `{"timestamp": 1704391525123}`, `{"timestamp": 1704395125123}`},
		{"stripe", `{"created": 1704391525}`, `{"created": 1704395125}`},
		{"shopify", `{"created_at":"2024-01-04T13:05:25-05:00"}`, `{"created_at":"2024-01-04T14:05:25-05:00"}`},
		{"aws", `{"Message":"{\"a\":1}","Timestamp":"2024-01-04T18:05:25.751Z"}`, `{"Message":"{\"a\":1}","Timestamp":"2024-01-04T19:05:25.751Z"}`},
		{
			"messagebird", `id=1&date=20240104180525&date_utc=1704391525&createdDatetime=2024-01-04T18%3A05%3A25Z`,
			`id=1&date=20240104190525&date_utc=1704395125&createdDatetime=2024-01-04T19%3A05%3A25Z`,
		},
	} {
		v, ok := Table().Named(tc.vendor)
		if !ok {
			t.Fatalf("no vendor is called %s", tc.vendor)
		}
		r := &capture.Record{Method: "POST", URL: "/in", Vendor: v.Name, Body: []byte(tc.body), Headers: []capture.Header{
			{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}, {Name: "Content-Length", Value: strconv.Itoa(len(tc.body))},
		}}
		if tc.body[0] == '{' || tc.body[0] == '[' {
			r.Headers[0].Value = "application/json"
		}
		err := v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
			moved, ok := payload.AppendMoved(nil, []byte(f.Value), near, time.Hour)
			if f.Class != dialect.Time || !ok {
				return "", dialect.Leave
			}
			return string(moved), dialect.Set
		})
		if err != nil || string(r.Body) != tc.moved {
			t.Errorf("%s: %v\ngot  %s\nwant %s", tc.vendor, err, r.Body, tc.moved)
		}
	}
}
