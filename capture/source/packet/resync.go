package packet

import (
	"bytes"
	"slices"

	"reprise/capture/internal/http1"
)

// maxLine bounds, in bytes, the request line that is looked for after a gap.
const maxLine = 8192

const version1 = "HTTP/1."

// mostMethods is how many methods beside those of http1 are looked for after a gap: the first ones of a recording.
const mostMethods = 8

// learn takes note of a method that a request had.
func (t *table) learn(method string) {
	if known := http1.Methods(); len(t.methods) < mostMethods && !slices.Contains(known[:], method) && !slices.Contains(t.methods, method) {
		t.methods = append(t.methods, method)
	}
}

// findRequest looks in b, of which the first searched bytes were looked at before, for a whole request line. The line
// may begin anywhere that mayBegin allows: behind a body there is no line end, so that a method must be known. It returns where
// the line begins, or -1.
func (t *table) findRequest(b []byte, searched int, mayBegin func(at int) bool) int {
	for i := max(0, searched-len(version1)-3); ; {
		j := bytes.Index(b[i:], []byte(version1))
		if j < 0 {
			return -1
		}
		at := i + j
		if after := at + len(version1); after+3 <= len(b) && (b[after] == '0' || b[after] == '1') &&
			b[after+1] == '\r' && b[after+2] == '\n' {
			if start := t.lineStart(b[:at]); start >= 0 && mayBegin(start) {
				return start
			}
		}
		i = at + len(version1)
	}
}

// lineStart returns where "METHOD target " begins that b ends with, or -1.
func (t *table) lineStart(b []byte) int {
	if len(b) < 2 || b[len(b)-1] != ' ' {
		return -1
	}
	end := len(b) - 1
	i := end
	for i > 0 && end-i < maxLine && b[i-1] > ' ' && b[i-1] != 0x7f {
		i--
	}
	if i == 0 || i == end || b[i-1] != ' ' {
		return -1
	}
	for _, m := range http1.Methods() {
		if bytes.HasSuffix(b[:i-1], []byte(m)) {
			return i - 1 - len(m)
		}
	}
	for _, m := range t.methods {
		if bytes.HasSuffix(b[:i-1], []byte(m)) {
			return i - 1 - len(m)
		}
	}
	return -1
}

// findResponse does the same for a status line.
func findResponse(b []byte, searched int) int {
	const enough = len("HTTP/1.1 200\r")
	for i := max(0, searched-enough); ; {
		j := bytes.Index(b[i:], []byte(version1))
		if j < 0 || len(b)-i-j < enough {
			return -1
		}
		at := i + j
		if _, ok := http1.StatusLine(b[at : at+enough]); ok {
			return at
		}
		i = at + len(version1)
	}
}
