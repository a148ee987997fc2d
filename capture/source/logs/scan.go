package logs

import (
	"encoding/binary"
	"math/bits"
)

// kind is a JSON value's type.
type kind uint8

const (
	missing kind = iota
	jsonString
	jsonNumber
	jsonBool
	jsonNull
	jsonObject
	jsonArray
	plainText // of a column, a key or a group: it stands for itself
)

// span is where a value stands in its document: of a string, what is between the quotes, still escaped.
type span struct {
	kind       kind
	doc        uint8 // the level that it is of; 0 is the line
	start, end int
}

// maxDepth is how deeply values may nest, as in encoding/json.
const maxDepth = 10_000

// scanner reads one JSON text (RFC 8259) in one pass and notes where the wanted values are. It differs from
// encoding/json in one thing: a string's bytes need not be UTF-8.
type scanner struct {
	line []byte
	doc  uint8 // the level that line is, for the spans
	i    int
	// hex lets strings hold \xHH, which nginx writes unless it is told escape=json.
	hex   bool
	found []span // by slot
	key   []byte // scratch
}

// scan reads line, which must be one whole value, and fills found with what wanted asks for.
func (s *scanner) scan(line []byte, wanted *node) bool {
	s.line, s.i = line, 0
	clear(s.found)
	s.space()
	if !s.value(wanted, 0) {
		return false
	}
	s.space()
	return s.i == len(s.line)
}

// prefix reads the value that text begins with, and fills found as scan does. It ends at i.
func (s *scanner) prefix(text []byte, wanted *node) bool {
	s.line, s.i = text, 0
	clear(s.found)
	return s.value(wanted, 0)
}

func (s *scanner) space() {
	for s.i < len(s.line) {
		switch s.line[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

// value reads one value; n, which may be nil, says what of it is wanted.
func (s *scanner) value(n *node, depth int) bool {
	if s.i >= len(s.line) || depth > maxDepth {
		return false
	}
	sp := span{doc: s.doc, start: s.i}
	ok := false
	switch c := s.line[s.i]; {
	case c == '"':
		sp.kind, sp.start = jsonString, s.i+1
		ok = s.str()
		sp.end = s.i - 1
	case c == '{':
		sp.kind = jsonObject
		ok = s.object(n, depth)
		sp.end = s.i
	case c == '[':
		sp.kind = jsonArray
		ok = s.array(n, depth)
		sp.end = s.i
	case c == '-' || c >= '0' && c <= '9':
		sp.kind = jsonNumber
		ok = s.number()
		sp.end = s.i
	default:
		sp.kind, ok = s.literal()
		sp.end = s.i
	}
	if ok && n != nil && n.slot >= 0 {
		s.found[n.slot] = sp
	}
	return ok
}

func (s *scanner) literal() (kind, bool) {
	for _, l := range [...]struct {
		text string
		kind kind
	}{{"true", jsonBool}, {"false", jsonBool}, {"null", jsonNull}} {
		if len(s.line)-s.i >= len(l.text) && string(s.line[s.i:s.i+len(l.text)]) == l.text {
			s.i += len(l.text)
			return l.kind, true
		}
	}
	return missing, false
}

func (s *scanner) object(n *node, depth int) bool {
	s.i++
	s.space()
	if s.take('}') {
		return true
	}
	for member := 0; ; member++ {
		if s.i >= len(s.line) || s.line[s.i] != '"' {
			return false
		}
		child, known := s.member(n, member)
		if !known {
			start := s.i + 1
			if !s.str() {
				return false
			}
			key := s.line[start : s.i-1]
			if child = s.child(n, key); n != nil && n.children != nil {
				n.remember(member, key, child)
			}
		}
		s.space()
		if !s.take(':') {
			return false
		}
		s.space()
		if !s.value(child, depth+1) {
			return false
		}
		s.space()
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
		s.space()
	}
}

// member takes the name of a member of an object where it is the one that stood at this place the last time: most lines have the same
// names in the same order. Of such a name it is known that it is a string.
func (s *scanner) member(n *node, at int) (child *node, known bool) {
	if n == nil || at >= len(n.members) {
		return nil, false
	}
	m := &n.members[at]
	start := s.i + 1
	end := start + len(m.name)
	if m.name == "" || end >= len(s.line) || s.line[end] != '"' || string(s.line[start:end]) != m.name {
		return nil, false
	}
	s.i = end + 1
	return m.child, true
}

func (s *scanner) child(n *node, rawKey []byte) *node {
	if n == nil || n.children == nil {
		return nil
	}
	if plain(rawKey) {
		if n.marks&markOf(rawKey) == 0 {
			return nil
		}
		return n.children[string(rawKey)]
	}
	s.key = unescape(s.key[:0], rawKey)
	return n.children[string(s.key)]
}

func (s *scanner) array(n *node, depth int) bool {
	s.i++
	s.space()
	if s.take(']') {
		return true
	}
	for index := 0; ; index++ {
		if !s.value(n.at(index), depth+1) {
			return false
		}
		s.space()
		if s.take(']') {
			return true
		}
		if !s.take(',') {
			return false
		}
		s.space()
	}
}

func (s *scanner) take(c byte) bool {
	if s.i < len(s.line) && s.line[s.i] == c {
		s.i++
		return true
	}
	return false
}

// str reads a string from its opening quote to behind its closing one.
func (s *scanner) str() bool {
	for i := s.i + 1; ; i++ {
		if i = special(s.line, i); i == len(s.line) {
			return false
		}
		switch s.line[i] {
		case '"':
			s.i = i + 1
			return true
		case '\\':
			n := s.escape(s.line[i+1:])
			if n == 0 {
				return false
			}
			i += n
		default:
			return false
		}
	}
}

// special returns where, from i on, the first quote, backslash or control character stands; len(b) where there is none. It looks at
// eight bytes at a time: a byte of w that is c is 0 in w^c*ones, and taking 1 from it, or taking 0x20 from one that is less, borrows its high bit.
func special(b []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, backslash := w^'"'*ones, w^'\\'*ones
		if found := ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-' '*ones)&^w) & high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return len(b)
}

// escape returns how many bytes of what follows a backslash belong to it; 0 where it is no escape.
func (s *scanner) escape(rest []byte) int {
	if len(rest) == 0 {
		return 0
	}
	switch rest[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(rest) >= 5 && hexadecimal(rest[1:5]) {
			return 5
		}
	case 'x':
		if s.hex && len(rest) >= 3 && hexadecimal(rest[1:3]) {
			return 3
		}
	}
	return 0
}

func (s *scanner) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.line) && s.line[s.i] >= '0' && s.line[s.i] <= '9' {
		s.i++
	}
	return s.i > start
}

