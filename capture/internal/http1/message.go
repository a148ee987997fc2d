package http1

import (
	"bytes"

	"reprise/capture"
)

// Problem is why a message is not to be used, or what of it was dropped.
type Problem struct {
	// Field is the part of the message; "" for all of it.
	Field string
	// Reason is one of the Reason constants.
	Reason string
}

// ReadRequest reads a request that is all of b into r: its method, URL, Host, headers and, out of its framing, its body, which is
// a part of b where the framing allows it. refused, where its Reason is set, says why the request is not to be used; noted what
// was dropped of one that is.
func ReadRequest(b []byte, r *capture.Record) (refused, noted Problem) {
	size, _ := HeadEnd(b, 0)
	switch {
	case size > MaxHead || size == 0 && len(b) > MaxHead:
		return Problem{"", ReasonHeadSize}, noted
	case size == 0:
		return Problem{"", ReasonCut}, noted
	}
	h, ok := ParseRequest(b[:size], r)
	switch {
	case !ok:
		return Problem{"", ReasonRequestLine}, noted
	case h.Reason != "":
		return Problem{h.Field, h.Reason}, noted
	}
	content := Body{Mode: h.Mode, Left: h.Length, Strict: true}
	r.Body, b, refused = content.all(b[size:])
	switch {
	case content.Trailers > 0:
		noted = Problem{"body", ReasonTrailers}
	case len(bytes.Trim(b, "\r\n")) > 0:
		noted = Problem{"body", ReasonBehind}
	}
	return refused, noted
}

// all reads the content that begins b; behind is what stands there after it.
func (b *Body) all(rest []byte) (content, behind []byte, refused Problem) {
	for {
		data, n, done, ok := b.Next(rest)
		if content == nil {
			content = data[:len(data):len(data)]
		} else {
			content = append(content, data...)
		}
		switch {
		case !ok:
			return nil, nil, Problem{"body", ReasonChunk}
		case len(content) > MaxBody:
			return nil, nil, Problem{"body", ReasonBodySize}
		case done:
			return content, rest[n:], Problem{}
		case n == 0:
			return nil, nil, Problem{"body", ReasonCut}
		}
		rest = rest[n:]
	}
}

// ReadResponse returns the status that the response b begins with; ok is false where it is no final response.
func ReadResponse(b []byte) (status int, ok bool) {
	for {
		size, _ := HeadEnd(b, 0)
		if size == 0 {
			size = len(b)
		}
		status, _, ok = ParseResponse(b[:size])
		if !ok || status >= 200 || status == 101 {
			return status, ok
		}
		b = b[size:]
	}
}
