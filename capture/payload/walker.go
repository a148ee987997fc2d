package payload

// Walker finds the values of a document of which nothing is known, one after another and in the order in which a Patch takes them: also
// those of JSON that stands in a value, and the keys that look like data or like an id. Its memory does not grow with their number.
//
//	var w payload.Walker
//	if err := w.Reset(payload.JSON, payload.InBody, body); err != nil {
//		return err
//	}
//	for w.Next() {
//		var span payload.Span
//		w.SetSpan(&span)
//	}
type Walker struct {
	outer Scanner
	inner Inner
	in    bool // the inner one is being walked
}

// maxInner is how long a value may be of which the JSON in it is walked: an Inner needs nine bytes for each of it.
const maxInner = 1 << 20

// Reset begins with src, a Form or JSON. All of it is read once before: the error is a *FieldError where it is not JSON, and then there
// is nothing to walk.
func (w *Walker) Reset(format Format, part Part, src []byte) error {
	w.in = false
	w.outer.ids, w.inner.ids = true, true
	w.outer.url = ""
	if format != JSON {
		w.outer.reset(part, Form, src)
		return nil
	}
	w.outer.resetJSON(part, src)
	for w.outer.NextToken() {
	}
	if err := w.outer.Err(); err != nil {
		return err
	}
	w.outer.resetJSON(part, src)
	return nil
}

// Next moves to the next value, or key, and returns false after the last one.
func (w *Walker) Next() bool {
	if w.in {
		if w.inner.NextToken() {
			return true
		}
		w.in = false
	}
	for w.outer.NextToken() {
		if !w.open() {
			return true
		}
		if w.inner.NextToken() {
			w.in = true
			return true
		}
	}
	return false
}

// open begins with the JSON that the value holds, if that can be read to its end.
func (w *Walker) open() bool {
	t := &w.outer.tok
	if t.kind != tokString && t.kind != tokForm || t.end-t.start > maxInner || !mayStartJSON(w.outer.src[t.start:t.end]) || !w.inner.OpenValue(&w.outer) {
		return false
	}
	for w.inner.NextToken() {
	}
	return w.inner.Err() == nil && w.inner.OpenValue(&w.outer)
}

// mayStartJSON says whether a value, as written, may begin with an object or an array.
func mayStartJSON(raw []byte) bool {
	if len(raw) < 2 {
		return false
	}
	switch raw[0] {
	case '{', '[', '\\', '%', '+', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// IsKey says whether Next stopped at a key, or at an item of a form that has no equals sign.
func (w *Walker) IsKey() bool {
	if w.in {
		return w.inner.IsKey()
	}
	return w.outer.IsKey() || w.outer.tok.kind == tokBare
}

// Name returns the value's name, see Scanner.Name; of one in a value it begins with that one's. It is valid until the next call of Next.
func (w *Walker) Name() []byte {
	if w.in {
		return w.inner.Name()
	}
	return w.outer.Name()
}

// SetSpan makes p, which is zero, the span of the value in src.
func (w *Walker) SetSpan(p *Span) {
	s := &w.outer
	switch {
	case w.in:
		w.inner.SetSpan(p)
	case s.mode == JSON:
		s.SetSpan(p)
	case w.IsKey():
		p.SetKey(s.part, s.src, s.tok.start, s.tok.end)
	default:
		p.SetForm(s.part, s.src, s.tok.start, s.tok.end)
	}
}
