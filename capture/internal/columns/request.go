package columns

import "slices"

// requestSteps are how a template's records are made as requests.
type requestSteps struct {
	body, head []step
	rest       []step // of the message, for the keys that they number
}

func (d *Decoder) requestSteps(t *shape) *requestSteps {
	text := func(steps []step, parts ...string) []step {
		for _, s := range parts {
			steps = addText(steps, []byte(s), nil)
		}
		return steps
	}
	r := &requestSteps{body: d.compile(nil, t, t.parts[partBody])}
	r.head = d.compile(text(nil, t.method, " "), t, t.parts[partURL])
	r.head = text(r.head, " HTTP/1.1\r\n")
	for i, name := range t.names {
		r.head = text(d.compile(text(r.head, name, ": "), t, t.parts[partHeaders+i]), "\r\n")
	}
	r.head = text(r.head, "\r\n")
	message := t.parts[partHeaders+len(t.names):]
	if slices.ContainsFunc(message, d.numbersKeys) { // by what another part says, perhaps
		for _, p := range message {
			r.rest = d.compile(r.rest, t, p)
		}
	}
	return r
}

// numbersKeys says whether the values of a part follow from keys, which are numbered as they come.
func (d *Decoder) numbersKeys(p part) bool {
	for i := range p {
		if c := p[i].column; c >= 0 && d.columns[c].keyed() {
			return true
		}
	}
	return false
}

func (n *node) keyed() bool {
	if n.op == opKeyed {
		return true
	}
	for i := range n.kids {
		if n.kids[i].keyed() {
			return true
		}
	}
	return false
}

// AppendRequest appends the next record as the bytes of an HTTP/1.1 request: the request line, the header lines as they are, an empty
// line, and the body. It returns the record's time in nanoseconds since 1970. It may be called in turn with Next.
func (d *Decoder) AppendRequest(dst []byte) (out []byte, ns int64, err error) {
	t, ok := d.record()
	if !ok || d.some {
		return dst, 0, d.give()
	}
	if t.request == nil {
		t.request = d.requestSteps(t)
	}
	w := t.request
	if len(t.early) > 0 && !d.ahead(t.early) {
		return dst, 0, d.give()
	}
	if d.buf, ok = d.run(d.buf[:0], w.body); !ok {
		return dst, 0, d.give()
	}
	d.length = len(d.buf)
	if out, ok = d.run(dst, w.head); !ok {
		return dst, 0, d.give()
	}
	out = append(out, d.buf...)
	size := len(out) - len(dst)
	if len(w.rest) > 0 {
		if d.text, ok = d.run(d.text[:0], w.rest); !ok {
			return dst, 0, d.give()
		}
	}
	if ns, ok = d.done(t, size); !ok {
		return dst, 0, d.give()
	}
	return out, ns, nil
}
