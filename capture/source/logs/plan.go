package logs

import (
	"bytes"
	"encoding/base64"
	"hash/maphash"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/wire"
)

// plan is a Map made ready, with the memory that is used again for every line.
type plan struct {
	m       Map
	scanner scanner
	wanted  *node

	timeSlot, methodSlot, urlSlot, hostSlot, bodySlot, base64Slot, statusSlot, latencySlot, headersSlot, rebuiltSlot, syntheticSlot int

	each []headerSlot

	timeExp    int
	timeNumber bool
	timeLayout string
	latencyExp int
	hex        bool

	headers []capture.Header
	body    []byte
	scratch []byte
	strings interned
	noted   []capture.Problem // about the record last filled
}

type headerSlot struct {
	name, pointer string
	slot          int
}

func newPlan(m Map) *plan {
	t := newTree()
	p := &plan{
		m:        m,
		timeSlot: t.add(m.Time), methodSlot: t.add(m.Method), urlSlot: t.add(m.URL), hostSlot: t.add(m.Host),
		bodySlot: t.add(m.Body), base64Slot: t.add(m.BodyBase64), statusSlot: t.add(m.Status), latencySlot: t.add(m.Latency), headersSlot: t.add(m.Headers.At),
		rebuiltSlot: t.add(m.Rebuilt), syntheticSlot: t.add(m.Synthetic),
		timeLayout: m.timeLayout(), latencyExp: m.latencyExponent(),
		hex:     m.BodyEncoding == EncodingNginx,
		strings: newInterned(),
	}
	p.timeExp, p.timeNumber = m.timeExponent()
	for _, h := range m.Headers.Each {
		p.each = append(p.each, headerSlot{h.Name, h.Pointer, t.add(h.Pointer)})
	}
	p.wanted = t.root
	p.scanner = scanner{hex: p.hex, found: make([]span, t.slots)}
	return p
}

// fill makes rec of a line, or says what is wrong with the line.
func (p *plan) fill(rec *capture.Record, line []byte) *capture.Problem {
	p.noted = p.noted[:0]
	if !p.scanner.scan(line, p.wanted) {
		return problem("", ReasonNotJSON)
	}
	*rec = capture.Record{}
	for _, step := range [...]func(*plan, *capture.Record) *capture.Problem{
		(*plan).fillResponse, (*plan).fillTime, (*plan).fillTarget, (*plan).fillBody, (*plan).fillHeaders,
	} {
		if problem := step(p, rec); problem != nil {
			return problem
		}
	}
	rec.Origin = p.origin()
	p.complete(rec)
	return nil
}

// origin is what a line says of where its bytes are from.
func (p *plan) origin() capture.Origin {
	switch {
	case p.says(p.syntheticSlot):
		return capture.Synthetic
	case p.says(p.rebuiltSlot):
		return capture.Rebuilt
	}
	return capture.Recorded
}

// says is whether true stands there.
func (p *plan) says(slot int) bool {
	sp := p.at(slot)
	return sp.kind == jsonBool && p.scanner.line[sp.start] == 't'
}

// The reasons for which a line cannot be decoded.
const (
	ReasonNotJSON = "not JSON"
	ReasonTooLong = "line too long"
)

// The reasons for which a line is skipped that more than one field can have.
const (
	reasonMissing   = "missing"
	reasonNotString = "not a string"
)

func (p *plan) at(slot int) span {
	if slot == noSlot {
		return span{}
	}
	return p.scanner.found[slot]
}

// text decodes a string or takes a number as written. It is valid until the next call.
func (p *plan) text(sp span) (text []byte, ok bool) {
	raw := p.scanner.line[sp.start:sp.end]
	switch sp.kind {
	case jsonNumber:
		return raw, true
	case jsonString:
		if plain(raw) {
			return raw, true
		}
		p.scratch = unescape(p.scratch[:0], raw)
		if p.hex {
			return unescapeHex(p.scratch), true
		}
		return p.scratch, true
	case missing, jsonNull:
		return nil, true
	}
	return nil, false
}

// optional is text of a field that may be missing, null, empty or, in what nginx writes, "-".
func (p *plan) optional(sp span) (text []byte, ok bool) {
	text, ok = p.text(sp)
	if p.hex && len(text) == 1 && text[0] == '-' {
		return nil, ok
	}
	return text, ok
}

// bare is optional for numbers: "-" never is one.
func (p *plan) bare(sp span) (text []byte, ok bool) {
	text, ok = p.text(sp)
	text = bytes.TrimSpace(text)
	if len(text) == 1 && text[0] == '-' {
		return nil, ok
	}
	return text, ok
}

func (p *plan) fillResponse(rec *capture.Record) *capture.Problem {
	text, ok := p.bare(p.at(p.statusSlot))
	if len(text) > 0 {
		status, whole := scaled(text, 0)
		ok = ok && whole && len(text) <= 3 && status >= 0 && status <= 999
		rec.Response.Status = int(status)
	}
	if !ok {
		return problem(p.m.Status, "not a status")
	}
	text, ok = p.bare(p.at(p.latencySlot))
	if len(text) > 0 {
		latency, number := scaled(text, p.latencyExp)
		ok = ok && number && latency >= 0
		rec.Response.Latency = time.Duration(latency)
	} else if ok && p.m.TimeIs == TimeIsEnd {
		p.note(p.m.Latency, "missing: the time of the end stands for the start")
	}
	if !ok {
		return problem(p.m.Latency, "not a duration")
	}
	return nil
}

