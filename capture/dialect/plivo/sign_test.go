package plivo

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// vector is one published signature, with where it comes from.
type vector struct {
	ID       string            `json:"id"`
	Scheme   string            `json:"scheme"`
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
	Params   [][2]string       `json:"params"`
	Secret   string            `json:"secret"`
	Nonce    string            `json:"nonce"`
	Expected string            `json:"expected_signature"`
}

// record puts the parameters into the form, or into the query of a GET.
func (v vector) record() (r *capture.Record, target string) {
	values := url.Values{}
	for _, p := range v.Params {
		values.Add(p[0], p[1])
	}
	r = &capture.Record{Method: v.Method, URL: "/x"}
	target = v.URL
	if v.Method == "GET" {
		target += "?" + values.Encode()
	} else {
		r.Body = []byte(values.Encode())
		r.Headers = append(r.Headers, capture.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	}
	for name, value := range v.Headers {
		r.Headers = append(r.Headers, capture.Header{Name: strings.ToLower(name), Value: value})
	}
	return r, target
}

func TestPublishedSignatures(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 3 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	d := New()
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			r, target := v.record()
			s := dialect.Signing{URL: target, Secret: []byte(v.Secret), Nonce: v.Nonce}
			if err := d.Verify(r, s); err != nil {
				t.Errorf("Verify: %v", err)
			}
			header := v3().signature
			if strings.Contains(v.Scheme, "v2") {
				header = v2().signature
			}
			r.SetHeader(header, "AAAA")
			if err := d.Verify(r, s); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("Verify of another signature = %v", err)
			}
			if err := d.Sign(r, s); err != nil {
				t.Fatal(err)
			}
			if got, _ := r.Header(header); got != v.Expected {
				t.Errorf("signature = %q, want %q", got, v.Expected)
			}
			s.Secret = []byte("another")
			if err := d.Verify(r, s); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("Verify under another token = %v", err)
			}
		})
	}
}

func TestSignAndVerify(t *testing.T) {
	s := samples()[0]
	s.Headers = []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}
	signing := dialect.Signing{URL: "https://h.example.com/hook?a=b", Secret: []byte("token"), Now: time.Unix(1_700_000_000, 0)}
	dialecttest.CheckSigning(t, New(), s, signing, signing, false)
}

// The headers that the recording had are the ones that are set.
func TestHeadersStay(t *testing.T) {
	signing := dialect.Signing{URL: "https://h.example.com/hook?b=2&a=1", Secret: []byte("token"), Now: time.Unix(1_700_000_000, 0)}
	for _, names := range [][]string{
		{v2().signature, v2().nonce},
		{v2().main, v2().nonce},
		{v2().main, v2().nonce, v2().signature},
		{v3().signature, v3().nonce},
		{v3().main, v3().signature, v3().nonce},
		{v2().signature, v3().signature, v2().nonce, v3().nonce},
	} {
		r := &capture.Record{Method: "POST", URL: "/hook?b=2&a=1", Body: []byte("From=1&To=2")}
		for _, name := range names {
			r.Headers = append(r.Headers, capture.Header{Name: name, Value: "old"})
		}
		if err := New().Sign(r, signing); err != nil {
			t.Fatal(err)
		}
		if len(r.Headers) != len(names) {
			t.Errorf("%v became %d headers", names, len(r.Headers))
		}
		for _, h := range r.Headers {
			if h.Value == "old" {
				t.Errorf("%v: %s is as it was", names, h.Name)
			}
		}
		if err := New().Verify(r, signing); err != nil {
			t.Errorf("%v: Verify: %v", names, err)
		}
		r.SetHeader(names[0], "AAAA, "+r.Headers[0].Value)
		if err := New().Verify(r, signing); err != nil {
			t.Errorf("%v: Verify of the second of two: %v", names, err)
		}
		if strings.Contains(strings.Join(names, " "), "V3") {
			r.Body = []byte("From=1&To=3")
			if err := New().Verify(r, signing); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("%v: Verify of another body = %v", names, err)
			}
		}
	}
}

func TestSignedV3(t *testing.T) {
	for _, tc := range []struct{ method, target, body, want string }{
		{"POST", "https://h/p", "", "https://h/p.n"},
		{"POST", "https://h/p?b=2&a=x%20y", "", "https://h/p?a=x y&b=2.n"},
		{"POST", "https://h/p", "B=2&A=1&B=1", "https://h/p?A1B1B2.n"},
		{"POST", "https://h/p?q=1", "B=2&A=1", "https://h/p?q=1.A1B2.n"},
		{"GET", "https://h/p?q=1#f", "", "https://h/p?q=1.n"},
	} {
		r := dialecttest.Sample{Method: tc.method, Body: tc.body}.Record()
		if got := string(signedV3(r, tc.target, "n")); got != tc.want {
			t.Errorf("%s %s %s signs %q, want %q", tc.method, tc.target, tc.body, got, tc.want)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	d, r := New(), samples()[0].Record()
	s := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte("token")}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(r, s); err != nil {
			b.Fatal(err)
		}
	}
}

// An anonymized request has V3's header without a value, and is signed by V3 alone; the other headers of a signature are gone.
func TestSignedAsItWas(t *testing.T) {
	signing := dialect.Signing{URL: "https://h.example.com/hook?b=2&a=1", Secret: []byte("token"), Now: time.Unix(1_700_000_000, 0)}
	for _, tc := range []struct{ had, want string }{
		{v3().signature, v3().signature}, {v3().main, v3().main}, {v2().signature, v2().signature}, {v2().main, v2().signature}, {"", v2().signature},
	} {
		r := &capture.Record{Method: "POST", URL: "/hook?b=2&a=1", Body: []byte("From=1&To=2")}
		if mark, ok := New().SignatureMark(tc.had, "c2lnbmF0dXJl"); ok {
			r.Headers = append(r.Headers, capture.Header{Name: tc.had, Value: mark})
		}
		if err := New().Verify(r, signing); !errors.Is(err, dialect.ErrUnsigned) {
			t.Errorf("%q: before it is signed: %v", tc.had, err)
		}
		if err := New().Sign(r, signing); err != nil {
			t.Fatal(err)
		}
		if value, ok := r.Header(tc.want); !ok || value == "" || len(r.Headers) != 2 {
			t.Errorf("%q is signed by %v", tc.had, r.Headers)
		}
		if err := New().Verify(r, signing); err != nil {
			t.Errorf("%q: %v", tc.had, err)
		}
		if New().Unsign(r, false); len(r.Headers) != 0 {
			t.Errorf("unsigned, there is %v", r.Headers)
		}
	}
}
