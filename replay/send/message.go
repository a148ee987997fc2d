package send

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"strings"
)

// message is a request as net/http wants it: taken apart again.
type message struct {
	method, target, host string
	headers              []header
	body                 []byte
	chunked              bool
}

type header struct{ name, value string }

var errMessage = errors.New("http: invalid request")

// parseMessage takes an HTTP/1.1 message apart, of which the first head bytes are everything before the body.
func parseMessage(wire []byte, head int) (m message, err error) {
	if head > len(wire) {
		return m, errMessage
	}
	text := string(wire[:head])
	line, rest, ok := strings.Cut(text, "\r\n")
	method, target, ok2 := strings.Cut(line, " ")
	target, _, ok3 := strings.Cut(target, " ")
	if !ok || !ok2 || !ok3 || method == "" || target == "" {
		return m, errMessage
	}
	m.method, m.target, m.body = method, target, wire[head:]
	for {
		line, rest, ok = strings.Cut(rest, "\r\n")
		if !ok || line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return m, errMessage
		}
		value = strings.Trim(value, " \t")
		switch {
		case strings.EqualFold(name, "Host"):
			m.host = value
		case strings.EqualFold(name, "Transfer-Encoding"):
			m.chunked = true
		}
		m.headers = append(m.headers, header{name, value})
	}
	if m.chunked {
		if m.body, err = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(m.body))); err != nil {
			return m, errMessage
		}
	}
	return m, nil
}
