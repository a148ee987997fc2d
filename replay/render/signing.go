package render

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/wire"
	"reprise/replay"
)

// signing is how a plan's requests are signed in place: the values of a signature are written where the head has room for them.
type signing struct {
	plan    dialect.SigningPlan
	lengths []int       // of the values of the last request, for which the next one has room
	lines   []signAt    // where the values stand
	reads   bool        // headers are read
	host    string      // that is sent
	url     string      // that is signed; "" where it is not the same in all
	form    *sortedForm // nil where there is none
}

// signAt is where the head has room for a value of a signature.
type signAt struct{ at, line, value int }

// planSigning plans how requests are signed that are finished as w is, but for values; without a plan they are signed as records.
func (m *plan) planSigning(r *Renderer, v *vendor, w *wire.Request, rec *capture.Record) {
	by, ok := v.signer.(dialect.Planned)
	if !ok || strings.Contains(w.Host, "\x00") {
		return
	}
	o := dialect.Outline{Method: w.Method, Headers: slices.Clone(w.Headers), Secret: v.secret, Empty: len(rec.Cuts.Template.Body) == 0}
	s := &signing{host: w.Host, url: r.o.SignURL}
	s.form, o.Form = m.planForm(w, rec)
	if s.plan = by.PlanSigning(&o); s.plan == nil {
		return
	}
	if s.url == "" && !m.varies {
		s.url = wire.SignedURL(w.Host, m.target)
	}
	s.lengths, s.reads = make([]int, o.Values()), o.Reads()
	m.signing, w.Headers = s, o.Headers
}

// planForm plans the fields of a form; ok is false where the bodies are none, or where keys come twice.
func (m *plan) planForm(w *wire.Request, rec *capture.Record) (f *sortedForm, ok bool) {
	t := rec.Cuts.Template
	if len(t.Body) == 0 || payload.Sniff(rec) != payload.Form || t.Body[0].Value || strings.Trim(t.Body[0].Text, "\xef\xbb\xbf \t\r\n") == "" {
		return nil, false
	}
	i := wire.Find(w.Headers, "Content-Type", 0)
	switch {
	case i < 0:
		return nil, false
	case strings.HasPrefix(w.Headers[i].Value, valueStands):
		if !m.saysForm(t) {
			return nil, false
		}
	case !payload.IsFormType(w.Headers[i].Value):
		return nil, false
	}
	content, ok := formPlaces(t.Body)
	if !ok {
		return nil, false
	}
	m.content = content
	return newSortedForm(t.Body, rec, m.body)
}

// signInPlace signs a request that is finished but for the values of its signature, of which d.signs has the places. It returns by how much they
// make it longer; ok is false where it is to be made anew, as a record.
func (r *Renderer) signInPlace(m *plan, dst []byte, target string, head int, at time.Time, q *replay.Request) (out []byte, grown int, ok bool) {
	d, s := &r.scratch, m.signing
	q.Parts.Set(m.method, len(target), d.lines, m.host, head, len(dst))
	if !d.signPlanned(m, dst, target, &q.Parts, at) {
		return dst, 0, false
	}
	o := &d.outlined
	for i := len(d.signs) - 1; i >= 0; i-- {
		p := &d.signs[i]
		value, room := o.Values[p.value], s.lengths[p.value]
		if more := len(value) - room; more != 0 {
			d.out = append(d.out[:0], dst[p.at+room:]...)
			dst = append(append(dst[:p.at], value...), d.out...)
			d.lines[p.line].Value += int32(more)
			grown += more
			continue
		}
		copy(dst[p.at:], value)
	}
	for i := range s.lengths {
		s.lengths[i] = len(o.Values[i])
	}
	return dst, grown, true
}

// signPlanned makes the values of a request's signature, which is finished but for them; false where they cannot be made.
func (d *scratch) signPlanned(m *plan, message []byte, target string, parts *wire.Parts, at time.Time) bool {
	s, o := m.signing, &d.outlined
	o.Reset(len(s.lengths))
	o.Body, o.Fields = message[parts.Head:], nil
	if s.form != nil {
		d.form, o.Fields = s.form, d.fields
	}
	if s.reads {
		d.message, d.told, o.Header = message, parts, d.header
	}
	url := s.url
	if url == "" {
		d.w.Host, d.w.URL = s.host, target
		url = d.signedURL()
	}
	return s.plan.SignPlanned(o, dialect.Signing{URL: url, Secret: m.vendor.secret, Now: at}) == nil
}

