package sms

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// The texts that Filler makes hold no keyword: no syllable of them begins one.
const (
	fillerFirst  = "lmnrv"
	fillerSecond = "aou"
)

// Filler makes a text of a message of which only its length in characters and its count of parts are known, either of them 0 where it is not. The
// text is of the encoding in which a text of that length takes so many parts: GSM 7-bit, also with characters that count twice, or UCS-2. fits is false
// where no text has both: then it is of that length.
func Filler(random *rand.Rand, length, parts int) (text string, fits bool) {
	const longest = 10 * ucsPart * 4
	length = min(max(length, 0), longest)
	if length == 0 && parts > 0 {
		length = fillerLength(random, min(parts, 10))
	}
	plain := filler(random, length)
	if parts <= 0 || Measure(plain).Parts == parts {
		return plain, true
	}
	if wide := widen(plain, 'ł'); Measure(wide).Parts == parts {
		return wide, true
	}
	// Characters of the extension table count twice.
	units := length
	twice := []byte(plain)
	for i := 0; i < len(twice) && units <= parts*gsmPart; i++ {
		if twice[i] != ' ' {
			twice[i] = '^'
			units++
		}
		if Measure(string(twice)).Parts == parts {
			return string(twice), true
		}
	}
	return plain, false
}

// fillerLength draws how long a text of so many parts is, which is GSM 7-bit.
func fillerLength(random *rand.Rand, parts int) int {
	if parts == 1 {
		return 1 + random.IntN(gsmSingle)
	}
	from := max(gsmSingle, (parts-1)*gsmPart)
	return from + 1 + random.IntN(parts*gsmPart-from)
}

// filler writes syllables in words.
func filler(random *rand.Rand, length int) string {
	var b strings.Builder
	b.Grow(length)
	for left := 0; b.Len() < length; left-- {
		if left == 0 && b.Len() > 0 && b.Len() < length-1 {
			b.WriteByte(' ')
		}
		if left <= 0 {
			left = 1 + random.IntN(4)
		}
		bits := random.Uint64()
		b.WriteByte(fillerFirst[bits%uint64(len(fillerFirst))])
		if b.Len() < length {
			b.WriteByte(fillerSecond[bits>>32%uint64(len(fillerSecond))])
		}
	}
	return b.String()
}

// widen puts a character that GSM 7-bit does not have in place of the first.
func widen(text string, c rune) string {
	if text == "" {
		return text
	}
	_, n := utf8.DecodeRuneInString(text)
	return string(c) + text[n:]
}
