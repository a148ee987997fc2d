package audit

import (
	"bytes"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxDecodings is how many layers of escaping are taken off.
const maxDecodings = 3

// decode takes one layer of escaping off, percent and JSON escapes alike, and says whether there was any.
// A plus sign stays: to the words and numbers of this package it is a border, as a space is.
func decode(dst, s []byte) (out []byte, changed bool) {
	if bytes.IndexByte(s, '%') < 0 && bytes.IndexByte(s, '\\') < 0 {
		return dst, false
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c != '%' && c != '\\' {
			start := i
			for i < len(s) && s[i] != '%' && s[i] != '\\' {
				i++
			}
			dst = append(dst, s[start:i]...)
			continue
		}
		if c == '%' && i+2 < len(s) {
			hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2])
			if hi >= 0 && lo >= 0 {
				dst = append(dst, byte(hi<<4|lo))
				i += 3
				changed = true
				continue
			}
		}
		if c == '\\' && i+1 < len(s) {
			var n int
			if dst, n = decodeBackslash(dst, s[i:]); n > 0 {
				i += n
				changed = true
				continue
			}
		}
		dst = append(dst, c)
		i++
	}
	return dst, changed
}

// decodeBackslash decodes the JSON escape that s begins with and returns its length; 0 where it is none.
func decodeBackslash(dst, s []byte) ([]byte, int) {
	switch s[1] {
	case '"', '\\', '/':
		return append(dst, s[1]), 2
	case 'n', 'r', 't', 'b', 'f':
		return append(dst, ' '), 2
	case 'u':
		r, ok := decodeHex4(s)
		if !ok {
			return dst, 0
		}
		if utf16.IsSurrogate(r) {
			if low, ok := decodeHex4(s[6:]); ok {
				if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
					return utf8.AppendRune(dst, full), 12
				}
			}
		}
		return utf8.AppendRune(dst, r), 6
	}
	return dst, 0
}

// decodeHex4 reads \uXXXX.
func decodeHex4(s []byte) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range s[2:6] {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// folder brings a text into the one form in which this package compares: NFKC, lower case, digits of every
// script as ASCII digits, one apostrophe, one hyphen, nothing of no width. It keeps its memory between calls.
type folder struct {
	out, normal []byte
}

// fold returns the folded text, valid until the next call.
func (f *folder) fold(s []byte) []byte {
	if cap(f.out) < len(s) {
		f.out = make([]byte, len(s)*2)
	}
	out := f.out[:len(s)]
	for i, c := range s {
		if c >= utf8.RuneSelf {
			return f.foldWide(s)
		}
		if c-'A' < 26 {
			c |= 0x20
		}
		out[i] = c
	}
	return out
}

func (f *folder) foldWide(s []byte) []byte {
	f.normal = norm.NFKC.Append(f.normal[:0], s...)
	out := f.out[:0]
	for i := 0; i < len(f.normal); {
		c := f.normal[i]
		if c < utf8.RuneSelf {
			if c-'A' < 26 {
				c |= 0x20
			}
			out = append(out, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(f.normal[i:])
		i += size
		if r == utf8.RuneError && size == 1 {
			out = append(out, ' ')
			continue
		}
		if r = foldRune(r); r >= 0 {
			out = utf8.AppendRune(out, r)
		}
	}
	f.out = out
	return out
}

// foldRune folds what NFKC leaves apart; below 0 is nothing.
func foldRune(r rune) rune {
	switch {
	case r >= 0x2010 && r <= 0x2015, r == 0x2212: // hyphens, dashes, minus
		return '-'
	case r == 0x2018 || r == 0x2019 || r == 0x02bc:
		return '\''
	case invisible(r):
		return -1
	case unicode.IsDigit(r):
		return decimal(r)
	case unicode.IsSpace(r):
		return ' '
	}
	return unicode.ToLower(r)
}

// invisible says whether a rune has no width of its own: formatting, and variation selectors.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r >= 0xfe00 && r <= 0xfe0f || r == 0x034f || r >= 0xe0100 && r <= 0xe01ef
}

// decimal returns the ASCII digit of a decimal digit: in Unicode each script's ten stand in a row, nought first.
func decimal(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}
