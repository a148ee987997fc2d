package logs

import (
	"bytes"

	"reprise/capture"
	"reprise/capture/wire"
)

// fillHeaders takes the headers that the map names.
func (p *plan) fillHeaders(rec *capture.Record) *capture.Problem {
	p.headers = p.headers[:0]
	for i := range p.each {
		h := &p.each[i]
		if sp := p.at(h.slot); sp.start < sp.end && !p.addValues(h.name, sp) { // most lines lack most of them
			return problem(h.pointer, reasonHeader)
		}
	}
	if sp := p.at(p.headersSlot); sp.kind != missing && sp.kind != jsonNull && !p.headersAt(rec, sp) {
		return problem(p.m.Headers.At, "not headers")
	}
	for _, h := range p.headers {
		if !fieldValue(h.Value) {
			return problem(h.Name, reasonHeader)
		}
	}
	rec.Headers = p.headers
	return nil
}

const reasonHeader = "not a header value"

// addValues adds a header that the map names, one for each value of a list, unless it is empty.
func (p *plan) addValues(name string, sp span) bool {
	if sp.kind == jsonArray {
		p.on(sp.doc)
		return p.scanner.values(span{}, sp, func(_, value span) bool { return value.kind != jsonArray && p.addValues(name, value) })
	}
	value, ok := p.optional(sp)
	if len(value) > 0 {
		p.headers = append(p.headers, capture.Header{Name: name, Value: p.strings.of(value)})
	}
	return ok
}

// headersAt takes all headers of one place.
func (p *plan) headersAt(rec *capture.Record, sp span) bool {
	if sp.kind == jsonString || sp.kind == plainText {
		block := bytes.TrimSpace(p.decoded(nil, sp))
		if len(block) == 0 || p.hex && string(block) == "-" {
			return true
		}
		if block[0] != '{' && block[0] != '[' {
			return p.headerLines(rec, block)
		}
		var ok bool
		if sp, ok = p.parse(block); !ok {
			return false
		}
	}
	p.on(sp.doc)
	return p.scanner.pairs(sp, func(name, value span) bool {
		text, ok := p.text(name)
		if !ok {
			return false
		}
		n := p.strings.of(text)
		if value.kind == jsonBool {
			text = p.raw(value)
		} else if text, ok = p.text(value); !ok {
			return false
		}
		return p.addHeader(rec, n, p.strings.of(text))
	})
}

// headerLines takes headers as they were sent, with or without the request line above them.
func (p *plan) headerLines(rec *capture.Record, block []byte) bool {
	first := true
	for line := range bytes.Lines(block) {
		line = bytes.TrimRight(line, "\r\n")
		_, _, request := requestLine(line)
		switch name, value, ok := bytes.Cut(line, []byte{':'}); {
		case len(line) == 0, first && request:
		case !ok || !p.addHeader(rec, p.strings.of(name), p.strings.of(bytes.Trim(value, " \t"))):
			return false
		}
		first = false
	}
	return true
}

func (p *plan) addHeader(rec *capture.Record, name, value string) bool {
	switch {
	case name == ":authority" && rec.Host == "":
		rec.Host = value
	case name != "" && name[0] == ':': // HTTP/2's stand-ins for the request line
	case !wire.IsToken(name):
		return false
	default:
		p.headers = append(p.headers, capture.Header{Name: name, Value: value})
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
	if p.parsed && len(rec.Body) > 0 {
		if _, ok := rec.Header("Content-Type"); !ok {
			rec.Headers = append(rec.Headers, capture.Header{Name: "Content-Type", Value: p.contentType})
		}
	}
	if wire.SetLength(rec, p.strings.number(len(rec.Body))) {
		p.note(p.m.Body, "not as long as its Content-Length")
	}
	p.headers = rec.Headers
}

// fieldValue says whether a header can hold the value: no line end, no NUL (RFC 9110, section 5.5).
func fieldValue(v string) bool {
	if wire.IsValue(v) { // which most are, and which is told eight bytes at a time
		return true
	}
	for i := range len(v) {
		if c := v[i]; c == '\n' || c == '\r' || c == 0 {
			return false
		}
	}
	return true
}
