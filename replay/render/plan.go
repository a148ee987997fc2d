package render

import (
	"slices"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/wire"
	"reprise/replay"
	"reprise/replay/pace"
)

// plan is how the requests of a template's records are made, of one kind and with fields of some classes replaced: runs of bytes that are the
// same in all of them, and places for the values that are not. It is made once, of one record; what it could not know is checked of every
// other one, see holds.
type plan struct {
	kind capture.Kind
	want dialect.Classes
	dead bool // there is none: such records are made whole

	stay     []headSlot // headers that stay if their values are no marks of a signature, see Vendor.Unsign
	content  steady     // of the body
	url      steady     // of the URL, whose pieces are values alone
	formType int        // the value that says that the body is a form, from 1; 0 where the template says so, or it is none
	bad      bool
	target   string // where the URL is the same in all
	varies   bool   // it is not
	head     []headStep
	lines    []wire.Line
	host     int // among lines
	body     []bodySlot
	vendor   *vendor
	keyed    bool // requests are signed, all by one key
	signing  *signing
	times    *times // nil where Refresh makes requests anew
	method   int    // its length
	recorded bool   // what signatures cover is sent as it was recorded
}

// headStep is a part of a request's head.
type headStep struct {
	op   headOp
	text string
	line int // that the value is of, or -1
	k    int // opValue: which
	slot *headSlot
}

type headOp uint8

const (
	opText headOp = iota
	opTarget
	opValue
	opSlot
	opLength
	opMark
	opSign    // a value of a signature
	opReplace // of a header that is not sent: what its value becomes is not written, and counted all the same
)

// headSlot is a header's value that is replaced, or looked at.
type headSlot struct {
	name   string
	first  int // value
	span   dialect.Span
	pieces []capture.Piece
}

// bodySlot is a value of the body that is replaced.
type bodySlot struct {
	span     dialect.Span
	from, to bodyPlace
}

// bodyPlace is so many bytes behind the end of a piece; piece -1 is the begin of the body.
type bodyPlace struct {
	piece  int
	behind int32
}

// in returns where the place is in a body whose pieces end at ends.
func (p bodyPlace) in(ends []int32) int32 {
	if p.piece < 0 {
		return p.behind
	}
	return ends[p.piece] + p.behind
}

// plans are those of one template.
type plans struct {
	of    *Renderer
	list  []*plan
	tries int
}

// mostTries is how many records of a template are tried before none is expected to make a plan.
const mostTries = 32

// wants are the classes of field that change in a play.
func (r *Renderer) wants(p pace.Play) dialect.Classes {
	switch {
	case r.grown(p.Person):
		return r.want | dialect.ClassSet(dialect.Person)
	case !r.sender.changes(p.Person):
		return r.want &^ dialect.ClassSet(dialect.Person)
	}
	return r.want
}

// planOf returns the plan by which a record's request is made; nil where it is made without one.
func (r *Renderer) planOf(rec *capture.Record, p pace.Play) *plan {
	t := rec.Cuts.Template
	all, _ := t.Plan.(*plans)
	if all == nil || all.of != r {
		all = &plans{of: r}
		t.Plan = all
	}
	want := r.wants(p)
	for _, made := range all.list {
		if made.kind == rec.Kind && made.want == want {
			if made.dead {
				return nil
			}
			return made
		}
	}
	made, again := r.newPlan(rec, want)
	if again {
		if all.tries++; all.tries < mostTries {
			return nil
		}
	}
	if made == nil {
		made = &plan{kind: rec.Kind, want: want, dead: true}
		t.Whole = len(all.list) == 0
	}
	all.list = append(all.list, made)
	if made.dead {
		return nil
	}
	return made
}

