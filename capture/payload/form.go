package payload

import "bytes"

// nextForm moves to the next item of a form or of a query. Items are separated by & alone: a semicolon is
// data. An item whose key looks like data is told as two tokens, the key and the value, both named "#".
func (s *Scanner) nextForm() bool {
	if s.held {
		s.held = false
		s.tok = s.formValue()
		return true
	}
	if s.nextPlain() {
		return true
	}
	start, eq, end := nextItem(s.src, s.pos)
	if start == len(s.src) {
		s.pos = start
		return false
	}
	key, hasValue := s.src[start:eq], eq < end
	s.name.setKey(key)
	switch {
	case hasValue && (len(key) == 0 || s.isName(s.name.bytes())):
		s.pos, s.tok = end, token{tokForm, eq + 1, end}
	case hasValue:
		s.name.setData()
		s.pos, s.tok, s.held = eq+1, token{tokKey, start, eq}, true
	case s.isName(s.name.bytes()):
		s.pos, s.tok = end, token{tokBare, start, end}
	default:
		s.name.setData()
		s.pos, s.tok = end, token{tokKey, start, end}
	}
	return true
}

// nextPlain is nextForm for an item whose key is of letters and joints alone, as most are: it is a name then, and nothing in it is escaped.
// It returns false, and has done nothing, for any other.
func (s *Scanner) nextPlain() bool {
	start := s.pos
	if start < len(s.src) && s.src[start] == '&' {
		start++
	}
	eq := start
	for eq < len(s.src) && isLetter(s.src[eq]) {
		eq++
	}
	if eq == len(s.src) || s.src[eq] != '=' || eq == start || eq-start > maxNameLike {
		return false
	}
	s.name.n = copy(s.name.room(eq-start), s.src[start:eq])
	end := len(s.src)
	if i := bytes.IndexByte(s.src[eq:], '&'); i >= 0 {
		end = eq + i
	}
	s.pos, s.tok = end, token{tokForm, eq + 1, end}
	return true
}

// nextItem finds the next item of a form, or of a query, from pos on: the items are those between & that are not empty. It tells where
// it starts and ends, and where its first equals sign stands, which is its end where it has none. After the last one it starts at the
// end of src.
func nextItem(src []byte, pos int) (start, eq, end int) {
	for pos < len(src) && src[pos] == '&' {
		pos++
	}
	end = len(src)
	if i := bytes.IndexByte(src[pos:], '&'); i >= 0 {
		end = pos + i
	}
	if i := bytes.IndexByte(src[pos:end], '='); i >= 0 {
		return pos, pos + i, end
	}
	return pos, end, end
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

// AppendDecodedForm appends what the key or the value of a form stands for.
func AppendDecodedForm(dst, raw []byte) []byte { return appendDecodedForm(dst, raw) }

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
	s.reset(InBody, Form, form)
}

// NextItem moves to the next item of a form, whatever its key looks like: for signatures, which cover all.
// Key and Value then return its two sides.
func (s *Scanner) NextItem() bool {
	start, eq, end := nextItem(s.src, s.pos)
	if start == len(s.src) {
		return false
	}
	s.name.setKey(s.src[start:eq])
	s.tok = token{tokForm, min(eq+1, end), end}
	s.pos = end
	return true
}

// Key returns the key that NextItem moved to, decoded.
func (s *Scanner) Key() string { return string(s.name.bytes()) }
