package logs

import (
	"bytes"
	"strconv"

	"reprise/capture"
	"reprise/capture/dialect"
)

// filteredValue is what stands in a log for a value that its writer was told to leave out.
const filteredValue = "[FILTERED]"

// fillParsed encodes a payload again that was logged as parsed, also where that stands as JSON in a string or a column. Any other text is the
// body as it was sent, and so is JSON in a string where all bodies are JSON.
func (p *plan) fillParsed(rec *capture.Record, sp span) *capture.Problem {
	if sp.kind == missing || sp.kind == jsonNull {
		return nil
	}
	if inner, of := p.typed(sp); of == "S" {
		sp = inner
	}
	form := p.m.BodyEncoding == EncodingForm
	if sp.kind == jsonString || sp.kind == plainText {
		p.body = p.decoded(p.body, sp)
		start := bytes.TrimLeft(p.body, " \t\r\n")
		asSent := p.m.BodyEncoding == EncodingJSON && sp.kind == jsonString
		if asSent || len(start) == 0 || start[0] != '{' && (form || start[0] != '[') {
			p.contentType = contentTypeOf(p.m.BodyEncoding != EncodingJSON)
			rec.Body = p.body
			return nil
		}
		var ok bool
		if sp, ok = p.parse(p.body); !ok {
			return problem(p.m.Body, reasonNotParsed)
		}
		p.body = p.body[:0]
	}
	form = form || p.m.BodyEncoding == EncodingParsed && p.texts(sp) && !p.sentAsJSON(sp)
	p.contentType = contentTypeOf(form)
	var ok bool
	if form {
		p.body, ok = p.form(p.body, sp)
	} else {
		p.body, ok = p.json(p.body, sp), true
	}
	if !ok {
		return problem(p.m.Body, reasonNotParsed)
	}
	if p.filtered {
		p.note(p.m.Body, "a value is not in the log: "+filteredValue+" stands for it")
	}
	rec.Body, p.rebuilt = p.body, true
	return nil
}

func contentTypeOf(form bool) string {
	if form {
		return "application/x-www-form-urlencoded"
	}
	return "application/json"
}

// texts says whether a payload's fields are texts alone, as those of a form are.
func (p *plan) texts(sp span) bool {
	if sp.kind != jsonObject {
		return false
	}
	p.on(sp.doc)
	p.scanner.i = sp.start
	return p.scanner.each(jsonObject, func(_, v span) bool { return v.kind == jsonString || v.kind == jsonNull })
}

// sentAsJSON says whether a payload is one that a vendor sends as JSON, although its fields are texts alone.
func (p *plan) sentAsJSON(sp span) bool { return knows(p.vendors, p.raw(sp), false) }

const reasonNotParsed = "not a payload's fields"

// decoded appends a string or a text of a column as what it stands for.
func (p *plan) decoded(dst []byte, sp span) []byte {
	if sp.kind != jsonString {
		return append(dst, p.raw(sp)...)
	}
	return unescape(dst, p.raw(sp))
}

// parse reads JSON that stood in a text. What it gives is valid until the next call.
func (p *plan) parse(text []byte) (sp span, ok bool) {
	i := len(p.levels) - 1 // which no document that is unwrapped has
	l := &p.levels[i]
	l.text = append(l.text[:0], text...)
	l.doc = l.text
	p.scanner.found, p.scanner.doc = p.one[:], uint8(i)
	ok = p.scanner.scan(l.doc, &node{slot: 0})
	return p.one[0], ok
}

