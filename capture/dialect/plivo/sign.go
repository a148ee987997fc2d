package plivo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
)

// scheme is X-Plivo-Signature in its two versions.
type scheme struct{ macs *keyed.MACs }

var _ dialect.Kinds = (*scheme)(nil)

// Timed returns false: the signature does not cover the time.
func (*scheme) Timed() bool { return false }

// version is one of the two schemes, by its headers. The main account's signature stands beside that of a
// subaccount.
type version struct{ signature, main, nonce string }

func v2() version {
	return version{"X-Plivo-Signature-V2", "X-Plivo-Signature-Ma-V2", "X-Plivo-Signature-V2-Nonce"}
}

func v3() version {
	return version{"X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3", "X-Plivo-Signature-V3-Nonce"}
}

// Headers names those of both versions.
func (*scheme) Headers() []string {
	second, third := v2(), v3()
	return []string{second.signature, second.main, second.nonce, third.signature, third.main, third.nonce}
}

// Marks says of which headers Mark is asked.
func (s *scheme) Marks(name string) bool {
	_, ok := s.Mark(name, "")
	return ok
}

// Mark returns an empty signature of V3: that its header is there says by which version, and by whose key, a request was signed. A
// request without it is signed by V2.
func (*scheme) Mark(name, _ string) (mark string, ok bool) {
	v := v3()
	return "", capture.SameName(name, v.signature) || capture.SameName(name, v.main)
}

// in says whether the record has one of the version's signatures.
func (v version) in(r *capture.Record) bool {
	_, own := r.Header(v.signature)
	_, main := r.Header(v.main)
	return own || main
}

// Sign sets the signature headers that the record has, both under the one secret: V2, V3 or both, of the account
// and of its main account. A record that has none gets V2's, which is what Plivo documents for messages. V2
// covers the URL without its query, V3 the query and the form too; neither covers the time.
func (d *scheme) Sign(r *capture.Record, s dialect.Signing) error {
	if len(s.Secret) == 0 {
		return dialect.ErrUnsupported
	}
	nonce := s.Nonce
	if nonce == "" {
		nonce = deriveNonce(r, s)
	}
	third := v3().in(r)
	if third {
		d.put(r, v3(), nonce, signedV3(r, s.URL, nonce), s.Secret)
	}
	if !third || v2().in(r) {
		d.put(r, v2(), nonce, signedV2(s.URL, nonce), s.Secret)
	}
	return nil
}

// put sets the headers of one version: the main account's alone where that is all there is.
func (d *scheme) put(r *capture.Record, v version, nonce string, message, secret []byte) {
	signature := base64.StdEncoding.EncodeToString(d.macs.Append(nil, secret, message))
	_, own := r.Header(v.signature)
	_, main := r.Header(v.main)
	if main {
		r.SetHeader(v.main, signature)
	}
	if own || !main {
		r.SetHeader(v.signature, signature)
	}
	r.SetHeader(v.nonce, nonce)
}

// Verify checks every version whose signature the record has. The secret may be the account's token or that of the
// main account; of several signatures in one header any may hold.
func (d *scheme) Verify(r *capture.Record, s dialect.Signing) error {
	signed := false
	for _, v := range [...]version{v2(), v3()} {
		nonce, ok := r.Header(v.nonce)
		if !ok || !v.in(r) {
			continue
		}
		message := signedV2(s.URL, nonce)
		if v == v3() {
			message = signedV3(r, s.URL, nonce)
		}
		signed = true
		if !d.holds(r, v, message, s.Secret) {
			return dialect.ErrSignature
		}
	}
	if !signed {
		return dialect.ErrUnsigned
	}
	return nil
}

func (d *scheme) holds(r *capture.Record, v version, message, secret []byte) bool {
	want := base64.StdEncoding.EncodeToString(d.macs.Append(nil, secret, message))
	held := false
	for _, name := range [...]string{v.signature, v.main} {
		value, _ := r.Header(name)
		for got := range strings.SplitSeq(value, ",") {
			if hmac.Equal([]byte(strings.TrimSpace(got)), []byte(want)) {
				held = true
			}
		}
	}
	return held
}

// signedV2 returns what V2 covers: the URL as far as its query, and the nonce.
func signedV2(url, nonce string) []byte {
	base, _, _ := strings.Cut(url, "?")
	return []byte(base + nonce)
}

// signedV3 returns what V3 covers: the URL with its query sorted, the form's fields sorted, and the nonce.
func signedV3(r *capture.Record, url, nonce string) []byte {
	url, _, _ = strings.Cut(url, "#")
	base, query, _ := strings.Cut(url, "?")
	out := []byte(base)
	var params payload.Params
	params.AddForm([]byte(query))
	params.Sort()
	form := payload.IsForm(r) && r.Method != "GET"
	out = appendQuery(out, &params, form)
	if form {
		params.Reset()
		params.AddForm(r.Body)
		params.Sort()
		for i := range params.Len() {
			key, value := params.At(i)
			out = append(append(out, key...), value...)
		}
	}
	return append(append(out, '.'), nonce...)
}

// appendQuery appends a sorted query to the URL, ready for a form's fields where there is a form.
func appendQuery(dst []byte, query *payload.Params, form bool) []byte {
	if query.Len() > 0 || form {
		dst = append(dst, '?')
	}
	for i := range query.Len() {
		if i > 0 {
			dst = append(dst, '&')
		}
		key, value := query.At(i)
		dst = append(append(append(dst, key...), '='), value...)
	}
	if form && query.Len() > 0 {
		dst = append(dst, '.')
	}
	return dst
}

// deriveNonce returns twenty digits, as Plivo's nonces are, that depend on the time, the URL and the body.
func deriveNonce(r *capture.Record, s dialect.Signing) string {
	h := sha256.New()
	_, _ = h.Write([]byte(s.Now.UTC().Format(time.RFC3339Nano) + "\x00" + s.URL + "\x00"))
	_, _ = h.Write(r.Body)
	n := binary.BigEndian.Uint64(h.Sum(nil)) | 1<<63 // at least 9.2e18: nineteen or twenty digits
	return strconv.FormatUint(n, 10)
}

// KeyForms names the form of a key.
func (*scheme) KeyForms() string {
	return "the auth token of the account or of its main account, as text"
}

// CheckKey says what is wrong with a token.
func (*scheme) CheckKey(secret []byte, _ bool) error { return dialect.CheckToken(secret) }
