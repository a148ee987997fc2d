package payload

// asciiSet is a set of the bytes below 128.
type asciiSet [2]uint64

func (a *asciiSet) add(c byte)      { a[c>>6&1] |= 1 << (c & 63) }
func (a *asciiSet) has(c byte) bool { return a[c>>6&1]&(1<<(c&63)) != 0 }

// formStyle is how the writer of a form encodes: seen in what it wrote.
type formStyle struct {
	raw, escaped       asciiSet // bytes that stand for themselves, and bytes that were escaped
	rawHigh, escHigh   bool     // the same of the bytes from 128
	plus, percentSpace bool     // how spaces were written
	upper, lower       bool     // case of the hex digits that are letters
	path               bool     // in a path + stands for itself
	key                bool     // in a key = ends it
}

// plainBytes are the letters and digits.
var plainBytes = func() (t [256]bool) {
	for c := range t {
		t[c] = isAlnum(byte(c))
	}
	return t
}()

// observe learns from one part of the encoded form.
func (f *formStyle) observe(encoded []byte) {
	for i := 0; i < len(encoded); i++ {
		c := encoded[i]
		if plainBytes[c] { // which stands for itself whoever writes
			continue
		}
		if c == '+' && !f.path {
			f.plus = true
			continue
		}
		b, ok := escapedByte(encoded[i:])
		if !ok {
			if c >= 0x80 {
				f.rawHigh = true
			} else {
				f.raw.add(c)
			}
			continue
		}
		for _, digit := range encoded[i+1 : i+3] {
			f.upper = f.upper || digit >= 'A' && digit <= 'F'
			f.lower = f.lower || digit >= 'a' && digit <= 'f'
		}
		switch {
		case b >= 0x80:
			f.escHigh = true
		case b == ' ':
			f.percentSpace = true
		default:
			f.escaped.add(b)
		}
		i += 2
	}
}

// appendEncoded appends value as its writer would have written it: by what own, the value that stood there,
// shows; else by what the rest of the document shows; else as most vendors' libraries do.
func appendEncoded(dst []byte, value string, own, document *formStyle) []byte {
	hex := "0123456789ABCDEF"
	if own.lower && !own.upper || !own.upper && document.lower && !document.upper {
		hex = "0123456789abcdef"
	}
	spaceAsPercent := own.path || own.percentSpace && !own.plus ||
		!own.plus && document.percentSpace && !document.plus
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == ' ' && !spaceAsPercent:
			dst = append(dst, '+')
		case standsRaw(c, own, document):
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// standsRaw says whether the writer leaves c as it is.
func standsRaw(c byte, own, document *formStyle) bool {
	switch {
	case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
		return true
	case c <= ' ', c == 0x7f, c == '%', c == '&', c == '#':
		return false
	case c == '+' && !own.path, c == '=' && own.key:
		return false
	case own.path && (c == '/' || c == '?'):
		return false
	case c >= 0x80:
		if own.rawHigh != own.escHigh {
			return own.rawHigh
		}
		return document.rawHigh && !document.escHigh
	case own.raw.has(c) != own.escaped.has(c):
		return own.raw.has(c)
	case document.raw.has(c) != document.escaped.has(c):
		return document.raw.has(c)
	}
	return c == '-' || c == '.' || c == '_' || c == '+' && own.path
}
