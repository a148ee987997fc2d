package dialect

import "bytes"

// remove takes away the field that s stands at, with its name and one of the marks around it, and says whether it could: a body that
// is one value has no name, and a key that looks like data is emptied in JSON.
func (p *patch) remove(s *Scanner) bool {
	var start, end int
	var comma byte
	switch {
	case s.mode == modeForm:
		comma = '&'
		start, end = s.tok.start, s.tok.end
		for start > 0 && p.src[start-1] != comma {
			start--
		}
		if i := bytes.IndexByte(p.src[end:], comma); i >= 0 {
			end += i
		} else {
			end = len(p.src)
		}
	case s.mode == modeJSON && s.tok.kind != tokKey && s.json.depth > 0:
		comma = ','
		start, end = memberOf(p.src, s.tok)
	default:
		return false
	}
	if start < p.done {
		return false // a part of it was replaced
	}
	p.open(start, end)
	p.removed = true
	rest := p.src[end:]
	if comma == ',' {
		rest = bytes.TrimLeft(rest, jsonSpace)
	}
	if len(rest) > 0 && rest[0] == comma {
		rest = rest[1:]
		if comma == ',' {
			rest = bytes.TrimLeft(rest, jsonSpace)
		}
		p.done = len(p.src) - len(rest)
		return true
	}
	if before := bytes.TrimRight(p.out, spaceOf(comma)); len(before) > 0 && before[len(before)-1] == comma {
		p.out = before[:len(before)-1] // it was the last one
	}
	return true
}

const jsonSpace = " \t\r\n"

func spaceOf(comma byte) string {
	if comma == ',' {
		return jsonSpace
	}
	return ""
}

// memberOf returns where the member of an object, or the element of an array, begins and ends that has a token for its value.
func memberOf(src []byte, t token) (start, end int) {
	start, end = t.start, t.end
	if t.kind == tokString {
		start, end = start-1, end+1 // the quotes
	}
	before := bytes.TrimRight(src[:start], jsonSpace)
	if len(before) == 0 || before[len(before)-1] != ':' {
		return start, end
	}
	before = bytes.TrimRight(before[:len(before)-1], jsonSpace)
	for i := len(before) - 2; i >= 0; i-- {
		if before[i] != '"' {
			continue
		}
		escapes := len(before[:i]) - len(bytes.TrimRight(before[:i], `\`))
		if escapes%2 == 0 {
			return i, end
		}
	}
	return start, end
}
