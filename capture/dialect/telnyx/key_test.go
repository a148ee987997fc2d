package telnyx

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// TestKeyForms signs with a key in every form in which it may be written, and verifies with the same and the public one.
func TestKeyForms(t *testing.T) {
	seed := bytes.Repeat([]byte{0x81, 7, 0xfe, 1}, 8)
	private := ed25519.NewKeyFromSeed(seed)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	std := base64.StdEncoding.EncodeToString
	signing := map[string]string{
		"PEM": block("PRIVATE KEY", pkcs8), "PEM with CR LF": strings.ReplaceAll(block("PRIVATE KEY", pkcs8), "\n", "\r\n"),
		"PEM after text": "a comment\n" + block("PRIVATE KEY", pkcs8), "DER": string(pkcs8),
		"base64 of the seed": std(seed), "base64 of 64 bytes": std(private), "base64 without padding": strings.TrimRight(std(seed), "="),
		"base64url": base64.URLEncoding.EncodeToString(private), "base64 in lines": std(private)[:40] + "\r\n" + std(private)[40:],
		"hex of the seed": hex.EncodeToString(seed), "hex of 64 bytes": strings.ToUpper(hex.EncodeToString(private)),
		"the seed": string(seed), "64 bytes": string(private),
	}
	verifying := map[string]string{
		"PEM": block("PUBLIC KEY", pkix), "DER": string(pkix), "base64": std(private[32:]), "hex": hex.EncodeToString(private[32:]), "bytes": string(private[32:]),
	}
	now := time.Unix(1700000000, 0)
	for name, secret := range signing {
		d := New()
		if err := errors.Join(d.CheckKey([]byte(secret), true), d.CheckKey([]byte(secret), false)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r := dialecttest.Sample{Body: `{"data":1}`}.Record()
		if err := d.Sign(r, dialect.Signing{Secret: []byte(secret), Now: now}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for form, public := range verifying {
			if err := errors.Join(d.CheckKey([]byte(public), false), d.Verify(r, dialect.Signing{Secret: []byte(public), Now: now})); err != nil {
				t.Errorf("signed by %s, verified by the public key in %s: %v", name, form, err)
			}
		}
		if err := d.Verify(r, dialect.Signing{Secret: []byte(secret), Now: now}); err != nil {
			t.Errorf("verified by %s: %v", name, err)
		}
	}
}

// TestNoKeys holds that what cannot sign is refused for a reason that tells nothing of it.
func TestNoKeys(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(ed25519.NewKeyFromSeed(make([]byte, 32)).Public())
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for name, tc := range map[string]struct {
		secret string
		want   error
	}{
		"nothing":             {"", errKey},
		"a word":              {"hello", errKey},
		"a Twilio token":      {"0123456789abcdef0123456789abcdef", errKey},
		"31 bytes":            {base64.StdEncoding.EncodeToString(make([]byte, 31)), errKey},
		"halves of two":       {hex.EncodeToString(bytes.Repeat([]byte{1}, 64)), errHalves},
		"a public key":        {block("PUBLIC KEY", pkix), errPublic},
		"another curve":       {block("PRIVATE KEY", other), errOther},
		"an old RSA key":      {block("RSA PRIVATE KEY", []byte{1}), errOther},
		"with a passphrase":   {block("ENCRYPTED PRIVATE KEY", []byte{1}), errEncrypted},
		"OpenSSH's":           {block("OPENSSH PRIVATE KEY", []byte{1}), errOpenSSH},
		"a certificate":       {block("CERTIFICATE", []byte{1}), errKey},
		"damaged DER":         {block("PRIVATE KEY", []byte{0x30, 0x2e, 2}), errKey},
		"PEM without its end": {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE", errPEM},
	} {
		if err := New().CheckKey([]byte(tc.secret), true); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add([]byte("hello"), true)
	f.Add(bytes.Repeat([]byte{0x81}, 32), false)
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIO8Jo92KMll7fG4WpJHV0tjCLP4KaySLTgH6XddZV4zC\n-----END PRIVATE KEY-----\n"), true)
	f.Fuzz(func(t *testing.T, secret []byte, signs bool) {
		d := New()
		if d.CheckKey(secret, signs) != nil || !signs {
			return
		}
		r := dialecttest.Sample{Body: "{}"}.Record()
		if err := d.Sign(r, dialect.Signing{Secret: secret, Now: time.Unix(1, 0)}); err != nil {
			t.Errorf("a key that was found good does not sign: %v", err)
		}
	})
}
