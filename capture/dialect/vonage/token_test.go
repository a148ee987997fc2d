package vonage

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// Webhooks of the Messages API get a token whatever the secret's notation says of the other API.
func TestTokens(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, s := range samples()[4:] {
		for _, secret := range []string{"a-secret", "sha512:a-secret"} {
			s.Headers = nil
			signing := dialect.Signing{URL: "https://h/hook", Secret: []byte(secret), Now: now}
			dialecttest.CheckSigning(t, New(), s, signing, dialect.Signing{Secret: []byte("a-secret"), Now: now}, true)
			r := s.Record()
			if err := New().Sign(r, signing); err != nil {
				t.Fatal(err)
			}
			if c := New().Detect(r); c != dialect.ByHeader {
				t.Errorf("%s: what is signed is detected as %v", s.Name, c)
			}
			signing.Now = now.Add(5*time.Minute + time.Second)
			if err := New().Verify(r, signing); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("%s: Verify five minutes later = %v", s.Name, err)
			}
		}
	}
}

// The published token is signed under another secret than the one it is published with: it is refused. Its shape is that of ours.
func TestPublishedToken(t *testing.T) {
	text, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			ID, Token, Secret string
			Claims            map[string]any `json:"jwt_claims"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) != 1 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	v := file.Vectors[0]
	r := dialecttest.Sample{Body: `{"message_uuid":"1","channel":"sms"}`, Headers: []capture.Header{{Name: "Authorization", Value: "Bearer " + v.Token}}}.Record()
	s := dialect.Signing{Secret: []byte(v.Secret), Nonce: v.Claims["jti"].(string), Now: time.Unix(1587494962, 0)}
	if err := New().Verify(r, s); !errors.Is(err, dialect.ErrSignature) {
		t.Errorf("%s: Verify = %v", v.ID, err)
	}
	if err := New().Sign(r, s); err != nil {
		t.Fatal(err)
	}
	ours, _ := r.Header("Authorization")
	if head, _, _ := strings.Cut(v.Token, "."); !strings.HasPrefix(ours, "Bearer "+head+".") {
		t.Errorf("the token begins %q", ours)
	}
	if err := New().Verify(r, s); err != nil {
		t.Errorf("Verify = %v", err)
	}
	r.SetHeader("Authorization", "")
	if err := New().Verify(r, s); !errors.Is(err, dialect.ErrUnsigned) {
		t.Errorf("without a token: Verify = %v", err)
	}
}
