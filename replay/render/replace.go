package render

import (
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// replace is the change of a field by Render.
func (r *Renderer) replace(dst []byte, s *dialect.Span, value []byte) ([]byte, bool) {
	switch s.Class {
	case dialect.ID:
		if s.Literal && !isNumber(value) {
			return dst, false
		}
		return encode(dst, s, r.ids.of(value)), true
	case dialect.Person:
		raw := r.scratch.known(value)
		number, ok := r.sender.of(raw, r.person)
		if !ok {
			r.same = r.same || r.person > 0
			return dst, false
		}
		return encodeNumber(dst, s, sms.Restyle(raw, number))
	case dialect.Business:
		if s.Literal && !allDigits(value) {
			return dst, false // null
		}
		number, ok := r.recipient(r.scratch.known(value))
		if !ok {
			return dst, false
		}
		return encodeNumber(dst, s, number)
	case dialect.Time:
		return r.restamp(dst, s, value)
	}
	return dst, false
}

// restamp moves a time.
func (r *Renderer) restamp(dst []byte, s *dialect.Span, value []byte) ([]byte, bool) {
	if s.Literal && (value[0] < '0' || value[0] > '9') {
		return dst, false // null
	}
	if string(value) == "0" {
		return dst, false // none
	}
	var ok bool
	by := r.by
	if s.Part == payload.InHeader {
		by += r.overdue
	}
	if r.made, ok = payload.AppendMoved(r.made[:0], value, r.scratch.w.Time, by); !ok {
		r.unstamped = true
		return dst, false
	}
	r.moved = true
	return encode(dst, s, r.made), true
}

// known returns value as a string, of the record's own where it can be.
func (d *scratch) known(value []byte) string {
	switch m := &d.w.Message; string(value) {
	case m.From:
		return m.From
	case m.To:
		return m.To
	}
	return d.text.String(value)
}

// encode writes a value whose characters are of the same sorts as the old one's, place for place.
func encode(dst []byte, s *dialect.Span, value []byte) []byte {
	if s.Plain || s.Literal {
		return append(dst, value...)
	}
	return s.Encode(dst, string(value))
}

// encodeNumber writes a telephone number. One that was a JSON number stays one, if need be without its plus.
func encodeNumber(dst []byte, s *dialect.Span, number string) ([]byte, bool) {
	if !s.Literal {
		return s.Encode(dst, number), true
	}
	digits := strings.TrimPrefix(number, "+")
	if digits == "" || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return dst, false
	}
	return append(dst, digits...), true
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}
