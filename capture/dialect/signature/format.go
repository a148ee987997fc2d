package signature

import (
	"fmt"
	"strings"

	"reprise/capture"
)

// part is one part of a header: what stands before a value, and which value it is.
type part struct {
	before string
	token  token // literal where no value follows
}

// format is how the header of a signature is written: one part, or several with a separator between them.
type format struct {
	parts     []part
	separator string // "" where there is one part that stands once
}

// values are what a request says beside its body and its URL.
type values struct {
	timestamp, id, nonce string
	// signatures are those of the header, as they are written, without what stands before them.
	signatures []string
}

// parseFormat reads Profile.Format, or makes the format that Prefix and Separator describe.
func parseFormat(p *Profile) (format, error) {
	if p.Format == "" {
		return format{parts: []part{{p.Prefix, signature}}, separator: p.Separator}, nil
	}
	if p.Prefix != "" {
		return format{}, fmt.Errorf("signature: either format or prefix, not both")
	}
	f := format{separator: p.Separator}
	if f.separator == "" {
		f.separator = ","
	}
	seen := map[token]bool{}
	for text := range strings.SplitSeq(p.Format, f.separator) {
		before, rest, braces := strings.Cut(text, "{")
		one := part{before: before}
		if braces {
			name, after, closed := strings.Cut(rest, "}")
			t, known := formatTokens()[name]
			switch {
			case !closed || after != "":
				return format{}, fmt.Errorf("signature: a part of the format ends with its {value}")
			case !known:
				return format{}, fmt.Errorf("signature: the format names {%s}: it holds {signature}, {timestamp}, {id} and {nonce}", name)
			case seen[t]:
				return format{}, fmt.Errorf("signature: the format names {%s} twice", name)
			}
			one.token, seen[t] = t, true
		}
		f.parts = append(f.parts, one)
	}
	for _, c := range []struct {
		token  token
		header string
		name   string
	}{{timestamp, p.TimestampHeader, "timestamp"}, {id, p.IDHeader, "id"}, {nonce, p.NonceHeader, "nonce"}} {
		if seen[c.token] && c.header != "" {
			return format{}, fmt.Errorf("signature: {%s} stands in the format, and in a header of its own", c.name)
		}
	}
	if !seen[signature] {
		return format{}, fmt.Errorf("signature: the format names no {signature}")
	}
	if seen[timestamp] && p.TimestampFormat == "imf_fixdate" && strings.Contains(fixdateLayout, f.separator) {
		return format{}, fmt.Errorf("signature: a time in imf_fixdate holds the format's separator")
	}
	return f, nil
}

func formatTokens() map[string]token {
	return map[string]token{"signature": signature, "timestamp": timestamp, "id": id, "nonce": nonce}
}

func (f *format) has(t token) bool {
	for _, p := range f.parts {
		if p.token == t {
			return true
		}
	}
	return false
}

// append appends the header's value.
func (f *format) append(dst []byte, v *values, sig []byte) []byte {
	for i, p := range f.parts {
		if i > 0 {
			dst = append(dst, f.separator...)
		}
		dst = append(dst, p.before...)
		if p.token == signature {
			dst = append(dst, sig...)
		} else if to := v.of(p.token); to != nil {
			dst = append(dst, *to...)
		}
	}
	return dst
}

// of returns where a value stands that is no signature; nil for what is none.
func (v *values) of(t token) *string {
	switch t {
	case timestamp:
		return &v.timestamp
	case id:
		return &v.id
	case nonce:
		return &v.nonce
	}
	return nil
}

// read takes in what a header says. There may be several signatures, of secrets that change or of schemes that are not this one; of
// another value the first counts.
func (f *format) read(v *values, header string) {
	list := []string{header}
	if f.separator != "" {
		list = strings.Split(header, f.separator)
	}
	for i, text := range list {
		text = strings.TrimSpace(text)
		p, value, ok := f.partOf(i, text)
		if !ok {
			continue
		}
		if p.token == signature {
			v.signatures = append(v.signatures, value)
		} else if to := v.of(p.token); to != nil && *to == "" {
			*to = value
		}
	}
}

// partOf returns the part that a text of a header is, told by what it begins with, and by its place where it begins with nothing.
func (f *format) partOf(i int, text string) (p part, value string, ok bool) {
	for _, p := range f.parts {
		before := strings.TrimLeft(p.before, " ")
		if value, ok := strings.CutPrefix(text, before); ok && (before != "" || len(f.parts) == 1) {
			return p, value, true
		}
	}
	if i < len(f.parts) && strings.TrimSpace(f.parts[i].before) == "" {
		return f.parts[i], text, true
	}
	return part{}, "", false
}

// readHeaders takes in what stands in headers of its own.
func (s *Signer) readHeaders(r *capture.Record, v *values) {
	p := &s.profile
	if p.TimestampHeader != "" {
		v.timestamp = headerOf(r, p.TimestampHeader)
	}
	if p.IDHeader != "" {
		v.id = headerOf(r, p.IDHeader)
	}
	if p.NonceHeader != "" {
		v.nonce = headerOf(r, p.NonceHeader)
	}
}

func headerOf(r *capture.Record, name string) string {
	value, _ := r.Header(name)
	return value
}