// valueOf is dialect.Outlined.Header of the request at hand.
func (d *scratch) valueOf(name string) []byte { return d.told.Value(d.message, name) }

// appendFields is dialect.Outlined.Fields of the request at hand.
func (d *scratch) appendFields(dst []byte) []byte {
	return d.form.append(dst, d.outlined.Body, d.places)
}

// sortedForm is how the fields of a template's forms are put in order, which is the same for all: no key comes twice.
type sortedForm struct {
	steps  []formStep
	values []formValue // in the order of the body
}

// formStep is text, and the value behind it: -1 is none.
type formStep struct {
	text  string
	value int
}

// formValue is where a value begins and ends that is not the same in all bodies, and how many slots begin before that.
type formValue struct {
	from, to            bodyPlace
	slotsFrom, slotsEnd int
}

// formItem is one field in the making.
type formItem struct {
	key, text []byte
	value     bool // there is more than text
	from, to  bodyPlace
}

// newSortedForm makes the form of a template's body, of which rec is one record, with those slots.
func newSortedForm(body []capture.Piece, rec *capture.Record, slots []bodySlot) (f *sortedForm, ok bool) {
	items := formItems(body)
	f = new(sortedForm)
	number := make(map[string]int)
	for i := range items {
		if it := &items[i]; it.value {
			before := func(at int32) int {
				return len(slots) - len(slices.DeleteFunc(slices.Clone(slots), func(s bodySlot) bool { return int32(s.span.Start) < at }))
			}
			number[string(it.key)] = len(f.values)
			f.values = append(f.values, formValue{it.from, it.to, before(it.from.in(rec.Cuts.Body)), before(it.to.in(rec.Cuts.Body))})
		}
	}
	slices.SortStableFunc(items, func(a, b formItem) int { return bytes.Compare(a.key, b.key) })
	var text []byte
	for i := range items {
		it := &items[i]
		if i > 0 && bytes.Equal(items[i-1].key, it.key) {
			return nil, false
		}
		text = append(text, it.key...)
		if it.value {
			f.steps = append(f.steps, formStep{string(text), number[string(it.key)]})
			text = text[:0]
			continue
		}
		text = payload.AppendDecodedForm(text, it.text)
	}
	f.steps = append(f.steps, formStep{string(text), -1})
	return f, true
}

// formItems cuts the pieces of a form, of which keys are text.
func formItems(pieces []capture.Piece) (items []formItem) {
	var it formItem
	said := false // = came
	end := func(at bodyPlace) {
		if len(it.key) > 0 || said {
			it.to = at
			it.key = payload.AppendDecodedForm(nil, it.key)
			items = append(items, it)
		}
		it, said = formItem{}, false
	}
	for i, p := range pieces {
		if p.Value {
			it.value = true
			continue
		}
		for k := range len(p.Text) {
			switch c := p.Text[k]; {
			case c == '&':
				end(bodyPlace{i - 1, int32(k)})
			case c == '=' && !said:
				said, it.from = true, bodyPlace{i - 1, int32(k + 1)}
			case said:
				it.text = append(it.text, c)
			default:
				it.key = append(it.key, c)
			}
		}
	}
	end(bodyPlace{len(pieces) - 1, 0})
	return items
}

// appendPlaces appends where the values of a form stand in a body whose pieces ended at ends, and by how much its slots have made it grow:
// grown says it before the first slot and behind each.
func (f *sortedForm) appendPlaces(dst, ends, grown []int32) []int32 {
	for i := range f.values {
		v := &f.values[i]
		dst = append(dst, v.from.in(ends)+grown[v.slotsFrom], v.to.in(ends)+grown[v.slotsEnd])
	}
	return dst
}

// append appends the fields of a body whose values stand at those places.
func (f *sortedForm) append(dst, body []byte, places []int32) []byte {
	for i := range f.steps {
		s := &f.steps[i]
		dst = append(dst, s.text...)
		if s.value < 0 {
			continue
		}
		raw := body[places[2*s.value]:places[2*s.value+1]]
		if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
			dst = append(dst, raw...)
		} else {
			dst = payload.AppendDecodedForm(dst, raw)
		}
	}
	return dst
}
