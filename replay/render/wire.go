package render

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"reprise/capture"
)

// append writes the message in HTTP/1.1 (RFC 9112) and returns how much of it stands before the body. Whatever the record
// holds, the message is one request: a header with a line break in it is left out, and w.bad is set.
func (w *framed) append(dst []byte) (wire []byte, head int) {
	start := len(dst)
	dst, lines := w.appendHead(dst)
	if made := dst[start:]; bytes.Count(made, []byte{'\n'}) != lines || bytes.Count(made, []byte{'\r'}) != lines || bytes.IndexByte(made, 0) >= 0 {
		w.bad = true
		w.Headers = slices.DeleteFunc(w.Headers, func(h capture.Header) bool { return hasBreak(h.Value) || !isToken(h.Name) })
		dst, _ = w.appendHead(dst[:start])
	}
	head = len(dst) - start
	if !w.chunked {
		return append(dst, w.Body...), head
	}
	if len(w.Body) > 0 {
		dst = strconv.AppendInt(dst, int64(len(w.Body)), 16)
		dst = append(dst, crlf...)
		dst = append(dst, w.Body...)
		dst = append(dst, crlf...)
	}
	return append(dst, "0\r\n\r\n"...), head
}

const crlf = "\r\n"

// appendHead writes the request line, the headers and the empty line: so many lines.
func (w *framed) appendHead(dst []byte) (head []byte, lines int) {
	lines = 2 + len(w.Headers)
	size := len(w.Method) + len(w.URL) + len(w.Host) + len("  HTTP/1.1\r\nHost: \r\n\r\n") + 4*len(w.Headers)
	for i := range w.Headers {
		size += len(w.Headers[i].Name) + len(w.Headers[i].Value)
	}
	dst = slices.Grow(dst, size)
	dst = append(dst, w.Method...)
	dst = append(dst, ' ')
	dst = append(dst, w.URL...)
	dst = append(dst, " HTTP/1.1\r\n"...)
	if find(w.Headers, "Host", w.host) < 0 {
		lines++
		dst = append(dst, "Host: "...)
		dst = append(dst, w.Host...)
		dst = append(dst, crlf...)
	}
	b, n := dst[:cap(dst)], len(dst)
	for i := range w.Headers {
		h := &w.Headers[i]
		n += copy(b[n:], h.Name)
		b[n], b[n+1] = ':', ' '
		n += 2
		n += copy(b[n:], h.Value)
		b[n], b[n+1] = '\r', '\n'
		n += 2
	}
	return append(b[:n], crlf...), lines
}

// errWire cannot happen to a message that append wrote.
var errWire = errors.New("render: internal error: a message that was not written here")

// parse reads a message that append wrote. The record's body is within wire; its strings are copies.
func (w *framed) parse(wire []byte, head int) error {
	if head > len(wire) {
		return errWire
	}
	text := string(wire[:head])
	line, rest, ok := strings.Cut(text, crlf)
	method, tail, ok1 := strings.Cut(line, " ")
	url, _, ok2 := strings.Cut(tail, " ")
	if !ok || !ok1 || !ok2 {
		return errWire
	}
	w.Method, w.URL, w.Host, w.chunked, w.bad = method, url, "", false, false
	w.Headers = w.Headers[:0]
	for {
		if line, rest, ok = strings.Cut(rest, crlf); !ok {
			return errWire
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			return errWire
		}
		switch roleOf(name) {
		case roleHost:
			w.Host = value
		case roleTransfer:
			w.chunked = true
		}
		w.Headers = append(w.Headers, capture.Header{Name: name, Value: value})
	}
	w.Body = wire[head:]
	if w.chunked {
		return w.parseChunk()
	}
	return nil
}

// parseChunk takes the body out of the one chunk that it is in.
func (w *framed) parseChunk() error {
	size, rest, ok := bytes.Cut(w.Body, []byte(crlf))
	n, err := strconv.ParseUint(string(size), 16, 31)
	if !ok || err != nil || int(n) > len(rest) {
		return errWire
	}
	w.Body = rest[:n]
	return nil
}
