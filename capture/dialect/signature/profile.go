// Package signature makes a vendor's scheme of signatures out of a profile, for schemes that are an HMAC or an Ed25519 signature of parts of
// the request, or a JSON Web Token.
//
// A Signer may be used by several goroutines at once.
package signature

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"reprise/capture/dialect"
)

// Profile says how a vendor signs: of what, under which secret, and in which headers. What is empty has the default that is told.
type Profile struct {
	Names `yaml:",inline"`
	// Scheme names one that is made by code of its own, and then nothing else is said: sns, Amazon's, see SNS.
	Scheme string `json:"scheme,omitempty" yaml:"scheme,omitempty"`
	// Header holds the signature: "x-attentive-hmac-sha256".
	Header string `json:"header" yaml:"header,omitempty"`
	// Format is how that header is written where it holds more than the signature: "t={timestamp},v1={signature}". In it stand
	// {signature}, {timestamp}, {id} and {nonce}, each at the end of a part; between the parts is Separator, "," where it is empty. Parts
	// of other names are passed over, and a part that is there several times may hold several signatures.
	Format string `json:"format,omitempty" yaml:"format,omitempty"`
	// Algorithm is the hash of the HMAC: md5, sha1, sha224, sha256 (the default), sha384 or sha512; or ed25519, whose key is one of
	// keyed.Ed25519Forms.
	Algorithm string `json:"algorithm,omitempty" yaml:"algorithm,omitempty"`
	// Encoding is how the signature is written: hex (the default) or base64.
	Encoding string `json:"encoding,omitempty" yaml:"encoding,omitempty"`
	// Prefix stands before it: "v1," or "sha256=".
	Prefix string `json:"prefix,omitempty" yaml:"prefix,omitempty"`
	// Separator is between the signatures of a header that may hold several, any of which may hold: " ". Empty means
	// that it holds one.
	Separator string `json:"separator,omitempty" yaml:"separator,omitempty"`
	// SecretEncoding is how the secret is written: utf8 (the default: the key is its bytes), base64 or hex.
	SecretEncoding string `json:"secret_encoding,omitempty" yaml:"secret_encoding,omitempty"`
	// SecretPrefix is no part of the secret, and taken off where it is there: "whsec_".
	SecretPrefix string `json:"secret_prefix,omitempty" yaml:"secret_prefix,omitempty"`
	// KeyPair says which keys are Ed25519's in a scheme that has both.
	KeyPair KeyPair `json:"key_pair,omitzero" yaml:"key_pair,omitempty"`
	// Template is what is signed; "{body}" is the default. In it stand {body}, {body_sha256_bin}, {body_sha256_hex},
	// {timestamp}, {id}, {nonce}, {url}, {url_sha256_hex}, {base_url} (the URL without its query), {sorted_query} (its query by key, encoded anew) and {method};
	// all else is literal.
	Template string `json:"template,omitempty" yaml:"template,omitempty"`
	// TimestampHeader holds {timestamp} where Format does not, and TimestampFormat is how it is written: unix (seconds, the default),
	// unix_ms, imf_fixdate ("Thu, 04 Jan 2024 18:05:25 GMT") or rfc3339.
	TimestampHeader string `json:"timestamp_header,omitempty" yaml:"timestamp_header,omitempty"`
	TimestampFormat string `json:"timestamp_format,omitempty" yaml:"timestamp_format,omitempty"`
	// IDHeader holds {id}. A recorded id stays; where there is none, one is made of the body.
	IDHeader string `json:"id_header,omitempty" yaml:"id_header,omitempty"`
	// NonceHeader holds {nonce}: another one for each signature.
	NonceHeader string `json:"nonce_header,omitempty" yaml:"nonce_header,omitempty"`
	// Tolerance is how far a timestamp may be from now, both ways, as "5m"; empty leaves its age out.
	Tolerance string `json:"tolerance,omitempty" yaml:"tolerance,omitempty"`
	// JWT says that the header holds a JSON Web Token; then Header, Prefix, Tolerance and the secret's keys are all that counts beside it.
	JWT *JWT `json:"jwt,omitempty" yaml:"jwt,omitempty"`
	// Or are other schemes of the vendor, under the same secret: a request that was recorded with the header of one is signed by it, and
	// every other one by the first.
	Or []Profile `json:"or,omitempty" yaml:"or,omitempty"`
}

// ParseProfile reads a profile from JSON. A key that no profile has is an error.
func ParseProfile(text []byte) (Profile, error) {
	var p Profile
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Profile{}, fmt.Errorf("signature: read the signature profile: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Profile{}, fmt.Errorf("signature: read the signature profile: data after its end")
	}
	if _, err := New(p); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// New makes the scheme that a profile describes. An error names the setting that is wrong.
func New(p Profile) (dialect.Scheme, error) {
	name := p.Scheme
	p.Scheme = ""
	switch {
	case name == "":
		return NewSigner(p)
	case name != snsName:
		return nil, fmt.Errorf("signature: no scheme is called %q: %s is", name, snsName)
	case !reflect.ValueOf(p).IsZero():
		return nil, fmt.Errorf("signature: the scheme %s stands alone: there is nothing else to say of it", name)
	}
	return new(SNS), nil
}

// Presets returns the vendors of a table that sign by a profile: their schemes can be put in place of another vendor's by their names.
func Presets(table dialect.Table) (vs []*dialect.Vendor) {
	for _, v := range table.All() {
		if _, ok := v.Scheme.(*Signer); ok {
			vs = append(vs, v)
		}
	}
	return vs
}

// clock is how a timestamp is written.
type clock uint8

const (
	unix clock = iota
	unixMilli
	fixdate
	rfc3339
)

// fixdateLayout is RFC 9110's IMF-fixdate, in UTC.
const fixdateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"
