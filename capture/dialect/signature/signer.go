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
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
)

// Signer signs and verifies by a Profile. It does not change, and may be used by several goroutines at once.
type Signer struct {
	profile    Profile
	macs       *keyed.MACs // nil where all keys are Ed25519's
	pairs      *keyed.Ed25519
	hex        bool
	secret     func(text string) ([]byte, error)
	template   []piece
	format     format
	pairFormat format // of signatures under Ed25519 keys, where HMACs are made too
	clock      clock
	tolerance  time.Duration
	jwt        *jwt      // nil where the signature is no token
	or         []*Signer // the vendor's other schemes
	scratch    sync.Pool // of *scratch
	last       atomic.Pointer[decodedKey]
}

// decodedKey is a secret and what it is as a key: one key signs thousands of requests.
type decodedKey struct {
	secret []byte
	key    key
}

// NewSigner checks the profile of a scheme that has no name of its own. An error names the setting that is wrong.
func NewSigner(p Profile) (*Signer, error) {
	if err := p.resolve(); err != nil {
		return nil, err
	}
	s := &Signer{profile: p, pairs: new(keyed.Ed25519)}
	switch {
	case p.Scheme != "":
		return nil, errors.New("signature: a scheme with a name stands alone")
	case p.Header == "":
		return nil, errors.New("signature: the signature profile names no header")
	}
	var ok bool
	if s.secret, ok = secretDecoders()[p.SecretEncoding]; !ok {
		return nil, fmt.Errorf("signature: no encoding of secrets is called %q: utf8, base64 or hex", p.SecretEncoding)
	}
	var err error
	if p.Tolerance != "" {
		if s.tolerance, err = time.ParseDuration(p.Tolerance); err != nil || s.tolerance <= 0 {
			return nil, fmt.Errorf("signature: the tolerance %q is no duration above 0", p.Tolerance)
		}
	}
	if p.JWT != nil {
		if s.jwt, err = newJWT(&p); err == nil {
			s.macs = s.jwt.algorithms[0].macs
		}
	} else {
		err = s.setTemplate(p)
	}
	if err != nil {
		return nil, err
	}
	if err := s.checkNames(); err != nil {
		return nil, err
	}
	return s, s.addOr(&p)
}

// setTemplate checks what a profile says of a signature that is no token.
func (s *Signer) setTemplate(p Profile) (err error) {
	if err := s.setAlgorithm(&p); err != nil {
		return err
	}
	var ok bool
	encodings := map[string]bool{"": true, "hex": true, "base64": false}
	if s.hex, ok = encodings[p.Encoding]; !ok {
		return fmt.Errorf("signature: no encoding is called %q: hex or base64", p.Encoding)
	}
	clocks := map[string]clock{"": unix, "unix": unix, "unix_ms": unixMilli, "imf_fixdate": fixdate, "rfc3339": rfc3339}
	if s.clock, ok = clocks[p.TimestampFormat]; !ok {
		return fmt.Errorf("signature: no format of timestamps is called %q: unix, unix_ms, imf_fixdate or rfc3339", p.TimestampFormat)
	}
	if p.Template == "" {
		p.Template = "{body}"
	}
	if s.format, err = parseFormat(&p); err != nil {
		return err
	}
	if s.pairFormat, err = p.KeyPair.format(s.format); err != nil {
		return err
	}
	s.template, err = parseTemplate(p.Template, map[token]bool{
		timestamp: p.TimestampHeader == "" && !s.format.has(timestamp),
		id:        p.IDHeader == "" && !s.format.has(id),
		nonce:     p.NonceHeader == "" && !s.format.has(nonce),
	})
	if err != nil {
		return err
	}
	return s.checkCover()
}

func (s *Signer) setAlgorithm(p *Profile) error {
	hashes := map[string]func() hash.Hash{
		"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "": sha256.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
	}
	h, ok := hashes[p.Algorithm]
	switch {
	case ok:
		s.macs = keyed.NewMACs(h)
	case p.Algorithm != ed25519Name:
		return fmt.Errorf("signature: no algorithm is called %q: md5, sha1, sha224, sha256, sha384, sha512 or ed25519", p.Algorithm)
	case p.SecretEncoding != "" || p.KeyPair != (KeyPair{}):
		return errors.New("signature: an Ed25519 key's form is told by itself: secret_encoding and key_pair are those of an HMAC's secret")
	}
	return nil
}

// checkCover refuses a scheme that proves nothing of a request, or nothing of when it was signed though it is asked to.
func (s *Signer) checkCover() error {
	covers := func(tokens ...token) bool {
		return slices.ContainsFunc(s.template, func(p piece) bool { return slices.Contains(tokens, p.token) })
	}
	p := &s.profile
	switch {
	case !covers(body, bodyHash, bodyHashHex, url, urlHashHex, baseURL, sortedQuery):
		return errors.New("signature: the template names neither the body nor the URL, so that a signature would hold for any request")
	case p.Tolerance != "" && !covers(timestamp):
		return errors.New("signature: a tolerance needs a {timestamp} in the template")
	}
	return nil
}

