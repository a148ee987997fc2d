package logs

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

func plain(raw []byte) bool { return bytes.IndexByte(raw, '\\') < 0 }

// unescape appends what raw, the inside of a JSON string, stands for. Bytes that are not UTF-8 stay as they
// are, \xHH stays as written, and half a surrogate pair becomes U+FFFD. raw must have been scanned. It may stand in dst's memory, at its end or
// behind.
func unescape(dst, raw []byte) []byte {
	dst = slices.Grow(dst, len(raw)) // no escape is shorter than what it stands for
	n := len(dst)
	for {
		dst, raw = appendPlain(dst[:n+len(raw)], n, raw)
		if len(raw) < 2 {
			return append(dst, raw...)
		}
		c := raw[1]
		raw = raw[2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			dst, raw = unicodeEscape(dst, raw)
		case 'x':
			dst = append(dst, `\x`...)
		default: // quote, backslash, slash
			dst = append(dst, c)
		}
		n = len(dst)
	}
}

// appendPlain copies raw to dst[n:], which has room, up to the first backslash, eight bytes at a time: most runs are short.
func appendPlain(dst []byte, n int, raw []byte) (_, rest []byte) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i, to := 0, dst[n:]
	for ; i+8 <= len(raw); i += 8 {
		w := binary.LittleEndian.Uint64(raw[i:])
		if found := w ^ '\\'*ones; (found-ones)&^found&high != 0 {
			break
		}
		binary.LittleEndian.PutUint64(to[i:], w)
	}
	for ; i < len(raw) && raw[i] != '\\'; i++ {
		to[i] = raw[i]
	}
	return dst[:n+i], raw[i:]
}

// unicodeEscape reads the four digits of \uXXXX, and of the \uXXXX behind it where they are a pair.
func unicodeEscape(dst, raw []byte) (out, rest []byte) {
	r := hexValue(raw[:4])
	raw = raw[4:]
	if utf16.IsSurrogate(r) {
		low := rune(utf8.RuneError)
		if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
			low = hexValue(raw[2:6])
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			raw = raw[6:]
		}
	}
	return utf8.AppendRune(dst, r), raw
}

// unescapeHex decodes nginx's default escaping, \xHH, in place.
func unescapeHex(b []byte) []byte {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return b
	}
	out := b[:i]
	for ; i < len(b); i++ {
		if b[i] == '\\' && i+3 < len(b) && b[i+1] == 'x' && hexadecimal(b[i+2:i+4]) {
			out = append(out, byte(hexValue(b[i+2:i+4])))
			i += 3
			continue
		}
		out = append(out, b[i])
	}
	return out
}

func hexadecimal(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

func hexValue(b []byte) (v rune) {
	for _, c := range b {
		switch {
		case c <= '9':
			v = v<<4 | rune(c-'0')
		default:
			v = v<<4 | rune(c|0x20-'a'+10)
		}
	}
	return v
}
