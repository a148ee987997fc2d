package pace

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// knownWord is a word that the language could have: a keyword, or a number of few digits with a unit.
	knownWord = regexp.MustCompile(`^(?:at|to|ramp|hold|volume|double|every|pass|until|-?(?:[0-9.]{1,6}(?:h|m|s|ms|k|x|/s|/m|/h)?){1,3}),?$`)
	scaleWord = regexp.MustCompile(`^[0-9.]+x$`)
)

// longestQuote is how much of a step is repeated.
const longestQuote = 80

// quote repeats a step that is wrong, with … for each word that is none of the language's: it may be a number or a secret. "" is where
// there is nothing to see in it.
func quote(text string) string {
	words := strings.Fields(text)
	known, digits := false, 0
	for i, w := range words {
		if !knownWord.MatchString(w) {
			words[i] = "…"
			continue
		}
		known = true
		if n := countDigits(w); n > 6 {
			words[i] = "…"
		} else {
			digits += n
		}
	}
	text = strings.Join(words, " ")
	if !known || digits > 8 || len(text) > longestQuote {
		return ""
	}
	return text
}

func countDigits(w string) (n int) {
	for _, c := range w {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// isTwoTempos says whether a step says a time-scale and a volume at once.
func isTwoTempos(words []string) bool {
	return slices.Contains(words, "volume") && slices.ContainsFunc(words, scaleWord.MatchString)
}
