package columns

import (
	"time"

	"reprise/capture"
)

// recordSteps are how a template's records are made.
type recordSteps struct {
	body   []step
	fields []field  // the parts that are not the same in all records
	values []string // of all parts but the body: URL, headers, message
}

// field is a part of a record that becomes a string.
type field struct {
	part   int  // in values
	list   bool // its one step gives a value of a list, which is a string already
	from   int
	steps  []step
	length int
}

func (d *Decoder) recordSteps(t *shape) *recordSteps {
	r := &recordSteps{body: d.compile(nil, t, t.parts[partBody]), values: make([]string, len(t.parts)-1)}
	for k := partURL; k < len(t.parts); k++ {
		d.addField(r, t, k)
	}
	return r
}

// addField adds what makes a part of the template.
func (d *Decoder) addField(r *recordSteps, t *shape, k int) {
	i, steps := k-partURL, d.compile(nil, t, t.parts[k])
	switch {
	case len(steps) == 0:
	case len(steps) == 1 && steps[0].op == stepText:
		r.values[i] = steps[0].string()
	default:
		r.fields = append(r.fields, field{part: i, list: len(steps) == 1 && steps[0].listed(), steps: steps})
	}
}

// string returns the step's text. What many templates have is one string.
func (s *step) string() string {
	if s.n == nil {
		return string(s.text)
	}
	if s.n.entries.text == "" {
		s.n.entries.text = string(s.text)
	}
	return s.n.entries.text
}

// Next fills r with the next record, all but its sequence number. Its body is valid until the next call. It returns the record's time in
// nanoseconds since 1970. It is called as often as the block has records. After Project, of the record's strings those alone are
// there that were asked for.
func (d *Decoder) Next(r *capture.Record) (ns int64, err error) {
	t, ok := d.record()
	if !ok {
		return 0, d.give()
	}
	if d.some {
		return d.nextSome(r, t)
	}
	if t.record == nil {
		t.record = d.recordSteps(t)
	}
	w := t.record
	if len(t.early) > 0 && !d.ahead(t.early) {
		return 0, d.give()
	}
	if d.buf, ok = d.run(d.buf[:0], w.body); !ok {
		return 0, d.give()
	}
	d.length = len(d.buf)
	if !d.fill(w) {
		return 0, d.give()
	}
	at := d.at
	if ns, ok = d.done(t, len(d.buf)+len(d.text)); !ok {
		return 0, d.give()
	}
	d.head(r, t, at, ns)
	w.strings(r, t)
	if len(d.buf) > 0 {
		r.Body = d.buf[:len(d.buf):len(d.buf)]
	}
	n := len(t.names)
	if cap(d.headers) < n {
		d.headers = make([]capture.Header, n)
	}
	hs := d.headers[:n]
	for i := range hs {
		hs[i].Name, hs[i].Value = t.names[i], w.values[1+i]
	}
	r.Headers = hs
	return ns, nil
}

// strings sets URL and message.
func (w *recordSteps) strings(r *capture.Record, t *shape) {
	r.URL = w.values[0]
	w.message(r, t)
}

// message sets the message.
func (w *recordSteps) message(r *capture.Record, t *shape) {
	m := w.values[1+len(t.names):]
	r.Message.ID, r.Message.From, r.Message.To, r.Message.Text = m[partID], m[partFrom], m[partTo], m[partText]
}

// fill sets the values of the record under way. Those that are in no list are parts of one string.
func (d *Decoder) fill(w *recordSteps) (ok bool) {
	text := d.text[:0]
	for i := range w.fields {
		f := &w.fields[i]
		if f.list {
			if w.values[f.part], ok = d.listedString(&f.steps[0]); !ok {
				return false
			}
			continue
		}
		f.from = len(text)
		if text, ok = d.run(text, f.steps); !ok {
			return false
		}
		f.length = len(text) - f.from
	}
	d.text = text
	all := string(text)
	for i := range w.fields {
		if f := &w.fields[i]; !f.list {
			w.values[f.part] = all[f.from : f.from+f.length]
		}
	}
	return true
}

// listedString returns the value of a list that a step gives.
func (d *Decoder) listedString(s *step) (value string, ok bool) {
	n := s.n
	place, ok := d.pick(n, d.row(int(s.column)))
	if !ok {
		return "", false
	}
	if s.told {
		d.said[s.column], d.places[s.column] = n.value(place), place
	}
	if n.op == opKeyed && place >= uint32(n.first) {
		return n.other.string(place - uint32(n.first)), true
	}
	return n.entries.string(place), true
}

// head sets what a record has besides its template's values.
func (d *Decoder) head(r *capture.Record, t *shape, at int, ns int64) {
	*r = capture.Record{}
	r.Time, r.Method, r.Host, r.Vendor = time.Unix(0, ns).UTC(), t.method, t.host, t.vendor
	r.Kind, r.Origin = capture.Kind(d.columnOf[rowKind].at(at)), capture.Origin(d.columnOf[rowOrigin].at(at))
	r.Response.Status, r.Response.Latency = int(d.columnOf[rowStatus].at(at)), time.Duration(d.columnOf[rowLatency].at(at))
}