// checkNames refuses headers that nobody can send.
func (s *Signer) checkNames() error {
	p := &s.profile
	for _, name := range []string{p.Header, p.TimestampHeader, p.IDHeader, p.NonceHeader} {
		if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r) }) {
			return errors.New("signature: a header's name is a token (RFC 9110, section 5.6.2)")
		}
		switch strings.ToLower(name) {
		case "host", "content-length", "transfer-encoding", "connection", "trailer", "upgrade", "te", "keep-alive", "content-type", "content-encoding":
			return errors.New("signature: that header is HTTP's own, and none for a signature")
		}
	}
	for _, text := range []string{p.Prefix, p.Separator, p.Format, p.KeyPair.Prefix} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f }) {
			return errors.New("signature: prefix, separator and format stand in a header: visible ASCII, and blanks")
		}
	}
	return nil
}

// Timed says whether requests carry the time that they were signed at.
func (s *Signer) Timed() bool {
	return s.stamped() || slices.ContainsFunc(s.or, func(other *Signer) bool { return other.stamped() })
}

// stamped says so of this one of the vendor's schemes.
func (s *Signer) stamped() bool {
	return s.profile.TimestampHeader != "" || s.format.has(timestamp) || s.jwt != nil && s.jwt.timed()
}

// Sign stamps the record and sets the profile's headers. Of several schemes it is the one whose header the record has.
func (s *Signer) Sign(r *capture.Record, g dialect.Signing) error {
	kind := s.kindOf(r)
	k, err := kind.key(g.Secret)
	if err != nil {
		return err
	}
	if kind.jwt != nil {
		r.SetHeader(kind.profile.Header, kind.profile.Prefix+kind.jwt.sign(k.secret, r, g))
	} else if err := kind.sign(k, r, g); err != nil {
		return err
	}
	s.takeOthers(kind, r)
	return nil
}

// sign signs by a template.
func (s *Signer) sign(k key, r *capture.Record, g dialect.Signing) error {
	p := &s.profile
	var v values
	if s.format.has(id) { // a recorded id stays
		s.format.read(&v, headerOf(r, p.Header))
	}
	s.readHeaders(r, &v)
	if s.stamped() {
		v.timestamp = s.clock.format(g.Now)
	}
	if p.NonceHeader != "" || s.format.has(nonce) {
		if v.nonce = g.Nonce; v.nonce == "" {
			v.nonce = derive(g.Now.UTC().Format(time.RFC3339Nano), r.Body)
		}
	}
	if (p.IDHeader != "" || s.format.has(id)) && v.id == "" {
		v.id = "msg_" + derive("id", r.Body)
	}
	scratch := s.scratchOf()
	defer s.scratch.Put(scratch)
	var room [2 * sha512.Size]byte
	sum, err := s.sum(room[:0], k, s.message(scratch, r, &v, g.URL))
	if err != nil {
		return err
	}
	for _, own := range [...]struct{ name, value string }{{p.TimestampHeader, v.timestamp}, {p.NonceHeader, v.nonce}, {p.IDHeader, v.id}} {
		if own.name != "" {
			r.SetHeader(own.name, own.value)
		}
	}
	r.SetHeader(p.Header, string(s.formatOf(k).append(room[:0], &v, s.encoded(scratch, sum))))
	return nil
}

// scratch is the memory of one signature.
type scratch struct{ message []byte }

func (s *Signer) scratchOf() *scratch {
	if one, ok := s.scratch.Get().(*scratch); ok {
		return one
	}
	return new(scratch)
}

// encoded returns how a sum is written, in the memory of m.
func (s *Signer) encoded(m *scratch, sum []byte) []byte {
	if s.hex {
		m.message = hex.AppendEncode(m.message[:0], sum)
	} else {
		m.message = base64.StdEncoding.AppendEncode(m.message[:0], sum)
	}
	return m.message
}

// Verify checks the signature and, where the profile has a tolerance, the timestamp's age; a zero g.Now leaves that
// out. Of several schemes it is the one whose header the record has.
func (s *Signer) Verify(r *capture.Record, g dialect.Signing) error {
	s = s.kindOf(r)
	header := headerOf(r, s.profile.Header)
	if header == "" {
		return dialect.ErrUnsigned
	}
	k, err := s.key(g.Secret)
	if err != nil {
		return err
	}
	if s.jwt != nil {
		prefix := s.profile.Prefix
		if len(header) < len(prefix) || !strings.EqualFold(header[:len(prefix)], prefix) { // Bearer is written in either case (RFC 9110, section 11.1)
			return fmt.Errorf("%w: the header holds no token", dialect.ErrSignature)
		}
		return s.jwt.verify(header[len(prefix):], k.secret, r, g, s.tolerance)
	}
	var v values
	s.formatOf(k).read(&v, header)
	s.readHeaders(r, &v)
	message := s.message(new(scratch), r, &v, g.URL)
	var matches bool
	if k.pair {
		matches, err = s.verifyPair(k, message, v.signatures)
		if err != nil {
			return err
		}
	} else {
		want := []byte(s.encode(s.macs.Append(nil, k.secret, message)))
		for _, got := range v.signatures {
			if s.hex {
				got = strings.ToLower(got)
			}
			matches = hmac.Equal([]byte(got), want) || matches
		}
	}
	if !matches {
		return dialect.ErrSignature
	}
	return s.checkAge(v.timestamp, g.Now)
}

func (s *Signer) checkAge(text string, now time.Time) error {
	if s.tolerance == 0 || !s.stamped() || now.IsZero() {
		return nil
	}
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
