package logs

import "bytes"

// large reads one object that is too long to be held, where the first place of Map.Unwrap is an array in it, as exports of logs in one
// document have it: the elements of the array are read one after another, and what stands beside it is passed over.
type large struct {
	plan   *plan
	inside int // objects that the array is in; 0 where none was entered
}

// entered says whether what is read is within one.
func (l *large) entered() bool { return l != nil && l.inside > 0 }

// enter has o go on within the array of the object that its window begins with; false where there is none.
func (l *large) enter(o *objects) bool {
	if l == nil || l.inside > 0 || len(l.plan.unwrap) == 0 {
		return false
	}
	path := tokens(l.plan.m.Unwrap[0])
	at := arrayAt(o.Data(), path)
	if at == 0 {
		return false
	}
	l.inside = len(path)
	o.Take(at)
	o.arrays = 1
	l.plan.unwrapped = true
	return true
}

// leave has o go on behind the object.
func (l *large) leave(o *objects) {
	c := cutter{depth: l.inside, before: ']'}
	l.inside, l.plan.unwrapped = 0, false
	for {
		n := c.end(o.Data())
		if n > 0 {
			o.Take(n)
			return
		}
		n = c.looked()
		c.drop(n)
		o.Take(n)
		if !o.More() {
			o.Take(len(o.Data()))
			return
		}
	}
}

// arrayAt is where the first element stands of the array that a path leads to, in the object that text begins with and may end within;
// 0 where there is none.
func arrayAt(text []byte, path []string) int {
	s := scanner{line: text}
	for _, name := range path {
		if s.space(); !s.take('{') || !s.goTo(name) {
			return 0
		}
	}
	if !s.take('[') {
		return 0
	}
	return s.i
}

// goTo goes to the value of a member of the object that s is in.
func (s *scanner) goTo(name string) bool {
	for s.space(); s.i < len(s.line) && s.line[s.i] == '"'; s.space() {
		start := s.i + 1
		if !s.str() {
			return false
		}
		s.key = unescape(s.key[:0], s.line[start:s.i-1])
		if s.space(); !s.take(':') {
			return false
		}
		if s.space(); bytes.Equal(s.key, []byte(name)) {
			return true
		}
		if !s.value(nil, 0) {
			return false
		}
		if s.space(); !s.take(',') {
			return false
		}
	}
	return false
}
