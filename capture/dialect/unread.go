package dialect

import (
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// RewriteUnread is Rewrite for a payload that no vendor's tables describe. All that stands in the body and in the query is offered as
// Unknown: the values of JSON that stands in a value too, and the keys that look like data or like an id, for which Field.Key is set. What
// is in the path is not offered. Its memory does not grow with the number of values. The error is a *payload.FieldError where the body is
// neither JSON nor a form that can be read to its end; then nothing was offered, and nothing has changed.
func (s *Schema) RewriteUnread(r *capture.Record, edit Edit) error {
	body := r.Body
	switch format := payload.Sniff(r); format {
	case payload.Empty:
	case payload.Opaque:
		return &payload.FieldError{Field: "body", Reason: "neither JSON nor a form"}
	default:
		made, err := RewriteValues(format, payload.InBody, body, edit)
		if err != nil {
			return err
		}
		body = made
	}
	if path, query, ok := strings.Cut(r.URL, "?"); ok {
		made, _ := RewriteValues(payload.Form, payload.InQuery, bytesOf(query), edit) // a form can always be read
		if string(made) != query {
			r.URL = path + "?" + string(made)
		}
	}
	setBody(r, body)
	f := finder{schema: s, want: ^Classes(0), variant: -1}
	f.headers(r)
	spliceHeaders(r, f.spans, edit)
	return nil
}

// RewriteValues offers the values and keys of a form or of JSON, of which nothing is known, and returns what is made of it: src itself
// where nothing changes. The error is a *payload.FieldError where src cannot be read to its end.
func RewriteValues(format payload.Format, part payload.Part, src []byte, edit Edit) ([]byte, error) {
	var w payload.Walker
	if err := w.Reset(format, part, src); err != nil {
		return nil, err
	}
	p := payload.NewPatch(src)
	name := ""
	for w.Next() {
		var s payload.Span
		if w.SetSpan(&s); p.Passed(&s) {
			continue // it went with its key
		}
		if n := lastOf(w.Name()); name != string(n) {
			name = string(n)
		}
		f := Field{Part: part, Name: name, Literal: s.Literal, Key: w.IsKey()}
		if raw := src[s.Start:s.End]; s.Plain {
			f.Value = string(raw)
		} else {
			f.Value = string(s.Decode(nil, raw))
		}
		value, op := edit(f)
		if op == Remove && p.Remove(&s) {
			continue
		}
		value, changed := answer(f, value, op)
		if f.Literal && changed && !payload.IsLiteral([]byte(value)) {
			value = f.Blank()
		}
		if changed {
			p.Set(&s, value)
		}
	}
	return p.Finish(), nil
}

// maxFieldName is how much of a field's name is told: its end. In a hostile document names are long, and as many as values.
const maxFieldName = 256

func lastOf(name []byte) []byte { return name[max(0, len(name)-maxFieldName):] }
