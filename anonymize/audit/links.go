package audit

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// mayLink says whether the counterpart may hold a link.
func (s *scanner) mayLink() bool {
	if s.counterpart == nil {
		return false
	}
	if mayHoldLink(s.counterpart.Body) || strings.Contains(s.counterpart.URL, ":/") || strings.Contains(s.counterpart.URL, "%3") {
		return true
	}
	for i := range s.counterpart.Headers {
		if strings.Contains(s.counterpart.Headers[i].Value, ":/") {
			return true
		}
	}
	return false
}

// mayHoldLink says whether a body may hold one, however it is escaped.
func mayHoldLink(body []byte) bool {
	for _, s := range [...]string{":/", "%3A", "%3a", `:\`} {
		if bytes.Contains(body, []byte(s)) {
			return true
		}
	}
	return false
}

// linkSegments returns the segments of the counterpart's links, wherever they stand.
func (s *scanner) linkSegments() []segment {
	c := &s.cmp
	if c.linked {
		return c.links.segments
	}
	c.linked = true
	c.links.reset()
	c.whole = c.whole[:0]
	if !s.mayLink() {
		return nil
	}
	if mayHoldLink(s.counterpart.Body) {
		s.addLinks(s.counterpart.Body)
	}
	s.addLinks([]byte(s.counterpart.URL))
	for i := range s.counterpart.Headers {
		if value := s.counterpart.Headers[i].Value; strings.Contains(value, ":") {
			s.addLinks([]byte(value))
		}
	}
	return c.links.segments
}

// addLinks adds the links that one field of the counterpart shows.
func (s *scanner) addLinks(view []byte) {
	c := &s.cmp
	eachLink(c.reader.plainly(view), func(_ int, host, rest []byte) {
		c.links.addUser(host)
		c.links.addLink(rest)
		c.whole = append(c.whole, s.keys.hash(rest))
	})
}

// maxLinkSegments bounds how many segments of a record's links are compared.
const maxLinkSegments = 8 * maxSegments

// addLink adds what a link has behind its host: segments, and the values in its query. The names there are names, as those of the
// request's own query are.
func (p *path) addLink(rest []byte) {
	query := false
	for at := 0; len(rest) > 0 && len(p.segments) < maxLinkSegments; at++ {
		begin := len(rest) - len(bytes.TrimLeft(rest, "/?#&=;"))
		query = query || bytes.IndexByte(rest[:begin], '?') >= 0
		rest = rest[begin:]
		end := bytes.IndexAny(rest, "/?#&=;")
		if end < 0 {
			end = len(rest)
		}
		if end > 0 && !(query && end < len(rest) && rest[end] == '=') {
			part := p.segment(string(rest[:end]))
			part.at = at
			p.segments = append(p.segments, part)
		}
		rest = rest[end:]
	}
}

// addUser adds what stands before the host of a link.
func (p *path) addUser(host []byte) {
	if i := bytes.LastIndexByte(host, '@'); i >= 0 {
		from := len(p.segments)
		p.addLink(host[:i])
		for j := from; j < len(p.segments); j++ {
			p.segments[j].at = -1
		}
	}
}

// eachLink calls f with host and path of each URL in a folded text, and where its scheme ends. An ampersand ends it: in a form
// without its escapes nothing tells whether what follows is of the URL.
func eachLink(text []byte, f func(at int, host, rest []byte)) {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("://"))
		if i < 0 {
			return
		}
		at += i
		scheme := at
		at += len("://")
		end := at
		for end < len(text) && bytes.IndexByte([]byte("/?#\"'<> \\&,;)"), text[end]) < 0 {
			end++
		}
		host := text[at:end]
		for at = end; at < len(text) && bytes.IndexByte([]byte("\"<> \\,)&"), text[at]) < 0; at++ {
		}
		f(scheme, host, text[end:at])
	}
}

// link reports what of a link's path, and of the user before its host, stayed. A link of the text itself is made of words of
// the vocabulary, which another check holds.
func (s *scanner) link(f field, host, rest []byte) {
	if s.routes == nil || s.counterpart == nil || f == textField {
		return
	}
	c := &s.cmp
	c.link.reset()
	c.link.addUser(host)
	c.link.addLink(rest)
	s.current()
	ofText, whole := len(c.link.segments) == 0, 0
	for i := range c.link.segments {
		out := &c.link.segments[i]
		switch {
		case s.routes.isRoute(out.plain):
			s.report.Stays.Routes++
		case ofText || s.inPolicy(out) || !hasWord(out.folded):
		case slices.Contains(s.routes.links, string(out.folded)), !s.inLink(out):
			whole++ // unless all of the link stayed
			if whole == 1 && s.wholeStayed(rest) && !s.isOfText(rest) {
				s.detected(Paths, f.linked(out.at))
			}
		case s.isOfText(rest):
			ofText = true
		default:
			s.detected(Paths, f.linked(out.at))
		}
	}
}

// linked is a field for a segment of a link in it.
func (f field) linked(at int) field {
	f.behind = " link segment " + strconv.Itoa(max(0, at)+1)
	return f
}

// wholeStayed says whether all that a link has behind its host is what a link of the counterpart has there: then short segments
// are no chance either.
func (s *scanner) wholeStayed(rest []byte) bool {
	s.linkSegments()
	return slices.Contains(s.cmp.whole, s.keys.hash(rest))
}

// current sees to it that the segments at hand are those of the record at hand.
func (s *scanner) current() {
	if s.cmpOf != s.n {
		s.cmp.in.of(s.counterpart.URL)
		s.cmp.out.of(s.out.URL)
		s.cmpOf = s.n
	}
}

// inPolicy says whether the policy names a segment, at the place where it stands in a link.
func (s *scanner) inPolicy(out *segment) bool {
	for _, steps := range s.routes.patterns {
		if at := out.at; at >= 0 && at < len(steps) && !steps[at].any && bytes.EqualFold([]byte(steps[at].literal), out.folded) &&
			len(steps) == len(s.cmp.link.segments) && folds(steps, s.cmp.link.segments) {
			return true
		}
	}
	return false
}

// folds is fits for the segments of a link, which are folded.
func folds(steps []step, segments []segment) bool {
	for i := range steps {
		if !steps[i].any && !strings.EqualFold(steps[i].literal, string(segments[i].folded)) {
			return false
		}
	}
	return true
}

// isOfText says whether a link stands in the text of the record at hand.
func (s *scanner) isOfText(rest []byte) bool {
	if !strings.Contains(s.said, "://") {
		return false
	}
	s.number = append(s.number[:0], s.said...)
	said := s.folder.fold(s.number)
	return bytes.Contains(said, rest) || bytes.Contains(said, bytes.ReplaceAll(rest, []byte("+"), []byte(" "))) // a form's space
}
