package dialect

import (
	"bytes"
	"errors"
	"time"

	"reprise/capture"
)

// Scheme is how a vendor signs its requests. It may be used by several goroutines at once. Where signatures stand it says as Carried, as
// Embedded or as both.
type Scheme interface {
	// Sign puts the signature's headers (or parameters) on the record; ErrUnsupported where this one cannot be signed.
	Sign(r *capture.Record, s Signing) error
	// Verify checks them: nil, ErrUnsigned, ErrSignature or ErrUnsupported.
	Verify(r *capture.Record, s Signing) error
	// Timed says whether the signature covers the time at which it is made.
	Timed() bool
	// KeyForms names the forms in which the key may be written, for people.
	KeyForms() string
	// CheckKey says what is wrong with a key that is to sign, or to verify alone. The error tells nothing of what it holds.
	CheckKey(secret []byte, signs bool) error
}

// CheckKey says what is wrong with a vendor's key: one that is to sign is tried, with a request that is sent to nobody. It
// returns ErrUnsupported where the vendor's requests carry no signature.
func (v *Vendor) CheckKey(secret []byte, signs bool) error {
	if v.Scheme == nil {
		return ErrUnsupported
	}
	if err := v.Scheme.CheckKey(secret, signs); err != nil {
		return err
	}
	s := Signing{URL: "https://localhost/", Secret: secret, Now: time.Now()}
	probe := capture.Record{Method: "POST", URL: "/"}
	if !signs {
		err := v.Scheme.Verify(&probe, s)
		if errors.Is(err, ErrUnsigned) || errors.Is(err, ErrSignature) || errors.Is(err, ErrUnsupported) && len(secret) > 0 {
			return nil
		}
		return err
	}
	if err := v.Scheme.Sign(&probe, s); err != nil {
		if errors.Is(err, ErrUnsupported) && len(secret) > 0 {
			return nil // the scheme signs requests of another shape, and has found the key good
		}
		return err
	}
	return v.Scheme.Verify(&probe, s)
}

// KeyForms names the forms of a vendor's key; it is empty where its requests carry no signature.
func (v *Vendor) KeyForms() string {
	if v.Scheme == nil {
		return ""
	}
	return v.Scheme.KeyForms()
}

var errLines = errors.New("it holds more than one line, and a token is one")

// CheckToken says what is wrong with a key that is one line of text.
func CheckToken(secret []byte) error {
	if bytes.ContainsFunc(secret, func(r rune) bool { return r < ' ' }) {
		return errLines
	}
	return nil
}
