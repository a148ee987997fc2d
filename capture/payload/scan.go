package payload

import (
	"bytes"
	"strings"

	"reprise/capture"
)

// Scanner reads the values of a record's body and query, one after another, without decoding or copying
// those that nobody asks for:
//
//	var s payload.Scanner
//	for s.Reset(r); s.Next(); {
//		switch string(s.Name()) {
//		case "From":
//			from = s.Value()
//		}
//	}
//	return s.Err()
//
// The body comes first. It is read as JSON where its first byte says so, whatever its Content-Type, then as
// a form, and otherwise as one value without a name. The record must not change meanwhile.
type Scanner struct {
	part Part
	mode Format
	src  []byte
	url  string // the URL whose query follows the body; empty once it was read
	tok  token
	err  *FieldError

	pos  int
	name fieldName
	json jsonState
	// held is the end of a form item's key while the token before it is the key itself.
	held bool
	// ids says that a key that looks like an id is data too.
	ids bool
}

// Format is how the bytes of a part are written.
type Format uint8

// The formats.
const (
	Empty  Format = iota // there is nothing
	Form                 // application/x-www-form-urlencoded
	JSON                 // an object or an array
	Opaque               // one value, whatever it is
)

// token is one value, or one key that is no name, as a span of the bytes that are scanned.
type token struct {
	kind       tokenKind
	start, end int // of JSON strings without their quotes
}

type tokenKind uint8

const (
	tokForm    tokenKind = iota // percent-encoded
	tokBare                     // a form item without "=": the span is the name's
	tokString                   // a JSON string
	tokLiteral                  // a JSON number, boolean or null
	tokOpaque                   // a body as it stands
	tokKey                      // a key that looks like data; percent-encoded or JSON as the mode is
)

// Reset starts over with the body of r.
func (s *Scanner) Reset(r *capture.Record) {
	s.url = r.URL
	s.resetBody(r)
}

func (s *Scanner) resetBody(r *capture.Record) {
	switch Sniff(r) {
	case JSON:
		s.resetJSON(InBody, r.Body)
	case Form:
		s.reset(InBody, Form, r.Body)
	case Opaque:
		s.reset(InBody, Opaque, r.Body)
	default:
		s.reset(InBody, Empty, nil)
	}
}

func (s *Scanner) reset(part Part, m Format, src []byte) {
	s.part, s.mode, s.src, s.pos, s.err, s.held = part, m, src, 0, nil, false
	s.name.n = 0
}

// Next moves to the next value and returns false after the last one and at an error. A JSON null is a value.
func (s *Scanner) Next() bool {
	for s.NextToken() {
		if s.tok.kind != tokKey {
			return true
		}
	}
	return false
}

// NextToken is Next, stopping at keys that look like data too.
func (s *Scanner) NextToken() bool {
	for {
		found := false
		switch s.mode {
		case Form:
			found = s.nextForm()
		case JSON:
			found = s.nextJSON()
		case Opaque:
			found = s.pos == 0 && len(s.src) > 0
			s.pos, s.tok = len(s.src), token{tokOpaque, 0, len(s.src)}
		}
		if found || s.err != nil {
			return found
		}
		_, query, ok := strings.Cut(s.url, "?")
		s.url = ""
		if !ok {
			s.mode = Empty
			return false
		}
		s.reset(InQuery, Form, bytesOf(query))
	}
}

// isName says whether a key is a field's name, and not data.
func (s *Scanner) isName(key []byte) bool { return NameLike(key) && !(s.ids && looksLikeID(key)) }

// Err returns what ended the scan before its end, a *FieldError, or nil.
func (s *Scanner) Err() error {
	if s.err == nil {
		return nil
	}
	return &FieldError{Field: s.err.Field, Reason: s.err.Reason, At: s.err.At} // a copy, so that a Scanner need not be on the heap
}

// Part says whether the value stands in the body or in the query.
func (s *Scanner) Part() Part { return s.part }

// IsKey says whether NextToken stopped at a key that looks like data.
func (s *Scanner) IsKey() bool { return s.tok.kind == tokKey }

// SetSpan makes t, which is zero, the span of the token that NextToken stopped at, in the JSON that is scanned.
func (s *Scanner) SetSpan(t *Span) {
	t.Part, t.Start, t.End = s.part, s.tok.start, s.tok.end
	if s.tok.kind == tokLiteral {
		t.Literal, t.Plain = true, true
		return
	}
	if t.style.notation = jsonString; s.tok.kind == tokKey {
		t.style.notation = jsonKey
	}
	t.Plain = bytes.IndexByte(s.src[t.Start:t.End], '\\') < 0
}

// Name returns the value's name, with dots between the steps of JSON, * for each index of an array, and # for a key that
// looks like data. It is valid until the next call of Next.
func (s *Scanner) Name() []byte { return s.name.bytes() }

// Value returns the value, decoded: "" for a JSON null, the digits of a number as they stand.
func (s *Scanner) Value() string {
	raw := s.src[s.tok.start:s.tok.end]
	switch {
	case s.tok.kind == tokBare, s.tok.kind == tokLiteral && string(raw) == "null":
		return ""
	case s.tok.kind == tokLiteral:
		return string(raw)
	}
	return s.decode(raw)
}

// decode decodes a value of the part that is scanned.
func (s *Scanner) decode(raw []byte) string {
	var usual [256]byte // enough for most values, and not on the heap
	switch {
	case s.mode == JSON && bytes.IndexByte(raw, '\\') >= 0:
		return string(appendDecodedJSON(usual[:0], raw))
	case s.mode == Form && (bytes.IndexByte(raw, '%') >= 0 || bytes.IndexByte(raw, '+') >= 0):
		return string(appendDecodedForm(usual[:0], raw))
	}
	return string(raw)
}

// First sets *field to the value, unless it holds one already: a field that comes twice counts once.
func (s *Scanner) First(field *string) {
	if *field == "" {
		*field = s.Value()
	}
}

// Is says whether the value, decoded, is want. It allocates nothing where no escape stands in it.
func (s *Scanner) Is(want string) bool {
	raw := s.src[s.tok.start:s.tok.end]
	if s.tok.kind == tokBare {
		return want == ""
	}
	if string(raw) == want {
		return true
	}
	return bytes.ContainsAny(raw, `%+\`) && s.Value() == want
}

// Begins says whether the value, decoded, begins with prefix.
func (s *Scanner) Begins(prefix string) bool {
	raw := s.src[s.tok.start:s.tok.end]
	if len(raw) >= len(prefix) && string(raw[:len(prefix)]) == prefix {
		return s.tok.kind != tokBare
	}
	return bytes.ContainsAny(raw, `%+\`) && strings.HasPrefix(s.Value(), prefix)
}

// IsString says whether the value is text, rather than a JSON number, boolean or null.
func (s *Scanner) IsString() bool { return s.tok.kind != tokLiteral }
