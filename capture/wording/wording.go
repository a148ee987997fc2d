// Package wording has the small words that sentences for people share: a count with its noun, a time, a share, and a text
// from a file within a line.
// The sentences themselves are in the report packages.
package wording

import (
	"strconv"
	"strings"
)

// Count is a count with its noun: "1 record", "3 records".
func Count[N int | int64](n N, noun string) string { return CountOf(n, noun, noun+"s") }

// CountOf is Count for a noun, or a phrase, whose plural has more than an s: "1 copy", "2 copies".
func CountOf[N int | int64](n N, one, several string) string {
	return Number(n) + " " + Choose(n, one, several)
}

// Number is a number with a comma between thousands: "12,000".
func Number[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Choose returns the words that follow one thing, or several: "is", "are".
func Choose[N int | int64](n N, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// InLine is a text from a file as it stands within a line: it cannot begin one of its own.
func InLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}
