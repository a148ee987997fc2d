package signature

import (
	"crypto/hmac"
	"crypto/md5"  // of vendors' schemes
	"crypto/sha1" // of vendors' schemes
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
)

// Signer signs and verifies by a Profile. It does not change, and may be used by several goroutines at once.
type Signer struct {
	profile   Profile
	macs      *keyed.MACs
	hex       bool
	secret    func(text string) ([]byte, error)
	template  []piece
	clock     clock
	tolerance time.Duration
}

// NewSigner checks the profile. An error names the setting that is wrong.
func NewSigner(p Profile) (*Signer, error) {
	if p.Header == "" {
		return nil, errors.New("signature: the signature profile names no header")
	}
	hashes := map[string]func() hash.Hash{
		"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "": sha256.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
	}
	clocks := map[string]clock{"": unix, "unix": unix, "unix_ms": unixMilli, "imf_fixdate": fixdate, "rfc3339": rfc3339}
	secrets := map[string]func(string) ([]byte, error){
		"": plain, "utf8": plain, "base64": decodeBase64, "hex": hex.DecodeString,
	}
	encodings := map[string]bool{"": true, "hex": true, "base64": false}
	s := &Signer{profile: p}
	h, ok := hashes[p.Algorithm]
	if !ok {
		return nil, fmt.Errorf("signature: no algorithm is called %q: md5, sha1, sha224, sha256, sha384 or sha512", p.Algorithm)
	}
	s.macs = keyed.NewMACs(h)
	if s.hex, ok = encodings[p.Encoding]; !ok {
		return nil, fmt.Errorf("signature: no encoding is called %q: hex or base64", p.Encoding)
	}
	if s.secret, ok = secrets[p.SecretEncoding]; !ok {
		return nil, fmt.Errorf("signature: no encoding of secrets is called %q: utf8, base64 or hex", p.SecretEncoding)
	}
	if s.clock, ok = clocks[p.TimestampFormat]; !ok {
		return nil, fmt.Errorf("signature: no format of timestamps is called %q: unix, unix_ms, imf_fixdate or rfc3339", p.TimestampFormat)
	}
	var err error
	if p.Tolerance != "" {
		if s.tolerance, err = time.ParseDuration(p.Tolerance); err != nil || s.tolerance <= 0 {
			return nil, fmt.Errorf("signature: the tolerance %q is no duration above 0", p.Tolerance)
		}
	}
	if p.Template == "" {
		p.Template = "{body}"
	}
	s.template, err = parseTemplate(p.Template, map[token]bool{
		timestamp: p.TimestampHeader == "", id: p.IDHeader == "", nonce: p.NonceHeader == "",
	})
	return s, err
}

func plain(text string) ([]byte, error) { return []byte(text), nil }

// decodeBase64 takes base64 with padding and without.
func decodeBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
}

// Timed says whether requests carry the time that they were signed at.
func (s *Signer) Timed() bool { return s.profile.TimestampHeader != "" }

var errSecret = errors.New("signature: the secret is not written in the encoding that the profile names")

// KeyForms names the form of a key.
func (s *Signer) KeyForms() string {
	form := "the secret as text"
	if e := s.profile.SecretEncoding; e == "base64" || e == "hex" {
		form = "the secret in " + e
	}
	if s.profile.SecretPrefix != "" {
		form += "; " + s.profile.SecretPrefix + " may stand before it"
	}
	return form
}

// key decodes a secret. An error tells nothing of it.
func (s *Signer) key(secret []byte) ([]byte, error) {
	if len(secret) == 0 {
		return nil, dialect.ErrUnsupported
	}
	key, err := s.secret(strings.TrimPrefix(string(secret), s.profile.SecretPrefix))
	if err != nil || len(key) == 0 {
		return nil, errSecret
	}
	return key, nil
}

