package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
)

// count writes a number with a comma between thousands.
func count(n int64) string { return wording.Number(n) }

// dash stands where there is nothing that a value is of.
const dash = "–"

// durations writes several; dashes where there is nothing that they are of.
func durations(any bool, list ...time.Duration) []string {
	var out []string
	for _, d := range list {
		text := dash
		if any {
			text = wording.Duration(d)
		}
		out = append(out, text)
	}
	return out
}

// rate writes requests a second.
func rate(v float64) string {
	if v >= 1000 {
		return count(int64(v+0.5)) + "/s"
	}
	return wording.Digits(v) + "/s"
}

// signed writes a change of a share.
func signed(v float64) string {
	if text := fmt.Sprintf("%+.1f %%", v*100); text != "-0.0 %" {
		return text
	}
	return "+0.0 %"
}

// signedDuration writes a difference.
func signedDuration(d time.Duration) string {
	if d > 0 {
		return "+" + wording.Duration(d)
	}
	return wording.Duration(d)
}

// tally writes counts by name: "200: 9,908, 503: 75".
func tally(counts map[string]int64) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] != 0 {
			list = append(list, name+": "+count(counts[name]))
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
