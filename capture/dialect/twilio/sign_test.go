package twilio

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// vector is one published signature, with where it comes from.
type vector struct {
	ID          string            `json:"id"`
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	SignedURL   string            `json:"signed_url"`
	ContentType string            `json:"content_type"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	Secret      string            `json:"secret"`
	Expected    string            `json:"expected_signature"`
}

func TestPublishedSignatures(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 10 {
		t.Fatalf("%d vectors", len(file.Vectors))
	}
	d := New()
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			r := &capture.Record{Method: v.Method, URL: "/x", Body: []byte(v.Body), Headers: []capture.Header{
				{Name: "Content-Type", Value: v.ContentType},
				{Name: "x-twilio-signature", Value: v.Headers["X-Twilio-Signature"]},
			}}
			signing := dialect.Signing{URL: v.URL, Secret: []byte(v.Secret)}
			// Vectors whose signed URL is the dialed one but for a default port must verify as dialed.
			if err := d.Verify(r, signing); err != nil {
				t.Errorf("Verify: %v", err)
			}
			signing.URL = v.SignedURL
			if err := d.Sign(r, signing); err != nil {
				t.Fatalf("Sign: %v", err)
			}
			if got, _ := r.Header(signatureHeader); got != v.Expected {
				t.Errorf("signature = %q, want %q", got, v.Expected)
			}
			signing.Secret = []byte("another")
			if err := d.Verify(r, signing); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("Verify under another token = %v", err)
			}
		})
	}
}

func TestRepeatedKeys(t *testing.T) {
	sign := func(body string) string {
		r := &capture.Record{Method: "POST", Body: []byte(body), Headers: []capture.Header{{Name: "Content-Type", Value: form}}}
		if err := New().Sign(r, dialect.Signing{URL: "https://example.com/", Secret: []byte("t")}); err != nil {
			t.Fatal(err)
		}
		got, _ := r.Header(signatureHeader)
		return got
	}
	if sign("K=b&K=a&K=b&J=1") != sign("J=1&K=a&K=b") {
		t.Error("values of a repeated key are not unique and sorted")
	}
	if sign("K=a") == sign("K=a&K=") {
		t.Error("an empty value does not count")
	}
	if sign("K=a+b") != sign("K=a%20b") || sign("K=a%2Bb") == sign("K=a+b") {
		t.Error("values are not decoded")
	}
	if sign("K=a;b") == sign("K=a&b") || sign("K=5%&J=1") != sign("K=5%25&J=1") {
		t.Error("; or a bare % is not taken as it stands")
	}
}

func TestSignAndVerify(t *testing.T) {
	url := "https://hooks.example.com/hook"
	for _, s := range samples()[1:3] {
		signing := dialect.Signing{URL: url, Secret: []byte("secret-token")}
		dialecttest.CheckSigning(t, New(), s, signing, signing, true)
		signing.URL = "https://hooks.example.com:443/hook"
		dialecttest.CheckSigning(t, New(), s, signing, dialect.Signing{URL: url, Secret: signing.Secret}, true)
	}
	json := dialecttest.Sample{URL: "/hook?a=b", Body: `{"e":1}`, Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}}}
	signing := dialect.Signing{URL: url + "?a=b", Secret: []byte("secret-token")}
	dialecttest.CheckSigning(t, New(), json, signing, signing, true)
}

// A JSON body is covered by its hash in the query: an old hash is replaced, and one is added where there is
// none.
func TestBodyHash(t *testing.T) {
	d := New()
	for _, url := range []string{"/hook", "/hook?a=b", "/hook?bodySHA256=&a=b", "/hook?a=b&bodySHA256=00ff"} {
		r := dialecttest.Sample{URL: url, Body: `{"e":1}`}.Record()
		if err := d.Sign(r, dialect.Signing{URL: "https://h" + url, Secret: []byte("t")}); err != nil {
			t.Fatal(err)
		}
		if strings.Count(r.URL, "bodySHA256=") != 1 || !strings.Contains(r.URL, bodyHash(r.Body)) {
			t.Errorf("%s became %s", url, r.URL)
		}
		v := dialect.Signing{URL: "https://h" + r.URL, Secret: []byte("t")}
		if err := d.Verify(r, v); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		r.Body = []byte(`{"e":2}`)
		if err := d.Verify(r, v); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("%s: another body gave %v", url, err)
		}
	}
}

func TestOtherPort(t *testing.T) {
	for _, tc := range []struct{ url, variant string }{
		{"https://h/p", "https://h:443/p"},
		{"https://h:443/p", "https://h/p"},
		{"http://h?q=1", "http://h:80?q=1"},
		{"HTTP://u:p@H:80/", "HTTP://u:p@H/"},
		{"https://u:p@h/x:1", "https://u:p@h:443/x:1"},
		{"https://h:8443/", ""},
		{"https://[::1]/", "https://[::1]:443/"},
		{"https://[::1]:443/", "https://[::1]/"},
		{"/path", ""},
	} {
		if got := otherPort(tc.url); got != tc.variant {
			t.Errorf("otherPort(%q) = %q, want %q", tc.url, got, tc.variant)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	d, r := New(), samples()[0].Record()
	s := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte("secret-token")}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(r, s); err != nil {
			b.Fatal(err)
		}
	}
}
