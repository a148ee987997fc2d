package keyed

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"slices"
	"sync/atomic"
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

// Ed25519Forms names the forms in which an Ed25519 key may be written.
const Ed25519Forms = "an Ed25519 private key: PEM (PKCS 8, as openssl genpkey -algorithm ed25519 writes it), base64 or hex of its 32 or 64 bytes, " +
	"or these bytes; the public key, in the same forms, is enough to verify"

// Ed25519 signs and verifies by keys in the forms of Ed25519Forms. It keeps the last private key: making one of a seed costs as much as
// a signature. The zero value is ready for use, and several goroutines may use it at once.
type Ed25519 struct{ last atomic.Pointer[signingKey] }

// signingKey is a secret and the key that it holds.
type signingKey struct {
	secret  []byte
	private ed25519.PrivateKey
}

// Check says what is wrong with a key that is to sign, or to verify alone. The error tells nothing of what it holds.
func (*Ed25519) Check(secret []byte, signs bool) error {
	private, _, err := readKey(secret)
	if err == nil && signs && private == nil {
		err = errPublic
	}
	return err
}

// Append appends the signature of a message under the private key that secret holds.
func (e *Ed25519) Append(dst, secret, message []byte) ([]byte, error) {
	private, err := e.privateKey(secret)
	if err != nil {
		return dst, err
	}
	return append(dst, ed25519.Sign(private, message)...), nil
}

// Verify says whether one of the signatures is that of the message under secret: a public key or a private one. 32 bytes are tried as
// both.
func (*Ed25519) Verify(secret, message []byte, signatures ...[]byte) (bool, error) {
	_, keys, err := readKey(secret)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(signatures, func(sig []byte) bool {
		return slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return ed25519.Verify(k, message, sig) })
	}), nil
}

// privateKey returns the key that secret holds, which was mostly the last one's too.
func (e *Ed25519) privateKey(secret []byte) (ed25519.PrivateKey, error) {
	if last := e.last.Load(); last != nil && bytes.Equal(last.secret, secret) {
		return last.private, nil
	}
	private, _, err := readKey(secret)
	if err == nil && private == nil {
		err = errPublic
	}
	if err != nil {
		return nil, err
	}
	e.last.Store(&signingKey{bytes.Clone(secret), private})
	return private, nil
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
