package audit

import (
	"bytes"
	"compress/gzip"
	"io"
	"unicode/utf8"
)

// minDisguised is how many characters of base64 or hex in a row are decoded, and maxPlain how much is unpacked: what is
// shorter holds no more than a few bytes, and what is longer cannot come out of a rewriter that writes texts.
const (
	minDisguised = 12
	maxPlain     = 64 << 10
)

// disguised calls f with what runs of base64 (at any of its three alignments), hex and gzip in s decode to, where that is
// text, in UTF-8 or UTF-16. It works in memory of its own.
func (r *reader) disguised(s []byte, f func([]byte)) {
	for i := 0; i < len(s); {
		if !isBase64(s[i]) {
			i++
			continue
		}
		start, hex := i, true
		for i < len(s) && isBase64(s[i]) {
			hex = hex && hexDigit(s[i]) >= 0
			i++
		}
		if i-start < minDisguised {
			continue
		}
		word := s[start:i]
		if hex && len(word)%2 == 0 {
			r.hidden(r.fromHex(word), f)
		}
		for align := range 4 {
			if peekBase64(word[align:]) {
				r.hidden(r.fromBase64(word[align:]), f)
			}
		}
	}
	if i := bytes.Index(s, gzipMagic); i >= 0 {
		r.hidden(s[i:], f)
	}
	if bytes.IndexByte(s, 0) >= 0 {
		r.hidden(s, f)
	}
}

var gzipMagic = []byte{0x1f, 0x8b, 8}

func isBase64(c byte) bool {
	return c-'0' < 10 || c|0x20-'a' < 26 || c == '+' || c == '/' || c == '-' || c == '_'
}

func (r *reader) fromHex(word []byte) []byte {
	r.plain = r.plain[:0]
	for i := 0; i+1 < len(word); i += 2 {
		r.plain = append(r.plain, byte(hexDigit(word[i])<<4|hexDigit(word[i+1])))
	}
	return r.plain
}

// fromBase64 decodes base64 of either alphabet: whole groups of four, and of a rest of two or three what it holds.
func (r *reader) fromBase64(word []byte) []byte {
	r.plain = r.plain[:0]
	for ; len(word) >= 2; word = word[min(4, len(word)):] {
		a, b := sextets[word[0]], sextets[word[1]]
		r.plain = append(r.plain, a<<2|b>>4)
		if len(word) == 2 {
			break
		}
		c := sextets[word[2]]
		r.plain = append(r.plain, b<<4|c>>2)
		if len(word) == 3 {
			break
		}
		r.plain = append(r.plain, c<<6|sextets[word[3]])
	}
	return r.plain
}

// sextets are the values of base64's characters, of both alphabets (RFC 4648, sections 4 and 5).
var sextets = func() (t [256]byte) {
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['-'], t['_'] = 62, 63
	return t
}()

// peekBase64 says whether what base64 begins with may be text or packed text: few bytes of it are neither printable nor 0.
func peekBase64(word []byte) bool {
	odd := 0
	for n := 0; n < 4 && len(word) >= 4; n++ {
		a, b, c, d := sextets[word[0]], sextets[word[1]], sextets[word[2]], sextets[word[3]]
		one, two, three := a<<2|b>>4, b<<4|c>>2, c<<6|d
		if n == 0 && one == gzipMagic[0] && two == gzipMagic[1] {
			return true
		}
		odd += int(unprintable[one] + unprintable[two] + unprintable[three])
		if odd > 1 {
			return false
		}
		word = word[4:]
	}
	return true
}

// unprintable is 1 for the control characters that are neither 0 nor white space.
var unprintable = func() (t [256]byte) {
	for c := 1; c < ' '; c++ {
		t[c] = 1
	}
	t['\n'], t['\r'], t['\t'], t[0x7f] = 0, 0, 0, 1
	return t
}()

// hidden calls f with b if it is text, and with what it unpacks to.
func (r *reader) hidden(b []byte, f func([]byte)) {
	if bytes.HasPrefix(b, gzipMagic) {
		if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
			b, _ = io.ReadAll(io.LimitReader(z, maxPlain))
		}
	}
	if len(b) < 4 || !looksHidden(b) {
		return
	}
	if i := bytes.IndexByte(b, 0); i >= 0 { // UTF-16 of what ASCII has, in either order
		narrow := r.narrow[:0]
		for _, c := range b {
			if c != 0 {
				narrow = append(narrow, c)
			}
		}
		r.narrow = narrow
		b = narrow
	}
	f(b)
}

// looksHidden says whether what was decoded may be text or packed text: nearly all of it can be printed, or it is ASCII in
// UTF-16, or gzip.
func looksHidden(b []byte) bool {
	if bytes.HasPrefix(b, gzipMagic) {
		return true
	}
	odd, nul := 0, 0
	for _, c := range b {
		switch {
		case c == 0:
			nul++
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f:
			odd++
		}
	}
	if 8*odd > len(b) || nul > 0 && 3*nul < len(b) {
		return false
	}
	return nul > 0 || utf8.Valid(wholeRunes(b))
}

// wholeRunes cuts off what may be parts of runes at both ends.
func wholeRunes(b []byte) []byte {
	for i := 0; i < utf8.UTFMax-1 && len(b) > 0 && !utf8.RuneStart(b[0]); i++ {
		b = b[1:]
	}
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				b = b[:i]
			}
			break
		}
	}
	return b
}
