package columns

import (
	"slices"

	"reprise/capture"
)

// Fields says which strings of a record are asked for.
type Fields uint8

// The strings of a record that Project knows.
const (
	ID Fields = 1 << iota
	From
	To
	Text
	URL
)

// someSteps are how a part of a template's records is made.
type someSteps struct {
	columns []int // whose values the fields need, in the order of their numbers
	made    recordSteps
}

// Project begins with a block as Start does, of which Next gives no more than times, kinds, origins, responses, methods, hosts, vendors
// and the fields that are asked for. The sections of other columns are not unpacked, and not checked.
func (d *Decoder) Project(payload []byte, records int, first int64, fields Fields) error {
	d.some, d.part = true, fields
	if !d.readPlan(payload, records, first) {
		return d.give()
	}
	for i := range d.templates {
		if t := &d.templates[i]; t.used > 0 {
			t.some = d.someSteps(t)
		}
	}
	d.numberKeys()
	if d.plan.bad {
		return d.give()
	}
	return nil
}

// Head is what Project finds out of a record where no field is asked for.
type Head struct {
	Time     int64 // in nanoseconds since 1970
	Kind     capture.Kind
	Origin   capture.Origin
	Template int // its number, less than Templates
}

// NextHead is Next after a Project without fields; false after the last record.
func (d *Decoder) NextHead(h *Head) bool {
	if d.at >= d.count {
		return false
	}
	h.Time, h.Template = d.first+d.columnOf[rowTime].at(d.at), int(d.templateOf[d.at])
	h.Kind, h.Origin = capture.Kind(d.columnOf[rowKind].at(d.at)), capture.Origin(d.columnOf[rowOrigin].at(d.at))
	d.at++ // there are no columns whose rows would have to be counted
	return true
}

// Templates is how many templates the block has.
func (d *Decoder) Templates() int { return len(d.templates) }

// Route is what all records of a template have.
func (d *Decoder) Route(template int) (method, host, vendor string) {
	t := &d.templates[template]
	return t.method, t.host, t.vendor
}

// numberKeys has every template make what numbers keys that another one needs: keys are numbered as they come in all records.
func (d *Decoder) numberKeys() {
	keyed, some := make([]bool, len(d.columns)), false
	for i := range d.templates {
		if w := d.templates[i].some; w != nil {
			for _, c := range w.columns {
				keyed[c] = keyed[c] || d.columns[c].keyed()
				some = some || keyed[c]
			}
		}
	}
	if !some {
		return
	}
	mark := make([]int, len(d.columns))
	for i := range d.templates {
		t := &d.templates[i]
		if t.some == nil {
			continue
		}
		w := t.some.columns
		for _, c := range w {
			mark[c] = i + 1
		}
		for _, c := range t.columns {
			if keyed[c] && mark[c] != i+1 {
				mark[c] = i + 1
				w = append(w, c)
			}
		}
		for k := 0; k < len(w); k++ { // and what they follow from
			for _, to := range d.columns[w[k]].needs {
				if mark[to] != i+1 {
					mark[to] = i + 1
					w = append(w, to)
				}
			}
			d.load(&d.columns[w[k]])
		}
		slices.Sort(w)
		t.some.columns = w
	}
}

// places are where the fields stand in a template.
func (t *shape) places(fields Fields) (parts []int) {
	for k, f := range [...]Fields{partID: ID, partFrom: From, partTo: To, partText: Text} {
		if fields&f != 0 {
			parts = append(parts, partHeaders+len(t.names)+k)
		}
	}
	if fields&URL != 0 {
		parts = append(parts, partURL)
	}
	return parts
}

func (d *Decoder) someSteps(t *shape) *someSteps {
	w := &someSteps{}
	w.made.values = make([]string, len(t.parts)-1)
	for _, k := range t.places(d.part) {
		from := len(w.columns)
		for _, c := range t.parts[k] {
			if c.column >= 0 {
				w.columns = append(w.columns, c.column)
			}
		}
		for i := from; i < len(w.columns); i++ { // and those that they follow from
			for _, to := range d.columns[w.columns[i]].needs {
				if !slices.Contains(w.columns[from:], to) {
					w.columns = append(w.columns, to)
				}
			}
		}
		for _, c := range w.columns[from:] {
			d.load(&d.columns[c])
		}
		if d.plan.bad {
			return w
		}
		d.addField(&w.made, t, k)
		if n := len(w.made.fields); n > 0 && w.made.fields[n-1].part == k-partURL && w.made.fields[n-1].list && !d.follows(w.made.fields[n-1].steps[0].n) {
			w.columns = w.columns[:from]
		}
	}
	slices.Sort(w.columns)
	w.columns = slices.Compact(w.columns)
	return w
}

// follows says whether the value of a list is found by a key, which other columns make.
func (d *Decoder) follows(n *node) bool {
	return n.op == opKeyed || n.derived && d.columns[n.column].op == opKeyed
}

// nextSome is Next after Project.
func (d *Decoder) nextSome(r *capture.Record, t *shape) (ns int64, err error) {
	w := t.some
	if len(w.columns) > 0 && !d.ahead(w.columns) || !d.fill(&w.made) {
		return 0, d.give()
	}
	at := d.at
	ns, ok := d.done(t, len(d.early)+len(d.text))
	if !ok {
		return 0, d.give()
	}
	d.head(r, t, at, ns)
	w.made.strings(r, t)
	return ns, nil
}
