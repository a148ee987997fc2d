package payload

import "bytes"

// Inner reads the JSON that stands in a value: in a string of JSON, which may itself stand in one, or in a value of a form. Its spans
// are those of the document around it all, so that a Patch of that takes them.
//
//	if in.Open(&span, body, name) {
//		for in.NextToken() {
//			in.SetSpan(...)
//		}
//	}
type Inner struct {
	Scanner
	part    Part
	outer   notation
	deep    uint8  // strings of JSON between the document around and this one
	around  []byte // the document around
	decoded []byte
	at      []int // where in the document each byte of decoded begins, and where the last one ends
}

// Open begins with the value at span v of src, which has that name: the names of what is in it begin with it and a dot. It answers
// whether an object or an array begins there; what is wrong behind that, Err tells. src must not change meanwhile.
func (n *Inner) Open(v *Span, src []byte, name []byte) bool {
	n.part, n.outer, n.deep, n.around = v.Part, v.style.notation, 0, src
	if v.Literal || n.outer != jsonString && n.outer != formValue || v.style.outer != asIs {
		return false
	}
	n.decode(n.outer, v, src[v.Start:v.End])
	return n.begin(name)
}

// maxDeep is how many strings of JSON may stand in another one, in which there is more: each is looked through once more.
const maxDeep = 4

// OpenIn is Open with the value that o stands at, which is in the same document around. o must not move meanwhile.
func (n *Inner) OpenIn(o *Inner) bool {
	var v Span
	o.Scanner.SetSpan(&v)
	if v.Literal || v.style.notation != jsonString || o.deep == maxDeep {
		return false
	}
	n.part, n.outer, n.deep, n.around = o.part, o.outer, o.deep+1, o.around
	n.decode(jsonString, &v, o.decoded[v.Start:v.End])
	for i, at := range n.at {
		n.at[i] = o.at[at]
	}
	return n.begin(o.Name())
}

// begin begins with what was decoded.
func (n *Inner) begin(name []byte) bool {
	if !StartsJSON(n.decoded) {
		return false
	}
	n.url = ""
	n.resetJSON(n.part, n.decoded)
	n.extend(name)
	return n.Err() == nil
}

// OpenValue is Open with the value that a scanner stands at.
func (n *Inner) OpenValue(s *Scanner) bool {
	var v Span
	switch {
	case s.mode == JSON:
		s.SetSpan(&v)
	case s.mode == Form && s.tok.kind == tokForm:
		v.SetForm(s.part, s.src, s.tok.start, s.tok.end)
	}
	return n.Open(&v, s.src, s.Name())
}

// IsObject says whether it is an object, rather than an array.
func (n *Inner) IsObject() bool {
	return len(n.decoded) > 0 && bytes.TrimLeft(n.decoded[skipMark(n.decoded):], " \t\r\n")[0] == '{'
}

// decode decodes raw, the value at v, and notes where each byte comes from.
func (n *Inner) decode(by notation, v *Span, raw []byte) {
	n.decoded, n.at = n.decoded[:0], n.at[:0]
	for i := 0; i < len(raw); {
		size := 1
		switch by {
		case jsonString:
			if raw[i] == '\\' {
				size = max(escapeLength(raw[i:]), 1)
				if size == 6 { // which may be the first half of a character
					_, size = decodeUnicode(raw[i:])
				}
			}
			n.decoded = appendDecodedJSON(n.decoded, raw[i:i+size])
		default:
			if _, ok := escapedByte(raw[i:]); ok {
				size = 3
			}
			n.decoded = appendDecodedForm(n.decoded, raw[i:i+size])
		}
		for len(n.at) < len(n.decoded) {
			n.at = append(n.at, v.Start+i)
		}
		i += size
	}
	n.at = append(n.at, v.End)
}

// SetSpan makes p, which is zero, the span of the token that NextToken stopped at, in the document around.
func (n *Inner) SetSpan(p *Span) {
	n.Scanner.SetSpan(p)
	p.Part = n.part
	decoded := n.decoded[p.Start:p.End]
	p.Start, p.End = n.at[p.Start], n.at[p.End]
	p.Plain = p.Plain && string(decoded) == string(n.around[p.Start:p.End]) // a + is as long as the space that it stands for
	p.style.outer, p.style.deep = n.outer, n.deep
}
