package payload

import "bytes"

// maxDepth is how deep arrays and objects may nest.
const maxDepth = 200

// maxName bounds a field's name, which a hostile document could make long at every level.
const maxName = 1 << 14

// jsonState is where a Scanner stands in a JSON text.
type jsonState struct {
	want  want
	plain bool // no escape is in the text
	depth int
	// frames holds for each open array or object the length of its name, shifted, and whether it is an array.
	frames [maxDepth]uint16
}

type want uint8

const (
	wantValue want = iota
	wantKey
	wantNext // a comma, the end of an array or object, or the end of the text
)

func (s *Scanner) resetJSON(part Part, src []byte) {
	s.reset(part, JSON, src)
	s.pos, s.json.want, s.json.depth = skipMark(src), wantValue, 0
	s.json.plain = bytes.IndexByte(src, '\\') < 0
}

// nextJSON moves to the next string or literal.
func (s *Scanner) nextJSON() bool {
	for s.err == nil {
		s.skipSpace()
		if s.pos >= len(s.src) {
			if s.json.want == wantNext && s.json.depth == 0 {
				return false
			}
			s.fail("cut short")
			break
		}
		found := false
		switch s.json.want {
		case wantValue:
			found = s.jsonValue()
		case wantKey:
			found = s.jsonKey()
		case wantNext:
			s.jsonNext()
		}
		if found {
			return true
		}
	}
	return false
}

func (s *Scanner) fail(reason string) {
	s.err = &FieldError{Field: "body", Reason: reason, At: min(s.pos+1, max(len(s.src), 1))}
}

