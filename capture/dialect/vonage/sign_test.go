package vonage

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// vector is one published sig, with where it comes from.
type vector struct {
	ID       string      `json:"id"`
	Scheme   string      `json:"scheme"`
	Params   [][2]string `json:"params"`
	Secret   string      `json:"secret"`
	Expected string      `json:"expected_signature"`
}

// records returns the vector's parameters with sig as a query, as a form and as JSON.
func (v vector) records(sig string) map[string]*capture.Record {
	values, object := url.Values{}, map[string]any{}
	for _, p := range append([][2]string{{"sig", sig}}, v.Params...) {
		values.Set(p[0], p[1])
		object[p[0]] = p[1]
		if n, err := strconv.Atoi(p[1]); err == nil && p[0] == "timestamp" {
			object[p[0]] = n // a number enters as its decimal text
		}
	}
	text, _ := json.Marshal(object)
	return map[string]*capture.Record{
		"query": dialecttest.Sample{Method: "GET", URL: "/hook?" + values.Encode()}.Record(),
		"form":  dialecttest.Sample{Body: values.Encode(), Headers: []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}}.Record(),
		"json":  dialecttest.Sample{Body: string(text)}.Record(),
	}
}

func TestPublishedSignatures(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 8 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	d := New()
	for _, v := range file.Vectors {
		stamp := time.Time{}
		for _, p := range v.Params {
			if n, err := strconv.ParseInt(p[1], 10, 64); err == nil && p[0] == timeKey {
				stamp = time.Unix(n, 0)
			}
		}
		for notation, r := range v.records(v.Expected) {
			t.Run(v.ID+"/"+notation, func(t *testing.T) {
				s := dialect.Signing{Secret: []byte(v.Secret), Now: stamp}
				if err := d.Verify(r, s); err != nil {
					t.Errorf("Verify: %v", err)
				}
				s.Now = stamp.Add(5*time.Minute + time.Second)
				if err := d.Verify(r, s); !errors.Is(err, dialect.ErrSignature) {
					t.Errorf("Verify five minutes later = %v", err)
				}
				// Signing anew at the recorded time gives the recorded sig, whatever stood there.
				_, name, _ := strings.Cut(v.Scheme, "-sig-")
				again := v.records(strings.Repeat("0", len(v.Expected)))[notation]
				s = dialect.Signing{Secret: []byte(name + ":" + v.Secret), Now: stamp}
				if err := d.Sign(again, s); err != nil {
					t.Fatalf("Sign: %v", err)
				}
				p, err := readParams(again)
				if err != nil || !strings.EqualFold(p.sig, v.Expected) {
					t.Errorf("sig = %q, %v, want %q", p.sig, err, v.Expected)
				}
				if err := d.Verify(again, dialect.Signing{Secret: []byte(v.Secret), Now: stamp}); err != nil {
					t.Errorf("Verify after Sign: %v", err)
				}
				s.Secret = []byte("another")
				if err := d.Verify(r, s); !errors.Is(err, dialect.ErrSignature) {
					t.Errorf("Verify under another secret = %v", err)
				}
			})
		}
	}
}

func TestSignAndVerify(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	all := samples()
	for _, s := range all[1:3] {
		signing := dialect.Signing{URL: "https://h/hook", Secret: []byte("a-secret"), Now: now}
		dialecttest.CheckSigning(t, New(), s, signing, signing, true)
		signing.Secret = []byte("sha512:a-secret")
		dialecttest.CheckSigning(t, New(), s, signing, dialect.Signing{Secret: []byte("a-secret"), Now: now}, true)
	}
	r := all[0].Record()
	old := r.URL
	if err := New().Sign(r, dialect.Signing{Secret: []byte("s"), Now: now}); err != nil {
		t.Fatal(err)
	}
	if r.URL == old || strings.Contains(r.URL, "nonce=aaaaaaaa-bbbb&") || !strings.Contains(r.URL, "timestamp=1700000000") {
		t.Errorf("signed as %s", r.URL)
	}
	if err := New().Verify(r, dialect.Signing{Secret: []byte("s"), Now: now}); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

// What was emptied by anonymizing, or was never there, is put in its place.
func TestSignWithoutSig(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, s := range []dialecttest.Sample{
		{Body: "msisdn=1&text=a%26b&sig=&nonce=&timestamp="},
		{Body: "msisdn=1&text=a%3Db"},
		{Body: `{"msisdn":"1","sig":"","timestamp":""}`},
		{Body: `{"msisdn":"1","text":null,"a":1.50} `},
		{Body: `{}`},
		{Method: "GET", URL: "/hook"},
		{Method: "GET", URL: "/hook?"},
		{Method: "GET", URL: "/hook?msisdn=1&to="},
	} {
		for _, algorithm := range algorithms() {
			r := s.Record()
			g := dialect.Signing{Secret: []byte(algorithm.name + ":k"), Now: now}
			if err := New().Sign(r, g); err != nil {
				t.Errorf("%q %q: Sign: %v", s.URL, s.Body, err)
				continue
			}
			if err := New().Verify(r, g); err != nil {
				t.Errorf("%q %q became %q %q: Verify: %v", s.URL, s.Body, r.URL, r.Body, err)
			}
			if length, ok := r.Header("Content-Length"); ok && length != strconv.Itoa(len(r.Body)) {
				t.Errorf("Content-Length is %s of %d", length, len(r.Body))
			}
		}
	}
}

// Vonage's SDKs leave empty parameters out, or do not: both verify.
func TestBlanks(t *testing.T) {
	for _, signed := range []string{"&a=1&b=&timestamp=5", "&a=1&timestamp=5"} {
		sig := algorithms()[3].sum([]byte(signed), []byte("k"))
		r := dialecttest.Sample{Body: "a=1&b=&timestamp=5&sig=" + sig}.Record()
		if err := New().Verify(r, dialect.Signing{Secret: []byte("k")}); err != nil {
			t.Errorf("%s: %v", signed, err)
		}
	}
}

func FuzzSign(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.Body, s.URL, "sha256:k")
	}
	d := New()
	f.Fuzz(func(t *testing.T, body, target, secret string) {
		r := dialecttest.Sample{URL: target, Body: body}.Record()
		g := dialect.Signing{Secret: []byte(secret), Now: time.Unix(1_700_000_000, 0)}
		if err := d.Sign(r, g); err != nil {
			return
		}
		if err := d.Verify(r, g); errors.Is(err, dialect.ErrUnsupported) {
			t.Errorf("signed, and then not supported")
		}
	})
}

func BenchmarkSign(b *testing.B) {
	d, s := New(), samples()[1]
	g := dialect.Signing{Secret: []byte("sha256:k"), Now: time.Unix(1_700_000_000, 0)}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(s.Record(), g); err != nil {
			b.Fatal(err)
		}
	}
}
