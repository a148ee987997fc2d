package packet

import (
	"bytes"
	"strings"

	"reprise/capture"
	"reprise/capture/wire"
)

const (
	maxHead = 128 << 10 // bytes
	maxBody = 16 << 20  // bytes
)

// methods are those that a request line is recognised by.
func methods() [9]string {
	return [9]string{"POST", "GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"}
}

// beginsRequest says whether b may be the beginning of a request line.
func beginsRequest(b []byte) bool {
	for _, m := range methods() {
		n := min(len(b), len(m))
		if n > 0 && b[0] == m[0] && string(b[:n]) == m[:n] && (len(b) <= n || b[n] == ' ') {
			return true
		}
	}
	return false
}

// beginsResponse says whether b may be the beginning of a status line.
func beginsResponse(b []byte) bool {
	const version = "HTTP/1."
	n := min(len(b), len(version))
	return n > 0 && string(b[:n]) == version[:n]
}

// headEnd returns the length of the head that b begins with, 0 where it is not whole yet, and from where to search
// when there is more. It takes a bare LF for a line's end: the head must be found before it can be refused.
func headEnd(b []byte, from int) (size, searched int) {
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

// head is what the readers need of a message's head.
type head struct {
	mode   bodyMode
	length int64
	// reason, where set, says why the message is not to be used, and field where in it.
	reason, field string
	// adrift says that the end of the content cannot be known.
	adrift bool
}

// refuse notes the first problem.
func (h *head) refuse(field, reason string, adrift bool) {
	if h.reason == "" {
		h.reason, h.field = reason, field
	}
	h.adrift = h.adrift || adrift
}

// parseRequest reads the head b, which ends with its empty line, into r. Everything that two servers might read
// differently is refused (RFC 9112, sections 2.2, 3, 5 and 6.3).
func parseRequest(b []byte, r *capture.Record) (h head, ok bool) {
	text := string(b) // the one copy: every string of the record is cut out of it
	line, rest, _ := strings.Cut(text, "\n")
	line, cr := strings.CutSuffix(line, "\r")
	minor, ok := requestLine(line, r)
	if !ok {
		return head{}, false
	}
	if !cr {
		h.refuse("", reasonBareLF, true)
	}
	var f fields
	for {
		line, rest, _ = strings.Cut(rest, "\n")
		if line, cr = strings.CutSuffix(line, "\r"); !cr {
			h.refuse("", reasonBareLF, true)
		}
		if line == "" {
			break
		}
		name, value, reason := headerLine(line)
		if reason != "" {
			h.refuse("", reason, true)
			continue
		}
		r.Headers = append(r.Headers, capture.Header{Name: name, Value: value})
		f.add(name, value)
	}
	r.Host = f.host
	if f.hosts > 1 {
		h.refuse("Host", reasonHosts, false)
	}
	f.frame(&h, minor)
	return h, true
}

// requestLine reads "METHOD target HTTP/1.x" and returns the x.
func requestLine(line string, r *capture.Record) (minor byte, ok bool) {
	method, rest, _ := strings.Cut(line, " ")
	target, version, _ := strings.Cut(rest, " ")
	if !beginsRequest([]byte(method)) || target == "" || !isVersion(version) {
		return 0, false
	}
	for i := range len(target) {
		if target[i] <= ' ' || target[i] == 0x7f {
			return 0, false
		}
	}
	for _, m := range methods() {
		if method == m {
			r.Method, r.URL = m, target
			return version[7], true
		}
	}
	return 0, false
}

func isVersion(s string) bool { return s == "HTTP/1.1" || s == "HTTP/1.0" }

// headerLine reads "name: value".
func headerLine(line string) (name, value, reason string) {
	if line[0] == ' ' || line[0] == '\t' {
		return "", "", reasonFolded
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || !wire.IsToken(name) {
		return "", "", reasonHeaderName
	}
	for i := range len(value) {
		switch b := value[i]; {
		case b == '\r':
			return "", "", reasonBareLF
		case b < ' ' && b != '\t' || b == 0x7f:
			return "", "", reasonHeaderValue
		}
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
func (f *fields) frame(h *head, minor byte) {
	switch {
	case f.codings > 0:
		h.mode = bodyChunked
		if f.codings > 1 || !strings.EqualFold(f.coding, "chunked") || minor == '0' {
			h.refuse("Transfer-Encoding", reasonCoding, true)
		}
		if f.lengths > 0 {
			h.refuse("Transfer-Encoding", reasonLengthAndCoded, false)
		}
	case f.lengths > 0:
		n, ok := parseLength(f.length)
		switch {
		case !ok:
			h.refuse("Content-Length", reasonLength, true)
		case f.lengths > 1:
			h.refuse("Content-Length", reasonLengths, f.differ)
		}
		if h.mode, h.length = bodyLength, n; n == 0 {
			h.mode = bodyNone
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

// parseResponse reads the status and the framing out of a response's head. It is lenient: nothing else of a response
// is kept.
func parseResponse(b []byte) (status int, h head, ok bool) {
	line, rest, _ := bytes.Cut(b, []byte{'\n'})
	if status, ok = statusLine(line); !ok {
		return 0, h, false
	}
	h.mode = bodyUntilClose
	coded := false // a Content-Length does not count beside a Transfer-Encoding
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		name, value, _ := bytes.Cut(line, []byte{':'})
		switch len(name) {
		case len("Content-Length"):
			if !coded && strings.EqualFold(string(name), "Content-Length") {
				if n, ok := parseLength(string(bytes.TrimSpace(value))); ok {
					h.mode, h.length = bodyLength, n
				}
			}
		case len("Transfer-Encoding"):
			if strings.EqualFold(string(name), "Transfer-Encoding") {
				h.mode = bodyUntilClose
				if value = bytes.ToLower(bytes.TrimSpace(value)); bytes.HasSuffix(value, []byte("chunked")) {
					h.mode = bodyChunked
				}
				coded = true
			}
		}
	}
	return status, h, true
}

// statusLine reads "HTTP/1.x NNN" with or without a phrase behind it.
func statusLine(line []byte) (status int, ok bool) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) < 12 || !beginsResponse(line) || line[7] < '0' || line[7] > '9' || line[8] != ' ' ||
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
