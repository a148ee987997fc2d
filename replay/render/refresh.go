package render

import (
	"slices"
	"sync"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/wire"
	"reprise/replay"
)

// refresher does for finished requests what makes them tell another moment.
type refresher struct {
	sync.Mutex
	scratch scratch
	by      time.Duration // how far the times of the current request move
	held    bool          // an outage held it: its payload tells when it was due, however late it is sent
	change  change
	made    []byte
	moved   []timeMoved
}

// Refresh has a finished request tell the moment at: its times move on from the moment that it was made for, and it is
// signed again. It may be called while Render runs, and by several goroutines for different requests. A request that
// cannot be signed again stays as it is.
func (r *Renderer) Refresh(q *replay.Request, at time.Time) {
	v := r.vendorOf(q.Vendor)
	f := &r.refresher
	f.Lock()
	defer f.Unlock()
	if m, ok := q.Made.By.(*plan); ok && r.refreshPlanned(m, q, at) {
		return
	}
	q.Made.By = nil
	d := &f.scratch
	if d.w.Load(q.Wire, &q.Parts) != nil {
		return
	}
	d.w.Vendor, d.w.Kind, d.w.Time = q.Vendor, q.Kind, q.Stamped
	if r.o.Restamp && v.dialect != nil {
		f.held, f.by = q.Overdue > 0, at.Sub(q.Stamped)
		if d.rewrite(v.dialect, dialect.ClassSet(dialect.Time), f.change) != nil {
			return
		}
	}
	d.w.Seq = q.Seq // by which a key with a share is chosen again
	if secret, keyed := v.key(d); keyed && !r.sign(d, v, secret, at) {
		return
	}
	d.w.Measure(&d.text)
	d.out = d.w.Append(d.out[:0], &d.parts) // not into q.Wire, which the body is a part of
	q.Wire = append(q.Wire[:0], d.out...)
	q.Parts, d.parts = d.parts, q.Parts
	q.Stamped = at
}

// restamp is the change of a field by Refresh.
func (f *refresher) restamp(dst []byte, s *dialect.Span, value []byte) ([]byte, bool) {
	if f.held && s.Part != payload.InHeader {
		return dst, false
	}
	var ok bool
	if f.made, ok = payload.AppendMoved(f.made[:0], value, f.scratch.w.Time, f.by); !ok {
		return dst, false
	}
	return encode(dst, s, f.made), true
}

// times are the times in a plan's requests.
type times struct {
	head []timeAt
	body []int // among the plan's slots
}

// timeAt is a header's value that is a time.
type timeAt struct {
	line int
	span *dialect.Span
}

// planTimes finds the times that Refresh moves. There are none where an edit may have it find other ones.
func (m *plan) planTimes(r *Renderer, v *vendor) {
	if m.keyed && m.signing == nil {
		return
	}
	var t times
	if r.o.Restamp && v.dialect != nil {
		var edited capture.Record
		for i := range r.edits {
			edited.Headers = append(edited.Headers, capture.Header{Name: r.edits[i].name})
		}
		spans, err := v.dialect.Locate(nil, &edited, dialect.ClassSet(dialect.Time))
		if err != nil || len(spans) > 0 || wire.Find(edited.Headers, "Content-Type", 0) >= 0 {
			return
		}
		for i := range m.head {
			if s := &m.head[i]; s.op == opSlot && s.slot.span.Class == dialect.Time {
				t.head = append(t.head, timeAt{s.line, &s.slot.span})
			}
		}
		for i := range m.body {
			if m.body[i].span.Class == dialect.Time {
				t.body = append(t.body, i)
			}
		}
	}
	m.times = &t
}

// timeMoved is a time that has moved: where it stands in a request, and how long it is.
type timeMoved struct{ at, length int }

// refreshPlanned is Refresh of a request that a plan has made; false where it is to be made anew: nothing has changed then.
func (r *Renderer) refreshPlanned(m *plan, q *replay.Request, at time.Time) bool {
	f := &r.refresher
	d, t := &f.scratch, m.times
	d.w.Time, f.held, f.by = q.Stamped, q.Overdue > 0, at.Sub(q.Stamped)
	d.raw, f.moved = d.raw[:0], f.moved[:0]
	for i := range t.head {
		if from, to := q.Parts.Line(t.head[i].line); !f.move(q.Wire, from, to, t.head[i].span) {
			return false
		}
	}
	places := q.Made.Places[len(q.Made.Places)-2*len(t.body):]
	for i, slot := range t.body {
		if !f.move(q.Wire, q.Parts.Head+int(places[2*i]), q.Parts.Head+int(places[2*i+1]), &m.body[slot].span) {
			return false
		}
	}
	f.swap(q.Wire)
	if m.signing != nil && !r.signAgain(m, q, at) {
		f.swap(q.Wire)
		return false
	}
	q.Stamped = at
	return true
}

// move makes what takes the place of a time of a message; false where that is longer or shorter.
func (f *refresher) move(message []byte, from, to int, at *dialect.Span) bool {
	d, n := &f.scratch, len(f.scratch.raw)
	raw := message[from:to]
	f.moved = append(f.moved, timeMoved{from, len(raw)})
	var s dialect.Span
	value, ok := d.read(&s, at, raw), false
	if len(value) > 0 {
		d.raw, ok = f.restamp(d.raw, &s, value)
	}
	if !ok {
		d.raw = append(d.raw, raw...)
	}
	return len(d.raw)-n == len(raw)
}

// swap puts times in the place of those in a message, and those in their place.
func (f *refresher) swap(message []byte) {
	made := f.scratch.raw
	for _, t := range f.moved {
		for i, c := range message[t.at : t.at+t.length] {
			message[t.at+i], made[i] = made[i], c
		}
		made = made[t.length:]
	}
}

// signAgain signs a request whose times have moved; false where that fails: it is as it was then.
func (r *Renderer) signAgain(m *plan, q *replay.Request, at time.Time) bool {
	d, s := &r.refresher.scratch, m.signing
	d.places = q.Made.Places
	target := ""
	if s.url == "" {
		from, to := q.Parts.Target()
		target = string(q.Wire[from:to])
	}
	if !d.signPlanned(m, q.Wire, target, &q.Parts, at) {
		return false
	}
	for i := len(s.lines) - 1; i >= 0; i-- {
		p := &s.lines[i]
		value := d.outlined.Values[p.value]
		from, to := q.Parts.Line(p.line)
		q.Wire = slices.Replace(q.Wire, from, to, value...)
		if by := len(value) - (to - from); by != 0 {
			q.Parts.Resize(p.line, by)
		}
	}
	return true
}
