package payload

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonStyle is how the writer of a JSON text escapes: seen in what it wrote.
type jsonStyle struct {
	escaped          asciiSet // characters that were written as \u00XX
	raw              asciiSet // characters that stand for themselves
	slash            bool     // \/
	rawHigh, escHigh bool     // how characters from U+0080 were written
	upper            bool     // hex digits that are letters were upper case
}

// observe learns from a string's content.
func (j *jsonStyle) observe(encoded []byte) {
	for i := 0; i < len(encoded); i++ {
		c := encoded[i]
		if c != '\\' {
			if c >= 0x80 {
				j.rawHigh = true
			} else {
				j.raw.add(c)
			}
			continue
		}
		n := escapeLength(encoded[i:])
		if n == 0 {
			continue
		}
		if n == 2 {
			j.slash = j.slash || encoded[i+1] == '/'
		} else {
			j.observeHex(encoded[i+2 : i+6])
		}
		i += n - 1
	}
}

// observeDocument learns from a whole text, of which only the escapes tell.
func (j *jsonStyle) observeDocument(text []byte) {
	if bytes.IndexByte(text, '\\') >= 0 {
		j.observe(text)
	}
}

func (j *jsonStyle) observeHex(digits []byte) {
	u := rune(0)
	for _, d := range digits {
		u = u<<4 | rune(hexDigit(d))
		j.upper = j.upper || d >= 'A' && d <= 'F'
	}
	if u < 0x80 {
		j.escaped.add(byte(u))
	} else {
		j.escHigh = true
	}
}

// appendJSON appends value as the content of a JSON string, escaped as its writer would have: by what own,
// the value that stood there, shows, else by what the document shows.
func appendJSON(dst []byte, value string, own, document *jsonStyle) []byte {
	high := own.escHigh && !own.rawHigh || !own.rawHigh && document.escHigh && !document.rawHigh
	slash := own.slash || !own.raw.has('/') && document.slash
	upper := own.upper || document.upper
	for i := 0; i < len(value); {
		c := value[i]
		if c >= 0x80 {
			r, size := utf8.DecodeRuneInString(value[i:])
			if high && (r != utf8.RuneError || size > 1) {
				dst = appendUnicode(dst, r, upper)
			} else {
				dst = append(dst, value[i:i+size]...)
			}
			i += size
			continue
		}
		i++
		switch {
		case own.escaped.has(c), document.escaped.has(c) && !own.raw.has(c):
			dst = appendUnicode(dst, rune(c), upper)
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '/' && slash:
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = appendControl(dst, c, upper)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func appendControl(dst []byte, c byte, upper bool) []byte {
	if i := bytes.IndexByte([]byte("\b\f\n\r\t"), c); i >= 0 {
		return append(dst, '\\', "bfnrt"[i])
	}
	return appendUnicode(dst, rune(c), upper)
}

func appendUnicode(dst []byte, r rune, upper bool) []byte {
	if r >= 0x10000 {
		hi, lo := utf16.EncodeRune(r)
		return appendUnicode(appendUnicode(dst, hi, upper), lo, upper)
	}
	hex := "0123456789abcdef"
	if upper {
		hex = "0123456789ABCDEF"
	}
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// appendDecodedJSON decodes the content of a JSON string. A surrogate without its other half becomes U+FFFD;
// bytes that are no UTF-8 stay.
func appendDecodedJSON(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' || i+1 >= len(raw) {
			dst = append(dst, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'u':
			r, size := decodeUnicode(raw[i:])
			dst = utf8.AppendRune(dst, r)
			i += size
			continue
		case 'b', 'f', 'n', 'r', 't':
			dst = append(dst, "\b\f\n\r\t"[bytes.IndexByte([]byte("bfnrt"), c)])
		default:
			dst = append(dst, c)
		}
		i += 2
	}
	return dst
}

// decodeUnicode decodes the \uXXXX, or the pair of them, that raw begins with.
func decodeUnicode(raw []byte) (r rune, size int) {
	r = hexRune(raw)
	if r < 0 {
		return utf8.RuneError, min(2, len(raw))
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if pair := utf16.DecodeRune(r, hexRune(raw[6:])); pair != utf8.RuneError {
		return pair, 12
	}
	return utf8.RuneError, 6
}

// hexRune returns the code unit of the \uXXXX that raw begins with, and -1 where it begins with none.
func hexRune(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' || escapeLength(raw) != 6 {
		return -1
	}
	u := rune(0)
	for _, d := range raw[2:6] {
		u = u<<4 | rune(hexDigit(d))
	}
	return u
}