// renderPlanned is Render by a plan; false where the record is not as the plan needs it: nothing has happened then.
func (r *Renderer) renderPlanned(m *plan, rec *capture.Record, p pace.Play, at time.Time, q *replay.Request) bool {
	c := rec.Cuts
	if !m.content.holds(rec.Body, c.Body) || !m.holds(c) || !r.stays(m, c) {
		return false
	}
	d, w := &r.scratch, &r.scratch.w
	w.Time, w.Seq, w.Kind, w.Message = rec.Time, rec.Seq, rec.Kind, rec.Message
	r.overdue = q.Overdue
	r.person, r.by, r.moved, r.same, r.unstamped = p.Person, at.Add(-q.Overdue).Sub(rec.Time), false, false, false
	if m.want != 0 {
		r.ids.begin(p.Copy)
	}
	target, bad := m.target, m.bad
	if m.varies {
		var escapes bool
		target, escapes = r.targetOf(c)
		bad = bad || escapes
	}
	w.Bad = bad
	d.lines = append(d.lines[:0], m.lines...)
	d.signs = d.signs[:0]
	dst := q.Wire[:0]
	length, lengthLine, guess := -1, -1, len(rec.Body)
	for i := range m.head {
		s := &m.head[i]
		from := len(dst)
		switch s.op {
		case opText:
			dst = append(dst, s.text...)
			continue
		case opTarget:
			dst = append(dst, target...)
			continue
		case opValue:
			dst = append(dst, between(c.Text, c.Head, s.k)...)
		case opSlot:
			dst = r.replaced(dst, &s.slot.span, r.headValue(c, s.slot))
		case opLength:
			length, lengthLine = from, s.line
			dst = wire.AppendDecimal(dst, guess)
		case opMark:
			dst = wire.AppendMark(dst, rec.Seq, p.Copy)
		case opSign:
			d.signs = append(d.signs, signAt{from, s.line, s.k})
			n := len(dst) + m.signing.lengths[s.k]
			dst = slices.Grow(dst, n-len(dst))[:n]
		case opReplace:
			d.body = r.replaced(d.body[:0], &s.slot.span, r.headValue(c, s.slot))
		}
		if s.line >= 0 {
			d.lines[s.line].Value += int32(len(dst) - from)
		}
	}
	head := len(dst)
	dst = r.planBody(dst, m, rec)
	if n := len(dst) - head; length >= 0 && n != guess {
		var grown int
		dst, grown = d.mendLength(dst, length, guess, n)
		d.lines[lengthLine].Value += int32(grown)
		head += grown
		for i := range d.signs {
			if p := &d.signs[i]; p.at > length {
				p.at += grown
			}
		}
	}
	signed := false
	if m.signing != nil {
		var grown int
		if dst, grown, signed = r.signInPlace(m, dst, target, head, at, q); !signed {
			q.Wire = dst
			return false
		}
		head += grown
	}
	q.Wire = dst
	q.Parts.Set(m.method, len(target), d.lines, m.host, head, len(dst))
	read := m.vendor.dialect != nil
	q.Person = personOf(r.number(rec, read))
	q.PersonHash, q.RecipientHash = r.hashes.of(q.Person), r.recipientHash(rec, read)
	if m.keyed && m.signing == nil {
		signed = r.signPlanned(m, rec, at, q)
	}
	r.trace(q, rec.Seq, p.Copy)
	q.Stamped, q.Timed, q.Unfit = at, r.moved || signed && m.vendor.timed, replay.ReasonNone
	if m.keyed && !signed {
		q.Unfit = replay.ReasonUnsigned
	}
	if q.Made.By = nil; q.Timed && m.times != nil {
		q.Made.By, q.Made.Places = m, append(q.Made.Places[:0], d.places...)
	}
	r.count(q.Unfit != replay.ReasonNone)
	if !m.keyed && m.vendor.signs && r.signing {
		r.stats.Keyless++
	}
	return true
}

// signPlanned signs a request as a record that is finished but for that; false where it cannot be signed.
func (r *Renderer) signPlanned(m *plan, rec *capture.Record, at time.Time, q *replay.Request) (signed bool) {
	d, w := &r.scratch, &r.scratch.w
	bad := w.Bad
	if w.Load(q.Wire, &q.Parts) != nil {
		panic("render: internal error: a plan's request has not the parts that it says")
	}
	w.Vendor, w.Origin, w.Response = rec.Vendor, rec.Origin, rec.Response
	signed = r.sign(d, m.vendor, m.vendor.secret, at)
	w.Measure(&d.text)
	w.Bad = bad || w.Bad
	d.out = w.Append(d.out[:0], &q.Parts) // not into q.Wire, which the body is a part of
	q.Wire = append(q.Wire[:0], d.out...)
	return signed
}

