package send

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// CertificateError says that a target did not let the TLS client certificate pass.
type CertificateError struct {
	// Given says that there was one.
	Given bool
	cause error
}

// Error names the alert that the target sent: one of a fixed list.
func (e *CertificateError) Error() string {
	alert := plainCause(e.cause)
	if !e.Given {
		return "the target demands a TLS client certificate (" + alert + ")"
	}
	return "the target refuses the TLS client certificate (" + alert + ")"
}

// Unwrap returns the handshake's error.
func (e *CertificateError) Unwrap() error { return e.cause }

// ErrKeyMismatch says that a key is not that of a certificate.
var ErrKeyMismatch = errors.New("the key is not that of the certificate")

// LoadCertificate reads a client certificate, with those between it and its authority, and its key, both PEM. Its errors quote nothing of the key.
func LoadCertificate(cert, key []byte) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(cert, key)
	switch {
	case err == nil:
		return &c, nil
	case strings.Contains(err.Error(), "does not match"):
		return nil, ErrKeyMismatch
	case strings.Contains(string(key), "ENCRYPTED"):
		return nil, errors.New("the key is encrypted: give it in the clear, in a file that only you can read (openssl pkey -in KEY -out CLEAR)")
	case strings.Contains(err.Error(), "certificate input"):
		return nil, errors.New("no PEM certificate in the certificate's file")
	case strings.Contains(err.Error(), "key input"), strings.Contains(err.Error(), "rather than a key"):
		return nil, errors.New("no PEM private key in the key's file")
	}
	return nil, fmt.Errorf("neither reads as a certificate with its key: %s", strings.TrimPrefix(err.Error(), "tls: "))
}

// show answers a target that asks for a client certificate: with the one there is, whatever authorities the target names, so that
// it is the target that says what is wrong with it.
func (d *dialer) show(cert *tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		d.asked.Store(true)
		if cert == nil {
			return new(tls.Certificate), nil
		}
		return cert, nil
	}
}

// handshake tells what a failed handshake was about.
func (d *dialer) handshake(err error) error {
	var op *net.OpError
	if d.asked.Load() && errors.As(err, &op) && op.Op == "remote error" {
		return &handshakeError{&CertificateError{Given: d.shown, cause: err}}
	}
	return &handshakeError{err}
}

// verdictTime is what Options.verdict is with the usual Timeout, and the least that it is where a test does not set it.
const verdictTime = 2 * time.Second

// accepted finds out whether the target takes the client certificate. In TLS 1.3 the handshake is over for the client before the
// target has looked at it: what tells is the ticket or the alert that comes next. It does nothing where none was asked for, and
// fails for the certificate alone.
func (d *dialer) accepted(ctx context.Context) error {
	if d.tls == nil || !d.asked.Load() {
		return nil
	}
	c, err := d.reach(ctx)
	if err != nil {
		return nil //nolint:nilerr // others stand
	}
	defer c.Close()
	first := new(ticket)
	config := d.tls.Clone()
	config.ClientSessionCache = first
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	t := tls.Client(c, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil //nolint:nilerr // of others it succeeded
	}
	if t.ConnectionState().Version < tls.VersionTLS13 {
		return nil // the handshake was the verdict
	}
	first.conn = t
	_ = t.SetReadDeadline(time.Now().Add(d.verdict))
	defer context.AfterFunc(ctx, func() { _ = t.SetReadDeadline(time.Unix(1, 0)) })()
	_, err = t.Read(make([]byte, 1))
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return d.handshake(err)
	}
	return nil
}

// ticket is a cache of sessions that keeps none: a ticket says that the target is content, and ends the wait for a word of it.
type ticket struct{ conn net.Conn }

// Get has nothing.
func (t *ticket) Get(string) (*tls.ClientSessionState, bool) { return nil, false }

// Put ends the read during which it is called.
func (t *ticket) Put(string, *tls.ClientSessionState) {
	if t.conn != nil {
		_ = t.conn.SetReadDeadline(time.Unix(1, 0))
	}
}
