package signature

import (
	"bytes"
	"crypto"
	"crypto/sha1" // of the scheme's first version
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	neturl "net/url"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
)

// snsName is the scheme as a profile names it.
const snsName = "sns"

// SNS is the scheme of Amazon's Simple Notification Service (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html):
// an RSA signature of fields of a JSON envelope, which stands in the envelope, beside the URL of the certificate that it is checked by.
// Version 1 is over SHA-1 and version 2 over SHA-256: each message says which. The zero value is ready for use.
type SNS struct{ keys keyed.RSA }

// certificateLine begins the line of a key's file that says under which URL its certificate is served.
const certificateLine = "SigningCertURL:"

// KeyForms names the forms of a key.
func (*SNS) KeyForms() string {
	return keyed.RSAForms + "; a line " + certificateLine + " https://… says where a receiver finds the certificate (reprise keygen --scheme sns makes both)"
}

// Timed returns false: what is signed holds a time, and the signature does not make it anew.
func (*SNS) Timed() bool { return false }

// Fields names that of the signature.
func (*SNS) Fields() []string { return []string{"Signature"} }

var errCertificateURL = errors.New("what stands behind " + certificateLine + " is no URL of https")

// CheckKey says what is wrong with a key.
func (s *SNS) CheckKey(secret []byte, signs bool) error {
	if at, ok := certificateURL(secret); ok && !isCertificateURL(at) {
		return errCertificateURL
	}
	return s.keys.Check(secret, signs)
}

// isCertificateURL says whether a text can stand in an envelope as it is, and a receiver fetch a certificate there.
func isCertificateURL(text string) bool {
	u, err := neturl.Parse(text)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' })
}

// certificateURL returns what a key's file says of where its certificate is.
func certificateURL(secret []byte) (at string, ok bool) {
	for line := range bytes.Lines(secret) {
		if rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(certificateLine)); ok {
			return string(bytes.TrimSpace(rest)), true
		}
	}
	return "", false
}

// Sign signs the envelope by the version that it names, the first one where it names none, and sets Signature and, where the key's file
// says where the certificate is, SigningCertURL. Nothing else of it changes. What is no envelope, as messages are that are delivered
// raw, carries no signature: then it returns ErrUnsupported.
func (s *SNS) Sign(r *capture.Record, g dialect.Signing) error {
	e := readEnvelope(r.Body)
	if !e.known() {
		return dialect.ErrUnsupported
	}
	version := e.version()
	hash, digest := e.digest(version)
	if hash == 0 {
		return errors.New("the envelope's SignatureVersion is neither 1 nor 2")
	}
	var room [512]byte
	sig, err := s.keys.Append(room[:0], g.Secret, hash, digest)
	if err != nil {
		return err
	}
	set := map[string]string{"Signature": base64.StdEncoding.EncodeToString(sig), "SignatureVersion": version}
	if at, ok := certificateURL(g.Secret); ok {
		set[e.certificateName()] = at
	}
	e.put(r, set)
	return nil
}

// Verify checks the signature by the key, a certificate or a private key; the certificate that the message names is not fetched.
func (s *SNS) Verify(r *capture.Record, g dialect.Signing) error {
	if err := s.keys.Check(g.Secret, false); err != nil {
		return err
	}
	e := readEnvelope(r.Body)
	switch {
	case !e.known():
		return dialect.ErrUnsupported
	case e.values["Signature"] == "":
		return dialect.ErrUnsigned
	}
	sig, err := base64.StdEncoding.DecodeString(e.values["Signature"])
	if err != nil {
		return fmt.Errorf("%w: it is not written in base64", dialect.ErrSignature)
	}
	hash, digest := e.digest(e.version())
	if hash == 0 {
		return fmt.Errorf("%w: its version is neither 1 nor 2", dialect.ErrSignature)
	}
	if holds, err := s.keys.Verify(g.Secret, hash, digest, sig); err != nil || !holds {
		return dialect.ErrSignature
	}
	return nil
}

// envelope is the JSON of a notification.
type envelope struct {
	body   []byte
	values map[string]string // of the fields at the top, without those that are null
	spans  []namedSpan       // in their order
}

type namedSpan struct {
	name string
	span payload.Span
}

func readEnvelope(body []byte) *envelope {
	e := &envelope{body: body, values: make(map[string]string, 12)}
	if !payload.StartsJSON(body) {
		return e
	}
	var s payload.Scanner
	for s.ResetJSON(body); s.Next(); {
		name := string(s.Name())
		one := namedSpan{name: name}
		s.SetSpan(&one.span)
		e.spans = append(e.spans, one)
		if s.IsString() || !s.Is("null") {
			e.values[name] = s.Value()
		}
	}
	if s.Err() != nil {
		return &envelope{body: body}
	}
	return e
}

// known says whether it is an envelope of SNS.
func (e *envelope) known() bool {
	for _, name := range [...]string{"Type", "MessageId", "TopicArn", "Message"} {
		if _, ok := e.values[name]; !ok {
			return false
		}
	}
	return true
}

func (e *envelope) version() string {
	if v := e.values["SignatureVersion"]; v != "" {
		return v
	}
	return "1"
}

// digest returns the hash of what is signed: each of the fields that there are, as its name and its value, a line each. The hash is 0
// where the version is not known.
func (e *envelope) digest(version string) (crypto.Hash, []byte) {
	names := []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	if kind := e.values["Type"]; kind == "SubscriptionConfirmation" || kind == "UnsubscribeConfirmation" {
		names = []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	text := make([]byte, 0, len(e.body))
	for _, name := range names {
		if value, ok := e.values[name]; ok {
			text = append(append(append(append(text, name...), '\n'), value...), '\n')
		}
	}
	switch version {
	case "1":
		sum := sha1.Sum(text)
		return crypto.SHA1, sum[:]
	case "2":
		sum := sha256.Sum256(text)
		return crypto.SHA256, sum[:]
	}
	return 0, nil
}

// certificateName is the field of the certificate's URL, as the envelope spells it.
func (e *envelope) certificateName() string {
	const name = "SigningCertURL"
	for i := range e.spans {
		if strings.EqualFold(e.spans[i].name, name) {
			return e.spans[i].name
		}
	}
	return name
}

// put sets fields of the envelope, and adds at its end those that are not there.
func (e *envelope) put(r *capture.Record, set map[string]string) {
	p := payload.NewPatch(r.Body)
	missing := ""
	for i := range e.spans {
		one := &e.spans[i]
		if value, ok := set[one.name]; ok {
			if one.span.Literal {
				value = quoted(value)
			}
			p.Set(&one.span, value)
		}
	}
	for _, name := range [...]string{"SignatureVersion", "Signature", e.certificateName()} {
		if value, ok := set[name]; ok && !e.has(name) {
			missing += `,"` + name + `":"` + value + `"`
		}
	}
	length := len(r.Body)
	r.Body = p.Finish()
	if end := bytes.LastIndexByte(r.Body, '}'); missing != "" && end >= 0 {
		body := append(make([]byte, 0, len(r.Body)+len(missing)), r.Body[:end]...)
		r.Body = append(append(body, missing...), r.Body[end:]...)
	}
	if _, ok := r.Header("Content-Length"); ok && len(r.Body) != length {
		r.SetHeader("Content-Length", strconv.Itoa(len(r.Body)))
	}
}

func (e *envelope) has(name string) bool {
	for i := range e.spans {
		if e.spans[i].name == name {
			return true
		}
	}
	return false
}
