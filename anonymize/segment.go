package anonymize

import (
	"iter"
	"strings"
	"unicode/utf8"

	"reprise/capture/payload"
)

// newSegment returns what a segment of a path becomes that is no route, both decoded. Numbers and ids become what they become
// elsewhere; all else keeps its shape. None becomes one that stays. isHost is set for the segment behind "//" that may be a host's name.
func (a *Anonymizer) newSegment(s string, isHost bool) string {
	made := a.newParts(s)
	if a.router.stays(made) {
		made = a.another(s, made)
	}
	if isHost && strings.Contains(s, ".") {
		made += nobodys(s)
	}
	return made
}

// newParts replaces the parts of a segment: all but what stands before its parameters, where that is a route.
func (a *Anonymizer) newParts(s string) string {
	var b strings.Builder
	for part := range partsOf(s) {
		switch {
		case part == ";" || part == "=" || b.Len() == 0 && tells(s[len(part):]) && a.router.route(part):
			b.WriteString(part)
		default:
			b.WriteString(a.newPart(part))
		}
	}
	return b.String()
}

// tells says whether a text has more than marks.
func tells(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' }) >= 0
}

// another returns what a segment becomes in place of made, which is one that stays: what that would become. As none that stays is
// replaced, two segments do not become one by it.
func (a *Anonymizer) another(s, made string) string {
	for range maxRounds {
		if made = a.newParts(made); made == s || !a.router.stays(made) {
			break
		}
	}
	shape, _, _ := shapeOf(s)
	for round := byte(0); round < maxRounds && (a.router.stays(made) || !fits(made, s)); round++ {
		made = a.keys.hashed(s, shape, round)
	}
	return made
}

// partsOf yields the parts of a segment that has parameters, as in inbound;jsessionid=1A2B, and the ; and = between them.
func partsOf(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		marks := ";"
		for {
			at := strings.IndexAny(s, marks)
			if at < 0 {
				yield(s)
				return
			}
			if at > 0 && !yield(s[:at]) || !yield(s[at:at+1]) {
				return
			}
			s, marks = s[at+1:], ";="
		}
	}
}

// nobodys returns an end that makes a host nobody's (RFC 2606), and that the host does not have already.
func nobodys(host string) string {
	if strings.Contains(strings.ToLower(host), "example") {
		return ".invalid"
	}
	return ".example"
}

func (a *Anonymizer) newPart(s string) string {
	switch payload.PathSort(s) {
	case payload.PathNumber:
		return a.write(a.address(s))
	case payload.PathID:
		return a.account(s)
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		host := rest
		if slash := strings.IndexAny(rest, "/?#"); slash >= 0 {
			host = rest[:slash]
		}
		return a.newWords(scheme) + "://" + a.newWords(host) + nobodys(host) + a.newWords(rest[len(host):])
	}
	if at := strings.LastIndexByte(s, '@'); at > 0 && at < len(s)-1 {
		return a.newWords(s[:at]) + "@" + a.newWords(s[at+1:]) + nobodys(s[at+1:])
	}
	if at := strings.LastIndexByte(s, '.'); at > 0 && isExtension(strings.ToLower(s[at+1:])) {
		return a.newWords(s[:at]) + s[at:]
	}
	return a.newWords(s)
}

// newWords replaces words and what joins them.
func (a *Anonymizer) newWords(s string) string {
	found := false
	for word := range wordsOf(s) {
		found = found || payload.PathSort(word) != ""
	}
	if !found {
		return a.newWord(s)
	}
	var b strings.Builder
	for word := range wordsOf(s) {
		switch payload.PathSort(word) {
		case payload.PathNumber:
			b.WriteString(a.write(a.address(word)))
		case payload.PathID:
			b.WriteString(a.account(word))
		default:
			b.WriteString(a.keys.reshape(word))
		}
	}
	return b.String()
}

// newWord is for what holds no number and no long id. It may be an id all the same, and then it becomes what that id becomes in a
// body, unless that would leave a part of it as it is.
func (a *Anonymizer) newWord(s string) string {
	if hidesAll(s) {
		if fresh := a.account(s); fits(fresh, s) && longestDigitRun(fresh) < 7 {
			return fresh
		}
	}
	return a.keys.reshape(s)
}

// hidesAll says whether keyed.FreshID replaces every letter and digit of s, and there are so many such ids that none becomes itself.
func hidesAll(s string) bool {
	room, run, letters, zeros := 0, 0, 0, 0
	first := true
	for i := 0; i <= len(s); i++ {
		switch {
		case i < len(s) && s[i] >= 0x80:
			return false
		case i < len(s) && isLetter(s[i]):
			room, run, letters = room+47, run+1, letters+1
		case i < len(s) && s[i] >= '0' && s[i] <= '9':
			if run == 0 && s[i] == '0' {
				zeros++
			}
			room, run = room+33, run+1
		case run > 0:
			prefix := first && i < len(s) && run <= 5 && letters == run
			if prefix || zeros > 0 && letters == 0 {
				return false
			}
			first, run, letters, zeros = false, 0, 0, 0
		}
	}
	return room >= 320 // tenths of a bit
}

// wordsOf yields the words of a segment, with a plus sign in front of one, and what is between them.
func wordsOf(s string) iter.Seq[string] {
	isWord := func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }
	return func(yield func(string) bool) {
		for s != "" {
			end := 0
			word := isWord(s[0]) || s[0] == '+' && len(s) > 1 && isWord(s[1])
			if word {
				end = 1
			}
			for end < len(s) && isWord(s[end]) == word && (word || s[end] != '+' || end == 0) {
				end++
			}
			if !yield(s[:end]) {
				return
			}
			s = s[end:]
		}
	}
}

// eachNumber calls f for the telephone numbers that newPart finds.
func eachNumber(s string, f func(string)) {
	switch payload.PathSort(s) {
	case payload.PathNumber:
		f(s)
		return
	case payload.PathID:
		return
	}
	for word := range wordsOf(s) {
		if payload.PathSort(word) == payload.PathNumber {
			f(word)
		}
	}
}
