package render

import (
	"slices"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/wire"
)

// What stands for a value, and for the mark of record and copy, while a plan's headers are made ready. No header holds a NUL.
const (
	markStands  = "\x00m\x00"
	valueStands = "\x00v"
)

// newPlan makes the plan of a record's template. It is nil where there is none; again says that another record may have one.
func (r *Renderer) newPlan(rec *capture.Record, want dialect.Classes) (m *plan, again bool) {
	v := r.vendorOf(rec.Vendor)
	if v.signer != nil && v.keys != nil { // the request's own values may choose the key
		return nil, false
	}
	rec.MakeWhole()
	m = &plan{kind: rec.Kind, want: want, vendor: v, keyed: v.signer != nil}
	var spans []dialect.Span
	m.recorded = r.recorded && want == 0 && !m.keyed
	unsigns := v.dialect != nil && m.unsigns() && v.dialect.UnsignsFields(m.recorded)
	if v.dialect != nil && (want != 0 || unsigns) {
		var ok bool
		if spans, ok, again = m.locate(v.dialect, rec, want); !ok {
			return nil, again
		}
	}
	if unsigns && hasSecrets(v.dialect, rec) {
		return nil, false
	}
	slots, ok := m.place(rec, spans)
	if !ok || !m.makeHead(r, v, rec, slots) {
		return nil, false
	}
	m.planTimes(r, v)
	return m, false
}

// unsigns says whether recorded signatures go.
func (m *plan) unsigns() bool {
	return m.vendor.stale || m.vendor.keys != nil && m.vendor.dialect != nil
}

// hasSecrets says whether there is a secret in the body or the query of a record, or can be one in another record.
func hasSecrets(by *dialect.Vendor, rec *capture.Record) bool {
	spans, fixed, err := by.LocateFixed(nil, rec, dialect.ClassSet(dialect.Secret))
	return err != nil || !fixed || slices.ContainsFunc(spans, func(s dialect.Span) bool { return s.Part != payload.InHeader })
}

// locate finds the fields, and where values must be of some sort for others to have them in the same places.
func (m *plan) locate(by *dialect.Vendor, rec *capture.Record, want dialect.Classes) (spans []dialect.Span, ok, again bool) {
	t := rec.Cuts.Template
	switch format := payload.Sniff(rec); {
	case len(t.Body) == 0:
	case t.Body[0].Value || strings.Trim(t.Body[0].Text, "\xef\xbb\xbf \t\r\n") == "":
		return nil, false, false
	case format == payload.JSON:
		m.content, ok = jsonPlaces(t.Body)
	case format == payload.Form:
		m.content, ok = formPlaces(t.Body)
		ok = ok && m.saysForm(t)
	}
	if !ok && len(t.Body) > 0 || !m.places(t.URL, want) {
		return nil, false, false
	}
	for i, p := range t.Body { // of what is empty nobody can tell where it is
		if p.Value && len(between(rec.Body, rec.Cuts.Body, i)) == 0 {
			return nil, false, true
		}
	}
	if !m.content.holds(rec.Body, rec.Cuts.Body) || !m.holds(rec.Cuts) {
		return nil, false, true
	}
	spans, fixed, err := by.LocateFixed(nil, rec, want)
	return spans, fixed && err == nil, false
}

// saysForm has it checked that the Content-Type says that the body is a form; false where that cannot be.
func (m *plan) saysForm(t *capture.Template) bool {
	k := valuesIn(t.URL)
	for _, h := range t.Headers {
		if capture.SameName(h.Name, "Content-Type") {
			if len(h.Value) == 1 && h.Value[0].Value {
				m.formType = k + 1
				return true
			}
			return len(h.Value) == 1 && payload.IsFormType(h.Value[0].Text)
		}
		k += valuesIn(h.Value)
	}
	return false
}

// valuesIn counts the values among pieces.
func valuesIn(pieces []capture.Piece) (n int) {
	for i := range pieces {
		if pieces[i].Value {
			n++
		}
	}
	return n
}

// places finds the places of a URL. Numbers in a path may be addresses, and are not looked for where they are not always the same.
func (m *plan) places(url []capture.Piece, want dialect.Classes) bool {
	query, value := false, false
	for _, p := range url {
		switch {
		case p.Value && query:
			if !value {
				return false
			}
			m.url.add(len(m.url.pieces), sortForm)
		case p.Value:
			if want.Has(dialect.Business) {
				return false
			}
			m.url.add(len(m.url.pieces), sortPath)
		default:
			for _, c := range []byte(p.Text) {
				switch {
				case c == '?' && !query:
					query = true
				case query && c == '&':
					value = false
				case query && c == '=':
					value = true
				}
			}
		}
	}
	return true
}

func (s *steady) add(piece int, of valueSort) {
	s.pieces, s.sorts = append(s.pieces, piece), append(s.sorts, of)
}

// place says where the fields stand among the pieces. Those of headers are returned by the header.
func (m *plan) place(rec *capture.Record, spans []dialect.Span) (headers map[int]dialect.Span, ok bool) {
	headers = make(map[int]dialect.Span)
	done := 0
	for _, s := range spans {
		switch s.Part {
		case payload.InBody:
			if s.Start < done || s.End < s.Start || s.End > len(rec.Body) {
				return nil, false
			}
			done = s.End
			b := bodySlot{span: s}
			if b.from, ok = place(rec, s.Start); ok {
				b.to, ok = place(rec, s.End)
			}
			if !ok {
				return nil, false
			}
			m.body = append(m.body, b)
		case payload.InHeader:
			if _, twice := headers[s.Header]; twice || s.Start != 0 || s.End != len(rec.Headers[s.Header].Value) {
				return nil, false
			}
			headers[s.Header] = s
		default:
			return nil, false
		}
	}
	return headers, true
}