// pairs calls f for each header in sp, which is an object {name: value or [values]}, an array of
// [name, value], or one of {"name": …, "value": …}. It returns false where sp is none of these or f does.
// The line must have been scanned.
func (s *scanner) pairs(sp span, f func(name, value span) bool) bool {
	if sp.kind != jsonObject && sp.kind != jsonArray {
		return false
	}
	s.i = sp.start
	return s.each(sp.kind, func(key, v span) bool {
		if sp.kind == jsonObject {
			return s.values(key, v, f)
		}
		name, value, ok := s.pair(v)
		return ok && f(name, value)
	})
}

// values gives a header's value, or each of an array of them.
func (s *scanner) values(name, v span, f func(name, value span) bool) bool {
	if v.kind != jsonArray {
		return f(name, v)
	}
	s.i = v.start
	return s.each(jsonArray, func(_, v span) bool { return f(name, v) })
}

// pair reads ["name", "value"] or {"name": "name", "value": "value"}.
func (s *scanner) pair(sp span) (name, value span, ok bool) {
	count := 0
	s.i = sp.start
	switch sp.kind {
	case jsonArray:
		ok = s.each(jsonArray, func(_, v span) bool {
			switch count++; count {
			case 1:
				name = v
			case 2:
				value = v
			}
			return true
		})
	case jsonObject:
		ok = s.each(jsonObject, func(key, v span) bool {
			switch string(s.line[key.start:key.end]) {
			case "name", "key":
				name = v
				count++
			case "value":
				value = v
				count++
			}
			return true
		})
	}
	return name, value, ok && count == 2 && name.kind == jsonString
}

// each calls f for every member of the object or array at s.i; key is missing in an array. It goes on behind
// the member whatever f reads.
func (s *scanner) each(k kind, f func(key, v span) bool) bool {
	closing := byte('}')
	if k == jsonArray {
		closing = ']'
	}
	one := node{slot: 0}
	kept := s.found
	var slot [1]span
	defer func() { s.found = kept }()
	s.i++
	for s.space(); !s.take(closing); s.space() {
		s.take(',')
		s.space()
		var key span
		if k == jsonObject {
			key = span{kind: jsonString, doc: s.doc, start: s.i + 1}
			s.str()
			key.end = s.i - 1
			s.space()
			s.take(':')
			s.space()
		}
		s.found = slot[:]
		if !s.value(&one, 0) {
			return false
		}
		after := s.i
		if !f(key, slot[0]) {
			return false
		}
		s.i = after
	}
	return true
}
