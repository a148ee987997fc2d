// Package wording has the small words that sentences for people share: a count with its noun, a time, a share, and a text
// from a file within a line.
// The sentences themselves are in the report packages.
package wording

import (
	"fmt"
	"strings"
)

// Count is a count with its noun: "1 record", "3 records".
func Count[N int | int64](n N, noun string) string { return CountOf(n, noun, noun+"s") }

// CountOf is Count for a noun, or a phrase, whose plural has more than an s: "1 copy", "2 copies".
func CountOf[N int | int64](n N, one, several string) string {
	return fmt.Sprintf("%d %s", n, Choose(n, one, several))
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
