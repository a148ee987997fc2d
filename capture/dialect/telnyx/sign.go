package telnyx

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
)

// The headers of a signature, as they are spelled on the wire.
const (
	signatureHeader = "telnyx-signature-ed25519"
	timestampHeader = "telnyx-timestamp"
)

// tolerance is how far a stamp may be from now, both ways, as Telnyx's SDKs have it.
const tolerance = 5 * time.Minute

// scheme is Telnyx's: Ed25519 over the time and the body.
type scheme struct{ last atomic.Pointer[signingKey] }

// Timed returns true: the signature holds the time.
func (*scheme) Timed() bool { return true }

// Sign stamps the request with s.Now and signs it. The secret is an Ed25519 private key, in a form of KeyForms.
func (d *scheme) Sign(r *capture.Record, s dialect.Signing) error {
	private, err := d.privateKey(s.Secret)
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(s.Now.Unix(), 10)
	r.SetHeader(signatureHeader, base64.StdEncoding.EncodeToString(ed25519.Sign(private, signed(stamp, r.Body))))
	r.SetHeader(timestampHeader, stamp)
	return nil
}

// Verify checks signature and stamp. The secret is a public key, or what Sign takes; 32 bytes are tried as both. A zero
// s.Now leaves the stamp's age out.
func (*scheme) Verify(r *capture.Record, s dialect.Signing) error {
	signature, ok := r.Header(signatureHeader)
	stamp, stamped := r.Header(timestampHeader)
	if !ok || !stamped || signature == "" {
		return dialect.ErrUnsigned
	}
	_, keys, err := readKey(s.Secret)
	if err != nil {
		return err
	}
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || len(sig) != ed25519.SignatureSize {
		return dialect.ErrSignature
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the timestamp is no number", dialect.ErrSignature)
	}
	if age := s.Now.Sub(time.Unix(seconds, 0)); !s.Now.IsZero() && age.Abs() > tolerance {
		return fmt.Errorf("%w: the timestamp is more than 5 minutes off", dialect.ErrSignature)
	}
	message := signed(stamp, r.Body)
	if !slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return ed25519.Verify(k, message, sig) }) {
		return dialect.ErrSignature
	}
	return nil
}

// signingKey is a secret and the key that it holds: making one of a seed costs as much as a signature.
type signingKey struct {
	secret  []byte
	private ed25519.PrivateKey
}

// privateKey returns the key that secret holds, which was mostly the last one's too.
func (d *scheme) privateKey(secret []byte) (ed25519.PrivateKey, error) {
	if last := d.last.Load(); last != nil && bytes.Equal(last.secret, secret) {
		return last.private, nil
	}
	private, _, err := readKey(secret)
	if err == nil && private == nil {
		err = errPublic
	}
	if err != nil {
		return nil, err
	}
	d.last.Store(&signingKey{bytes.Clone(secret), private})
	return private, nil
}

// signed returns the bytes that the signature covers.
func signed(stamp string, body []byte) []byte {
	out := make([]byte, 0, len(stamp)+1+len(body))
	out = append(out, stamp...)
	out = append(out, '|')
	return append(out, body...)
}
