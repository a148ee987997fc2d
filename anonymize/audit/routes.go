package audit

import (
	"bytes"
	"slices"
	"strings"
)

// Routes say which segments of paths name a route, and so tell of nobody.
type Routes struct {
	// Words may stand in any path, alone or joined by - _ and dots. They are in lower case; they are the same words all in
	// upper case, or with one capital at the beginning.
	Words []string
	// Paths are patterns of whole paths, such as /hooks/{brand}/inbound. In a path that has that form, each segment that is not in braces may
	// stay where it stands.
	Paths []string
}

// routes are Routes made ready.
type routes struct {
	words    map[string]struct{}
	patterns [][]step
	links    []string
	spoken   hashSet // the words of all of them, as the lexer cuts them
}

// step is one segment of a pattern.
type step struct {
	literal string // decoded
	any     bool
}

// newRoutes returns nil where o is nil: paths are not looked at then.
func newRoutes(o *Routes, l *lexer) *routes {
	if o == nil {
		return nil
	}
	r := &routes{words: make(map[string]struct{}, len(o.Words)), spoken: newHashSet(len(o.Words) + 8*len(o.Paths))}
	var f folder
	speak := func(s string) {
		for _, w := range l.words(nil, f.fold([]byte(s))) {
			r.spoken.add(w.hash)
		}
	}
	for _, w := range o.Words {
		r.words[w] = struct{}{}
		speak(w)
	}
	for _, w := range nobodysHosts() {
		speak(w)
	}
	for _, pattern := range o.Paths {
		var steps []step
		for part := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
			s := step{literal: string(plainSegment(nil, []byte(part))), any: strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}")}
			if !s.any {
				speak(s.literal)
			}
			steps = append(steps, s)
		}
		r.patterns = append(r.patterns, steps)
	}
	return r
}

// nobodysHosts are the words of hosts and schemes that an output may have.
func nobodysHosts() []string {
	return []string{"http", "https", "ftp", "s3", "gs", "rtsp", "hooks", "example", "com", "net", "org", "invalid", "test", "localhost"}
}

// maxSegments bounds how many segments of a path are compared one by one; what is beyond is one segment.
const maxSegments = 64

// segment is one segment of a path, without its escapes.
type segment struct {
	plain  []byte // as it is written
	folded []byte
	at     int // its place in the path, from 0
}

// path is the segments of one path. It keeps its memory.
type path struct {
	segments []segment
	memory   []byte
	plain    [maxDecodings][]byte
	folder   folder
}

// of takes the segments of a URL's path: behind scheme and host, before query and fragment.
func (p *path) of(url string) {
	p.reset()
	text := strings.TrimPrefix(pathOf(url), "/")
	for more := text != ""; more; {
		var part string
		if len(p.segments) == maxSegments-1 {
			part, more = text, false
		} else {
			part, text, more = strings.Cut(text, "/")
		}
		s := p.segment(part)
		s.at = len(p.segments)
		p.segments = append(p.segments, s)
	}
}

func (p *path) reset() { p.segments, p.memory = p.segments[:0], p.memory[:0] }

func (p *path) segment(part string) segment {
	at := len(p.memory)
	p.memory = append(p.memory, part...)
	plain := p.memory[at:len(p.memory):len(p.memory)]
	for level := range p.plain {
		next, changed := decode(p.plain[level][:0], plain)
		p.plain[level] = next
		if !changed {
			break
		}
		plain = next
	}
	at = len(p.memory)
	p.memory = append(p.memory, plain...)
	plain = p.memory[at:len(p.memory):len(p.memory)]
	at = len(p.memory)
	p.memory = append(p.memory, p.folder.fold(plain)...)
	return segment{plain: plain, folded: p.memory[at:len(p.memory):len(p.memory)]}
}

// plainSegment appends a segment without its escapes.
func plainSegment(dst, s []byte) []byte {
	for range maxDecodings {
		next, changed := decode(nil, s)
		if !changed {
			break
		}
		s = next
	}
	return append(dst, s...)
}

// pathOf cuts scheme, host, query and fragment off.
func pathOf(url string) string {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	scheme := strings.Index(url, "://")
	if scheme < 0 || strings.IndexByte(url[:scheme], '/') >= 0 {
		return url
	}
	rest := url[scheme+len("://"):]
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return ""
}

// form returns the pattern whose form a path has, or what several together name; nil where none has. One slash at the end is as good as none.
func (r *routes) form(p *path) (found []step) {
	segments := p.segments
	if n := len(segments); n > 1 && len(segments[n-1].plain) == 0 {
		segments = segments[:n-1]
	}
	for _, steps := range r.patterns {
		if n := len(steps); n > 1 && !steps[n-1].any && steps[n-1].literal == "" {
			steps = steps[:n-1]
		}
		if len(steps) == len(segments) && fits(steps, segments) {
			found = both(found, steps)
		}
	}
	return found
}

// both are the steps of two patterns that one path fits: what either names, it names.
func both(found, steps []step) []step {
	if found == nil {
		return steps
	}
	found = slices.Clone(found)
	for i := range found {
		if found[i].any {
			found[i] = steps[i]
		}
	}
	return found
}

func fits(steps []step, segments []segment) bool {
	for i := range steps {
		if !steps[i].any && steps[i].literal != string(segments[i].plain) {
			return false
		}
	}
	return true
}

// isRoute says whether a segment is made of listed words alone, each all in lower case, all in upper case or with one capital
// at its beginning.
func (r *routes) isRoute(plain []byte) bool {
	if r.isWord(plain) {
		return true
	}
	if !bytes.ContainsAny(plain, "-_.") {
		return false
	}
	for len(plain) > 0 {
		end := bytes.IndexAny(plain, "-_.")
		if end < 0 {
			return r.isWord(plain)
		}
		if !r.isWord(plain[:end]) {
			return false
		}
		plain = plain[end+1:]
	}
	return false // it ends in a joint
}

// isWord says whether a text is a listed word.
func (r *routes) isWord(s []byte) bool {
	var lower [48]byte
	if len(s) == 0 || len(s) > len(lower) {
		return false
	}
	upper, small := 0, 0
	for i, c := range s {
		switch {
		case c-'A' < 26:
			upper++
			c |= 0x20
		case c-'a' < 26:
			small++
		}
		lower[i] = c
	}
	if _, ok := r.words[string(lower[:len(s)])]; !ok {
		return false
	}
	return upper == 0 || small == 0 || upper == 1 && s[0]-'A' < 26
}

// speaks says whether all words are those of routes.
func (r *routes) speaks(words []word) bool {
	if r == nil {
		return false
	}
	for _, w := range words {
		if !r.spoken.has(w.hash) {
			return false
		}
	}
	return true
}
