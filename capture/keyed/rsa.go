package keyed

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"sync/atomic"
)

// RSAForms names the forms in which an RSA key may be written.
const RSAForms = "an RSA private key in PEM (PKCS 8, as openssl genpkey -algorithm rsa writes it, or PKCS 1); its certificate may stand beside it, " +
	"and certificate or public key alone are enough to verify"

// Errors about RSA keys. They say nothing of what a key holds.
var (
	errNoPEM    = errors.New("it holds no key in PEM")
	errNotRSA   = errors.New("it is a key of another kind than RSA (openssl genpkey -algorithm rsa makes one)")
	errDamaged  = errors.New("a block of it is damaged")
	errStranger = errors.New("its certificate is not that of its key")
)

// RSA signs by PKCS #1 v1.5 (RFC 8017, section 8.2) and verifies, by keys in the forms of RSAForms. It keeps the last key, since reading
// one is slow. The zero value is ready for use, and several goroutines may use it at once.
type RSA struct{ last atomic.Pointer[rsaKey] }

// rsaKey is a secret and what it holds.
type rsaKey struct {
	secret  []byte
	private *rsa.PrivateKey // nil where the secret holds a public key alone
	public  *rsa.PublicKey
}

// Check says what is wrong with a key that is to sign, or to verify alone. The error tells nothing of what it holds.
func (k *RSA) Check(secret []byte, signs bool) error {
	key, err := k.read(secret)
	if err == nil && signs && key.private == nil {
		err = errPublic
	}
	return err
}

// Append appends the signature of a digest under the private key that secret holds.
func (k *RSA) Append(dst, secret []byte, hash crypto.Hash, digest []byte) ([]byte, error) {
	key, err := k.read(secret)
	if err != nil {
		return dst, err
	}
	if key.private == nil {
		return dst, errPublic
	}
	sig, err := rsa.SignPKCS1v15(nil, key.private, hash, digest)
	if err != nil {
		return dst, errors.New("the key is too small to sign")
	}
	return append(dst, sig...), nil
}

// Verify says whether a signature is that of the digest under secret.
func (k *RSA) Verify(secret []byte, hash crypto.Hash, digest, signature []byte) (bool, error) {
	key, err := k.read(secret)
	if err != nil {
		return false, err
	}
	return rsa.VerifyPKCS1v15(key.public, hash, digest, signature) == nil, nil
}

func (k *RSA) read(secret []byte) (*rsaKey, error) {
	if last := k.last.Load(); last != nil && bytes.Equal(last.secret, secret) {
		return last, nil
	}
	key := &rsaKey{secret: bytes.Clone(secret)}
	for block, rest := pem.Decode(secret); block != nil; block, rest = pem.Decode(rest) {
		if err := key.add(block); err != nil {
			return nil, err
		}
	}
	switch {
	case key.public == nil && bytes.Contains(secret, []byte("-----BEGIN")):
		return nil, errPEM
	case key.public == nil:
		return nil, errNoPEM
	}
	k.last.Store(key)
	return key, nil
}

// add takes in a block of PEM.
func (k *rsaKey) add(block *pem.Block) error {
	read := map[string]func([]byte) (any, error){
		"PRIVATE KEY":     x509.ParsePKCS8PrivateKey,
		"RSA PRIVATE KEY": func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
		"PUBLIC KEY":      x509.ParsePKIXPublicKey,
		"RSA PUBLIC KEY":  func(der []byte) (any, error) { return x509.ParsePKCS1PublicKey(der) },
		"CERTIFICATE": func(der []byte) (any, error) {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, err
			}
			return certificate.PublicKey, nil
		},
	}[block.Type]
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return errEncrypted
	case read == nil:
		return errNotRSA
	}
	key, err := read(block.Bytes)
	if err != nil { // the error may quote what stands there
		return errDamaged
	}
	var public *rsa.PublicKey
	switch key := key.(type) {
	case *rsa.PrivateKey:
		k.private, public = key, &key.PublicKey
	case *rsa.PublicKey:
		public = key
	default:
		return errNotRSA
	}
	if k.public != nil && !k.public.Equal(public) {
		return errStranger
	}
	k.public = public
	return nil
}
