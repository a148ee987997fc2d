package dialect

import (
	"bytes"
	"errors"
	"time"

	"reprise/capture"
)

// KeyReader is a Dialect that knows in which forms its key may be written. One that is none takes any text.
type KeyReader interface {
	// KeyForms names the forms, for people.
	KeyForms() string
	// CheckKey says what is wrong with a key that is to sign, or to verify alone. The error tells nothing of what it holds.
	CheckKey(secret []byte, signs bool) error
}

// CheckKey says what is wrong with a vendor's key: one that is to sign is tried, with a request that is sent to nobody. It
// returns ErrUnsupported where the vendor's requests carry no signature.
func CheckKey(d Dialect, secret []byte, signs bool) error {
	if r, ok := d.(KeyReader); ok {
		if err := r.CheckKey(secret, signs); err != nil {
			return err
		}
	}
	s := Signing{URL: "https://localhost/", Secret: secret, Now: time.Now()}
	probe := capture.Record{Method: "POST", URL: "/"}
	if !signs {
		err := d.Verify(&probe, s)
		if errors.Is(err, ErrUnsigned) || errors.Is(err, ErrSignature) {
			return nil
		}
		return err
	}
	if err := d.Sign(&probe, s); err != nil {
		return err
	}
	return d.Verify(&probe, s)
}

// KeyForms names the forms of a vendor's key; it is empty where its requests carry no signature.
func KeyForms(d Dialect) string {
	if r, ok := d.(KeyReader); ok {
		return r.KeyForms()
	}
	if errors.Is(d.Sign(&capture.Record{Method: "POST", URL: "/"}, Signing{URL: "https://localhost/", Secret: []byte("a")}), ErrUnsupported) {
		return ""
	}
	return "a token, as text"
}

var errLines = errors.New("it holds more than one line, and a token is one")

// CheckToken says what is wrong with a key that is one line of text.
func CheckToken(secret []byte) error {
	if bytes.ContainsFunc(secret, func(r rune) bool { return r < ' ' }) {
		return errLines
	}
	return nil
}
