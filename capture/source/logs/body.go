package logs

import (
	"bytes"
	"encoding/base64"

	"reprise/capture"
)

func (p *plan) fillBody(rec *capture.Record) *capture.Problem {
	sp := p.at(p.bodySlot)
	p.body = p.body[:0]
	if p.m.NoBody == NoBodySkip && sp.kind == missing && p.at(p.base64Slot).kind == missing {
		return problem("body", ReasonNoBody)
	}
	if other := p.at(p.base64Slot); other.kind != missing && sp.kind == missing {
		return p.fillBase64(rec, other)
	}
	if p.parsed {
		return p.fillParsed(rec, sp)
	}
	encoding := p.m.BodyEncoding
	if sp.kind == jsonObject {
		inner, of := p.typed(sp)
		switch of {
		case "B":
			sp, encoding = inner, EncodingBase64
		case "S":
			sp = inner
		}
	}
	switch sp.kind {
	case jsonString:
		p.body = unescape(p.body, p.raw(sp))
	case plainText:
		p.body = append(p.body, p.raw(sp)...)
	case missing, jsonNull:
	default:
		return problem(p.m.Body, reasonNotString)
	}
	switch encoding {
	case EncodingNginx:
		p.body = unescapeHex(p.body)
		if string(p.body) == "-" {
			p.body = p.body[:0]
		}
	case EncodingBase64:
		var ok bool
		if p.body, ok = decodeBase64(p.body); !ok {
			return problem(p.m.Body, reasonNotBase64)
		}
	}
	rec.Body = p.body
	return nil
}

// ReasonNoBody is the reason for which a request is left out whose body its log does not hold.
const ReasonNoBody = "its body is not in the log"

const reasonNotBase64 = "not base64"

// fillBase64 takes the body of a line that has it in base64 alone.
func (p *plan) fillBase64(rec *capture.Record, sp span) *capture.Problem {
	switch sp.kind {
	case jsonString:
		p.body = unescape(p.body, p.raw(sp))
	case plainText:
		p.body = append(p.body, p.raw(sp)...)
	default:
		return problem(p.m.BodyBase64, reasonNotString)
	}
	var ok bool
	if p.body, ok = decodeBase64(p.body); !ok {
		return problem(p.m.BodyBase64, reasonNotBase64)
	}
	rec.Body = p.body
	return nil
}

// decodeBase64 decodes in place, whichever of the alphabets and paddings it is.
func decodeBase64(b []byte) ([]byte, bool) {
	if string(b) == "-" { // as HAProxy writes nothing
		return b[:0], true
	}
	b = bytes.TrimRight(b, "=")
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(b, "-_") {
		enc = base64.RawURLEncoding
	}
	n, err := enc.Decode(b, b)
	return b[:n], err == nil
}
