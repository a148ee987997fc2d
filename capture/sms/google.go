package sms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The marks by which Google Messages finds its own reactions again, whatever the language around them: a hair space
// at both ends and at both ends of the quote; a zero-width space on both sides of an emoji that is added, and a
// zero-width non-joiner on both sides of one that is taken back.
const (
	hairSpace = "\u200a"
	zeroWidth = "\u200b"
	nonJoiner = "\u200c"
)

// maxGoogleWords bounds, in bytes, each run of words that stands between the marks.
const maxGoogleWords = 48

// findGoogle says where in text the quote of a Google Messages reaction stands:
//
//	hair words mark emoji mark words hair QUOTE hair words hair
//
// The outermost hair spaces may be missing: they are white space, which vendors trim.
func findGoogle(text string) (open, end int, ok bool) {
	s := strings.TrimPrefix(text, hairSpace)
	mark := zeroWidth
	at := strings.Index(s, mark)
	if at < 0 || at > maxGoogleWords {
		mark = nonJoiner
		at = strings.Index(s, mark)
	}
	if at < 0 || !isGoogleWords(s[:at]) {
		return 0, 0, false
	}
	s = s[at+len(mark):]
	n := emojiLen(s)
	if n == 0 || !strings.HasPrefix(s[n:], mark) {
		return 0, 0, false
	}
	s = s[n+len(mark):]
	at = strings.Index(s, hairSpace)
	if at < 0 || !isGoogleWords(s[:at]) {
		return 0, 0, false
	}
	quote := s[at+len(hairSpace):]
	open = len(text) - len(quote)
	quote = strings.TrimSuffix(quote, hairSpace)
	at = strings.LastIndex(quote, hairSpace)
	if at < 0 || !isGoogleWords(quote[at+len(hairSpace):]) {
		return 0, 0, false
	}
	return open, open + len(strings.TrimSuffix(quote[:at], "…")), true
}

// isGoogleWords says whether s can be the words around a reaction: few letters, spaces and quotation marks, such as
// ` to “` and `” reagiert`. Nothing that tells of a person fits: no digits, no line ends, no long text.
func isGoogleWords(s string) bool {
	if len(s) > maxGoogleWords {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" \u00a0\u202f\"':.", r) && !isMark(r) {
			return false
		}
	}
	return true
}

// isMark says whether r is a quotation mark.
func isMark(r rune) bool {
	return strings.ContainsRune("“”„«»「」『』‘’", r)
}

// emojiLen returns how many bytes of s its first emoji takes: one picture with its modifiers, a sequence of several
// with joiners, a flag or a keycap; 0 where s begins with none.
func emojiLen(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case isRegional(r):
		if second, m := utf8.DecodeRuneInString(s[n:]); isRegional(second) {
			return n + m
		}
		return n
	case '0' <= r && r <= '9' || r == '#' || r == '*':
		rest := strings.TrimPrefix(s[n:], "\ufe0f")
		if after, ok := strings.CutPrefix(rest, "\u20e3"); ok {
			return len(s) - len(after)
		}
		return 0
	case !isPicture(r):
		return 0
	}
	return pictureLen(s, r, n)
}

// pictureLen goes on after the first picture, of n bytes.
func pictureLen(s string, first rune, n int) int {
	const joiner, blackFlag, maxSequence = '\u200d', '\U0001f3f4', 64
	for n < len(s) && n < maxSequence {
		r, m := utf8.DecodeRuneInString(s[n:])
		switch {
		case r == '\ufe0f' || r == '\ufe0e' || 0x1f3fb <= r && r <= 0x1f3ff: // presentation, skin
			n += m
		case first == blackFlag && 0xe0020 <= r && r <= 0xe007f: // England, Scotland, Wales
			n += m
		case r == joiner:
			next, k := utf8.DecodeRuneInString(s[n+m:])
			if !isPicture(next) {
				return n
			}
			n += m + k
		default:
			return n
		}
	}
	return n
}

func isRegional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }

// isPicture says whether an emoji can begin with r, digits and regional indicators apart. Letters never can.
func isPicture(r rune) bool {
	switch {
	case r < 0x2000:
		return r == '©' || r == '®'
	case 0x1f000 <= r && r <= 0x1faff, 0x2190 <= r && r <= 0x21ff, 0x2300 <= r && r <= 0x23ff, 0x25a0 <= r && r <= 0x27bf,
		0x2900 <= r && r <= 0x297f, 0x2b00 <= r && r <= 0x2bff:
		return !unicode.IsLetter(r)
	}
	switch r {
	case 0x203c, 0x2049, 0x2122, 0x2139, 0x24c2, 0x3030, 0x303d, 0x3297, 0x3299:
		return true
	}
	return false
}
