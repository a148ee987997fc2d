package keyed

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
	"testing"
)

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
		if err := new(Ed25519).Check([]byte(tc.secret), true); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func FuzzEd25519(f *testing.F) {
	f.Add([]byte("hello"), true)
	f.Add(bytes.Repeat([]byte{0x81}, 32), false)
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIO8Jo92KMll7fG4WpJHV0tjCLP4KaySLTgH6XddZV4zC\n-----END PRIVATE KEY-----\n"), true)
	f.Fuzz(func(t *testing.T, secret []byte, signs bool) {
		var e Ed25519
		if e.Check(secret, signs) != nil || !signs {
			return
		}
		sig, err := e.Append(nil, secret, []byte("{}"))
		if err != nil {
			t.Fatalf("a key that was found good does not sign: %v", err)
		}
		if ok, err := e.Verify(secret, []byte("{}"), []byte("other"), sig); !ok || err != nil {
			t.Errorf("what a key signed does not hold under it: %v", err)
		}
		if ok, _ := e.Verify(secret, []byte("{ }"), sig); ok {
			t.Error("a signature of another message holds")
		}
	})
}
