package profile

import (
	"errors"
	"slices"
	"strings"
)

// maxExpanded bounds how many names a list may stand for.
const maxExpanded = 4096

var (
	errBraces   = errors.New("a { has its }, with names and commas between them")
	errExpanded = errors.New("it stands for more than 4,096 names")
)

// expanded returns the names that a list stands for: of a JSON pointer, {a,b} stands for either of these.
func expanded(names []string) (all []string, err error) {
	for _, name := range names {
		all = append(all, name)
		if !strings.HasPrefix(name, "/") {
			continue
		}
		from := len(all) - 1
		for strings.ContainsAny(all[from], "{}") {
			var next []string
			for _, one := range all[from:] {
				before, rest, open := strings.Cut(one, "{")
				inner, after, closed := strings.Cut(rest, "}")
				if !open || !closed || strings.ContainsAny(before, "}") || strings.Contains(inner, "{") {
					return nil, errBraces
				}
				for alternative := range strings.SplitSeq(inner, ",") {
					next = append(next, before+strings.TrimSpace(alternative)+after)
				}
				if len(next) > maxExpanded {
					return nil, errExpanded
				}
			}
			all = append(all[:from], next...)
		}
		if len(all) > maxExpanded {
			return nil, errExpanded
		}
	}
	return slices.Clip(all), nil
}
