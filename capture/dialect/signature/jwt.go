package signature

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
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

// JWT says that the header holds a JSON Web Token (RFC 7519) that is signed by an HMAC, and what it claims.
type JWT struct {
	// Algorithms are HS256 (the default), HS384 and HS512: the first one signs, and each of them verifies. A token of any other, and of
	// none, is refused.
	Algorithms []string `json:"algorithms,omitempty" yaml:"algorithms,omitempty"`
	// Claims are the token's, in their order: maps of one name to its value. A value is a text, or one of {timestamp} (seconds, as a
	// number), {timestamp+60s}, {nonce} (a UUID), {url}, {url_sha256_hex}, {method} and {body_sha256_hex}. With a question mark,
	// {body_sha256_hex?}, a request without a body has no such claim.
	//
	// exp and nbf bound for how long a token holds, and Profile.Tolerance is how far clocks may differ. Where no exp is claimed, the
	// tolerance is how far the other times may be from now.
	Claims []map[string]string `json:"claims,omitempty" yaml:"claims,omitempty"`
}

// claim is one claim of a token.
type claim struct {
	name   string
	token  token // literal where text is the value
	text   string
	offset time.Duration // of a timestamp
	// bodied says that a request without a body has no such claim.
	bodied bool
	// before is what stands before the value in the token's JSON, and after behind it.
	before, after string
}

// jwtAlgorithm is one that a token may be signed by.
type jwtAlgorithm struct {
	name string
	macs *keyed.MACs
	head string // the token's first part, and its dot
}

// jwt makes and checks tokens. It does not change.
type jwt struct {
	algorithms []jwtAlgorithm
	claims     []claim
	expires    bool // exp is claimed
}

// maxClaims bounds how much a token claims.
const maxClaims = 50

// newJWT checks what a profile says of its token.
func newJWT(p *Profile) (*jwt, error) {
	for name, set := range map[string]bool{
		"algorithm": p.Algorithm != "", "encoding": p.Encoding != "", "format": p.Format != "", "separator": p.Separator != "",
		"template": p.Template != "", "key_pair": p.KeyPair != (KeyPair{}), "timestamp_header": p.TimestampHeader != "",
		"timestamp_format": p.TimestampFormat != "", "id_header": p.IDHeader != "", "nonce_header": p.NonceHeader != "",
	} {
		if set {
			return nil, fmt.Errorf("signature: either jwt or %s: a token says itself how it is made", name)
		}
	}
	j := new(jwt)
	if err := j.setAlgorithms(p.JWT.Algorithms); err != nil {
		return nil, err
	}
	if len(p.JWT.Claims) > maxClaims {
		return nil, fmt.Errorf("signature: the token claims more than %d things", maxClaims)
	}
	covers := false
	for _, one := range p.JWT.Claims {
		c, err := parseClaim(one)
		if err != nil {
			return nil, err
		}
		for _, before := range j.claims {
			if before.name == c.name {
				return nil, fmt.Errorf("signature: the token claims %q twice", c.name)
			}
		}
		covers = covers || c.token == timestamp || c.token == url || c.token == urlHashHex || c.token == bodyHashHex
		j.expires = j.expires || c.name == "exp"
		j.claims = append(j.claims, c)
	}
	if !covers {
		return nil, errors.New("signature: the token claims neither a time nor the body nor the URL, so that one would hold for ever")
	}
	return j, nil
}

func (j *jwt) setAlgorithms(names []string) error {
	hashes := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}
	if len(names) == 0 {
		names = []string{"HS256"}
	}
	for _, name := range names {
		h := hashes[name]
		if h == nil {
			return fmt.Errorf("signature: no algorithm of a token is called %q: HS256, HS384 or HS512", name)
		}
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + name + `","typ":"JWT"}`))
		j.algorithms = append(j.algorithms, jwtAlgorithm{name, keyed.NewMACs(h), head + "."})
	}
	return nil
}

// claimTokens are what a claim's value may be in braces.
func claimTokens() map[string]token {
	return map[string]token{
		"timestamp": timestamp, "nonce": nonce, "url": url, "url_sha256_hex": urlHashHex, "method": method, "body_sha256_hex": bodyHashHex,
	}
}

