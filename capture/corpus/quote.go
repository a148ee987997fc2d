package corpus

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A message's id, numbers and text stand in its body, too. A row does not repeat them but says where in the body they
// are and how they are written there: as a form value or as a JSON string.

// quoting is how a value is written in a body.
type quoting uint8

// Part of the file format; never renumber: they are codes of slots.
const (
	quotedForm quoting = 1
	quotedJSON quoting = 2
)

// How a slot says where its value begins in the body. Part of the file format; never renumber.
const (
	whereSameStart = 0 // where it did in the row before
	whereSameEnd   = 1 // as far from the body's end as in the row before
	whereAbsolute  = 2 // at this number less 2
)

// places is where a template's row before had its message's values.
type places [fixedSlots]struct{ start, end int }

// unquote appends the value that begins at body[start:]; false where none does.
func (q quoting) unquote(dst, body []byte, start int) ([]byte, bool) {
	if start < 0 || start > len(body) {
		return dst, false
	}
	if q == quotedForm {
		return unquoteForm(dst, body[start:])
	}
	return unquoteJSON(dst, body[start:])
}

// unquoteForm reads up to an ampersand or the end: "+" is a space, %XX a byte.
func unquoteForm(dst, b []byte) ([]byte, bool) {
	if i := bytes.IndexByte(b, '&'); i >= 0 {
		b = b[:i]
	}
	if bytes.IndexByte(b, '%') < 0 && bytes.IndexByte(b, '+') < 0 {
		return append(dst, b...), true
	}
	run := 0 // of bytes that stand for themselves
	for i := 0; i < len(b); i++ {
		if c := b[i]; c != '%' && c != '+' {
			continue
		}
		dst = append(dst, b[run:i]...)
		if run = i + 1; b[i] == '+' {
			dst = append(dst, ' ')
			continue
		}
		v, ok := digits(b[run:], 2)
		if !ok {
			return dst, false
		}
		dst = append(dst, byte(v))
		i += 2
		run = i + 1
	}
	return append(dst, b[run:]...), true
}

// unquoteJSON reads up to a quotation mark. An escaped surrogate without its other half is not read.
func unquoteJSON(dst, b []byte) ([]byte, bool) {
	run := 0 // of bytes that stand for themselves
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return append(dst, b[run:i]...), true
		case '\\':
			dst = append(dst, b[run:i]...)
			var n int
			var ok bool
			if dst, n, ok = unescape(dst, b[i+1:]); !ok {
				return dst, false
			}
			i += n
			run = i + 1
		}
	}
	return dst, false
}

// unescape reads what follows a backslash and says how many bytes that was.
func unescape(dst, b []byte) (_ []byte, n int, ok bool) {
	if len(b) == 0 {
		return dst, 0, false
	}
	if b[0] == 'u' {
		r, ok := digits(b[1:], 4)
		if !ok {
			return dst, 0, false
		}
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(dst, r), 5, true
		}
		if len(b) < 7 || b[5] != '\\' || b[6] != 'u' {
			return dst, 0, false
		}
		low, ok := digits(b[7:], 4)
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return dst, 0, false
		}
		return utf8.AppendRune(dst, r), 11, true
	}
	i := bytes.IndexByte([]byte(`"\/bfnrt`), b[0])
	if i < 0 {
		return dst, 0, false
	}
	return append(dst, "\"\\/\b\f\n\r\t"[i]), 1, true
}

// digits reads n hexadecimal digits.
func digits(b []byte, n int) (v rune, ok bool) {
	if len(b) < n {
		return 0, false
	}
	for _, c := range b[:n] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | rune(c)
	}
	return v, true
}

// quotes finds values in bodies.
type quotes struct{ scratch []byte }

// find says where and how body has value: first where the row before had it, then anywhere.
func (f *quotes) find(body []byte, value string, start, end int) (q quoting, where uint64, at int, ok bool) {
	q, before := quotedForm, byte('=')
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		q, before = quotedJSON, '"'
	}
	switch {
	case f.is(q, body, start, value):
		return q, whereSameStart, start, true
	case f.is(q, body, len(body)-end, value):
		return q, whereSameEnd, len(body) - end, true
	}
	const tries = 4
	var usual [64]byte
	key := append(usual[:0], longestWord(value)...)
	for from, try := 0, 0; len(key) > 1 && try < tries; try++ {
		i := bytes.Index(body[from:], key)
		if i < 0 {
			break
		}
		at := bytes.LastIndexByte(body[:from+i], before) + 1
		if at > 0 && f.is(q, body, at, value) {
			return q, uint64(at) + whereAbsolute, at, true
		}
		from += i + len(key)
	}
	return 0, 0, 0, false
}

// is says whether body has value at a place.
func (f *quotes) is(q quoting, body []byte, at int, value string) bool {
	if at <= 0 || at >= len(body) || len(body)-at < len(value) || value == "" {
		return false
	}
	switch c := body[at]; {
	case c == value[0]:
		if q == quotedForm && standsFor(body[at:], value) {
			return true
		}
	case c != '%' && c != '+' && c != '\\':
		return false
	}
	if q == quotedForm {
		return isForm(body[at:], value)
	}
	if n := len(value); string(body[at:at+n]) == value && at+n < len(body) && body[at+n] == '"' && strings.IndexByte(value, '\\') < 0 {
		return strings.IndexByte(value, '"') < 0
	}
	var ok bool
	f.scratch, ok = q.unquote(f.scratch[:0], body, at)
	return ok && string(f.scratch) == value
}

// isForm says whether unquoteForm would read value.
func isForm(b []byte, value string) bool {
	i := 0
	for j := range len(value) {
		if i == len(b) {
			return false
		}
		c := b[i]
		i++
		switch c {
		case '&':
			return false
		case '+':
			c = ' '
		case '%':
			v, ok := digits(b[i:], 2)
			if !ok {
				return false
			}
			c = byte(v)
			i += 2
		}
		if c != value[j] {
			return false
		}
	}
	return i == len(b) || b[i] == '&'
}

// standsFor says whether a form value is written as it is, which most are, so that it need not be decoded.
func standsFor(b []byte, value string) bool {
	n := len(value)
	return string(b[:n]) == value && (len(b) == n || b[n] == '&') &&
		strings.IndexByte(value, '&') < 0 && strings.IndexByte(value, '%') < 0 && strings.IndexByte(value, '+') < 0
}

// longestWord returns the longest run of ASCII letters and digits: no way of quoting changes them.
func longestWord(s string) string {
	best, begin := "", 0
	for i := 0; i <= len(s) && len(s)-begin > len(best); i++ {
		if i < len(s) && (s[i]|0x20-'a' < 26 || s[i]-'0' < 10) {
			continue
		}
		if i-begin > len(best) {
			best = s[begin:i]
		}
		begin = i + 1
	}
	return best
}
