package logs

import "bytes"

// large reads one object that is too long to be held, where the first place of Map.Unwrap is an array in it, as exports of logs in one
// document have it: the elements of the array are read one after another, and what stands beside it is passed over.
type large struct {
	plan *plan
}

// enter says where the array begins in the object that data begins with, and how many objects it stands in; 0 where there is none.
func (l large) enter(data []byte) (at, depth int) {
	if len(l.plan.unwrap) == 0 {
		return 0, 0
	}
	path := tokens(l.plan.m.Unwrap[0])
	if at = arrayAt(data, path); at > 0 {
		l.plan.unwrapped = true
	}
	return at, len(path)
}

// left is called at the end of an object that was entered.
func (l large) left() { l.plan.unwrapped = false }

// arrayAt is where the array begins that a path leads to, in the object that text begins with and may end within;
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
	return s.i - 1
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