func parseClaim(one map[string]string) (c claim, err error) {
	if len(one) != 1 {
		return c, errors.New("signature: each of a token's claims is one name and its value: - iss: Acme")
	}
	for c.name, c.text = range one {
	}
	if c.name == "" {
		return c, errors.New("signature: a claim of the token has no name")
	}
	name, braces := strings.CutPrefix(c.text, "{")
	name, closed := strings.CutSuffix(name, "}")
	name, c.bodied = strings.CutSuffix(name, "?")
	switch {
	case !braces && !strings.ContainsAny(c.text, "{}"):
		c.bodied = false
	case !braces || !closed:
		return c, fmt.Errorf("signature: the claim %q is a text or one {value}, not both", c.name)
	default:
		if c.token, c.offset, err = parseClaimToken(c.name, name); err != nil {
			return c, err
		}
		c.text = ""
	}
	if c.bodied && c.token != bodyHashHex {
		return c, fmt.Errorf("signature: the claim %q ends with ?, which only a hash of the body does", c.name)
	}
	c.before = "," + quoted(c.name) + ":"
	switch c.token {
	case literal:
		c.before += quoted(c.text)
	case timestamp:
	default:
		c.before, c.after = c.before+`"`, `"`
	}
	return c, nil
}

// parseClaimToken reads what stands in the braces of a claim's value.
func parseClaimToken(claim, text string) (token, time.Duration, error) {
	if t, known := claimTokens()[text]; known {
		return t, 0, nil
	}
	if by, ok := strings.CutPrefix(text, "timestamp"); ok && (by[0] == '+' || by[0] == '-') {
		offset, err := time.ParseDuration(by)
		if err == nil && offset%time.Second == 0 {
			return timestamp, offset, nil
		}
		return 0, 0, fmt.Errorf("signature: the claim %q moves its time by what is no whole number of seconds: {timestamp+60s}", claim)
	}
	return 0, 0, fmt.Errorf("signature: the claim %q names {%s}, which is nothing of a token's", claim, text)
}

// quoted writes a text as a string of JSON.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(fmt.Sprintf("signature: internal error: %v", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// timed says whether the token holds when it was made.
func (j *jwt) timed() bool {
	for _, c := range j.claims {
		if c.token == timestamp {
			return true
		}
	}
	return false
}

// sign returns the token of a request.
func (j *jwt) sign(secret []byte, r *capture.Record, g dialect.Signing) string {
	var room [512]byte
	c := claimed{record: r, signing: g}
	payload := append(j.appendClaims(room[:0], &c), '}')
	a := &j.algorithms[0]
	size := base64.RawURLEncoding.EncodedLen(len(payload))
	out := make([]byte, 0, len(a.head)+size+1+base64.RawURLEncoding.EncodedLen(sha512.Size))
	out = base64.RawURLEncoding.AppendEncode(append(out, a.head...), payload)
	var sum [sha512.Size]byte
	return string(base64.RawURLEncoding.AppendEncode(append(out, '.'), a.macs.Append(sum[:0], secret, out)))
}

// claimed is what a token is made for.
type claimed struct {
	record  *capture.Record
	signing dialect.Signing
	hash    [sha256.Size]byte // of the body
	hashed  bool
}

// bodyHash returns the SHA-256 of the body, which is made once.
func (c *claimed) bodyHash() []byte {
	if !c.hashed {
		c.hash, c.hashed = sha256.Sum256(c.record.Body), true
	}
	return c.hash[:]
}

// appendClaims appends the claims, as JSON without its last brace.
func (j *jwt) appendClaims(out []byte, of *claimed) []byte {
	out = append(out, '{')
	first := true
	for i := range j.claims {
		c := &j.claims[i]
		if c.bodied && len(of.record.Body) == 0 {
			continue
		}
		before := c.before
		if first {
			before, first = before[1:], false
		}
		out = append(c.append(append(out, before...), of), c.after...)
	}
	return out
}

func (c *claim) append(out []byte, of *claimed) []byte {
	switch c.token {
	case timestamp:
		return strconv.AppendInt(out, of.signing.Now.Add(c.offset).Unix(), 10)
	case nonce:
		if of.signing.Nonce != "" {
			return append(out, unquoted(of.signing.Nonce)...)
		}
		return of.appendUUID(out)
	case url:
		return append(out, unquoted(of.signing.URL)...)
	case method:
		return append(out, unquoted(of.record.Method)...)
	case urlHashHex:
		return appendHash(out, of.signing.URL)
	case bodyHashHex:
		return hex.AppendEncode(out, of.bodyHash())
	}
	return out
}

// unquoted is quoted without its quotes.
func unquoted(text string) string {
	text = quoted(text)
	return text[1 : len(text)-1]
}

// appendHash appends the SHA-256 of a text in hex.
func appendHash[T string | []byte](out []byte, text T) []byte {
	sum := sha256.Sum256([]byte(text))
	return hex.AppendEncode(out, sum[:])
}

// appendUUID appends a UUID, as of version 4, that depends on the time and the body.
func (c *claimed) appendUUID(out []byte) []byte {
	var text [8 + sha256.Size]byte
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(text[:0], uint64(c.signing.Now.UnixNano())), c.bodyHash()...))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	start := 0
	for i, end := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, sum[start:end])
		start = end
	}
	return out
}
