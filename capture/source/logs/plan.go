package logs

import (
	"bytes"

	"reprise/capture"
	"reprise/capture/dialect"
)

// plan is a Map made ready, with the memory that is used again for every line.
type plan struct {
	m       Map
	scanner scanner
	wanted  *node
	rows    parser // of lines that are no JSON; nil where they are
	table   bool   // whose lines' white space tells
	inner   parser // of text within JSON; nil where there is no pattern

	timeSlot, methodSlot, urlSlot, querySlot, requestSlot, hostSlot, bodySlot, base64Slot, statusSlot, latencySlot, headersSlot, rebuiltSlot, syntheticSlot int

	each   []headerSlot
	where  []condition
	unwrap []int // slots
	// unwrapped says that the line that comes next is an element of the first place's array, of an object that is large.
	unwrapped bool
	levels    []level // the line, what is unwrapped, and one more for JSON in a text
	depth     int     // of the innermost level that is open
	top       []span  // what is found in the line
	one       [1]span // scratch

	clock      clock
	latencyExp int
	hex        bool
	parsed     bool // the body was logged as its fields
	vendors    dialect.Table
	// contentType is the header of a body that was logged as its fields, where the log has none: of the record last filled.
	contentType string

	rebuilt, filtered bool // of the record last filled
	second            bool // its time is told to the second alone
	headers           []capture.Header
	body              []byte
	scratch           []byte
	name              []byte // of a form's field
	scanned           bool   // the line that comes next was scanned as it was cut
	strings           interned
	noted             []capture.Problem // about the record last filled

	opened func() // where set, is called for each line that could be decoded, before anything is made of it
}

type headerSlot struct {
	name, pointer string
	slot          int
}

// newPlan makes one of a map that is ready.
func newPlan(m Map) *plan {
	t := newTree()
	p := &plan{
		m:        m,
		timeSlot: t.add(m.Time), methodSlot: t.add(m.Method), urlSlot: t.add(m.URL), hostSlot: t.add(m.Host),
		querySlot: t.add(m.Query), requestSlot: t.add(m.Request),
		bodySlot: t.add(m.Body), base64Slot: t.add(m.BodyBase64), statusSlot: t.add(m.Status), latencySlot: t.add(m.Latency), headersSlot: t.add(m.Headers.At),
		rebuiltSlot: t.add(m.Rebuilt), syntheticSlot: t.add(m.Synthetic),
		latencyExp: m.latencyExponent(),
		hex:        m.BodyEncoding == EncodingNginx,
		parsed:     m.BodyEncoding == EncodingForm || m.BodyEncoding == EncodingJSON || m.BodyEncoding == EncodingParsed,
		strings:    newInterned(),
	}
	p.clock, _ = newClock(m)
	for _, h := range m.Headers.Each {
		p.each = append(p.each, headerSlot{h.Name, h.Pointer, t.add(h.Pointer)})
	}
	p.where = conditions(m, t)
	for _, place := range m.Unwrap {
		p.unwrap = append(p.unwrap, t.add(place))
	}
	p.wanted = t.root
	p.scanner = scanner{hex: p.hex}
	p.levels = make([]level, len(m.Unwrap)+2)
	for i := range p.levels[:len(m.Unwrap)+1] {
		p.levels[i].found = make([]span, t.slots)
	}
	p.top = p.levels[0].found
	if m.Pattern != "" && len(m.Unwrap) > 0 {
		p.inner = newPattern(m.Pattern, p.wanted)
	}
	return p
}

// fill makes rec of the first request of a line, or says what is wrong with it; next does so of another one, where more says that there
// is one.
func (p *plan) fill(rec *capture.Record, line []byte) *capture.Problem {
	return p.take(rec, p.open(line))
}

func (p *plan) next(rec *capture.Record) *capture.Problem { return p.take(rec, p.again()) }

