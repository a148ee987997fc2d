package all

import (
	"slices"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
)

// BenchmarkSign signs the message that BenchmarkLocate reads.
func BenchmarkSign(b *testing.B) {
	r := twilioForm()
	d := Table().Detect(r)
	s := dialect.Signing{URL: "https://hooks.example.com/webhooks/twilio/sms", Secret: []byte("0123456789abcdef0123456789abcdef")}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(r, s); err != nil {
			b.Fatal(err)
		}
	}
}

// Only the Timed dialects' signatures go stale.
func TestTimed(t *testing.T) {
	for _, d := range Table().All() {
		got := d.Timed()
		want := slices.Contains([]string{
			"telnyx", "vonage", "sinch",
			"sinch-conversation", "messagebird", "bird",
			"klaviyo", "standard-webhooks", "stripe", "svix",
		}, d.Name)
		if got != want {
			t.Errorf("%s: Timed = %v, want %v", d.Name, got, want)
		}
	}
}

// Every vendor that signs says where, so that no signature of a recording is left stale.
func TestSignaturesAreFound(t *testing.T) {
	for _, d := range Table().All() {
		if d.Scheme == nil {
			continue
		}
		carried, ok := d.Scheme.(dialect.Carried)
		embedded, in := d.Scheme.(dialect.Embedded)
		if (!ok || len(carried.Headers()) == 0) && (!in || len(embedded.Fields()) == 0) {
			t.Errorf("%s does not say where its signatures stand", d.Name)
			continue
		}
		r := capture.Record{Method: "POST", URL: "/"}
		if ok {
			for _, name := range carried.Headers() {
				r.SetHeader(name, "Bearer c2lnbmF0dXJl")
			}
		}
		if d.Unsign(&r, false); len(r.Headers) > 0 {
			t.Errorf("%s: %v is left", d.Name, r.Headers)
		}
	}
}

// What stands in fields goes with its field.
func TestEmbeddedSignaturesGo(t *testing.T) {
	for _, tc := range []struct{ vendor, url, body, wantURL, wantBody string }{
		{"aws", "/in", `{"Type": "Notification", "Signature": "c2ln", "SignatureVersion": "1"}`, "/in", `{"Type": "Notification", "SignatureVersion": "1"}`},
		{"vonage", "/in?msisdn=1&nonce=a&sig=b&timestamp=5", "", "/in?msisdn=1&timestamp=5", ""},
	} {
		v, _ := Table().Named(tc.vendor)
		r := &capture.Record{Method: "POST", URL: tc.url, Body: []byte(tc.body), Vendor: v.Name}
		v.Unsign(r, false)
		if r.URL != tc.wantURL || string(r.Body) != tc.wantBody {
			t.Errorf("%s: %s %s", tc.vendor, r.URL, r.Body)
		}
	}
}