// form appends the fields of an object, or of a list of names and values, as application/x-www-form-urlencoded.
func (p *plan) form(dst []byte, sp span) (out []byte, ok bool) {
	p.on(sp.doc)
	f := formWriter{p: p, out: dst, from: len(dst), ok: true, name: p.name[:0]}
	sp, f.typed = p.typedTree(sp)
	switch sp.kind {
	case jsonObject:
		p.scanner.i = sp.start
		p.scanner.each(jsonObject, func(key, v span) bool {
			f.name = unescape(f.name[:0], p.raw(key))
			f.value(v, true)
			return f.ok
		})
	case jsonArray:
		f.ok = p.scanner.pairs(sp, func(name, value span) bool {
			f.name = p.decoded(f.name[:0], name)
			f.value(value, true)
			return f.ok
		})
	default:
		return dst, false
	}
	p.name = f.name
	return f.out, f.ok
}

// formWriter writes the fields of a form.
type formWriter struct {
	p     *plan
	out   []byte
	from  int    // where in out the form begins
	name  []byte // of the field that is at hand
	typed bool
	depth int
	ok    bool
}

// deepest is how far the fields of a payload may be nested, as those who read forms bound it.
const deepest = 64

// value writes the field of the name or, of an object or an array, its fields: a[b] of an object, and of an array the name again, or a[]
// within brackets. Objects and arrays in an array have their numbers, as a[0][b].
func (f *formWriter) value(v span, top bool) {
	if f.typed {
		v, _ = f.p.typedIn(v)
	}
	f.depth++
	defer func() { f.depth-- }()
	s, name := &f.p.scanner, len(f.name)
	if f.depth > deepest {
		f.ok = false
		return
	}
	switch v.kind {
	case jsonObject:
		s.i = v.start
		s.each(jsonObject, func(key, v span) bool {
			f.name = append(unescape(append(f.name[:name], '['), f.p.raw(key)), ']')
			f.value(v, false)
			return f.ok
		})
	case jsonArray:
		index := int64(0)
		s.i = v.start
		s.each(jsonArray, func(_, v span) bool {
			switch {
			case v.kind == jsonObject && !f.typed || v.kind == jsonArray:
				f.name = append(strconv.AppendInt(append(f.name[:name], '['), index, 10), ']')
			case top:
				f.name = f.name[:name]
			default:
				f.name = append(f.name[:name], "[]"...)
			}
			index++
			f.value(v, false)
			return f.ok
		})
	default:
		f.scalar(v)
	}
}

func (f *formWriter) scalar(v span) {
	text := f.p.raw(v)
	switch v.kind {
	case jsonString:
		if !plain(text) {
			f.p.scratch = unescape(f.p.scratch[:0], text)
			text = f.p.scratch
		}
		if string(text) == filteredValue {
			f.p.filtered = true
		}
	case jsonNull:
		text = nil
	case jsonNumber, jsonBool:
	default:
		f.ok = false
	}
	if len(f.out)-f.from > maxLine {
		f.ok = false
		return
	}
	if len(f.out) > f.from {
		f.out = append(f.out, '&')
	}
	f.out = dialect.AppendForm(f.out, f.name)
	f.out = dialect.AppendForm(append(f.out, '='), text)
}

// json appends a value without the white space between its tokens.
func (p *plan) json(dst []byte, sp span) []byte {
	p.on(sp.doc)
	if bytes.Contains(p.raw(sp), []byte(`"`+filteredValue+`"`)) {
		p.filtered = true
	}
	if inner, typed := p.typedTree(sp); typed {
		return p.untyped(dst, inner, 0)
	}
	return compact(dst, p.quoted(sp))
}

// compact appends JSON that was scanned, without the white space between its tokens.
func compact(dst, raw []byte) []byte {
	for len(raw) > 0 {
		i := bytes.IndexAny(raw, "\" \t\r\n")
		if i < 0 {
			return append(dst, raw...)
		}
		dst, raw = append(dst, raw[:i]...), raw[i:]
		if raw[0] != '"' {
			raw = raw[1:]
			continue
		}
		end := 1
		for raw[end] != '"' {
			if raw[end] == '\\' {
				end++
			}
			end++
		}
		dst, raw = append(dst, raw[:end+1]...), raw[end+1:]
	}
	return dst
}
