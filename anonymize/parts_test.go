package anonymize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/sms"
)

// TestGolden holds outputs for one key. A release must not change them: the same key and input stay the same people.
func TestGolden(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	file, err := os.ReadFile(filepath.Join("testdata", "golden.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got := "key " + a.Fingerprint() + "\n"
	for _, r := range vendorRecords(t) {
		got += "\n---- " + dump(rewrite(t, a, r)) + "\n"
	}
	if got != string(file) {
		t.Errorf("the outputs are no longer those of testdata/golden.txt; they are\n%s", got)
	}
}

func TestLink(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for _, tc := range []struct{ old, want string }{
		{"https://hooks.acme.com/webhooks/telnyx", "https://example.com/webhooks/telnyx"},
		{"HTTP://ACME.com", "http://example.com"},
		{"https://acme.com/", "https://example.com/"},
		{"https://u:p@acme.com:8443/v2/media?token=abc#x", "https://example.com/v2/media"},
		{"acme.com/inbound", "https://example.com/inbound"},
	} {
		if got := a.link(tc.old); got != tc.want {
			t.Errorf("link(%q) = %q, want %q", tc.old, got, tc.want)
		}
	}
	got := a.link("https://media.acme.com/sarah/ME0123456789abcdef0123456789abcdef/my photo.JPG")
	if !strings.HasPrefix(got, "https://example.com/") || strings.Count(got, "/") != 5 || !strings.HasSuffix(got, ".jpg") || !strings.Contains(got, "/ME") ||
		strings.Contains(got, "0123456789abcdef") || strings.Contains(got, "sarah") || strings.Contains(got, "photo") {
		t.Errorf("a media link became %q", got)
	}
}

func TestSafeHost(t *testing.T) {
	for _, tc := range []struct{ host, want string }{
		{"", ""},
		{"hooks.example.com", "hooks.example.com"},
		{"127.0.0.1:8080", "127.0.0.1:8080"},
		{"[::1]:80", "[::1]:80"},
		{"localhost", "localhost"},
		{"sms.acme.com", "hooks.example.com"},
		{"sms.acme.com:8443", "hooks.example.com:8443"},
		{"10.0.0.7", "hooks.example.com"},
		{"sarah.example.com", "hooks.example.com"},
		{"localhost:johnsmith", "localhost"},
		{"localhost:4155552671", "localhost"},
		{"localhost:65536", "localhost"},
		{"localhost%johnsmith:80", "localhost:80"},
		{"[::1%johnsmith]", "[::1]"},
		{"[::1%johnsmith]:80", "[::1]:80"},
		{"::1%johnsmith", "::1"},
		{"[::1]:4155552671", "[::1]"},
		{"[::1]", "[::1]"},
		{"acme.com:johnsmith", "hooks.example.com"},
		{"john:smith@localhost:80", "hooks.example.com"},
	} {
		if got := safeHost(tc.host); got != tc.want {
			t.Errorf("safeHost(%q) = %q, want %q", tc.host, got, tc.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	r := request(t, "http://acme.com/sms", formType, "AccountSid=AC1&Body=hi&From=%2B14155551234&MessageSid=SM1&SmsStatus=received&NumMedia=0&To=28572",
		"I-Twilio-Idempotency-Token", "0a0a0a0a-1b1b-4c4c-8d8d-2e2e2e2e2e2e", "X-Home-Region", "us1", "Accept", "*/*", "X-Real-IP", "203.0.113.7",
		"Authorization", "Basic c2VjcmV0", "User-Agent", "curl sarah@acme.com")
	out := rewrite(t, a, r)
	var names []string
	for _, h := range out.Headers {
		names = append(names, h.Name)
	}
	if got, want := strings.Join(names, " "), "Host Content-Type I-Twilio-Idempotency-Token X-Home-Region Accept Content-Length"; got != want {
		t.Errorf("headers %s, want %s", got, want)
	}
	if token, _ := out.Header("I-Twilio-Idempotency-Token"); len(token) != 36 || strings.HasPrefix(token, "0a0a") {
		t.Errorf("idempotency token %q", token)
	}
	if out.URL != "http://hooks.example.com/sms" || out.Host != "hooks.example.com" {
		t.Errorf("URL %q, host %q", out.URL, out.Host)
	}
}

// TestPlaces asks that a fake person lives where the fake number is, and that what was empty stays so.
func TestPlaces(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	r := request(t, "/sms", formType, "AccountSid=AC1&Body=hi&From=%2B447700900123&FromCity=LEEDS&FromCountry=GB&FromState=&FromZip=LS1&MessageSid=SM1"+
		"&SmsStatus=received&NumMedia=0&To=28572&ToCity=&ToCountry=GB")
	form := func(name string) string {
		c := rewrite(t, a, r)
		_, rest, _ := strings.Cut("&"+string(c.Body), "&"+name+"=")
		value, _, _ := strings.Cut(rest, "&")
		return value
	}
	if city := form("FromCity"); city == "LEEDS" || city == "" || city != strings.ToUpper(city) {
		t.Errorf("FromCity = %q", city)
	}
	if country := form("FromCountry"); country != "US" && country != "CA" {
		t.Errorf("FromCountry = %q", country)
	}
	if form("FromState") != "" || form("ToCity") != "" || form("FromZip") == "LS1" {
		t.Errorf("body %s", rewrite(t, a, r).Body)
	}
	if first, again := form("FromCity"), form("FromCity"); first != again {
		t.Error("the same person lives in two cities")
	}
}

func FuzzRewrite(f *testing.F) {
	for _, r := range vendorRecords(f) {
		contentType, _ := r.Header("Content-Type")
		f.Add(r.URL, contentType, r.Body)
	}
	f.Add("/x?%zz&1=2", jsonType, []byte(`{"data":{"record_type":"event","event_type":"message.received","payload":{"from":4155551234,"text":7,"id":null}}}`))
	f.Fuzz(func(t *testing.T, target, contentType string, body []byte) {
		in := request(t, target, contentType, string(body))
		a := newAnonymizer(t, sms.Wide())
		out := rewrite(t, a, in)
		if out.Kind != in.Kind || a.Report().KindChanged != 0 {
			t.Errorf("kind %s became %s: %q", in.Kind, out.Kind, out.Body)
		}
		if in.Kind != capture.Other && sms.Measure(out.Message.Text) != sms.Measure(in.Message.Text) {
			t.Errorf("%q is of another size than %q", out.Message.Text, in.Message.Text)
		}
	})
}

func BenchmarkRewrite(b *testing.B) {
	records := vendorRecords(b)
	a := newAnonymizer(b, sms.Wide())
	scratch := make([]capture.Record, len(records))
	headers := make([][]capture.Header, len(records))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k := i % len(records)
		scratch[k] = *records[k]
		headers[k] = append(headers[k][:0], records[k].Headers...)
		scratch[k].Headers = headers[k]
		if err := a.Rewrite(&scratch[k]); err != nil {
			b.Fatal(err)
		}
	}
}
