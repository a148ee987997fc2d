package telnyx

import (
	"bytes"
	"crypto/ed25519"
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
