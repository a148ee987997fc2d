package logs

import (
	"bytes"
	"strings"

	"reprise/capture"
	"reprise/capture/wire"
)

func (p *plan) fillTarget(rec *capture.Record) *capture.Problem {
	text, ok := p.optional(p.at(p.hostSlot))
	if !ok {
		return problem(p.m.Host, reasonNotString)
	}
	rec.Host = p.strings.of(text)
	var bad *capture.Problem
	if p.requestSlot != noSlot {
		bad = p.fillRequest(rec)
	} else if bad = p.fillMethod(rec); bad == nil {
		bad = p.fillURL(rec)
	}
	if bad == nil && p.querySlot != noSlot && strings.IndexByte(rec.URL, '?') < 0 {
		bad = p.fillQuery(rec)
	}
	if bad != nil {
		return bad
	}
	if !fieldValue(rec.Host) {
		return problem(p.m.Host, "not a host")
	}
	if !sendable(rec.URL) {
		rec.URL = encodeTarget(rec.URL)
	}
	return nil
}

func (p *plan) fillMethod(rec *capture.Record) *capture.Problem {
	rec.Method = "POST"
	if p.methodSlot == noSlot {
		return nil
	}
	text, ok := p.optional(p.at(p.methodSlot))
	switch {
	case !ok:
		return problem(p.m.Method, reasonNotString)
	case len(text) == 0:
		return problem(p.m.Method, reasonMissing)
	}
	if rec.Method = p.strings.of(text); !wire.IsToken(rec.Method) {
		return problem(p.m.Method, "not a method")
	}
	return nil
}

func (p *plan) fillURL(rec *capture.Record) *capture.Problem {
	text, ok := p.optional(p.at(p.urlSlot))
	if len(text) == 0 && p.m.DefaultURL != "" {
		text = []byte(p.m.DefaultURL)
	}
	switch {
	case !ok:
		return problem(p.m.URL, reasonNotString)
	case len(text) == 0:
		return problem(p.m.URL, reasonMissing)
	}
	if p.setTarget(rec, text) {
		return nil
	}
	if method, target, ok := requestLine(text); ok && p.methodSlot == noSlot && p.setTarget(rec, target) {
		rec.Method = p.strings.of(method)
		return nil
	}
	return problem(p.m.URL, "not a path or URL")
}

// setTarget takes the target, and the host unless it is known.
func (p *plan) setTarget(rec *capture.Record, text []byte) bool {
	host, target := splitURL(text)
	if len(target) == 0 {
		return false
	}
	if rec.Host == "" {
		rec.Host = p.strings.of(host)
	}
	rec.URL = p.strings.of(target)
	return true
}

// fillRequest takes a request line apart.
func (p *plan) fillRequest(rec *capture.Record) *capture.Problem {
	text, ok := p.optional(p.at(p.requestSlot))
	switch {
	case !ok:
		return problem(p.m.Request, reasonNotString)
	case len(text) == 0:
		return problem(p.m.Request, reasonMissing)
	}
	method, target, ok := requestLine(text)
	if !ok || !p.setTarget(rec, target) {
		return problem(p.m.Request, "not a request line")
	}
	rec.Method = p.strings.of(method)
	return nil
}

// requestLine cuts "POST /path HTTP/1.1" into the method and the target.
func requestLine(text []byte) (method, target []byte, ok bool) {
	method, rest, found := bytes.Cut(text, []byte{' '})
	i := bytes.LastIndexByte(rest, ' ')
	if !found || i < 0 || !bytes.HasPrefix(rest[i+1:], []byte("HTTP/")) || i == 0 || !wire.IsToken(string(method)) {
		return nil, nil, false
	}
	return method, rest[:i], true
}

// fillQuery adds a query that was logged by itself.
func (p *plan) fillQuery(rec *capture.Record) *capture.Problem {
	sp := p.at(p.querySlot)
	if sp.kind == jsonObject || sp.kind == jsonArray {
		query, ok := p.form(nil, sp)
		if !ok {
			return problem(p.m.Query, "not a query")
		}
		if len(query) > 0 {
			rec.URL += "?" + string(query)
			p.rebuilt = true
		}
		return nil
	}
	text, ok := p.optional(sp)
	if !ok {
		return problem(p.m.Query, reasonNotString)
	}
	if text = bytes.TrimPrefix(text, []byte{'?'}); len(text) > 0 {
		rec.URL += "?" + string(text)
	}
	return nil
}

// splitURL cuts "https://host/path?query" into host and the rest; a path has no host. What is neither has no target.
func splitURL(text []byte) (host, target []byte) {
	if text[0] == '/' || len(text) == 1 && text[0] == '*' {
		return nil, text
	}
	for _, scheme := range [...]string{"https://", "http://"} {
		if len(text) > len(scheme) && strings.EqualFold(string(text[:len(scheme)]), scheme) {
			rest, _, _ := bytes.Cut(text[len(scheme):], []byte{'#'})
			i := bytes.IndexAny(rest, "/?")
			if i < 0 {
				i = len(rest)
			}
			host, target = rest[:i], rest[i:]
			host = host[bytes.LastIndexByte(host, '@')+1:]
			switch {
			case len(host) == 0:
				return nil, nil
			case len(target) == 0:
				return host, []byte("/")
			case target[0] != '/':
				return host, append([]byte("/"), target...)
			}
			return host, target
		}
	}
	return nil, nil
}

// sendable says whether a request line can hold the target.
func sendable(target string) bool {
	for i := range len(target) {
		if target[i] <= ' ' || target[i] == 0x7f {
			return false
		}
	}
	return true
}

// encodeTarget percent-encodes what cannot have stood in a request line: a log that holds it has decoded the path.
func encodeTarget(target string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c == 0x7f {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
