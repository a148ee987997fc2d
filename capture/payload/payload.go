// Package payload is how a request writes what it says: JSON, forms, paths and time stamps as bytes. It knows no vendor.
//
// A Scanner reads the values of a body and a query, one after another. A Span is where one value stands, and how its writer
// escapes. A Patch replaces spans of a document, escaped as the document is, and leaves every other byte as it was sent.
// Scanners, patches and lists of parameters belong to one goroutine.
package payload

import (
	"fmt"
	"unsafe"
)

// Part is where in a request a value stands.
type Part uint8

// The parts of a request.
const (
	InBody Part = iota
	InQuery
	InPath
	InHeader
)

// String returns the part's name: "body".
func (p Part) String() string {
	if names := [...]string{InBody: "body", InQuery: "query", InPath: "path", InHeader: "header"}; int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("part(%d)", uint8(p))
}

// FieldError says which part of a payload cannot be read, and why; it never holds what stands there.
type FieldError struct {
	// Field is the field's name: "data.payload.id", "body".
	Field string
	// Reason is a short fixed phrase: "missing".
	Reason string
	// At counts the bytes of the field up to where it was found, from 1; 0 where it is of no one place.
	At int
}

// Error writes the error as one line.
func (e *FieldError) Error() string {
	if e.At > 0 {
		return fmt.Sprintf("field %q: byte %d: %s", e.Field, e.At, e.Reason)
	}
	return fmt.Sprintf("field %q: %s", e.Field, e.Reason)
}

// The reasons that every reader of payloads shares.
const (
	ReasonNotJSON = "not JSON"
	ReasonMissing = "missing"
	ReasonEmpty   = "empty"
)

// bytesOf returns the bytes of s without copying them. They are read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }
