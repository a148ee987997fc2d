package payload

// Inner reads the JSON that stands in a value: in a string of JSON, or in a value of a form. Its spans are those of the document
// around it, so that a Patch of that takes them.
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
	around  []byte // the document around
	decoded []byte
	at      []int // where in the document each byte of decoded begins, and where the last one ends
}

// Open begins with the value at span v of src, which has that name: the names of what is in it begin with it and a dot. It answers
// whether an object or an array begins there; what is wrong behind that, Err tells. src must not change meanwhile.
func (n *Inner) Open(v *Span, src []byte, name []byte) bool {
	n.part, n.outer, n.around = v.Part, v.style.notation, src
	if v.Literal || n.outer != jsonString && n.outer != formValue || v.style.outer != asIs {
		return false
	}
	n.decode(v, src[v.Start:v.End])
	if !StartsJSON(n.decoded) {
		return false
	}
	n.url = ""
	n.resetJSON(v.Part, n.decoded)
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

// decode decodes raw, the value at v, and notes where each byte comes from.
func (n *Inner) decode(v *Span, raw []byte) {
	n.decoded, n.at = n.decoded[:0], n.at[:0]
	for i := 0; i < len(raw); {
		size := 1
		switch n.outer {
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
	p.style.outer = n.outer
}