// Sign stamps the record and sets the profile's headers.
func (s *Signer) Sign(r *capture.Record, g dialect.Signing) error {
	key, err := s.key(g.Secret)
	if err != nil {
		return err
	}
	p := &s.profile
	if p.TimestampHeader != "" {
		r.SetHeader(p.TimestampHeader, s.clock.format(g.Now))
	}
	if p.NonceHeader != "" {
		n := g.Nonce
		if n == "" {
			n = derive(g.Now.UTC().Format(time.RFC3339Nano), r.Body)
		}
		r.SetHeader(p.NonceHeader, n)
	}
	if p.IDHeader != "" {
		if old, _ := r.Header(p.IDHeader); old == "" {
			r.SetHeader(p.IDHeader, "msg_"+derive("id", r.Body))
		}
	}
	sum := s.macs.Append(nil, key, s.message(r, g.URL))
	r.SetHeader(p.Header, p.Prefix+s.encode(sum))
	return nil
}

// Verify checks the signature and, where the profile has a tolerance, the timestamp's age; a zero g.Now leaves that
// out.
func (s *Signer) Verify(r *capture.Record, g dialect.Signing) error {
	p := &s.profile
	value, _ := r.Header(p.Header)
	if value == "" {
		return dialect.ErrUnsigned
	}
	key, err := s.key(g.Secret)
	if err != nil {
		return err
	}
	want := []byte(s.encode(s.macs.Append(nil, key, s.message(r, g.URL))))
	list := []string{value}
	if p.Separator != "" {
		list = strings.Split(value, p.Separator)
	}
	matches := false
	for _, one := range list {
		got, ok := strings.CutPrefix(strings.TrimSpace(one), p.Prefix)
		if s.hex {
			got = strings.ToLower(got)
		}
		if ok && hmac.Equal([]byte(got), want) {
			matches = true
		}
	}
	if !matches {
		return dialect.ErrSignature
	}
	return s.checkAge(r, g.Now)
}

func (s *Signer) checkAge(r *capture.Record, now time.Time) error {
	if s.tolerance == 0 || s.profile.TimestampHeader == "" || now.IsZero() {
		return nil
	}
	text, _ := r.Header(s.profile.TimestampHeader)
	at, err := s.clock.parse(text)
	if err != nil {
		return fmt.Errorf("%w: the timestamp is not written as the profile says", dialect.ErrSignature)
	}
	if now.Sub(at).Abs() > s.tolerance {
		return fmt.Errorf("%w: the timestamp is more than %v off", dialect.ErrSignature, s.tolerance)
	}
	return nil
}

func (s *Signer) encode(sum []byte) string {
	if s.hex {
		return hex.EncodeToString(sum)
	}
	return base64.StdEncoding.EncodeToString(sum)
}

// derive returns 26 characters of Crockford's base 32, as of a ULID, that depend on text and body.
func derive(text string, body []byte) string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	h := sha256.New()
	h.Write([]byte(text))
	h.Write([]byte{0})
	h.Write(body)
	out := h.Sum(nil)[:26]
	for i, b := range out {
		out[i] = letters[b&31]
	}
	return string(out)
}

func (c clock) format(t time.Time) string {
	switch c {
	case unixMilli:
		return strconv.FormatInt(t.UnixMilli(), 10)
	case fixdate:
		return t.UTC().Format(fixdateLayout)
	case rfc3339:
		return t.UTC().Format(time.RFC3339)
	}
	return strconv.FormatInt(t.Unix(), 10)
}

func (c clock) parse(text string) (time.Time, error) {
	switch c {
	case fixdate:
		return time.Parse(fixdateLayout, text)
	case rfc3339:
		return time.Parse(time.RFC3339, text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if c == unixMilli {
		return time.UnixMilli(n), err
	}
	return time.Unix(n, 0), err
}

// CheckKey says what is wrong with a key.
func (s *Signer) CheckKey(secret []byte, _ bool) error {
	_, err := s.key(secret)
	return err
}
