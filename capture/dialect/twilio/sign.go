package twilio

import (
	"crypto/hmac"
	"crypto/sha1" // Twilio's scheme, HMAC-SHA1
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
)

const (
	signatureHeader = "X-Twilio-Signature"
	bodyHashKey     = "bodySHA256"
)

// Sign sets X-Twilio-Signature: base64 of the HMAC-SHA1, under the account's auth token, of the URL followed by
// the form's fields, sorted, each value after its key. A body that is no form is covered by its SHA-256 instead,
// which Sign puts into the query of the record's URL and of the signed one.
func (*Dialect) Sign(r *capture.Record, s dialect.Signing) error {
	if len(s.Secret) == 0 {
		return dialect.ErrUnsupported
	}
	if coversHash(r) {
		sum := bodyHash(r.Body)
		r.URL, s.URL = setQuery(r.URL, bodyHashKey, sum), setQuery(s.URL, bodyHashKey, sum)
	}
	r.SetHeader(signatureHeader, signature(r, s.URL, s.Secret))
	return nil
}

// Verify checks X-Twilio-Signature against the URL as given, and with the default port of its scheme added
// or taken away: Twilio's own back end is not of one mind.
func (*Dialect) Verify(r *capture.Record, s dialect.Signing) error {
	got, ok := r.Header(signatureHeader)
	if !ok || got == "" {
		return dialect.ErrUnsigned
	}
	if coversHash(r) {
		if sum, ok := query(s.URL, bodyHashKey); !ok || !strings.EqualFold(sum, bodyHash(r.Body)) {
			return dialect.ErrSignature
		}
	}
	matches := false
	for _, url := range urlVariants(s.URL) {
		if hmac.Equal([]byte(got), []byte(signature(r, url, s.Secret))) {
			matches = true
		}
	}
	if !matches {
		return dialect.ErrSignature
	}
	return nil
}

// coversHash says whether the signature covers the body by its hash in the URL rather than by its fields.
func coversHash(r *capture.Record) bool { return len(r.Body) > 0 && !dialect.IsForm(r) }

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// signature computes the signature of r as sent to url.
func signature(r *capture.Record, url string, token []byte) string {
	signed := append(make([]byte, 0, len(url)+len(r.Body)), url...)
	for _, p := range params(r) {
		signed = append(signed, p.key...)
		signed = append(signed, p.value...)
	}
	mac := hmac.New(sha1.New, token)
	mac.Write(signed)
	return base64.StdEncoding.EncodeToString(mac.Sum(signed[:0]))
}

type param struct{ key, value string }

// params returns the body's fields sorted by key and then by value, each pair once: so Twilio itself treats a
// key that is repeated.
func params(r *capture.Record) []param {
	if !dialect.IsForm(r) {
		return nil
	}
	all := make([]param, 0, 24)
	var s dialect.Scanner
	for s.ResetForm(r.Body); s.NextItem(); {
		all = append(all, param{s.Key(), s.Value()})
	}
	slices.SortFunc(all, func(a, b param) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	return slices.Compact(all)
}

// urlVariants returns the URLs that Twilio may have signed when it sent to url: url itself, and with the
// default port of its scheme added or removed; each again with the apostrophes of its query escaped, as
// Twilio's own tests have it.
func urlVariants(url string) []string {
	all := append(make([]string, 0, 4), url)
	if other := otherPort(url); other != "" {
		all = append(all, other)
	}
	if _, items, _ := strings.Cut(url, "?"); strings.Contains(items, "'") {
		for _, u := range all {
			path, items, _ := strings.Cut(u, "?")
			all = append(all, path+"?"+strings.ReplaceAll(items, "'", "%27"))
		}
	}
	return all
}

// otherPort returns url with the default port of its scheme removed, or added where it has none; "" where it
// has another.
func otherPort(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	port := ":443"
	if strings.EqualFold(scheme, "http") {
		port = ":80"
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	if bare, had := strings.CutSuffix(authority, port); had {
		return scheme + "://" + bare + tail
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	if strings.LastIndexByte(host, ':') > strings.LastIndexByte(host, ']') {
		return ""
	}
	return scheme + "://" + authority + port + tail
}

// query returns the value of the first item of that key in url's query, as it stands.
func query(url, key string) (value string, ok bool) {
	_, items, _ := strings.Cut(url, "?")
	for item := range strings.SplitSeq(items, "&") {
		if value, ok := strings.CutPrefix(item, key+"="); ok {
			return value, true
		}
	}
	return "", false
}

// setQuery sets the value of the first item of that key in url's query, or appends one.
func setQuery(url, key, value string) string {
	path, items, had := strings.Cut(url, "?")
	if !had || items == "" {
		return path + "?" + key + "=" + value
	}
	list := strings.Split(items, "&")
	for i, item := range list {
		if strings.HasPrefix(item, key+"=") {
			list[i] = key + "=" + value
			return path + "?" + strings.Join(list, "&")
		}
	}
	return url + "&" + key + "=" + value
}
