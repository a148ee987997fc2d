package vonage

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/signature"
)

// The parameters of a signature.
const (
	sigKey   = "sig"
	timeKey  = "timestamp"
	nonceKey = "nonce"
)

// tolerance is how far a stamp may be from now, both ways, as Vonage's SDKs have it.
const tolerance = 5 * time.Minute

// scheme is the sig of the SMS API, and the token of the Messages API.
type scheme struct {
	params *dialect.Schema // which names no field: it is for setting parameters
	// tokens makes tokens, and received checks them: of the account and the application that they name, any are good.
	tokens, received *signature.Signer
}

// newScheme returns the schemes of both APIs. A token's claims are those of
// https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks . The account and the application that one of
// ours names do not exist.
func newScheme() *scheme {
	claims := []map[string]string{
		{"iat": "{timestamp}"},
		{"jti": "{nonce}"},
		{"iss": "Vonage"},
		{"payload_hash": "{body_sha256_hex}"},
		{"api_key": "00000000"},
		{"application_id": "00000000-0000-4000-8000-000000000000"},
	}
	return &scheme{params: dialect.NewSchema(dialect.Layout{}), tokens: newTokens(claims), received: newTokens(claims[:4])}
}

func newTokens(claims []map[string]string) *signature.Signer {
	s, err := signature.NewSigner(signature.Profile{
		Header: "Authorization", Prefix: "Bearer ", Tolerance: tolerance.String(), JWT: &signature.JWT{Claims: claims},
	})
	if err != nil {
		panic(fmt.Sprintf("vonage: internal error: %v", err))
	}
	return s
}

// Headers names that of the Messages API's tokens.
func (*scheme) Headers() []string { return []string{"Authorization"} }

// Fields names the parameters of the SMS API's signatures.
func (*scheme) Fields() []string { return []string{sigKey, nonceKey} }

// Timed returns true: the signature holds the time.
func (*scheme) Timed() bool { return true }

// Sign signs a webhook of the SMS API: it sets timestamp to s.Now, gives nonce another value where there is one, and
// sets sig, adding timestamp and sig where they are missing. They stand where the parameters stand: in the form or the
// JSON of the body, or in the query.
//
// The secret is SECRET or ALGORITHM:SECRET, where the algorithm is md5hash, md5, sha1, sha256 or sha512. Where none is
// named, the length of the recorded sig tells it, and 32 digits, or no sig, mean md5hash. A webhook of the Messages API gets a token
// in Authorization instead, which the secret signs by HS256.
func (d *scheme) Sign(r *capture.Record, s dialect.Signing) error {
	if len(s.Secret) == 0 {
		return dialect.ErrUnsupported
	}
	p, err := readParams(r)
	if err != nil {
		return err
	}
	if p.messages {
		s.Secret, _ = secretOf(s.Secret, "")
		return d.tokens.Sign(r, s)
	}
	nonce := s.Nonce
	if nonce == "" {
		nonce = deriveNonce(p, s)
	}
	stamp := strconv.FormatInt(s.Now.Unix(), 10)
	if err := p.put(d.params, r, map[string]string{timeKey: stamp, nonceKey: nonce}, timeKey); err != nil {
		return err
	}
	old := p.sig
	if p, err = readParams(r); err != nil {
		return err
	}
	secret, may := secretOf(s.Secret, old)
	sig := may[0].sum(p.signed(true), secret)
	if strings.ContainsAny(old, "ABCDEF") || !strings.ContainsAny(old, "abcdef") && may[0].hash != nil {
		sig = strings.ToUpper(sig)
	}
	return p.put(d.params, r, map[string]string{sigKey: sig}, sigKey)
}

// Verify checks sig, in either case, under every algorithm that its length allows or the one that the secret names, and
// with empty parameters signed or not, of which Vonage's SDKs are not of one mind. The timestamp may be five minutes
// off; a zero s.Now leaves its age out. Of the token of the Messages API, iat may be as far off; what its claims say of account and
// application is not compared.
func (d *scheme) Verify(r *capture.Record, s dialect.Signing) error {
	p, err := readParams(r)
	authorization, _ := r.Header("Authorization")
	switch {
	case err != nil:
		return fmt.Errorf("%w: the parameters cannot be read", dialect.ErrSignature)
	case p.sig == "" && (p.messages || issuedByVonage(authorization)):
		s.Secret, _ = secretOf(s.Secret, "")
		return d.received.Verify(r, s)
	case p.sig == "":
		return dialect.ErrUnsigned
	}
	secret, may := secretOf(s.Secret, p.sig)
	got, matches := []byte(strings.ToLower(p.sig)), false
	for _, a := range may {
		for _, blanks := range [...]bool{true, false} {
			if hmac.Equal(got, []byte(a.sum(p.signed(blanks), secret))) {
				matches = true
			}
		}
	}
	if !matches {
		return dialect.ErrSignature
	}
	if s.Now.IsZero() {
		return nil
	}
	seconds, err := strconv.ParseInt(p.stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the timestamp is no number", dialect.ErrSignature)
	}
	if age := s.Now.Sub(time.Unix(seconds, 0)); age.Abs() > tolerance {
		return fmt.Errorf("%w: the timestamp is more than 5 minutes off", dialect.ErrSignature)
	}
	return nil
}

// deriveNonce returns a UUID-like nonce that depends on the time and the parameters.
func deriveNonce(p *params, s dialect.Signing) string {
	h := sha256.New()
	_, _ = h.Write([]byte(s.Now.UTC().Format(time.RFC3339Nano) + "\x00"))
	_, _ = h.Write(p.signed(true))
	b := hex.EncodeToString(h.Sum(nil)[:16])
	return b[:8] + "-" + b[8:12] + "-4" + b[13:16] + "-a" + b[17:20] + "-" + b[20:]
}

// KeyForms names the form of a key.
func (*scheme) KeyForms() string {
	return "the signature secret as text, or ALGORITHM:SECRET (md5hash, md5, sha1, sha256 or sha512) for the SMS API; it signs the Messages API's tokens too"
}

var (
	errNoSecret    = errors.New("it names an algorithm and holds no secret")
	errNoAlgorithm = errors.New("what stands before its colon is no algorithm that is known: where the secret itself holds a colon, write md5hash: before it")
)

// CheckKey says what is wrong with a secret.
func (*scheme) CheckKey(secret []byte, _ bool) error {
	rest, may := secretOf(secret, "")
	switch _, _, named := bytes.Cut(secret, []byte{':'}); {
	case len(rest) == 0:
		return errNoSecret
	case named && len(may) > 0 && len(rest) == len(secret):
		return errNoAlgorithm
	}
	return dialect.CheckToken(secret)
}
