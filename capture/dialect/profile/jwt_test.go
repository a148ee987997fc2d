package profile

import (
	"encoding/base64"
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

// token is a vector of MessageBird's newer scheme.
type token struct {
	ID, Method, URL, Body, Token, Secret string
	Header                               struct{ Alg string } `json:"jwt_header"`
	Claims                               struct{ JTI string } `json:"jwt_claims"`
	At                                   time.Time            `json:"received_at"`
	Valid                                bool
	Reason                               string `json:"reject_reason"`
}

func readTokens(t *testing.T) []token {
	t.Helper()
	text, err := os.ReadFile("testdata/jwt_signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []token }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 14 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	return file.Vectors
}

const tokenHeader = "MessageBird-Signature-JWT"

func (v *token) record() *capture.Record {
	r := &capture.Record{Method: v.Method, URL: strings.TrimPrefix(v.URL, "https://example.com"), Body: []byte(v.Body)}
	r.SetHeader(tokenHeader, v.Token)
	return r
}

// The published tokens hold and are made again, and those that are to be refused are, for the reason that is told.
func TestPublishedTokens(t *testing.T) {
	d := vendor(t, "messagebird")
	for _, v := range readTokens(t) {
		t.Run(v.ID, func(t *testing.T) {
			s := dialect.Signing{URL: v.URL, Secret: []byte(v.Secret), Nonce: v.Claims.JTI, Now: v.At}
			err := d.Verify(v.record(), s)
			if !v.Valid {
				claim := strings.Fields(v.Reason)[3] // "invalid jwt: claim payload_hash is invalid"
				if !errors.Is(err, dialect.ErrSignature) || !strings.Contains(err.Error(), claim) {
					t.Errorf("Verify = %v, want an error of %s", err, claim)
				}
				return
			}
			if err != nil {
				t.Errorf("Verify: %v", err)
			}
			r := v.record()
			if err := signedBy(t, v.Header.Alg).Sign(r, s); err != nil {
				t.Fatal(err)
			}
			if got, _ := r.Header(tokenHeader); got != v.Token {
				t.Errorf("signed as %s, want %s", got, v.Token)
			}
		})
	}
}

// signedBy is MessageBird with an algorithm alone.
func signedBy(t *testing.T, algorithm string) *dialect.Vendor {
	t.Helper()
	text, err := shipped.ReadFile("shipped/messagebird.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p.Signature.JWT.Algorithms = []string{algorithm}
	v, err := p.Vendor()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A token of another algorithm, of none, or of another's making is refused.
func TestForgedTokens(t *testing.T) {
	d, v := vendor(t, "messagebird"), readTokens(t)[4]
	s := dialect.Signing{URL: v.URL, Secret: []byte(v.Secret), Now: v.At}
	parts := strings.Split(v.Token, ".")
	head := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for what, forged := range map[string]string{
		"none":                  head(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + ".",
		"None":                  head(`{"alg":"None"}`) + "." + parts[1] + "." + parts[2],
		"RS256":                 head(`{"alg":"RS256","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
		"another length":        head(`{"alg":"HS512","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
		"no algorithm":          head(`{}`) + "." + parts[1] + "." + parts[2],
		"of its reader's":       head(`{"alg":"HS256","crit":["b64"]}`) + "." + parts[1] + "." + parts[2],
		"no signature":          parts[0] + "." + parts[1] + ".",
		"two parts":             parts[0] + "." + parts[1],
		"four parts":            v.Token + ".",
		"padded":                v.Token + "=",
		"bits that say nothing": v.Token[:len(v.Token)-1] + string(v.Token[len(v.Token)-1]+1),
		"other claims":          parts[0] + "." + head(`{"iss":"MessageBird"}`) + "." + parts[2],
		"no JSON":               head("x") + "." + head("y") + "." + parts[2],
		"nothing":               " ",
	} {
		r := v.record()
		r.SetHeader(tokenHeader, forged)
		if err := d.Verify(r, s); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("%s: Verify = %v", what, err)
		}
	}
	r := v.record()
	r.Headers = nil
	if err := d.Verify(r, s); !errors.Is(err, dialect.ErrUnsigned) {
		t.Errorf("without a token: Verify = %v", err)
	}
}

// A token holds from its nbf to its exp, with the tolerance at both ends.
func TestTimeOfTokens(t *testing.T) {
	d, v := vendor(t, "messagebird"), readTokens(t)[0]
	for off, want := range map[time.Duration]error{
		-6 * time.Second: dialect.ErrSignature, -5 * time.Second: nil, 0: nil, 64 * time.Second: nil, 65 * time.Second: dialect.ErrSignature,
	} {
		s := dialect.Signing{URL: v.URL, Secret: []byte(v.Secret), Now: v.At.Add(off)}
		if err := d.Verify(v.record(), s); !errors.Is(err, want) {
			t.Errorf("%v off: Verify = %v, want %v", off, err, want)
		}
	}
	if err := d.Verify(v.record(), dialect.Signing{URL: v.URL, Secret: []byte(v.Secret)}); err != nil {
		t.Errorf("at no time: Verify = %v", err)
	}
}

// A signature has one header at a time, of either scheme; the secret is the same.
func TestSignMessageBird(t *testing.T) {
	d := vendor(t, "messagebird")
	sample := messagingSamples()["messagebird"][0]
	sample.Headers = sample.Headers[1:]
	s := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte("a key"), Now: time.Unix(1719823259, 0)}
	dialecttest.CheckSigning(t, d, sample, s, s, true)
	r := sample.Record()
	r.SetHeader("Messagebird-Signature", "")
	r.SetHeader("Messagebird-Request-Timestamp", "1")
	if err := errors.Join(d.Sign(r, s), d.Verify(r, s)); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Header(tokenHeader); ok {
		t.Error("the older scheme's request has a token")
	}
	r.SetHeader(tokenHeader, "stale")
	if err := errors.Join(d.Sign(r, s), d.Verify(r, s)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Messagebird-Signature", "Messagebird-Request-Timestamp"} {
		if _, ok := r.Header(name); ok {
			t.Errorf("%s is stale", name)
		}
	}
	first, _ := r.Header(tokenHeader)
	s.Now = s.Now.Add(time.Second)
	if err := d.Sign(r, s); err != nil {
		t.Fatal(err)
	}
	if second, _ := r.Header(tokenHeader); claimsOf(t, first)["jti"] == claimsOf(t, second)["jti"] {
		t.Error("two tokens have one jti")
	}
}

func claimsOf(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// A profile may take over another's names of the same things.
func TestNamesOfAnother(t *testing.T) {
	v, err := Read([]byte("name: a\ndetect: {fields: {from: }}\nmessage: {sender: from}\nsignature:\n  signature_http_header: X-Sig\n  signed_message_composition: '{timestamp}.{body}'\n  timestamp_http_header: X-Time\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := dialect.Signing{Secret: []byte("a key"), Now: time.Unix(1719823259, 0)}
	dialecttest.CheckSigning(t, v, dialecttest.Sample{Body: "from=1&text=the"}, s, s, true)
	if again, err := Read([]byte(v.Definition())); err != nil || again.Scheme == nil {
		t.Errorf("what a corpus would remember is no profile: %v\n%s", err, v.Definition())
	}
}
