package logs

import (
	"bytes"

	"reprise/capture"
)

const (
	// maxUnwrap is how many places Map.Unwrap may have, and maxQuoted how often JSON may stand in a string in a string.
	maxUnwrap = 16
	maxQuoted = 8
)

// level is a document on the way to a request: the line, or what Map.Unwrap takes out of the level above.
type level struct {
	doc   []byte // what spans of this level are offsets into
	found []span // by slot
	text  []byte // memory of a document that stood in a string
	// list is the array whose elements are documents of this level, and next the offset of the one that comes next; nil where
	// there is none.
	list []byte
	next int
}

// open reads a line and what it wraps, up to its first request.
func (p *plan) open(line []byte) *capture.Problem {
	p.forget()
	p.depth = 0
	top := &p.levels[0]
	if p.rows != nil {
		if reason := p.rows.parse(line, top); reason != "" {
			return problem("", reason)
		}
	} else {
		p.scanner.found, p.scanner.doc = top.found, 0
		if !p.scanned && !p.scanner.scan(line, p.wanted) {
			return problem("", ReasonNotJSON)
		}
		p.scanned = false
		top.doc = line
	}
	if len(p.unwrap) == 0 {
		return nil
	}
	if !p.unwrapped {
		return p.descend(0)
	}
	p.levels[1].doc = top.doc
	copy(p.levels[1].found, top.found)
	clear(top.found)
	return p.descend(1)
}

// forget leaves the requests that the line still has.
func (p *plan) forget() {
	for i := range p.levels {
		p.levels[i].list = nil
	}
}

// more says whether the line that was opened has another request, of an array.
func (p *plan) more() bool {
	for i := 1; i < len(p.levels); i++ {
		if p.levels[i].list != nil {
			return true
		}
	}
	return false
}

// again goes on to the next request of the line.
func (p *plan) again() *capture.Problem {
	for i := len(p.levels) - 1; i > 0; i-- {
		if p.levels[i].list == nil {
			continue
		}
		p.depth = i - 1
		if bad := p.element(i); bad != nil {
			return bad
		}
		return p.descend(i)
	}
	return nil
}

// descend takes one document out of another, from the level from on.
func (p *plan) descend(from int) *capture.Problem {
	for i := from; i < len(p.unwrap); i++ {
		p.depth = i
		if bad := p.unwrapAt(i, p.levels[i].found[p.unwrap[i]]); bad != nil {
			return bad
		}
	}
	p.depth = len(p.unwrap)
	return nil
}

// unwrapAt makes the level below i of a value of it.
func (p *plan) unwrapAt(i int, sp span) *capture.Problem {
	if sp.doc = uint8(i); sp.kind == jsonObject {
		sp, _ = p.typed(sp)
	}
	raw, below := p.levels[i].doc[sp.start:sp.end], &p.levels[i+1]
	switch sp.kind {
	case missing, jsonNull:
		return problem(p.m.Unwrap[i], reasonMissing)
	case jsonObject:
		return p.enter(i+1, raw)
	case jsonArray:
		below.list, below.next = raw, 1
		return p.element(i + 1)
	case jsonString:
		below.text = unescape(below.text[:0], raw)
	case plainText:
		below.text = append(below.text[:0], raw...)
	default:
		return problem(p.m.Unwrap[i], reasonNoObject)
	}
	return p.enterText(i + 1)
}

// element makes the level i of the next element of its array.
func (p *plan) element(i int) *capture.Problem {
	l := &p.levels[i]
	walk := scanner{line: l.list, i: l.next, found: p.one[:]}
	walk.space()
	if walk.take(']') { // an empty one
		l.list = nil
		return problem(p.m.Unwrap[i-1], reasonEmpty)
	}
	p.one[0] = span{}
	ok := walk.value(&node{slot: 0}, 0)
	element := p.one[0]
	list := l.list
	walk.space()
	if walk.take(',') && ok {
		l.next = walk.i
	} else {
		l.list = nil
	}
	if element.kind == jsonObject {
		p.scanner.line, p.scanner.doc = list, uint8(i)
		element, _ = p.typedIn(element)
	}
	raw := list[element.start:element.end]
	switch element.kind {
	case jsonObject:
		return p.enter(i, raw)
	case jsonString:
		l.text = unescape(l.text[:0], raw)
		return p.enterText(i)
	}
	return problem(p.m.Unwrap[i-1], reasonNoObject)
}

// enterText makes the level i of the text that it holds: JSON, also in a string, or what the pattern is for.
func (p *plan) enterText(i int) *capture.Problem {
	l := &p.levels[i]
	for range maxQuoted {
		l.text = bytes.TrimSpace(l.text)
		if len(l.text) == 0 || l.text[0] != '"' {
			break
		}
		p.scanner.found, p.scanner.doc = p.one[:], uint8(i)
		if !p.scanner.scan(l.text, &node{slot: 0}) {
			break
		}
		l.text = unescape(l.text[:0], l.text[p.one[0].start:p.one[0].end])
	}
	switch {
	case len(l.text) > 0 && l.text[0] == '{':
		return p.enter(i, l.text)
	case len(l.text) > 0 && l.text[0] == '[':
		p.scanner.found, p.scanner.doc = p.one[:], uint8(i)
		if !p.scanner.scan(l.text, &node{slot: 0}) {
			return problem(p.m.Unwrap[i-1], reasonNoObject)
		}
		l.list = append([]byte(nil), l.text...) // its elements use the text's memory
		l.next = 1
		return p.element(i)
	case p.inner != nil:
		if reason := p.inner.parse(l.text, l); reason != "" {
			return problem(p.m.Unwrap[i-1], reason)
		}
		return nil
	}
	return problem(p.m.Unwrap[i-1], reasonNoObject)
}

// enter makes the level i of a document.
func (p *plan) enter(i int, doc []byte) *capture.Problem {
	l := &p.levels[i]
	p.scanner.found, p.scanner.doc = l.found, uint8(i)
	if !p.scanner.scan(doc, p.wanted) {
		return problem(p.m.Unwrap[i-1], reasonNoObject)
	}
	l.doc = doc
	return nil
}

// valid says whether a text is one JSON value.
func (p *plan) valid(text []byte) bool {
	p.scanner.found, p.scanner.doc = p.one[:], 0
	return p.scanner.scan(text, nil)
}

// object scans the object that a text begins with, for the line that comes next, and says how long it is; 0 where it is none or not
// whole.
func (p *plan) object(text []byte) int {
	p.scanner.found, p.scanner.doc = p.levels[0].found, 0
	p.scanned = p.scanner.prefix(text, p.wanted)
	if !p.scanned {
		return 0
	}
	return p.scanner.i
}