func (s *Scanner) skipSpace() {
	if s.pos < len(s.src) && s.src[s.pos] > ' ' {
		return // most texts have none
	}
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// jsonValue takes a string or a literal, or enters an array or object.
func (s *Scanner) jsonValue() (found bool) {
	switch s.src[s.pos] {
	case '{':
		s.enter(false)
	case '[':
		s.enter(true)
	case '"':
		start, end, ok := s.jsonString()
		s.tok, s.json.want = token{tokString, start, end}, wantNext
		return ok
	default:
		end := literalEnd(s.src, s.pos)
		if end < 0 {
			s.fail(ReasonNotJSON)
			return false
		}
		s.tok, s.json.want = token{tokLiteral, s.pos, end}, wantNext
		s.pos = end
		return true
	}
	return false
}

// enter opens an array or object, and closes it at once where it is empty.
func (s *Scanner) enter(array bool) {
	if s.json.depth == maxDepth {
		s.fail("nested too deep")
		return
	}
	frame := uint16(s.name.n) << 1
	closing := byte('}')
	s.json.want = wantKey
	if array {
		frame |= 1
		closing = ']'
		s.json.want = wantValue
	}
	s.json.frames[s.json.depth] = frame
	s.json.depth++
	s.pos++
	s.skipSpace()
	if s.pos < len(s.src) && s.src[s.pos] == closing {
		s.json.want = wantNext
		return
	}
	if array {
		s.extend([]byte{'*'})
	}
}

// extend appends one step to the name.
func (s *Scanner) extend(step []byte) {
	if s.name.n+len(step) >= maxName {
		s.fail("name too long")
		return
	}
	s.name.extend(step)
}

// jsonKey takes a key and its colon. A key that looks like data is told as a token, and stands as # in names.
func (s *Scanner) jsonKey() (found bool) {
	s.name.n = int(s.json.frames[s.json.depth-1] >> 1)
	if s.src[s.pos] != '"' {
		s.fail(ReasonNotJSON)
		return false
	}
	start, end, plain := s.plainKey()
	if !plain {
		var ok bool
		if start, end, ok = s.jsonString(); !ok {
			return false
		}
	}
	s.skipSpace()
	if s.pos >= len(s.src) || s.src[s.pos] != ':' {
		s.fail(ReasonNotJSON)
		return false
	}
	s.pos++
	s.json.want = wantValue
	key := s.src[start:end]
	if plain {
		s.extend(key)
		return false
	}
	if !s.json.plain && bytes.IndexByte(key, '\\') >= 0 {
		key = appendDecodedJSON(make([]byte, 0, len(key)), key)
	}
	if s.isName(key) {
		s.extend(key)
		return false
	}
	s.extend([]byte{'#'})
	s.tok = token{tokKey, start, end}
	return s.err == nil
}

// plainKey is jsonString for a key of letters and joints alone, which is a name.
func (s *Scanner) plainKey() (start, end int, ok bool) {
	start = s.pos + 1
	for end = start; end < len(s.src) && isLetter(s.src[end]); {
		end++
	}
	if end == len(s.src) || s.src[end] != '"' || end == start || end-start > maxNameLike {
		return 0, 0, false
	}
	s.pos = end + 1
	return start, end, true
}

// jsonNext takes a comma or the end of an array or object.
func (s *Scanner) jsonNext() {
	if s.json.depth == 0 {
		s.fail("data after its end")
		return
	}
	frame := s.json.frames[s.json.depth-1]
	array := frame&1 == 1
	switch c := s.src[s.pos]; {
	case c == ',' && array:
		s.json.want = wantValue
	case c == ',':
		s.json.want = wantKey
	case c == ']' && array, c == '}' && !array:
		s.json.depth--
		s.name.n = int(frame >> 1)
	default:
		s.fail(ReasonNotJSON)
		return
	}
	s.pos++
}

// jsonString takes a string and returns the span between its quotes. Bytes that are no UTF-8 and control
// characters are let pass; escapes that do not exist are not.
func (s *Scanner) jsonString() (start, end int, ok bool) {
	start = s.pos + 1
	first := start // of what is yet to be looked at
	if n := bytes.IndexByte(s.src[start:], '"'); n >= 0 {
		escape := -1
		if !s.json.plain {
			escape = bytes.IndexByte(s.src[start:start+n], '\\')
		}
		if escape < 0 {
			s.pos = start + n + 1
			return start, start + n, true
		}
		first += escape
	}
	for i := first; i < len(s.src); i++ {
		switch s.src[i] {
		case '"':
			s.pos = i + 1
			return start, i, true
		case '\\':
			n := escapeLength(s.src[i:])
			if n == 0 {
				s.fail("bad escape")
				return 0, 0, false
			}
			i += n - 1
		}
	}
	s.fail("cut short")
	return 0, 0, false
}

// escapeLength returns the length of the JSON escape that src begins with, and 0 where it is none.
func escapeLength(src []byte) int {
	if len(src) < 2 {
		return 0
	}
	switch src[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(src) < 6 {
			return 0
		}
		for _, c := range src[2:6] {
			if hexDigit(c) > 15 {
				return 0
			}
		}
		return 6
	}
	return 0
}

// literalEnd returns the end of the number, boolean or null that begins at pos, and -1 where none does.
func literalEnd(src []byte, pos int) int {
	end := pos
	for end < len(src) {
		switch c := src[end]; c {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
		default:
			end++
			continue
		}
		break
	}
	if !IsLiteral(src[pos:end]) {
		return -1
	}
	return end
}

// IsLiteral says whether lit is a JSON number, true, false or null.
func IsLiteral(lit []byte) bool {
	switch string(lit) {
	case "true", "false", "null":
		return true
	}
	lit = bytes.TrimPrefix(lit, []byte{'-'})
	whole := digits(lit)
	if whole == 0 || whole > 1 && lit[0] == '0' {
		return false
	}
	lit = lit[whole:]
	if len(lit) > 0 && lit[0] == '.' {
		fraction := digits(lit[1:])
		if fraction == 0 {
			return false
		}
		lit = lit[1+fraction:]
	}
	if len(lit) > 0 && lit[0]|0x20 == 'e' {
		lit = lit[1:]
		if len(lit) > 0 && (lit[0] == '+' || lit[0] == '-') {
			lit = lit[1:]
		}
		exponent := digits(lit)
		return exponent > 0 && exponent == len(lit)
	}
	return len(lit) == 0
}

// digits returns how many decimal digits b begins with.
func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}

// ResetJSON starts over with a JSON text.
func (s *Scanner) ResetJSON(text []byte) {
	s.url = ""
	s.resetJSON(InBody, text)
}

// EscapeLength returns the length of the JSON escape that src begins with, and 0 where it is none.
func EscapeLength(src []byte) int { return escapeLength(src) }

// InString says whether b may stand between the quotation marks of a JSON string, wherever in it: no quotation mark is in it that is not
// escaped, and no part of an escape.
func InString(b []byte) bool {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return false
		case '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				return false
			}
			i += n - 1
		}
	}
	return true
}
