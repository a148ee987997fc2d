package render

import (
	"fmt"
	"slices"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect/all"
)

func TestRetries(t *testing.T) {
	message := func(id string, status int) *capture.Record {
		return &capture.Record{
			Method: "POST", URL: "/sms", Vendor: "twilio", Kind: capture.Help, Body: []byte("MessageSid=" + id),
			Message: capture.Message{ID: id}, Response: capture.Response{Status: status},
		}
	}
	receipt := func(body string, status int) *capture.Record {
		return &capture.Record{
			Method: "POST", URL: "/dlr", Vendor: "twilio", Kind: capture.Status, Body: []byte(body),
			Message: capture.Message{ID: "SM1"}, Response: capture.Response{Status: status},
		}
	}
	telnyx := func(event string, attempt, status int) *capture.Record {
		return &capture.Record{
			Method: "POST", URL: "/t", Vendor: "telnyx", Kind: capture.Status, Message: capture.Message{ID: "m"},
			Headers:  []capture.Header{{Name: "Content-Type", Value: "application/json"}},
			Body:     fmt.Appendf(nil, `{"data":{"id":%q,"payload":{"id":"m"}},"meta":{"attempt":%d}}`, event, attempt),
			Response: capture.Response{Status: status},
		}
	}
	vonage := func(nonce string, status int) *capture.Record {
		return &capture.Record{
			Method: "GET", URL: "/v", Vendor: "vonage", Kind: capture.Status, Message: capture.Message{ID: "v"},
			Headers:  []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}},
			Body:     []byte("messageId=v&status=delivered&nonce=" + nonce + "&sig=" + nonce),
			Response: capture.Response{Status: status},
		}
	}
	changed := message("A", 0)
	changed.Body = append(changed.Body, "&X=1"...)
	other := func(token string, status int) *capture.Record {
		return &capture.Record{
			Method: "POST", URL: "/o", Body: []byte("x"), Headers: []capture.Header{{Name: "idempotency-key", Value: token}},
			Response: capture.Response{Status: status},
		}
	}
	for _, tc := range []struct {
		name    string
		records []*capture.Record
		want    []bool
	}{
		{"the same message after a failure", []*capture.Record{message("A", 500), message("B", 200), message("A", 200)}, []bool{false, false, true}},
		{"after a 404", []*capture.Record{message("A", 404), message("A", 200)}, []bool{false, true}},
		{"after a redirect", []*capture.Record{message("A", 302), message("A", 200)}, []bool{false, false}},
		{"a duplicate after success", []*capture.Record{message("A", 200), message("A", 200)}, []bool{false, false}},
		{"again and again", []*capture.Record{message("A", 500), message("A", 503), message("A", 200), message("A", 200)}, []bool{false, true, true, false}},
		{"no answer, where others have one", []*capture.Record{message("B", 200), message("A", 0), changed}, []bool{false, false, true}},
		{"no answers at all, the same body", []*capture.Record{message("A", 0), message("A", 0)}, []bool{false, true}},
		{"no answers at all, another body", []*capture.Record{message("A", 0), changed}, []bool{false, false}},
		{"no answers at all, no id", []*capture.Record{other("", 0), other("", 0)}, []bool{false, false}},
		{"no answers at all, a token", []*capture.Record{other("1", 0), other("1", 0), other("2", 0)}, []bool{false, true, false}},
		{"no id, after a failure", []*capture.Record{other("", 500), other("", 200)}, []bool{false, true}},
		{"another receipt of the same message", []*capture.Record{receipt("MessageStatus=sent", 500), receipt("MessageStatus=delivered", 200)}, []bool{false, false}},
		{"the same receipt", []*capture.Record{receipt("MessageStatus=sent", 500), receipt("MessageStatus=sent", 200)}, []bool{false, true}},
		{"a message and its receipt", []*capture.Record{message("SM1", 500), receipt("MessageStatus=sent", 200)}, []bool{false, false}},
		{"an event's next attempt", []*capture.Record{telnyx("e", 1, 500), telnyx("f", 1, 200), telnyx("e", 2, 200)}, []bool{false, false, true}},
		{"a receipt stamped anew", []*capture.Record{vonage("1", 500), vonage("2", 200)}, []bool{false, true}},
	} {
		retries := NewRetries(all.Table())
		var got []bool
		for _, r := range tc.records {
			got = append(got, retries.IsRetry(r))
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestRetriesForgets(t *testing.T) {
	const most = 1000
	retries := NewRetries(all.Table())
	retries.most = most
	deliver := func(n, status int) bool {
		return retries.IsRetry(&capture.Record{Kind: capture.Help, Message: capture.Message{ID: fmt.Sprint(n)}, Response: capture.Response{Status: status}})
	}
	for n := range most {
		deliver(n, 500)
	}
	if !deliver(3, 200) || deliver(3, 500) { // remembered anew: another place in the order
		t.Error("a delivery that came well at last is still known")
	}
	for n := range 10 {
		deliver(most+n, 500)
	}
	if len(retries.failed) != most || len(retries.order) != most {
		t.Errorf("%d deliveries remembered, %d in order", len(retries.failed), len(retries.order))
	}
	for n, want := range map[int]bool{0: false, 10: false, 3: true, 11: true, most + 9: true} {
		if got := deliver(n, 200); got != want {
			t.Errorf("delivery %d: %v, want %v", n, got, want)
		}
	}
}