// take makes rec of what was opened, unless that went wrong. A line that is no request is not one that is broken.
func (p *plan) take(rec *capture.Record, bad *capture.Problem) *capture.Problem {
	if p.opened != nil && (bad == nil || bad.Field != "") {
		p.opened()
	}
	p.noted, p.rebuilt, p.filtered = p.noted[:0], false, false
	if bad != nil && bad.Field == "" {
		return bad
	}
	if len(p.where) > 0 && !p.holds() {
		return problem("", LeftOutByWhere)
	}
	if bad != nil {
		return bad
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
	case p.rebuilt, p.says(p.rebuiltSlot):
		return capture.Rebuilt
	}
	return capture.Recorded
}

// says is whether true stands there.
func (p *plan) says(slot int) bool {
	sp := p.at(slot)
	return (sp.kind == jsonBool || sp.kind == plainText) && string(p.raw(sp)) == "true"
}

// LeftOutByWhere is the reason for which lines are left out that Map.Where does not ask for.
const LeftOutByWhere = "where"

// The reasons for which a line cannot be decoded.
const (
	ReasonNotJSON = "not JSON"
	ReasonTooLong = "line too long"
	reasonHalf    = "cut off"
	reasonArray   = "the array does not end"
)

// The reasons for which a line is skipped that more than one field can have.
const (
	reasonMissing   = "missing"
	reasonNotString = "not a string"
	reasonNoObject  = "no JSON object stands there"
	reasonEmpty     = "an empty array"
)

// at is the value of a place: the one of the innermost document that has it.
func (p *plan) at(slot int) span {
	if slot == noSlot {
		return span{}
	}
	if p.depth > 0 {
		return p.within(slot)
	}
	return p.top[slot]
}

// within is at where documents stand within the line.
func (p *plan) within(slot int) span {
	for i := p.depth; i > 0; i-- {
		if sp := p.levels[i].found[slot]; sp.kind != missing {
			sp.doc = uint8(i)
			return sp
		}
	}
	return p.top[slot]
}

// raw is a value as it stands in its document.
func (p *plan) raw(sp span) []byte { return p.levels[sp.doc].doc[sp.start:sp.end] }

// text decodes a string or takes a number as written. It is valid until the next call.
func (p *plan) text(sp span) (text []byte, ok bool) {
	switch sp.kind {
	case jsonNumber:
		return p.raw(sp), true
	case jsonString:
		raw := p.raw(sp)
		if plain(raw) {
			return raw, true
		}
		p.scratch = unescape(p.scratch[:0], raw)
		if p.hex {
			return unescapeHex(p.scratch), true
		}
		return p.scratch, true
	case plainText:
		raw := p.raw(sp)
		if p.hex && !plain(raw) {
			p.scratch = append(p.scratch[:0], raw...)
			return unescapeHex(p.scratch), true
		}
		return raw, true
	case missing, jsonNull:
		return nil, true
	case jsonObject:
		if inner, of := p.typed(sp); of != "" && inner.kind != jsonObject {
			return p.text(inner)
		}
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
		latency, number := readDuration(text, p.latencyExp)
		ok = ok && number && latency >= 0
		rec.Response.Latency = latency
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
		var twice bool
		if rec.Time, twice, ok = p.clock.read(text); twice {
			p.note(p.m.Time, "a local time that comes twice, as clocks were put back: taken for the first")
		}
	}
	if !ok {
		return problem(p.m.Time, "not a time")
	}
	p.second = rec.Time.Nanosecond() == 0 && !finer(text)
	if p.m.TimeIs == TimeIsEnd {
		rec.Time = rec.Time.Add(-rec.Response.Latency)
		p.second = p.second && rec.Response.Latency == 0
	}
	return nil
}

// finer says whether what a time is written as tells more than its second, though that be zeros: a fraction, or milliseconds since 1970 and less.
func finer(text []byte) bool {
	const seconds = 10 // digits, of this century
	digits := 0
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case (c == '.' || c == ',') && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9':
			return true
		}
	}
	return digits == len(text) && digits > seconds
}

func (p *plan) note(field, reason string) {
	p.noted = append(p.noted, capture.Problem{Field: field, Reason: reason})
}
