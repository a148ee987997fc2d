// Package http1 reads the messages of HTTP/1.0 and HTTP/1.1 as they stand in a recording (RFC 9112): heads, and bodies out of their
// framing. What two servers might read differently is refused with a reason; nothing is guessed.
//
// ReadRequest and ReadResponse read a message that is whole in memory; ParseRequest, ParseResponse and Body read one as its bytes come.
// A Body is for one goroutine at a time.
package http1

import (
	"bytes"
	"strings"

	"reprise/capture"
	"reprise/capture/wire"
)

// The largest messages that are read, in bytes.
const (
	MaxHead = 128 << 10
	MaxBody = 16 << 20
)

// Methods are those that a request line is recognised by wherever it stands.
func Methods() [9]string {
	return [9]string{"POST", "GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"}
}

// maxMethod is the length of the longest method that is known by its form alone.
const maxMethod = 24

// BeginsRequest says whether b may be the beginning of a request line: of one of Methods, or of any other that is written in
// capital letters and asks for a path ("PROPFIND /") or for all of a server ("*").
func BeginsRequest(b []byte) bool {
	for _, m := range Methods() {
		n := min(len(b), len(m))
		if n > 0 && b[0] == m[0] && string(b[:n]) == m[:n] && (len(b) <= n || b[n] == ' ') {
			return true
		}
	}
	for i, c := range b {
		switch {
		case i > maxMethod:
			return false
		case c >= 'A' && c <= 'Z', i > 0 && (c == '-' || c == '_' || c >= '0' && c <= '9'):
		case c == ' ' && i > 0:
			return string(b[:i]) != "PRI" && (len(b) == i+1 || b[i+1] == '/' || b[i+1] == '*')
		default:
			return false
		}
	}
	return len(b) > 0
}

// BeginsResponse says whether b may be the beginning of a status line.
func BeginsResponse(b []byte) bool {
	const version = "HTTP/1."
	n := min(len(b), len(version))
	return n > 0 && string(b[:n]) == version[:n]
}

// HeadEnd returns the length of the head that b begins with, 0 where it is not whole yet, and from where to search
// when there is more. It takes a bare LF for a line's end: the head must be found before it can be refused.
func HeadEnd(b []byte, from int) (size, searched int) {
	for i := from; ; {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			return 0, max(from, len(b))
		}
		line := i + j
		switch rest := b[line+1:]; {
		case len(rest) >= 1 && rest[0] == '\n':
			return line + 2, 0
		case len(rest) >= 2 && rest[0] == '\r' && rest[1] == '\n':
			return line + 3, 0
		case len(rest) == 0, len(rest) == 1 && rest[0] == '\r':
			return 0, line
		}
		i = line + 1
	}
}

// Head is what reading on needs of a message's head.
type Head struct {
	// Mode says where the content ends; Length is of BodyLength, in bytes.
	Mode   BodyMode
	Length int64
	// Reason, where set, says why the message is not to be used, and Field where in it.
	Reason, Field string
	// Adrift says that the end of the content cannot be known. Longest is then the highest number, in bytes, that stands for its
	// length.
	Adrift  bool
	Longest int64
}

// Refuse notes why the message is not to be used; the first reason counts.
func (h *Head) Refuse(field, reason string, adrift bool) {
	if h.Reason == "" {
		h.Reason, h.Field = reason, field
	}
	h.Adrift = h.Adrift || adrift
}

// ParseRequest reads the head b, which ends with its empty line, into r. Everything that two servers might read
// differently is refused (RFC 9112, sections 2.2, 3, 5 and 6.3).
func ParseRequest(b []byte, r *capture.Record) (h Head, ok bool) {
	text := string(b) // the one copy: every string of the record is cut out of it
	line, rest, _ := strings.Cut(text, "\n")
	line, cr := strings.CutSuffix(line, "\r")
	minor, ok := requestLine(line, r)
	if !ok {
		return Head{}, false
	}
	if !cr {
		h.Refuse("", ReasonBareLF, true)
	}
	var f fields
	for {
		line, rest, _ = strings.Cut(rest, "\n")
		if line, cr = strings.CutSuffix(line, "\r"); !cr {
			h.Refuse("", ReasonBareLF, true)
		}
		if line == "" {
			break
		}
		name, value, reason := headerLine(line)
		if reason != "" {
			h.Refuse("", reason, true)
			continue
		}
		r.Headers = append(r.Headers, capture.Header{Name: name, Value: value})
		f.add(name, value)
	}
	r.Host = f.host
	if f.hosts > 1 {
		h.Refuse("Host", ReasonHosts, false)
	}
	if f.frame(&h, minor); h.Adrift {
		h.Longest = LongestContent(b)
	}
	return h, true
}

// LongestContent returns the highest number, in bytes, that a head gives as the length of its content, however it is written.
func LongestContent(head []byte) (longest int64) {
	const name = "content-length"
	for rest := bytes.ToLower(head); ; {
		at := bytes.Index(rest, []byte(name))
		if at < 0 {
			return longest
		}
		rest = rest[at+len(name):]
		line, _, _ := bytes.Cut(rest, []byte{'\n'})
		for _, number := range bytes.FieldsFunc(line, func(r rune) bool { return r < '0' || r > '9' }) {
			if n, ok := parseLength(string(number)); ok {
				longest = max(longest, n)
			}
		}
	}
}

