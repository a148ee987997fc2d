package signature

import (
	"crypto/sha256"
	"fmt"
	neturl "net/url"
	"slices"
	"strings"

	"reprise/capture"
)

// token is what a template's braces name.
type token uint8

const (
	literal token = iota
	body
	bodyHash
	bodyHashHex
	timestamp
	id
	nonce
	url
	baseURL
	sortedQuery
	method
	signature // of a format alone
	urlHashHex
)

// piece is one part of a template.
type piece struct {
	token token
	text  string // of a literal
}

// parseTemplate splits a template. Those tokens are refused that no header holds.
func parseTemplate(template string, homeless map[token]bool) ([]piece, error) {
	names := map[string]token{
		"body": body, "body_sha256_bin": bodyHash, "body_sha256_hex": bodyHashHex, "timestamp": timestamp, "id": id, "nonce": nonce,
		"url": url, "url_sha256_hex": urlHashHex, "base_url": baseURL, "sorted_query": sortedQuery, "method": method,
	}
	var all []piece
	for template != "" {
		open := strings.IndexByte(template, '{')
		if open < 0 {
			return append(all, piece{text: template}), nil
		}
		if open > 0 {
			all = append(all, piece{text: template[:open]})
		}
		name, rest, ok := strings.Cut(template[open+1:], "}")
		t, known := names[name]
		switch {
		case !ok:
			return nil, fmt.Errorf("signature: the template ends within {%s", name)
		case !known:
			return nil, fmt.Errorf("signature: the template names {%s}, which is nothing", name)
		case homeless[t]:
			return nil, fmt.Errorf("signature: the template names {%s}, and the profile neither a header for it nor a format that holds it", name)
		}
		all = append(all, piece{token: t})
		template = rest
	}
	return all, nil
}

// message returns what is signed of r, as sent to target, in the memory of m or in r's own.
func (s *Signer) message(m *scratch, r *capture.Record, v *values, target string) []byte {
	if len(s.template) == 1 && s.template[0].token == body {
		return r.Body
	}
	out := slices.Grow(m.message[:0], len(r.Body)+len(target)+96)
	defer func() { m.message = out[:0] }()
	for _, p := range s.template {
		switch p.token {
		case literal:
			out = append(out, p.text...)
		case body:
			out = append(out, r.Body...)
		case bodyHash:
			sum := sha256.Sum256(r.Body)
			out = append(out, sum[:]...)
		case bodyHashHex:
			out = appendHash(out, r.Body)
		case timestamp:
			out = append(out, v.timestamp...)
		case id:
			out = append(out, v.id...)
		case nonce:
			out = append(out, v.nonce...)
		case url:
			out = append(out, target...)
		case urlHashHex:
			out = appendHash(out, target)
		case baseURL:
			base, _, _ := strings.Cut(target, "?")
			out = append(out, base...)
		case sortedQuery: // what cannot be decoded of it is left out, as the SDKs do
			_, query, _ := strings.Cut(target, "?")
			values, _ := neturl.ParseQuery(query)
			out = append(out, values.Encode()...)
		case method:
			out = append(out, r.Method...)
		}
	}
	return out
}