// planBody appends a record's body.
func (r *Renderer) planBody(dst []byte, m *plan, rec *capture.Record) []byte {
	body, ends, done := rec.Body, rec.Cuts.Body, int32(0)
	d, head := &r.scratch, int32(len(dst))
	d.grown = append(d.grown[:0], 0)
	for i := range m.body {
		s := &m.body[i]
		from, to := s.from.in(ends), s.to.in(ends)
		dst = append(dst, body[done:from]...)
		dst = r.replaced(dst, &s.span, body[from:to])
		done = to
		d.grown = append(d.grown, int32(len(dst))-head-to)
	}
	d.places = d.places[:0]
	if m.signing != nil && m.signing.form != nil {
		d.places = m.signing.form.appendPlaces(d.places, ends, d.grown)
	}
	if m.times != nil {
		for _, i := range m.times.body {
			s := &m.body[i]
			d.places = append(d.places, s.from.in(ends)+d.grown[i], s.to.in(ends)+d.grown[i+1])
		}
	}
	return append(dst, body[done:]...)
}

// replaced appends what takes the place of a value, as it is written: what spliced does with one span.
func (r *Renderer) replaced(dst []byte, at *dialect.Span, raw []byte) []byte {
	var s dialect.Span
	if value := r.scratch.read(&s, at, raw); len(value) > 0 {
		if out, ok := r.replace(dst, &s, value); ok {
			return out
		}
	}
	return append(dst, raw...)
}

// read makes s the span of a value that stands where another one stood, and returns what it says.
func (d *scratch) read(s, at *dialect.Span, raw []byte) (value []byte) {
	*s = dialect.Span{Span: at.Moved(raw), Class: at.Class, Name: at.Name}
	if s.Plain && s.Class == dialect.ID {
		return raw
	}
	if s.Observe(raw); s.Plain || s.Literal {
		return raw
	}
	d.value = s.Decode(d.value[:0], raw)
	return d.value
}

// headValue is a header's value as it was recorded.
func (r *Renderer) headValue(c *capture.Cuts, s *headSlot) []byte {
	if len(s.pieces) == 1 && s.pieces[0].Value {
		return between(c.Text, c.Head, s.first)
	}
	r.scratch.part = appendPieces(r.scratch.part[:0], s.pieces, c, s.first)
	return r.scratch.part
}

// stays says whether the headers stay that do not in every request.
func (r *Renderer) stays(m *plan, c *capture.Cuts) bool {
	for i := range m.stay {
		s := &m.stay[i]
		if m.vendor.dialect.Unsigns(s.name, r.scratch.text.String(r.headValue(c, s)), m.recorded) {
			return false
		}
	}
	return true
}

// appendPieces appends what pieces say, of which the first value is number k.
func appendPieces(dst []byte, pieces []capture.Piece, c *capture.Cuts, k int) []byte {
	for i := range pieces {
		if pieces[i].Value {
			dst = append(dst, between(c.Text, c.Head, k)...)
			k++
			continue
		}
		dst = append(dst, pieces[i].Text...)
	}
	return dst
}

// targetOf is the target that is sent for the record's URL.
func (r *Renderer) targetOf(c *capture.Cuts) (target string, bad bool) {
	d, url := &r.scratch, c.Template.URL
	part := between(c.Text, c.Head, 0)
	if len(url) > 1 {
		d.part = appendPieces(d.part[:0], url, c, 0)
		part = d.part
	}
	if m := metTarget(&d.targets, part); m != nil {
		return m.to, m.bad
	}
	return d.targets.of(d.text.String(part))
}

// mendLength puts a length in place of another one, and returns by how much it is longer.
func (d *scratch) mendLength(dst []byte, at, was, is int) (out []byte, grown int) {
	var old, now [20]byte
	before, after := wire.AppendDecimal(old[:0], was), wire.AppendDecimal(now[:0], is)
	if len(before) != len(after) {
		d.out = append(d.out[:0], dst[at+len(before):]...)
		dst = append(append(dst[:at], after...), d.out...)
	} else {
		copy(dst[at:], after)
	}
	return dst, len(after) - len(before)
}

// holds says whether the values of URL and headers are as the plan needs them.
func (m *plan) holds(c *capture.Cuts) bool {
	for i, k := range m.url.pieces {
		if !m.url.sorts[i].holds(between(c.Text, c.Head, k)) {
			return false
		}
	}
	if k := m.formType - 1; k >= 0 && !payload.IsFormType(string(between(c.Text, c.Head, k))) {
		return false
	}
	return sortHeader.holds(c.Text)
}
