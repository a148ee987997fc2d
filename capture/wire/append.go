package wire

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"reprise/capture"
)

// Parts says where the parts of a message are that Append wrote, so that nobody has to read it again. Its memory is used
// again by the next Append.
type Parts struct {
	// Head is the length of everything before the body: request line, headers and the empty line.
	Head int

	method, target int32
	body, end      int32 // the content, without its framing
	host           int32 // the line that is Host
	chunked        bool
	lines          []Line
}

// Line has the lengths of a header's name and value, between which stands ": ".
type Line struct{ Name, Value int32 }

const (
	crlf    = "\r\n"
	version = " HTTP/1.1\r\n"
)

// Reuse returns parts that say nothing, in the memory of these.
func (p *Parts) Reuse() Parts { return Parts{lines: p.lines[:0]} }

// Set says how long the method, the target, the name and the value of each header and the head of a message are, and which header is Host. Its
// content is behind the head, without framing of its own, and ends where it ends.
func (p *Parts) Set(method, target int, lines []Line, host, head, end int) {
	p.Head, p.method, p.target, p.host, p.chunked = head, int32(method), int32(target), int32(host), false
	p.lines = append(p.lines[:0], lines...)
	p.body, p.end = int32(head), int32(end)
}

// Target returns where the request target begins and ends.
func (p *Parts) Target() (from, to int) { return int(p.method) + 1, int(p.method) + 1 + int(p.target) }

// Value returns the value of the first header of a name, in place, within a message that has these parts; nil where there is none.
func (p *Parts) Value(message []byte, name string) []byte {
	at := int(p.method) + 1 + int(p.target) + len(version)
	for _, l := range p.lines {
		value := at + int(l.Name) + len(": ")
		end := value + int(l.Value)
		if end > len(message) {
			return nil
		}
		if int(l.Name) == len(name) && bytes.EqualFold(message[at:at+len(name)], []byte(name)) {
			return message[value:end]
		}
		at = end + len(crlf)
	}
	return nil
}

// Line returns where the value of a header begins and ends within a message that has these parts.
func (p *Parts) Line(i int) (from, to int) {
	from = int(p.method) + 1 + int(p.target) + len(version)
	for _, l := range p.lines[:i] {
		from += int(l.Name) + len(": ") + int(l.Value) + len(crlf)
	}
	from += int(p.lines[i].Name) + len(": ")
	return from, from + int(p.lines[i].Value)
}

// Resize says that the value of a header has become longer by so many bytes, or shorter.
func (p *Parts) Resize(i, by int) {
	p.lines[i].Value += int32(by)
	p.Head += by
	p.body += int32(by)
	p.end += int32(by)
}

// Append writes the message in HTTP/1.1 (RFC 9112) and fills in its parts. Whatever the record holds, the message is one
// request: a header with a line break in it is left out, and w.Bad is set.
func (w *Request) Append(dst []byte, p *Parts) []byte {
	start := len(dst)
	dst, lines := w.appendHead(dst, p)
	if made := dst[start:]; bytes.Count(made, []byte{'\n'}) != lines || bytes.Count(made, []byte{'\r'}) != lines || bytes.IndexByte(made, 0) >= 0 {
		w.Bad = true
		w.Headers = slices.DeleteFunc(w.Headers, func(h capture.Header) bool { return HasBreak(h.Value) || !IsToken(h.Name) })
		dst, _ = w.appendHead(dst[:start], p)
	}
	p.Head, p.chunked = len(dst)-start, w.Chunked
	if w.Chunked && len(w.Body) > 0 {
		dst = strconv.AppendInt(dst, int64(len(w.Body)), 16)
		dst = append(dst, crlf...)
	}
	p.body = int32(len(dst) - start)
	dst = append(dst, w.Body...)
	p.end = int32(len(dst) - start)
	switch {
	case !w.Chunked:
		return dst
	case len(w.Body) > 0:
		dst = append(dst, crlf...)
	}
	return append(dst, "0\r\n\r\n"...)
}

// appendHead writes the request line, the headers and the empty line: so many lines.
func (w *Request) appendHead(dst []byte, p *Parts) (head []byte, lines int) {
	lines = 2 + len(w.Headers)
	size := len(w.Method) + len(w.URL) + len(w.Host) + len("  HTTP/1.1\r\nHost: \r\n\r\n") + 4*len(w.Headers)
	for i := range w.Headers {
		size += len(w.Headers[i].Name) + len(w.Headers[i].Value)
	}
	dst = slices.Grow(dst, size)
	dst = append(dst, w.Method...)
	dst = append(dst, ' ')
	dst = append(dst, w.URL...)
	dst = append(dst, version...)
	p.method, p.target = int32(len(w.Method)), int32(len(w.URL))
	p.lines = slices.Grow(p.lines[:0], 1+len(w.Headers))
	if p.host = int32(Find(w.Headers, "Host", w.host)); p.host < 0 {
		lines++
		dst = append(dst, "Host: "...)
		dst = append(dst, w.Host...)
		dst = append(dst, crlf...)
		p.host, p.lines = 0, append(p.lines, Line{int32(len("Host")), int32(len(w.Host))})
	}
	first := len(p.lines)
	p.lines = p.lines[:first+len(w.Headers)]
	told := p.lines[first:]
	b, n := dst[:cap(dst)], len(dst)
	for i := range w.Headers {
		h := &w.Headers[i]
		told[i] = Line{int32(len(h.Name)), int32(len(h.Value))}
		n += copy(b[n:], h.Name)
		b[n], b[n+1] = ':', ' '
		n += 2
		n += copy(b[n:], h.Value)
		b[n], b[n+1] = '\r', '\n'
		n += 2
	}
	return append(b[:n], crlf...), lines
}

// ErrParts says that parts are not those of a message.
var ErrParts = errors.New("wire: the parts are not those of the message")

// Load makes w the request that a message is of: its method, target, Host, headers and body. The body is within message, the
// strings are copies. Headers are put into the memory that w has for them. It scans nothing, and fails with ErrParts.
func (w *Request) Load(message []byte, p *Parts) error {
	if p.Head > len(message) || int(p.end) > len(message) || p.body > p.end || int(p.body) < p.Head || p.Head < len(crlf) {
		return ErrParts
	}
	text := string(message[:p.Head-len(crlf)])
	at := int(p.method) + 1 + int(p.target)
	if at+len(version) > len(text) || int(p.host) >= len(p.lines) {
		return ErrParts
	}
	w.Method, w.URL, w.Chunked, w.Bad = text[:p.method], text[p.method+1:at], p.chunked, false
	w.Headers = slices.Grow(w.Headers[:0], len(p.lines))
	at += len(version)
	for _, l := range p.lines {
		value := at + int(l.Name) + len(": ")
		end := value + int(l.Value)
		if l.Name < 0 || l.Value < 0 || end+len(crlf) > len(text) {
			return ErrParts
		}
		w.Headers = append(w.Headers, capture.Header{Name: text[at : at+int(l.Name)], Value: text[value:end]})
		at = end + len(crlf)
	}
	if at != len(text) {
		return ErrParts
	}
	w.host, w.length = int(p.host), 0
	w.Host = w.Headers[p.host].Value
	w.Body = message[p.body:p.end]
	return nil
}
