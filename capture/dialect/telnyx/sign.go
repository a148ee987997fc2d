package telnyx

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
)

// The headers of a signature, as they are spelled on the wire.
const (
	signatureHeader = "telnyx-signature-ed25519"
	timestampHeader = "telnyx-timestamp"
)

// tolerance is how far a stamp may be from now, both ways, as Telnyx's SDKs have it.
const tolerance = 5 * time.Minute

// scheme is Telnyx's: Ed25519 over the time and the body.
type scheme struct{ keys keyed.Ed25519 }

// KeyForms names the forms of a key.
func (*scheme) KeyForms() string { return keyed.Ed25519Forms }

// CheckKey says what is wrong with a key.
func (d *scheme) CheckKey(secret []byte, signs bool) error { return d.keys.Check(secret, signs) }

// MakeKey makes a key pair. The name is what Telnyx's SDKs call the public key in a receiver's environment
// (https://github.com/team-telnyx/telnyx-node).
func (*scheme) MakeKey(o dialect.KeyOptions) (dialect.TestKey, error) {
	if o.Version != "" {
		return dialect.TestKey{}, fmt.Errorf("the scheme has one version, and %s is none", o.Version)
	}
	_, public, file, err := keyed.NewEd25519()
	return dialect.TestKey{Secret: file, Settings: []dialect.Setting{{Name: "TELNYX_PUBLIC_KEY", Value: base64.StdEncoding.EncodeToString(public)}}}, err
}

// Versions returns nil.
func (*scheme) Versions() []string { return nil }

// Headers names the signature's.
func (*scheme) Headers() []string { return []string{signatureHeader} }

// Timed returns true: the signature holds the time.
func (*scheme) Timed() bool { return true }

// Sign stamps the request with s.Now and signs it. The secret is an Ed25519 private key, in a form of KeyForms.
func (d *scheme) Sign(r *capture.Record, s dialect.Signing) error {
	stamp := strconv.FormatInt(s.Now.Unix(), 10)
	sig, err := d.keys.Append(make([]byte, 0, ed25519.SignatureSize), s.Secret, signed(stamp, r.Body))
	if err != nil {
		return err
	}
	r.SetHeader(signatureHeader, base64.StdEncoding.EncodeToString(sig))
	r.SetHeader(timestampHeader, stamp)
	return nil
}

// Verify checks signature and stamp. The secret is a public key, or what Sign takes; 32 bytes are tried as both. A zero
// s.Now leaves the stamp's age out.
func (d *scheme) Verify(r *capture.Record, s dialect.Signing) error {
	signature, ok := r.Header(signatureHeader)
	stamp, stamped := r.Header(timestampHeader)
	if !ok || !stamped || signature == "" {
		return dialect.ErrUnsigned
	}
	if err := d.keys.Check(s.Secret, false); err != nil {
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
	if holds, err := d.keys.Verify(s.Secret, signed(stamp, r.Body), sig); err != nil || !holds {
		return dialect.ErrSignature
	}
	return nil
}

// signed returns the bytes that the signature covers.
func signed(stamp string, body []byte) []byte {
	out := make([]byte, 0, len(stamp)+1+len(body))
	out = append(out, stamp...)
	out = append(out, '|')
	return append(out, body...)
}
