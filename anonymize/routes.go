package anonymize

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// PathRule is the version of the rule for paths, which a corpus's header keeps.
const PathRule = 1

// Routes say which segments of a path stay. A segment stays that is a word of the list, in lower case, in upper case or with a
// capital first letter; or several such words with -, _ or . between them. A segment stays too that a pattern names.
type Routes struct {
	// Words are in lower case and sorted.
	Words []string
	// Paths are patterns of whole paths, such as /hooks/twilio/{id}/inbound: a segment in braces is replaced, the others stay
	// where they stand, in paths of as many segments whose other segments are the same.
	Paths []string
}

// Routes returns the words and the patterns of the policy.
func (p *Policy) Routes() Routes {
	return Routes{Words: slices.Clone(p.routes.Words), Paths: slices.Clone(p.routes.Paths)}
}

// AddPath adds a pattern. The error says what is wrong with it.
func (p *Policy) AddPath(pattern string) error {
	if err := checkPattern(pattern); err != nil {
		return err
	}
	if !slices.Contains(p.routes.Paths, pattern) {
		p.routes.Paths = append(p.routes.Paths, pattern)
		slices.Sort(p.routes.Paths)
		p.name = "custom"
	}
	return nil
}

// router tells which segments stay. It does not change, and may be used by several goroutines at once.
type router struct {
	words    map[string]struct{}
	patterns map[int][][]string  // by how many segments they have
	literals map[string]struct{} // their segments that stay, decoded
}

func newRouter(r Routes) *router {
	t := &router{words: set(r.Words), patterns: make(map[int][][]string), literals: make(map[string]struct{})}
	for _, pattern := range r.Paths {
		segments := strings.Split(pattern[1:], "/")
		t.patterns[len(segments)] = append(t.patterns[len(segments)], segments)
		for _, s := range segments {
			if _, replaced := variable(s); !replaced && s != "" {
				plain, err := url.PathUnescape(s)
				if err != nil {
					plain = s
				}
				t.literals[plain] = struct{}{}
			}
		}
	}
	return t
}

// named marks in keep, which is as long as segments, those that a pattern names, and returns the patterns.
func (t *router) named(segments []string, keep []bool) (patterns []string) {
	for _, pattern := range t.patterns[len(segments)] {
		if !matches(pattern, segments) {
			continue
		}
		for i := range pattern {
			if _, replaced := variable(pattern[i]); !replaced {
				keep[i] = true
			}
		}
		patterns = append(patterns, "/"+strings.Join(pattern, "/"))
	}
	return patterns
}

func matches(pattern, segments []string) bool {
	for i := range pattern {
		if _, any := variable(pattern[i]); !any && pattern[i] != segments[i] {
			return false
		}
	}
	return true
}

// route says whether a segment, as written, is a word of the list or made of such words.
func (t *router) route(segment string) bool {
	if t.word(segment) {
		return true
	}
	if !strings.ContainsAny(segment, "-_.") {
		return false
	}
	for at := 0; at >= 0; { // a part between two joints is a word, too
		part := segment
		if at = strings.IndexAny(segment, "-_."); at >= 0 {
			part, segment = segment[:at], segment[at+1:]
		}
		if !t.word(part) {
			return false
		}
	}
	return true
}

// stays says whether a segment, decoded, reads as one that stays: no other may become that.
func (t *router) stays(segment string) bool {
	_, literal := t.literals[segment]
	return literal || t.route(segment)
}

// word says whether s is a word of the list, in one of the three ways in which people write them.
func (t *router) word(s string) bool {
	if s == "" || len(s) > maxWord || strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 { // some others are letters of a word in lower case
		return false
	}
	lower, upper := strings.ToLower(s), strings.ToUpper(s)
	if s != lower && s != upper && s != upper[:1]+lower[1:] {
		return false
	}
	_, ok := t.words[lower]
	return ok
}

// maxWord bounds what is looked up.
const maxWord = 64

func checkPattern(pattern string) error {
	switch {
	case !strings.HasPrefix(pattern, "/"):
		return errors.New("a path begins with /")
	case strings.ContainsAny(pattern, "?# \t\r\n"):
		return errors.New("a path has no query, no fragment and no white space: write %20 for a space")
	}
	for segment := range strings.SplitSeq(pattern[1:], "/") {
		if !strings.ContainsAny(segment, "{}") {
			continue
		}
		if name, ok := variable(segment); !ok || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return errors.New("braces stand around a whole segment, with a name between them: /hooks/{id}/inbound")
		}
	}
	return nil
}

// variable returns the name of a segment that a pattern has in braces.
func variable(segment string) (name string, ok bool) {
	name, ok = strings.CutPrefix(segment, "{")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, "}")
	return name, ok && name != ""
}
