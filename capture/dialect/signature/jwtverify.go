package signature

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
)

// verify checks a token: its algorithm, its signature and its claims. An error tells nothing of it.
func (j *jwt) verify(token string, secret []byte, r *capture.Record, g dialect.Signing, tolerance time.Duration) error {
	head, rest, _ := strings.Cut(token, ".")
	payload, sum, ok := strings.Cut(rest, ".")
	if !ok {
		return fmt.Errorf("%w: the header holds no token", dialect.ErrSignature)
	}
	a := j.algorithmOf(head)
	if a == nil {
		return fmt.Errorf("%w: the token's algorithm is none of the scheme's", dialect.ErrSignature)
	}
	got, err := strict().DecodeString(sum)
	if err != nil || !hmac.Equal(got, a.macs.Append(nil, secret, []byte(token[:len(head)+1+len(payload)]))) {
		return dialect.ErrSignature
	}
	claims, err := decodePart(payload)
	if err != nil {
		return fmt.Errorf("%w: the token's claims cannot be read", dialect.ErrSignature)
	}
	for i := range j.claims {
		c := &j.claims[i]
		if !j.holds(c, claims, r, g, tolerance) {
			return fmt.Errorf("%w: the token's claim %s does not hold", dialect.ErrSignature, c.name)
		}
	}
	for _, name := range [...]string{"exp", "nbf"} { // which hold for every token that has them (RFC 7519, sections 4.1.4 and 4.1.5)
		if value := claims[name]; value != nil && !j.inTime(&claim{name: name}, value, g.Now, tolerance) {
			return fmt.Errorf("%w: the token's claim %s does not hold", dialect.ErrSignature, name)
		}
	}
	return nil
}

// algorithmOf returns the algorithm that a token's first part names; nil where it is none of the scheme's, or where the token wants more
// of its reader (RFC 7515, section 4.1.11).
func (j *jwt) algorithmOf(head string) *jwtAlgorithm {
	fields, err := decodePart(head)
	if err != nil || fields["crit"] != nil {
		return nil
	}
	for i := range j.algorithms {
		if a := &j.algorithms[i]; isText(fields["alg"], a.name) {
			return a
		}
	}
	return nil
}

// strict is the encoding of a token's parts. Bits that say nothing must be 0, so that a token is written in one way.
func strict() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// decodePart reads one of the two first parts of a token.
func decodePart(text string) (fields map[string]json.RawMessage, err error) {
	raw, err := strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	return fields, json.Unmarshal(raw, &fields)
}

// holds says whether a token's claims have what c claims of the request.
func (j *jwt) holds(c *claim, claims map[string]json.RawMessage, r *capture.Record, g dialect.Signing, tolerance time.Duration) bool {
	value := claims[c.name]
	switch c.token {
	case literal:
		return isText(value, c.text)
	case timestamp:
		return j.inTime(c, value, g.Now, tolerance)
	case nonce:
		return len(value) > len(`""`) && value[0] == '"'
	case url:
		return isText(value, g.URL)
	case method:
		return isText(value, r.Method)
	case urlHashHex:
		return isText(value, string(appendHash(nil, g.URL)))
	}
	if c.bodied && len(r.Body) == 0 {
		return value == nil
	}
	return isText(value, string(appendHash(nil, r.Body)))
}

// isText says whether a value of JSON is that text.
func isText(value json.RawMessage, want string) bool {
	var text string
	return bytes.HasPrefix(value, []byte(`"`)) && json.Unmarshal(value, &text) == nil && text == want
}

// inTime says whether a token's time allows it to hold now; a zero now leaves that out.
func (j *jwt) inTime(c *claim, value json.RawMessage, now time.Time, tolerance time.Duration) bool {
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return false
	}
	if now.IsZero() {
		return true
	}
	at := time.UnixMilli(int64(seconds * 1000))
	switch {
	case c.name == "exp":
		return now.Before(at.Add(tolerance))
	case c.name == "nbf" || j.expires:
		return !now.Before(at.Add(-tolerance))
	}
	return tolerance == 0 || now.Sub(at.Add(-c.offset)).Abs() <= tolerance
}
