package payload

import (
	"bytes"

	"reprise/capture"
)

// IsJSON says whether the body of r is JSON, by its first byte.
func IsJSON(r *capture.Record) bool { return Sniff(r) == JSON }

// RequireJSON returns a *FieldError where the body of r is not JSON, by its first byte.
func RequireJSON(r *capture.Record) error {
	switch {
	case len(r.Body) == 0:
		return &FieldError{Field: "body", Reason: ReasonEmpty}
	case !StartsJSON(r.Body):
		return &FieldError{Field: "body", Reason: ReasonNotJSON}
	}
	return nil
}

// IsForm says whether the body of r is a form.
func IsForm(r *capture.Record) bool { return Sniff(r) == Form }

// Sniff says how a body is written: JSON by its first byte; a form by its Content-Type or its looks.
func Sniff(r *capture.Record) Format {
	if len(r.Body) == 0 {
		return Empty
	}
	if StartsJSON(r.Body) {
		return JSON
	}
	if contentType, _ := r.Header("Content-Type"); IsFormType(contentType) {
		return Form
	}
	if looksLikeForm(r.Body) {
		return Form
	}
	return Opaque
}

// IsFormType says whether a Content-Type is that of forms.
func IsFormType(contentType string) bool {
	return len(contentType) >= len(formType) && capture.SameName(contentType[:len(formType)], formType)
}

const formType = "application/x-www-form-urlencoded"

// StartsJSON says whether the first byte that is no white space opens an object or an array.
func StartsJSON(body []byte) bool {
	for i := skipMark(body); i < len(body); i++ {
		switch body[i] {
		case ' ', '\t', '\r', '\n':
		case '{', '[':
			return true
		default:
			return false
		}
	}
	return false
}

// skipMark returns the length of the UTF-8 byte order mark at the start of body.
func skipMark(body []byte) int {
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return 3
	}
	return 0
}

// looksLikeForm says whether body begins with a name and an equals sign, and holds no byte that an encoder of
// forms would have escaped.
func looksLikeForm(body []byte) bool {
	eq := bytes.IndexByte(body, '=')
	if eq <= 0 || !NameLike(body[:eq]) {
		return false
	}
	for _, c := range body {
		if c <= ' ' || c == '<' || c == '>' || c == '"' {
			return false
		}
	}
	return true
}

// NameLike says whether a key has the looks of a field's name rather than of data: up to 64 letters, digits
// and joints, and no character that could stand in an address. Digits of a telephone number, of a day or of an IP address are
// data, also with joints between them: five in a row, or seven with no letter among them, or four groups of them and nothing else.
func NameLike(key []byte) bool {
	if len(key) == 0 || len(key) > maxNameLike {
		return false
	}
	for i, c := range key {
		if !isLetter(c) {
			return likeName(key[i:], i)
		}
	}
	return true
}

// maxNameLike is the length of the longest key that is a name, in bytes.
const maxNameLike = 64

// isLetter says whether c is a letter, or one of the joints that a name of letters may have anywhere.
func isLetter(c byte) bool { return c|0x20-'a' < 26 || c == '_' || c == '.' }

// likeName is NameLike from the first byte on that is no letter, behind so many.
func likeName(key []byte, letters int) bool {
	const mostInRow, mostJoined, mostColons = 4, 6, 2
	row, joined, groups, colons := 0, 0, 0, 0
	for i, c := range key {
		if l := c | 0x20; l >= 'a' && l <= 'z' {
			row, joined = 0, 0
			letters++
			continue
		}
		switch c {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			if i == 0 || !isDigit(key[i-1]) {
				groups++
			}
			row++
			if joined++; row > mostInRow || joined > mostJoined {
				return false
			}
		case '_', '-', '.', ':', '[', ']', '$', '/':
			if row = 0; c == ':' {
				colons++
			}
		default:
			return false
		}
	}
	return colons <= mostColons && (letters > 0 || groups < 4)
}

// looksLikeID says whether a key that may be a name is an id all the same: a UUID, or a word in which letters and digits take turns as
// in no name.
func looksLikeID(key []byte) bool {
	if len(key) == 36 && key[8] == '-' && key[13] == '-' && key[18] == '-' && key[23] == '-' && pathField(key) == PathID {
		return true
	}
	for i := 0; i < len(key); {
		start, digits, changes := i, 0, 0
		for ; i < len(key) && isAlnum(key[i]); i++ {
			if isDigit(key[i]) {
				digits++
			}
			if i > start && isDigit(key[i]) != isDigit(key[i-1]) {
				changes++
			}
		}
		if n := i - start; n >= 8 && changes >= 3 && 4*digits >= n || n >= 16 && changes >= 4 {
			return true
		}
		i = max(i, start+1)
	}
	return false
}
