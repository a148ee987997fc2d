package telnyx

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

func TestPublishedSignature(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Body      string `json:"body"`
			Expected  string `json:"expected_signature"`
			Timestamp string `json:"timestamp"`
			Key       struct {
				Secret string `json:"secret_key_64_b64"`
				Public string `json:"public_b64"`
			} `json:"key"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) != 1 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	v := file.Vectors[0]
	private, err := base64.StdEncoding.DecodeString(v.Key.Secret)
	if err != nil {
		t.Fatal(err)
	}
	seed := base64.StdEncoding.EncodeToString(private[:ed25519.SeedSize])
	d, now := New(), time.Unix(1700000000, 0)
	for _, secret := range []string{v.Key.Secret, seed} {
		r := dialecttest.Sample{Body: v.Body}.Record()
		if err := d.Sign(r, dialect.Signing{Secret: []byte(secret), Now: now}); err != nil {
			t.Fatal(err)
		}
		if got, _ := r.Header(signatureHeader); got != v.Expected {
			t.Errorf("signature = %q, want %q", got, v.Expected)
		}
		if got, _ := r.Header(timestampHeader); got != v.Timestamp {
			t.Errorf("stamp = %q, want %q", got, v.Timestamp)
		}
		for _, check := range []string{v.Key.Public, v.Key.Secret, seed} {
			for _, off := range []time.Duration{0, 299 * time.Second, -299 * time.Second} {
				if err := d.Verify(r, dialect.Signing{Secret: []byte(check), Now: now.Add(off)}); err != nil {
					t.Errorf("Verify: %v", err)
				}
			}
			for _, off := range []time.Duration{301 * time.Second, -301 * time.Second} {
				if err := d.Verify(r, dialect.Signing{Secret: []byte(check), Now: now.Add(off)}); !errors.Is(err, dialect.ErrSignature) {
					t.Errorf("Verify %v off: %v, want ErrSignature", off, err)
				}
			}
			if err := d.Verify(r, dialect.Signing{Secret: []byte(check)}); err != nil {
				t.Errorf("Verify at no time: %v", err)
			}
		}
	}
}

func TestSignAndVerify(t *testing.T) {
	now := time.Unix(1700000000, 0)
	secret := []byte(base64.StdEncoding.EncodeToString([]byte("a seed of just thirty-two bytes.")))
	signing := dialect.Signing{Secret: secret, Now: now}
	dialecttest.CheckSigning(t, New(), samples()[1], signing, signing, true)
}

func TestBadKeysAndHeaders(t *testing.T) {
	d := New()
	for _, secret := range []string{"", "not base64!", "AAAA"} {
		r := samples()[1].Record()
		if err := d.Sign(r, dialect.Signing{Secret: []byte(secret)}); err == nil {
			t.Errorf("Sign took a key of %d characters", len(secret))
		}
		r.SetHeader(signatureHeader, "x")
		r.SetHeader(timestampHeader, "1")
		if err := d.Verify(r, dialect.Signing{Secret: []byte(secret)}); err == nil || errors.Is(err, dialect.ErrSignature) {
			t.Errorf("Verify with a key of %d characters = %v", len(secret), err)
		}
	}
	public := []byte(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	for _, h := range [][2]string{{"x", "1"}, {base64.StdEncoding.EncodeToString(make([]byte, 64)), "soon"}, {base64.StdEncoding.EncodeToString(make([]byte, 64)), "1"}} {
		r := &capture.Record{Headers: []capture.Header{{Name: signatureHeader, Value: h[0]}, {Name: timestampHeader, Value: h[1]}}}
		if err := d.Verify(r, dialect.Signing{Secret: public}); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("Verify = %v, want ErrSignature", err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	d, r := New(), samples()[0].Record()
	key := ed25519.NewKeyFromSeed([]byte("a seed of just thirty-two bytes."))
	s := dialect.Signing{Secret: []byte(base64.StdEncoding.EncodeToString(key)), Now: time.Unix(1700000000, 0)}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(r, s); err != nil {
			b.Fatal(err)
		}
	}
}
