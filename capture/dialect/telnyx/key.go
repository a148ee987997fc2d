package telnyx

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"unicode"
)

// Errors about keys. They say nothing of what a key holds.
var (
	errKey       = errors.New("it is no Ed25519 key in a form that is known")
	errPublic    = errors.New("it is a public key, and signing needs the private one")
	errEncrypted = errors.New("the key is encrypted: write it without a passphrase (openssl pkey -in FILE -out FILE2)")
	errOther     = errors.New("it is a key of another kind than Ed25519 (openssl genpkey -algorithm ed25519 makes one)")
	errOpenSSH   = errors.New("it is an OpenSSH key: make one with openssl genpkey -algorithm ed25519")
	errHalves    = errors.New("the two halves of its 64 bytes do not belong together")
	errPEM       = errors.New("it begins as PEM, and is cut or damaged")
)

// KeyForms names the forms of a key.
func (*scheme) KeyForms() string {
	return "an Ed25519 private key: PEM (PKCS 8, as openssl genpkey -algorithm ed25519 writes it), base64 or hex of its 32 or 64 bytes, " +
		"or these bytes; the public key, in the same forms, is enough to verify"
}

// CheckKey says what is wrong with a key.
func (*scheme) CheckKey(secret []byte, signs bool) error {
	private, _, err := readKey(secret)
	if err == nil && signs && private == nil {
		err = errPublic
	}
	return err
}

// readKey returns the private key that a secret holds, nil where it holds a public one, and the public keys that it may
// stand for: of 32 bytes nobody can tell whether they are a public key or the seed of a private one.
func readKey(secret []byte) (ed25519.PrivateKey, []ed25519.PublicKey, error) {
	if block, _ := pem.Decode(secret); block != nil {
		return readPEM(block)
	}
	if bytes.Contains(secret, []byte("-----BEGIN")) {
		return nil, nil, errPEM
	}
	key := keyBytes(secret)
	switch len(key) {
	case ed25519.SeedSize:
		private := ed25519.NewKeyFromSeed(key)
		return private, []ed25519.PublicKey{key, public(private)}, nil
	case ed25519.PrivateKeySize:
		private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
		if !bytes.Equal(private, key) {
			return nil, nil, errHalves
		}
		return private, []ed25519.PublicKey{public(private)}, nil
	}
	return readDER(key, key)
}

// readPEM reads a block of a PEM file.
func readPEM(block *pem.Block) (ed25519.PrivateKey, []ed25519.PublicKey, error) {
	switch block.Type {
	case "PRIVATE KEY":
		return readDER(block.Bytes, nil)
	case "PUBLIC KEY":
		return readDER(nil, block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, nil, errEncrypted
	case "OPENSSH PRIVATE KEY":
		return nil, nil, errOpenSSH
	case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "RSA PUBLIC KEY":
		return nil, nil, errOther
	}
	return nil, nil, errKey
}

// readDER reads a private key in PKCS 8 or a public one in PKIX.
func readDER(pkcs8, pkix []byte) (ed25519.PrivateKey, []ed25519.PublicKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(pkcs8); err == nil {
		if private, ok := key.(ed25519.PrivateKey); ok {
			return private, []ed25519.PublicKey{public(private)}, nil
		}
		return nil, nil, errOther
	}
	if key, err := x509.ParsePKIXPublicKey(pkix); err == nil {
		if p, ok := key.(ed25519.PublicKey); ok {
			return nil, []ed25519.PublicKey{p}, nil
		}
		return nil, nil, errOther
	}
	return nil, nil, errKey
}

func public(private ed25519.PrivateKey) ed25519.PublicKey {
	return private.Public().(ed25519.PublicKey)
}

// keyBytes returns the bytes that a text writes in hex or base64 of either alphabet, or the secret itself where it is no
// text. A text in neither is no key, though it has the length of one.
func keyBytes(secret []byte) []byte {
	if bytes.ContainsFunc(secret, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' && !unicode.IsSpace(r) }) {
		return secret
	}
	text := string(bytes.Join(bytes.Fields(secret), nil))
	if key, err := hex.DecodeString(text); err == nil && isKeySize(len(key)) {
		return key
	}
	for _, code := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if key, err := code.DecodeString(text); err == nil {
			return key
		}
	}
	return nil
}

func isKeySize(n int) bool { return n == ed25519.SeedSize || n == ed25519.PrivateKeySize }
