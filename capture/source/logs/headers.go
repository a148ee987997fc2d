package logs

import (
	"strings"

	"reprise/capture"
	"reprise/capture/wire"
)

// fillHeaders takes the headers that the map names.
func (p *plan) fillHeaders(rec *capture.Record) *capture.Problem {
	p.headers = p.headers[:0]
	for _, h := range p.each {
		value, ok := p.optional(p.at(h.slot))
		if !ok {
			return problem(h.pointer, "not a header value")
		}
		if len(value) > 0 {
			p.headers = append(p.headers, capture.Header{Name: h.name, Value: p.strings.of(value)})
		}
	}
	if sp := p.at(p.headersSlot); sp.kind != missing && sp.kind != jsonNull {
		if !p.scanner.pairs(sp, func(name, value span) bool { return p.addHeader(rec, name, value) }) {
			return problem(p.m.Headers.At, "not headers")
		}
	}
	for _, h := range p.headers {
		if !fieldValue(h.Value) {
			return problem(h.Name, "not a header value")
		}
	}
	rec.Headers = p.headers
	return nil
}

func (p *plan) addHeader(rec *capture.Record, name, value span) bool {
	text, ok := p.text(name)
	if !ok || len(text) == 0 {
		return false
	}
	n := p.strings.of(text)
	text, ok = p.text(value)
	v := p.strings.of(text)
	switch {
	case !ok:
		return false
	case n == ":authority" && rec.Host == "":
		rec.Host = v
	case n[0] == ':': // HTTP/2's stand-ins for the request line
	case !wire.IsToken(n):
		return false
	default:
		p.headers = append(p.headers, capture.Header{Name: n, Value: v})
	}
	return true
}

// complete makes Host and the headers agree, and adds the length of the body where the log leaves it out.
func (p *plan) complete(rec *capture.Record) {
	if host, ok := rec.Header("Host"); ok {
		if rec.Host == "" {
			rec.Host = host
		}
	} else if rec.Host != "" {
		p.headers = append(p.headers, capture.Header{})
		copy(p.headers[1:], p.headers)
		p.headers[0] = capture.Header{Name: "Host", Value: rec.Host}
	}
	rec.Headers = p.headers
	if wire.SetLength(rec, p.strings.number(len(rec.Body))) {
		p.note(p.m.Body, "not as long as its Content-Length")
	}
	p.headers = rec.Headers
}

// fieldValue says whether a header can hold the value: no line end, no NUL (RFC 9110, section 5.5).
func fieldValue(v string) bool { return !strings.ContainsAny(v, "\r\n\x00") }
