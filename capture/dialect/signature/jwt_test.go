package signature

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

func bearer(algorithms ...string) Profile {
	return Profile{Header: "Authorization", Prefix: "Bearer ", Tolerance: "2m", JWT: &JWT{Algorithms: algorithms, Claims: []map[string]string{
		{"iss": `Acme & "Sons"`}, {"iat": "{timestamp}"}, {"jti": "{nonce}"}, {"u": "{url}"}, {"m": "{method}"}, {"h": "{body_sha256_hex}"},
	}}}
}

// All that a token can claim is covered, under every algorithm.
func TestTokens(t *testing.T) {
	g := dialect.Signing{URL: "https://h/hook?a=1&b=\u00e4", Secret: []byte("many secrets"), Now: time.Unix(1_700_000_000, 0)}
	s := dialecttest.Sample{URL: "/hook?a=1&b=\u00e4", Body: `{"some":"text"}`}
	for _, algorithm := range []string{"HS256", "HS384", "HS512"} {
		signer := newSigner(t, bearer(algorithm))
		if !signer.Timed() {
			t.Error("a token with a time has none")
		}
		dialecttest.CheckSigning(t, brand().Signed(signer), s, g, g, true)
		r := s.Record()
		if err := signer.Sign(r, g); err != nil {
			t.Fatal(err)
		}
		value, _ := r.Header("Authorization")
		claims, err := base64.RawURLEncoding.DecodeString(strings.Split(value, ".")[1])
		if want := `{"iss":"Acme & \"Sons\"","iat":1700000000,"jti":"`; err != nil || !strings.HasPrefix(string(claims), want) {
			t.Errorf("the claims are %s, want %s…", claims, want)
		}
		r.SetHeader("Authorization", "bearer"+strings.TrimPrefix(value, "Bearer"))
		if err := signer.Verify(r, g); err != nil {
			t.Errorf("behind another case of Bearer: %v", err)
		}
		for what, header := range map[string]string{"without Bearer": strings.TrimPrefix(value, "Bearer "), "a password": "Basic dTpw"} {
			r.SetHeader("Authorization", header)
			if err := signer.Verify(r, g); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("%s: Verify = %v", what, err)
			}
		}
		r.SetHeader("Authorization", value)
		checkClaims(t, signer, s, g)
		for _, other := range []string{"HS256", "HS384", "HS512"} {
			if err := newSigner(t, bearer(other)).Verify(r, g); (err == nil) != (other == algorithm) {
				t.Errorf("a token by %s where %s is wanted: %v", algorithm, other, err)
			}
		}
		if err := newSigner(t, bearer("HS512", "HS384", "HS256")).Verify(r, g); err != nil {
			t.Errorf("a token by %s where any is taken: %v", algorithm, err)
		}
	}
}

// checkClaims changes what each claim is about.
func checkClaims(t *testing.T, signer *Signer, s dialecttest.Sample, g dialect.Signing) {
	t.Helper()
	r := s.Record()
	if err := signer.Sign(r, g); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*dialect.Signing){
		"url":   func(g *dialect.Signing) { g.URL += "&c" },
		"late":  func(g *dialect.Signing) { g.Now = g.Now.Add(2*time.Minute + time.Second) },
		"early": func(g *dialect.Signing) { g.Now = g.Now.Add(-2*time.Minute - time.Second) },
	} {
		v := g
		change(&v)
		if err := signer.Verify(r, v); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("another %s: Verify = %v", what, err)
		}
	}
	other := r.Clone()
	other.Method = "PUT"
	if err := signer.Verify(other, g); !errors.Is(err, dialect.ErrSignature) {
		t.Errorf("another method: Verify = %v", err)
	}
	g.Nonce = `n"1`
	if err := errors.Join(signer.Sign(r, g), signer.Verify(r, g)); err != nil {
		t.Errorf("a nonce that is escaped: %v", err)
	}
}

// A token holds for as long as it says itself, where the scheme does not name the claim, too.
func TestTokenSaysHowLongItHolds(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	verifier := newSigner(t, bearer())
	for _, tc := range []struct {
		name, value string
		holds       bool
	}{
		{"exp", "{timestamp+60s}", true},
		{"exp", "{timestamp-90s}", true}, // within what clocks may differ
		{"exp", "{timestamp-180s}", false},
		{"exp", "tomorrow", false},
		{"nbf", "{timestamp-60s}", true},
		{"nbf", "{timestamp+60s}", true},
		{"nbf", "{timestamp+180s}", false},
	} {
		p := bearer()
		p.JWT.Claims = append(p.JWT.Claims, map[string]string{tc.name: tc.value})
		g := dialect.Signing{URL: "https://h/hook", Secret: []byte("many secrets"), Now: now}
		r := dialecttest.Sample{URL: "/hook", Body: "{}"}.Record()
		if err := newSigner(t, p).Sign(r, g); err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(r, g); (err == nil) != tc.holds || err != nil && !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("%s of %s: Verify = %v, want that it holds: %v", tc.name, tc.value, err, tc.holds)
		}
	}
}