// ExpectsContinue says whether the client of a request with that head may wait for an answer before it sends the content.
func ExpectsContinue(head []byte) bool {
	return bytes.Contains(bytes.ToLower(head), []byte("100-continue"))
}

// requestLine reads "METHOD target HTTP/1.x", whatever token the method is, and returns the x.
func requestLine(line string, r *capture.Record) (minor byte, ok bool) {
	method, rest, _ := strings.Cut(line, " ")
	target, version, _ := strings.Cut(rest, " ")
	if !wire.IsToken(method) || target == "" || !isVersion(version) {
		return 0, false
	}
	for i := range len(target) {
		if target[i] <= ' ' || target[i] == 0x7f {
			return 0, false
		}
	}
	r.Method, r.URL = method, target
	for _, m := range Methods() {
		if method == m {
			r.Method = m
		}
	}
	return version[7], true
}

func isVersion(s string) bool { return s == "HTTP/1.1" || s == "HTTP/1.0" }

// headerLine reads "name: value".
func headerLine(line string) (name, value, reason string) {
	if line[0] == ' ' || line[0] == '\t' {
		return "", "", ReasonFolded
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || !wire.IsToken(name) {
		return "", "", ReasonHeaderName
	}
	switch {
	case strings.IndexByte(value, '\r') >= 0:
		return "", "", ReasonBareLF
	case !wire.IsValue(value):
		return "", "", ReasonHeaderValue
	}
	return name, strings.Trim(value, " \t"), ""
}

// fields collects the headers that decide where a message ends.
type fields struct {
	host           string
	hosts          int
	length, coding string
	lengths        int
	codings        int
	differ         bool
}

func (f *fields) add(name, value string) {
	switch len(name) {
	case len("Host"):
		if strings.EqualFold(name, "Host") {
			f.host = value
			f.hosts++
		}
	case len("Content-Length"):
		if strings.EqualFold(name, "Content-Length") {
			f.differ = f.differ || f.lengths > 0 && value != f.length
			f.length = value
			f.lengths++
		}
	case len("Transfer-Encoding"):
		if strings.EqualFold(name, "Transfer-Encoding") {
			f.coding = value
			f.codings++
		}
	}
}

// frame decides where a request ends.
func (f *fields) frame(h *Head, minor byte) {
	switch {
	case f.codings > 0:
		h.Mode = BodyChunked
		if f.codings > 1 || !strings.EqualFold(f.coding, "chunked") || minor == '0' {
			h.Refuse("Transfer-Encoding", ReasonCoding, true)
		}
		if f.lengths > 0 {
			h.Refuse("Transfer-Encoding", ReasonLengthAndCoded, false)
		}
	case f.lengths > 0:
		n, ok := parseLength(f.length)
		switch {
		case !ok:
			h.Refuse("Content-Length", ReasonLength, true)
		case f.lengths > 1:
			h.Refuse("Content-Length", ReasonLengths, f.differ)
		}
		if h.Mode, h.Length = BodyLength, n; n == 0 {
			h.Mode = BodyNone
		}
	}
}

func parseLength(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, n <= maxLength
}

// ParseResponse reads the status and the framing out of a response's head. It is lenient: nothing else of a response
// is kept.
func ParseResponse(b []byte) (status int, h Head, ok bool) {
	line, rest, _ := bytes.Cut(b, []byte{'\n'})
	if status, ok = StatusLine(line); !ok {
		return 0, h, false
	}
	h.Mode = BodyUntilClose
	coded := false // a Content-Length does not count beside a Transfer-Encoding
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		name, value, _ := bytes.Cut(line, []byte{':'})
		switch len(name) {
		case len("Content-Length"):
			if !coded && strings.EqualFold(string(name), "Content-Length") {
				if n, ok := parseLength(string(bytes.TrimSpace(value))); ok {
					h.Mode, h.Length = BodyLength, n
				}
			}
		case len("Transfer-Encoding"):
			if strings.EqualFold(string(name), "Transfer-Encoding") {
				h.Mode = BodyUntilClose
				if value = bytes.ToLower(bytes.TrimSpace(value)); bytes.HasSuffix(value, []byte("chunked")) {
					h.Mode = BodyChunked
				}
				coded = true
			}
		}
	}
	return status, h, true
}

// StatusLine reads "HTTP/1.x NNN" with or without a phrase behind it.
func StatusLine(line []byte) (status int, ok bool) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) < 12 || !BeginsResponse(line) || line[7] < '0' || line[7] > '9' || line[8] != ' ' ||
		len(line) > 12 && line[12] != ' ' {
		return 0, false
	}
	for _, d := range line[9:12] {
		if d < '0' || d > '9' {
			return 0, false
		}
		status = status*10 + int(d-'0')
	}
	return status, status >= 100
}
