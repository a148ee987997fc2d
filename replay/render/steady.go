package render

import (
	"bytes"

	"reprise/capture"
	"reprise/capture/payload"
)

// valueSort is what values at a place must be like so that all around them reads the same whatever they are.
type valueSort uint8

const (
	sortForm    valueSort = iota // the value of a form or a query
	sortPath                     // of a URL before its query
	sortString                   // within the quotation marks of JSON
	sortLiteral                  // a number, boolean or null of JSON
	sortHeader
)

// holds says whether a value is so.
func (s valueSort) holds(b []byte) bool {
	switch s {
	case sortForm:
		return bytes.IndexByte(b, '&') < 0
	case sortPath:
		return bytes.IndexByte(b, '?') < 0
	case sortString:
		return payload.InString(b)
	case sortLiteral:
		return payload.IsLiteral(b)
	}
	return bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') < 0 && bytes.IndexByte(b, 0) < 0
}

// steady are the places of a text of which each value is of one sort.
type steady struct {
	pieces []int // those with values
	sorts  []valueSort
	// Of a form or JSON these of its bytes tell of all values at once: how often mark comes in the texts, and that no escape is there.
	mark    byte
	marks   int
	escapes bool // an escape is in the texts of JSON
	some    bool // values must be looked at one by one in any case
}

// formPlaces finds the places of a form; ok is false where a key is no text.
func formPlaces(pieces []capture.Piece) (s steady, ok bool) {
	s.mark = '&'
	value := false
	for i, p := range pieces {
		if p.Value {
			if !value {
				return s, false
			}
			s.pieces, s.sorts = append(s.pieces, i), append(s.sorts, sortForm)
			continue
		}
		for k := range len(p.Text) {
			switch p.Text[k] {
			case '&':
				value = false
				s.marks++
			case '=':
				value = true
			}
		}
	}
	return s, true
}

// jsonPlaces finds the places of a text of JSON: values stand for literals, or for some of a string that is no key.
func jsonPlaces(pieces []capture.Piece) (s steady, ok bool) {
	s.mark = '"'
	var open []bool // arrays and objects: whether it is an object
	quoted, key := false, false
	for i, p := range pieces {
		if p.Value {
			switch {
			case quoted && !key:
				s.sorts = append(s.sorts, sortString)
			case !quoted && !key && stands(pieces, i):
				s.sorts, s.some = append(s.sorts, sortLiteral), true
			default:
				return s, false
			}
			s.pieces = append(s.pieces, i)
			continue
		}
		text := []byte(p.Text)
		for k := 0; k < len(text); k++ {
			c := text[k]
			switch {
			case quoted && c == '\\':
				n := payload.EscapeLength(text[k:])
				if n == 0 {
					return s, false
				}
				s.escapes = true
				s.marks += bytes.Count(text[k:k+n], []byte{'"'})
				k += n - 1
			case c == '"':
				s.marks++
				quoted = !quoted
			case quoted:
			case c == '{':
				open, key = append(open, true), true
			case c == '[':
				open, key = append(open, false), false
			case c == '}' || c == ']':
				if len(open) == 0 {
					return s, false
				}
				open, key = open[:len(open)-1], false
			case c == ':':
				key = false
			case c == ',':
				key = len(open) > 0 && open[len(open)-1]
			}
		}
	}
	return s, !quoted && len(open) == 0
}

// stands says whether a piece is all that stands between two marks of JSON.
func stands(pieces []capture.Piece, i int) bool {
	if i == 0 || i == len(pieces)-1 || pieces[i-1].Value || pieces[i+1].Value {
		return false
	}
	before, after := pieces[i-1].Text, pieces[i+1].Text
	return bytes.IndexByte([]byte(":,[ \t\r\n"), before[len(before)-1]) >= 0 && bytes.IndexByte([]byte(",]} \t\r\n"), after[0]) >= 0
}

// holds says whether the values of a body, whose pieces end at ends, are of their sorts.
func (s *steady) holds(body []byte, ends []int32) bool {
	if len(s.pieces) == 0 {
		return true
	}
	all := bytes.Count(body, []byte{s.mark}) == s.marks && (s.mark == '&' || !s.escapes && bytes.IndexByte(body, '\\') < 0)
	if all && !s.some {
		return true
	}
	for i, k := range s.pieces {
		if all && s.sorts[i] != sortLiteral {
			continue
		}
		if !s.sorts[i].holds(between(body, ends, k)) {
			return false
		}
	}
	return true
}

// between is piece k of a text whose pieces end at ends.
func between(text []byte, ends []int32, k int) []byte {
	from := int32(0)
	if k > 0 {
		from = ends[k-1]
	}
	return text[from:ends[k]]
}
