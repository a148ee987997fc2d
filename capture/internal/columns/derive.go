package columns

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// derive appends what a column has whose values are those of another one, as they are, or decoded; false where they cannot be.
func derive(dst []byte, op byte, raw []byte) ([]byte, bool) {
	switch op {
	case opForm:
		return appendForm(dst, raw)
	case opJSON:
		return appendJSON(dst, raw)
	}
	return append(dst, raw...), true
}

// appendForm decodes a form's value: "+" is a space, %XX a byte.
func appendForm(dst, b []byte) ([]byte, bool) {
	to := len(dst)
	dst = append(dst, b...)
	for at := to; at < len(dst); at++ {
		c := dst[at]
		if c == '+' {
			c = ' '
		} else if c == '%' {
			if at+2 >= len(dst) || nibble[dst[at+1]]|nibble[dst[at+2]] > 15 {
				return dst, false
			}
			c = nibble[dst[at+1]]<<4 | nibble[dst[at+2]]
			at += 2
		}
		dst[to] = c
		to++
	}
	return dst[:to], true
}

// appendJSON decodes what stands between the quotation marks of a JSON string (RFC 8259, section 7). Of surrogates both must be there.
func appendJSON(dst, b []byte) ([]byte, bool) {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 {
			return append(dst, b...), true
		}
		dst, b = append(dst, b[:i]...), b[i+1:]
		if len(b) == 0 {
			return dst, false
		}
		c := b[0]
		b = b[1:]
		if k := bytes.IndexByte([]byte(`"\/bfnrt`), c); k >= 0 {
			dst = append(dst, "\"\\/\b\f\n\r\t"[k])
			continue
		}
		v, ok := hexNumber(b, 4)
		if c != 'u' || !ok {
			return dst, false
		}
		b = b[4:]
		if utf16.IsSurrogate(rune(v)) {
			if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
				return dst, false
			}
			low, ok := hexNumber(b[2:], 4)
			r := utf16.DecodeRune(rune(v), rune(low))
			if !ok || r == utf8.RuneError {
				return dst, false
			}
			dst, b = utf8.AppendRune(dst, r), b[6:]
			continue
		}
		dst = utf8.AppendRune(dst, rune(v))
	}
}

// hexNumber reads n hexadecimal digits of either case.
func hexNumber(b []byte, n int) (v uint32, ok bool) {
	if len(b) < n {
		return 0, false
	}
	for _, c := range b[:n] {
		d := nibble[c]
		if d > 15 {
			return 0, false
		}
		v = v<<4 | uint32(d)
	}
	return v, true
}

// nibble is what a hexadecimal digit of either case stands for; over 15: nothing.
var nibble = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range "0123456789abcdef" {
		t[c] = byte(i)
	}
	for i, c := range "ABCDEF" {
		t[c] = byte(10 + i)
	}
	return t
}()
