package anonymize

import (
	"errors"
	"slices"
	"strings"
)

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
