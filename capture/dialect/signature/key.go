package signature

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
)

// ed25519Name is the algorithm whose keys are pairs.
const ed25519Name = "ed25519"

// KeyPair says which keys of a scheme of HMACs are Ed25519's instead, and how their signatures begin: those of Standard Webhooks have
// "v1a,", "whsk_" and "whpk_". The zero value is none.
type KeyPair struct {
	// Prefix stands before such a signature.
	Prefix string `json:"prefix,omitempty" yaml:"prefix,omitempty"`
	// Private and Public stand before a key.
	Private string `json:"private,omitempty" yaml:"private,omitempty"`
	Public  string `json:"public,omitempty" yaml:"public,omitempty"`
}

// format returns the format of signatures under such keys, where f is that of an HMAC.
func (k KeyPair) format(f format) (format, error) {
	switch {
	case k == (KeyPair{}):
		return f, nil
	case k.Prefix == "" || k.Private == "" || k.Public == "" || k.Private == k.Public:
		return f, errors.New("signature: key_pair needs a prefix, and names of its own for private and public keys")
	case len(f.parts) > 1:
		return f, errors.New("signature: either format or key_pair, not both")
	}
	return format{parts: []part{{k.Prefix, signature}}, separator: f.separator}, nil
}

// key is a secret that was decoded.
type key struct {
	secret []byte // of an HMAC, or an Ed25519 key in a form of keyed.Ed25519Forms
	pair   bool
	public bool // it is said to be a public key
}

var (
	errSecret = errors.New("signature: the secret is not written in the encoding that the profile names")
	errPublic = errors.New("signature: it is a public key, and signing needs the private one")
)

// key decodes a secret, which was mostly the last one too. An error tells nothing of it.
func (s *Signer) key(secret []byte) (key, error) {
	if last := s.last.Load(); last != nil && bytes.Equal(last.secret, secret) {
		return last.key, nil
	}
	k, err := s.decodeKey(secret)
	if err == nil {
		s.last.Store(&decodedKey{bytes.Clone(secret), k})
	}
	return k, err
}

func (s *Signer) decodeKey(secret []byte) (key, error) {
	if len(secret) == 0 {
		return key{}, dialect.ErrUnsupported
	}
	p := &s.profile
	text := string(secret)
	if pair := p.KeyPair; pair != (KeyPair{}) {
		if rest, ok := strings.CutPrefix(text, pair.Private); ok {
			return key{secret: []byte(rest), pair: true}, nil
		}
		if rest, ok := strings.CutPrefix(text, pair.Public); ok {
			return key{secret: []byte(rest), pair: true, public: true}, nil
		}
	}
	text = strings.TrimPrefix(text, p.SecretPrefix)
	if s.macs == nil {
		return key{secret: []byte(text), pair: true}, nil
	}
	decoded, err := s.secret(text)
	if err != nil || len(decoded) == 0 {
		return key{}, errSecret
	}
	return key{secret: decoded}, nil
}

// sum appends the signature of a message.
func (s *Signer) sum(dst []byte, k key, message []byte) ([]byte, error) {
	switch {
	case k.public:
		return nil, errPublic
	case k.pair:
		return s.pairs.Append(dst, k.secret, message)
	}
	return s.macs.Append(dst, k.secret, message), nil
}

// verifyPair says whether one of the signatures is that of an Ed25519 key.
func (s *Signer) verifyPair(k key, message []byte, written []string) (bool, error) {
	var all [][]byte
	for _, text := range written {
		if sig, err := s.decode(text); err == nil {
			all = append(all, sig)
		}
	}
	return s.pairs.Verify(k.secret, message, all...)
}

func (s *Signer) decode(text string) ([]byte, error) {
	if s.hex {
		return hex.DecodeString(text)
	}
	return decodeBase64(text)
}

// formatOf returns how the header is written for a key.
func (s *Signer) formatOf(k key) *format {
	if k.pair {
		return &s.pairFormat
	}
	return &s.format
}

// CheckKey says what is wrong with a key.
func (s *Signer) CheckKey(secret []byte, signs bool) error {
	k, err := s.key(secret)
	switch {
	case err != nil:
		return err
	case k.public && signs:
		return errPublic
	case k.pair:
		return s.pairs.Check(k.secret, signs)
	}
	return nil
}

// KeyForms names the form of a key.
func (s *Signer) KeyForms() string {
	p := &s.profile
	form := "the secret as text"
	switch {
	case s.macs == nil:
		form = keyed.Ed25519Forms
	case p.SecretEncoding == "base64" || p.SecretEncoding == "hex":
		form = "the secret in " + p.SecretEncoding
	}
	if p.SecretPrefix != "" {
		form += "; " + p.SecretPrefix + " may stand before it"
	}
	if pair := p.KeyPair; pair != (KeyPair{}) {
		form += "; an Ed25519 key behind " + pair.Private + ", or behind " + pair.Public + " to verify"
	}
	return form
}

func plain(text string) ([]byte, error) { return []byte(text), nil }

// decodeBase64 takes base64 with padding and without.
func decodeBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
}

// secretDecoders are the encodings of secrets, by their names.
func secretDecoders() map[string]func(string) ([]byte, error) {
	return map[string]func(string) ([]byte, error){"": plain, "utf8": plain, "base64": decodeBase64, "hex": hex.DecodeString}
}
