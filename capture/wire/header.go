package wire

import (
	"strings"

	"reprise/capture"
)

// The headers that every request of a run carries, unless it is told not to: the run's id, and the Mark of the record and the
// copy that it was made of.
const (
	HeaderRun    = "Reprise-Run"
	HeaderRecord = "Reprise-Record"
)

// The headers of W3C Trace Context: which trace a request belongs to, and what tracing systems add to that.
const (
	HeaderTraceParent = "traceparent"
	HeaderTraceState  = "tracestate"
)

// Role is what a header is to the framing of its message.
type Role uint8

// The roles.
const (
	RoleNone       Role = iota
	RoleHost            // which is sent once
	RoleLength          // Content-Length
	RoleTransfer        // Transfer-Encoding
	RoleConnection      // which names further headers of the connection
	RoleHop             // of the recorded connection: not sent
	RoleInvalid         // no name that a header can have: not sent
)

// RoleOf knows the headers that are about one connection (RFC 9110, section 7.6.1), Proxy-Authorization, which is a proxy's
// alone, and Expect, which would have the request wait for the target.
func RoleOf(name string) Role {
	switch len(name) {
	case 2, 6, 7, 10, 14, 16, 17, 19, 4:
		var lower [19]byte
		for i := range len(name) {
			lower[i] = name[i]
			if 'A' <= name[i] && name[i] <= 'Z' {
				lower[i] += 'a' - 'A'
			}
		}
		switch string(lower[:len(name)]) {
		case "host":
			return RoleHost
		case "content-length":
			return RoleLength
		case "transfer-encoding":
			return RoleTransfer
		case "connection":
			return RoleConnection
		case "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect", "http2-settings", "proxy-authorization":
			return RoleHop
		}
	}
	if !IsToken(name) {
		return RoleInvalid
	}
	return RoleNone
}

// Framing says whether a header is about how its message is sent, and so is for whoever sends it to decide.
func (r Role) Framing() bool {
	switch r {
	case RoleHop, RoleConnection, RoleTransfer, RoleLength:
		return true
	}
	return false
}

// The characters of a token (RFC 9110, section 5.6.2), a bit each: those below 64, and those from there to 127.
const (
	tokenLow  uint64 = 0x3ff6cfa00000000  // !#$%&'*+-. and digits
	tokenHigh uint64 = 0x57ffffffc7fffffe // letters and ^_`|~
)

// IsToken says whether name may stand before a header's colon, or be a method.
func IsToken(name string) bool {
	for i := range len(name) {
		set := tokenLow
		if name[i] >= 64 {
			set = tokenHigh
		}
		if name[i] >= 128 || set>>(name[i]&63)&1 == 0 {
			return false
		}
	}
	return name != ""
}

// HasBreak says whether s holds a byte that would end a header line, or that no header may hold.
func HasBreak(s string) bool {
	return strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, 0) >= 0
}

// IsValue says whether s can be the value of a header: without control characters but tabs (RFC 9110, section 5.5).
func IsValue(s string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		// A byte below ' ' borrows its high bit, and so does one that is 0x7f from its difference to 0x7f.
		if deleted := w ^ 0x7f*ones; ((w-' '*ones)&^w|(deleted-ones)&^deleted)&high != 0 && !isValue(s[:8]) {
			return false
		}
	}
	return isValue(s)
}

func isValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// SetLength gives a record the Content-Length of its body, written in digits, that HTTP/1 wants where the framing is no other; differed
// says that it had another one.
func SetLength(r *capture.Record, digits string) (differed bool) {
	if _, coded := r.Header("Transfer-Encoding"); coded {
		return false
	}
	length, ok := r.Header("Content-Length")
	switch {
	case ok && length != digits:
		r.SetHeader("Content-Length", digits)
		return true
	case !ok && (len(r.Body) > 0 || r.Method == "POST"):
		r.Headers = append(r.Headers, capture.Header{Name: "Content-Length", Value: digits})
	}
	return false
}

// Find returns the index of the first header of that name, and -1 where there is none. It looks at one place first.
func Find(hs []capture.Header, name string, first int) int {
	if first < len(hs) && capture.SameName(hs[first].Name, name) {
		return first
	}
	for i := range hs {
		if capture.SameName(hs[i].Name, name) {
			return i
		}
	}
	return -1
}

// Set gives every header of that name a value, or appends one.
func Set(hs []capture.Header, name, value string) []capture.Header {
	found := false
	for i := range hs {
		if capture.SameName(hs[i].Name, name) {
			hs[i].Value, found = value, true
		}
	}
	if !found {
		hs = append(hs, capture.Header{Name: name, Value: value})
	}
	return hs
}

// Drop removes every header of that name, in place.
func Drop(hs []capture.Header, name string) []capture.Header {
	kept := hs[:0]
	for _, h := range hs {
		if !capture.SameName(h.Name, name) {
			kept = append(kept, h)
		}
	}
	return kept
}