// place finds a place in the body; ok is false within a value.
func place(rec *capture.Record, at int) (p bodyPlace, ok bool) {
	ends, n := rec.Cuts.Body, 0
	for n < len(ends) && int(ends[n]) <= at {
		n++
	}
	p = bodyPlace{n - 1, int32(at)}
	if n > 0 {
		p.behind -= ends[n-1]
	}
	return p, p.behind == 0 || !rec.Cuts.Template.Body[n].Value
}

// makeHead makes the steps of the head, of headers that go the way of any other request's.
func (m *plan) makeHead(r *Renderer, v *vendor, rec *capture.Record, slots map[int]dialect.Span) bool {
	t := rec.Cuts.Template
	var w wire.Request
	w.Record = *rec
	w.Cuts = nil
	w.Headers = make([]capture.Header, len(t.Headers))
	first := make([]int, len(t.Headers)) // value of each header
	values := valuesIn(t.URL)
	for i, h := range t.Headers {
		first[i] = values
		w.Headers[i] = rec.Headers[i]
		n := valuesIn(h.Value)
		values += n
		_, slot := slots[i]
		if n == 0 && !slot {
			if wire.HasBreak(rec.Headers[i].Value) {
				return false
			}
			continue
		}
		switch wire.RoleOf(h.Name) {
		case wire.RoleTransfer, wire.RoleConnection:
			return false
		}
		if m.unsigns() && v.dialect.UnsignReads(h.Name, m.recorded) {
			if m.keyed || slot {
				return false
			}
			m.stay = append(m.stay, headSlot{name: h.Name, first: first[i], pieces: h.Value})
		}
		w.Headers[i].Value = valueStands + strconv.Itoa(i) + "\x00"
	}
	if !m.finish(r, v, &w, rec) {
		return false
	}
	return m.steps(&w, t, first, slots)
}

// finish does with headers what Render does.
func (m *plan) finish(r *Renderer, v *vendor, w *wire.Request, rec *capture.Record) bool {
	host, ok := r.host(rec)
	edited := w.Frame(&wire.Roles{Watch: r.scratch.roles.Watch}, host)
	if m.varies = valuesIn(rec.Cuts.Template.URL) > 0; !m.varies {
		url, bad := r.scratch.targets.of(w.URL)
		w.URL, w.Bad = url, w.Bad || bad
	}
	w.Bad = w.Bad || !ok
	if m.unsigns() {
		v.dialect.Unsign(&w.Record, m.recorded)
	}
	w.CheckMethod()
	r.editBy(w, markStands, edited || !r.adding)
	if w.Chunked || w.Method != rec.Method {
		return false
	}
	m.method = len(w.Method)
	if m.target = w.URL; m.keyed {
		m.planSigning(r, v, w, rec)
	}
	framed := len(w.Headers)
	if w.Measure(&r.scratch.text); m.keyed && m.signing == nil && (len(w.Headers) > framed || wire.Find(w.Headers, "Host", 0) < 0) {
		return false // a signature's header would come before one that is added
	}
	m.bad = w.Bad
	return true
}

// steps makes the steps of finished headers.
func (m *plan) steps(w *wire.Request, t *capture.Template, first []int, slots map[int]dialect.Span) bool {
	text := w.Method + " "
	add := func(s headStep) {
		if text != "" {
			m.head = append(m.head, headStep{op: opText, text: text, line: -1})
			text = ""
		}
		m.head = append(m.head, s)
	}
	if m.varies {
		add(headStep{op: opTarget, line: -1})
	} else {
		text += m.target
	}
	text += " HTTP/1.1\r\n"
	headers := w.Headers
	if m.host = wire.Find(headers, "Host", 0); m.host < 0 {
		headers = append([]capture.Header{{Name: "Host", Value: w.Host}}, headers...)
		m.host = 0
	}
	length := wire.Find(headers, "Content-Length", 0)
	for i, h := range headers {
		line := wire.Line{Name: int32(len(h.Name))}
		text += h.Name + ": "
		if i == length {
			add(headStep{op: opLength, line: i})
		} else {
			for rest := h.Value; rest != ""; {
				before, stands, found := strings.Cut(rest, "\x00")
				text, line.Value = text+before, line.Value+int32(len(before))
				if !found {
					break
				}
				var name string
				name, rest, _ = strings.Cut(stands, "\x00")
				if name == "m" {
					add(headStep{op: opMark, line: i})
					continue
				}
				if value, ok := dialect.OutlinedValue(h.Value); ok {
					add(headStep{op: opSign, line: i, k: value})
					m.signing.lines = append(m.signing.lines, signAt{line: i, value: value})
					continue
				}
				k, err := strconv.Atoi(strings.TrimPrefix(name, "v"))
				if err != nil {
					return false
				}
				if span, slot := slots[k]; slot {
					delete(slots, k)
					add(headStep{op: opSlot, line: i, slot: &headSlot{first: first[k], span: span, pieces: t.Headers[k].Value}})
					continue
				}
				value := first[k]
				for _, p := range t.Headers[k].Value {
					if p.Value {
						add(headStep{op: opValue, line: i, k: value})
						value++
					} else {
						text, line.Value = text+p.Text, line.Value+int32(len(p.Text))
					}
				}
			}
		}
		m.lines = append(m.lines, line)
		text += "\r\n"
	}
	m.head = append(m.head, headStep{op: opText, text: text + "\r\n", line: -1})
	for k, span := range slots {
		m.head = append(m.head, headStep{op: opReplace, line: -1, slot: &headSlot{first: first[k], span: span, pieces: t.Headers[k].Value}})
	}
	return true
}