func (p *plan) fillTime(rec *capture.Record) *capture.Problem {
	text, ok := p.bare(p.at(p.timeSlot))
	if ok && len(text) == 0 {
		return problem(p.m.Time, reasonMissing)
	}
	if ok {
		rec.Time, ok = p.parseTime(text)
	}
	if !ok {
		return problem(p.m.Time, "not a time")
	}
	if p.m.TimeIs == TimeIsEnd {
		rec.Time = rec.Time.Add(-rec.Response.Latency)
	}
	return nil
}

// parseTime accepts what nanoseconds in an int64 can hold: 1678 to 2262.
func (p *plan) parseTime(text []byte) (time.Time, bool) {
	if p.timeNumber {
		ns, ok := scaled(text, p.timeExp)
		return time.Unix(0, ns).UTC(), ok
	}
	t, err := time.Parse(p.timeLayout, string(text))
	if err != nil || t.Year() < 1678 || t.Year() > 2261 {
		return time.Time{}, false
	}
	return t.UTC(), true
}

func (p *plan) fillTarget(rec *capture.Record) *capture.Problem {
	rec.Method = "POST"
	if p.methodSlot != noSlot {
		text, ok := p.optional(p.at(p.methodSlot))
		if !ok {
			return problem(p.m.Method, reasonNotString)
		}
		if len(text) == 0 {
			return problem(p.m.Method, reasonMissing)
		}
		if rec.Method = p.strings.of(text); !wire.IsToken(rec.Method) {
			return problem(p.m.Method, "not a method")
		}
	}
	text, ok := p.optional(p.at(p.hostSlot))
	if !ok {
		return problem(p.m.Host, reasonNotString)
	}
	rec.Host = p.strings.of(text)
	text, ok = p.optional(p.at(p.urlSlot))
	if !ok {
		return problem(p.m.URL, reasonNotString)
	}
	if len(text) == 0 {
		return problem(p.m.URL, reasonMissing)
	}
	host, target := splitURL(text)
	if len(target) == 0 {
		return problem(p.m.URL, "not a path or URL")
	}
	if rec.Host == "" {
		rec.Host = p.strings.of(host)
	}
	if !fieldValue(rec.Host) {
		return problem(p.m.Host, "not a host")
	}
	rec.URL = p.strings.of(target)
	if !sendable(rec.URL) {
		rec.URL = encodeTarget(rec.URL)
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
			rest := text[len(scheme):]
			i := bytes.IndexAny(rest, "/?#")
			switch {
			case i == 0:
				return nil, nil
			case i < 0:
				return rest, []byte("/")
			case rest[i] != '/':
				return rest[:i], append([]byte("/"), rest[i:]...)
			}
			return rest[:i], rest[i:]
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

func (p *plan) fillBody(rec *capture.Record) *capture.Problem {
	sp := p.at(p.bodySlot)
	p.body = p.body[:0]
	if other := p.at(p.base64Slot); other.kind != missing && sp.kind == missing {
		return p.fillBase64(rec, other)
	}
	if p.m.BodyEncoding == EncodingJSON {
		if sp.kind == jsonString {
			sp.start, sp.end = sp.start-1, sp.end+1
		}
		p.body = append(p.body, p.scanner.line[sp.start:sp.end]...)
		rec.Body = p.body
		return nil
	}
	if sp.kind != jsonString && sp.kind != missing && sp.kind != jsonNull {
		return problem(p.m.Body, reasonNotString)
	}
	p.body = unescape(p.body, p.scanner.line[sp.start:sp.end])
	switch p.m.BodyEncoding {
	case EncodingNginx:
		p.body = unescapeHex(p.body)
		if string(p.body) == "-" {
			p.body = p.body[:0]
		}
	case EncodingBase64:
		var ok bool
		if p.body, ok = decodeBase64(p.body); !ok {
			return problem(p.m.Body, "not base64")
		}
	}
	rec.Body = p.body
	return nil
}

// fillBase64 takes the body of a line that has it in base64 alone.
func (p *plan) fillBase64(rec *capture.Record, sp span) *capture.Problem {
	if sp.kind != jsonString {
		return problem(p.m.BodyBase64, reasonNotString)
	}
	var ok bool
	if p.body, ok = decodeBase64(unescape(p.body, p.scanner.line[sp.start:sp.end])); !ok {
		return problem(p.m.BodyBase64, "not base64")
	}
	rec.Body = p.body
	return nil
}

// decodeBase64 decodes in place, whichever of the alphabets and paddings it is.
func decodeBase64(b []byte) ([]byte, bool) {
	b = bytes.TrimRight(b, "=")
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(b, "-_") {
		enc = base64.RawURLEncoding
	}
	n, err := enc.Decode(b, b)
	return b[:n], err == nil
}

func (p *plan) note(field, reason string) {
	p.noted = append(p.noted, capture.Problem{Field: field, Reason: reason})
}

// interned gives strings that were seen of late without making them again. Its size is fixed.
type interned struct {
	seed  maphash.Seed
	table []string
}

const (
	internedSlots = 1 << 10 // a power of two
	internedMax   = 256     // the longest string kept, in bytes
)

func newInterned() interned {
	return interned{seed: maphash.MakeSeed(), table: make([]string, internedSlots)}
}

func (t *interned) of(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internedMax {
		return string(b)
	}
	slot := &t.table[maphash.Bytes(t.seed, b)&(internedSlots-1)]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

func (t *interned) number(n int) string {
	var digits [20]byte
	return t.of(strconv.AppendInt(digits[:0], int64(n), 10))
}
