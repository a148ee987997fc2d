package sms

import (
	"fmt"
	"maps"
	"slices"

	"reprise/capture"
)

// ParseKeywords reads lists of keywords by the names of their kinds, as a corpus' header and a user's file have them. A name
// that is no kind of keyword is an error, which gives the name.
func ParseKeywords(byName map[string][]string) (map[capture.Kind][]string, error) {
	words := make(map[capture.Kind][]string, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) { // in order, so that of two that are none always the same is named
		kind, err := capture.ParseKind(name)
		if err != nil || !kind.IsKeyword() {
			return nil, fmt.Errorf("%.60q is no kind of keyword", name)
		}
		words[kind] = byName[name]
	}
	return words, nil
}
