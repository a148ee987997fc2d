package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// count writes a number with a comma between thousands.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// duration writes a time to three digits: "524 µs", "1.23 ms", "12.3 s", "2m30s".
func duration(d time.Duration) string {
	size := d.Abs()
	switch {
	case d == 0:
		return "0"
	case size < time.Microsecond:
		return strconv.FormatInt(d.Nanoseconds(), 10) + " ns"
	case size < time.Millisecond:
		return digits(float64(d)/1e3) + " µs"
	case size < time.Second:
		return digits(float64(d)/1e6) + " ms"
	case size < time.Minute:
		return digits(float64(d)/1e9) + " s"
	}
	return d.Round(time.Second).String()
}

// dash stands where there is nothing that a value is of.
const dash = "–"

// durations writes several; dashes where there is nothing that they are of.
func durations(any bool, list ...time.Duration) []string {
	var out []string
	for _, d := range list {
		text := dash
		if any {
			text = duration(d)
		}
		out = append(out, text)
	}
	return out
}

// digits writes three significant digits of a value below 1,000.
func digits(v float64) string {
	switch size := max(v, -v); {
	case size < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case size < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// rate writes requests a second.
func rate(v float64) string {
	if v >= 1000 {
		return count(int64(v+0.5)) + "/s"
	}
	return digits(v) + "/s"
}

// percent writes a share.
func percent(v float64) string { return fmt.Sprintf("%.2f %%", v*100) }

// signed writes a change of a share.
func signed(v float64) string { return fmt.Sprintf("%+.1f %%", v*100) }

// signedDuration writes a difference.
func signedDuration(d time.Duration) string {
	if d > 0 {
		return "+" + duration(d)
	}
	return duration(d)
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
