package results

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of labels: what tells runs apart is short, and a run file's header is read whole.
const (
	maxLabels     = 32
	maxLabelKey   = 64
	maxLabelValue = 256
)

// ParseLabels reads labels as users write them, "commit=4f2c9aa", for Header.Labels. Errors say which of the list it is, and not what it
// holds; the first is number 1.
func ParseLabels(list []string) (map[string]string, error) {
	if len(list) > maxLabels {
		return nil, fmt.Errorf("a run has %d labels at most, and these are %d", maxLabels, len(list))
	}
	labels, place := make(map[string]string), make(map[string]int)
	for i, text := range list {
		key, value, found := strings.Cut(text, "=")
		switch wrong := labelFault(key, value, found); {
		case wrong != "":
			return nil, fmt.Errorf("number %d %s", i+1, wrong)
		case place[key] > 0:
			return nil, fmt.Errorf("number %d has the key of number %d: give each key once", i+1, place[key])
		}
		labels[key], place[key] = value, i+1
	}
	return labels, nil
}

// labelFault says what is wrong with a label; "" is nothing.
func labelFault(key, value string, found bool) string {
	switch {
	case !found:
		return "has no =: write KEY=VALUE, as in commit=4f2c9aa"
	case strings.TrimSpace(key) == "":
		return "has no key before its =: write KEY=VALUE, as in commit=4f2c9aa"
	case !shown(key) || !shown(value):
		return "has characters that cannot be shown, such as a line break"
	case len(key) > maxLabelKey:
		return fmt.Sprintf("has a key of %d bytes: %d are the most", len(key), maxLabelKey)
	case len(value) > maxLabelValue:
		return fmt.Sprintf("has a value of %d bytes: %d are the most", len(value), maxLabelValue)
	}
	return ""
}

// shown says whether all of a text stands where it is printed, and does nothing else.
func shown(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
