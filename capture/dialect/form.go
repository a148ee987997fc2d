package dialect

import "bytes"

// nextForm moves to the next item of a form or of a query. Items are separated by & alone: a semicolon is
// data. An item whose key looks like data is told as two tokens, the key and the value, both named "#".
func (s *Scanner) nextForm() bool {
	if s.held {
		s.held = false
		s.tok = s.formValue()
		return true
	}
	for s.pos < len(s.src) && s.src[s.pos] == '&' {
		s.pos++
	}
	if s.pos >= len(s.src) {
		return false
	}
	item := s.src[s.pos:]
	if end := bytes.IndexByte(item, '&'); end >= 0 {
		item = item[:end]
	}
	key, start := item, s.pos
	eq := bytes.IndexByte(item, '=')
	if eq >= 0 {
		key = item[:eq]
	}
	s.name.setKey(key)
	switch {
	case eq >= 0 && (len(key) == 0 || nameLike(s.name.bytes())):
		s.pos += eq + 1
		s.tok = s.formValue()
	case eq >= 0:
		s.name.setData()
		s.pos += eq + 1
		s.tok, s.held = token{tokKey, start, start + eq}, true
	case nameLike(s.name.bytes()):
		s.pos += len(item)
		s.tok = token{tokBare, start, s.pos}
	default:
		s.name.setData()
		s.pos += len(item)
		s.tok = token{tokKey, start, s.pos}
	}
	return true
}

// formValue takes the value from the position to the end of the item.
func (s *Scanner) formValue() token {
	end := bytes.IndexByte(s.src[s.pos:], '&')
	if end < 0 {
		end = len(s.src) - s.pos
	}
	t := token{tokForm, s.pos, s.pos + end}
	s.pos += end
	return t
}

// appendDecodedForm decodes a form's value: + is a space, and a percent sign that no two hex digits follow is
// itself.
func appendDecodedForm(dst, raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; c {
		case '+':
			dst = append(dst, ' ')
		case '%':
			if b, ok := escapedByte(raw[i:]); ok {
				dst = append(dst, b)
				i += 2
				continue
			}
			dst = append(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// escapedByte decodes the %XX that raw begins with.
func escapedByte(raw []byte) (b byte, ok bool) {
	if len(raw) < 3 || raw[0] != '%' {
		return 0, false
	}
	hi, lo := hexDigit(raw[1]), hexDigit(raw[2])
	return hi<<4 | lo, hi < 16 && lo < 16
}

// hexDigit returns the value of a hex digit, and 16 or more for any other byte.
func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// ResetForm starts over with a form, for NextItem.
func (s *Scanner) ResetForm(form []byte) {
	s.url = ""
	s.reset(InBody, modeForm, form)
}

// NextItem moves to the next item of a form, whatever its key looks like: for signatures, which cover all.
// Key and Value then return its two sides.
func (s *Scanner) NextItem() bool {
	for s.pos < len(s.src) && s.src[s.pos] == '&' {
		s.pos++
	}
	if s.pos >= len(s.src) {
		return false
	}
	end := len(s.src)
	if i := bytes.IndexByte(s.src[s.pos:], '&'); i >= 0 {
		end = s.pos + i
	}
	key, value, _ := bytes.Cut(s.src[s.pos:end], []byte{'='})
	s.name.setKey(key)
	s.tok = token{tokForm, end - len(value), end}
	s.pos = end
	return true
}

// Key returns the key that NextItem moved to, decoded.
func (s *Scanner) Key() string { return string(s.name.bytes()) }
