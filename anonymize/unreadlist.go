package anonymize

import (
	"strings"
	"unicode"

	"reprise/capture/dialect"
)

// holdsNumbers says whether a value without white space has telephone numbers with a plus sign in it, beside other things: a list of them,
// or a URI of RFC 3966 or of SIP.
func holdsNumbers(f dialect.Field) bool {
	v := f.Value
	if f.Literal || len(v) > maxShaped || strings.IndexByte(v, '+') < 0 || strings.Contains(v, "://") || strings.IndexFunc(v, unicode.IsSpace) >= 0 ||
		strings.Contains(v, "@") && !strings.HasPrefix(v, "sip") {
		return false
	}
	found := false
	eachPlus(v, func(string) { found = true }, func(string) {})
	return found
}

// eachPlus calls number for each telephone number with a plus sign, and other for what is between.
func eachPlus(v string, number, other func(string)) {
	from := 0
	for i := 0; i < len(v); i++ {
		end := i + 1
		for v[i] == '+' && end < len(v) && isDigit(v[end]) {
			end++
		}
		if n := end - i - 1; n < 7 || n > 15 || v[i+1] == '0' {
			continue
		}
		if other(v[from:i]); i < end {
			number(v[i:end])
		}
		from, i = end, end-1
	}
	other(v[from:])
}

// numbersLike replaces the telephone numbers in a value, which were enrolled, and what is between them.
func (a *Anonymizer) numbersLike(v string) string {
	var b strings.Builder
	eachPlus(v, func(number string) { b.WriteString(a.write(a.address(number))) }, func(other string) {
		switch {
		case other == "tel:" || other == "sip:" || other == "sips:" || isMarks(other):
			b.WriteString(other)
		case strings.Contains(other, "@"):
			b.WriteString(a.mailLike(other))
		default:
			b.WriteString(a.wordLike(other))
		}
	})
	return b.String()
}
