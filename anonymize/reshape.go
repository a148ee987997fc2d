package anonymize

import (
	"encoding/binary"
	"iter"
	"strings"
	"unicode/utf8"

	"reprise/capture/keyed"
)

// reshape returns another text of the same shape: a digit for a digit, a small letter for a small letter, a letter of the same
// script for any other; what is neither letter nor digit stays where it stands, if it is ASCII. The same text gives the same one,
// two texts of one shape never give one (as far as a hash can tell, where the shape has more than 2^62 texts, or where a
// permutation gives what would not do), and none gives itself or a whole word or number of itself. Where there is no letter and no
// digit, the text stays.
func (k *keys) reshape(s string) string {
	shape, size, small := shapeOf(s)
	if size == 1 {
		return s
	}
	if small {
		at := derange(k.orderOf(s, shape, size), size, indexIn(s, shape))
		if made := written(s, shape, at); fits(made, s) {
			return made
		}
	}
	made := s
	for round := range byte(maxRounds) {
		if made = k.hashed(s, shape, round); fits(made, s) {
			break
		}
	}
	return made
}

// maxRounds bounds how often a text is made anew that does not do.
const maxRounds = 255

// fits says whether a text may stand for another.
func fits(made, s string) bool { return made != s && !sharesRun(made, s) && !looksOfficial(made) }

// minRun is how many letters, or digits, in a row are more than chance.
const minRun = 4

// sharesRun says whether two texts have a run of letters or of digits in common, whatever the case, that has minRun bytes or more.
func sharesRun(a, b string) bool {
	for run := range runsOf(a) {
		for other := range runsOf(b) {
			if strings.EqualFold(run, other) {
				return true
			}
		}
	}
	return false
}

// runsOf yields the runs of letters, and of digits, that have minRun bytes or more.
func runsOf(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; i < len(s); {
			start, letters := i, isLetter(s[i]) || s[i] >= utf8.RuneSelf
			for i < len(s) && (letters && (isLetter(s[i]) || s[i] >= utf8.RuneSelf) || !letters && isDigit(s[i])) {
				i++
			}
			if i-start >= minRun && !yield(s[start:i]) {
				return
			}
			i = max(i, start+1)
		}
	}
}

// places are the characters that may stand at one place: so many, from the first.
type places struct {
	first rune
	n     uint64
	raw   bool // a byte that is no text
}

// shapeOf returns the places of a text's characters, and how many texts are of that shape where that is a small number.
func shapeOf(s string) (shape []places, size uint64, small bool) {
	size, small = 1, true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		p := placesOf(r)
		if r == utf8.RuneError && n == 1 {
			p = places{first: 0x80, n: 0x80, raw: true}
		}
		i += n
		shape = append(shape, p)
		if small = small && size <= (1<<62)/p.n; small {
			size *= p.n
		}
	}
	if !small {
		size = 0
	}
	return shape, size, small
}

// placesOf returns the characters that may stand for r: those of its sort in ASCII, and of its script, as the blocks of Unicode
// are laid out, elsewhere.
func placesOf(r rune) places {
	const alike, ideographs, lastIdeograph = 32, 0x4e00, 0x9fff
	switch {
	case r >= '0' && r <= '9':
		return places{first: '0', n: 10}
	case r >= 'a' && r <= 'z':
		return places{first: 'a', n: 26}
	case r >= 'A' && r <= 'Z':
		return places{first: 'A', n: 26}
	case r < utf8.RuneSelf:
		return places{first: r, n: 1}
	case r < 0x800:
		return places{first: r &^ (alike - 1), n: alike}
	case r >= ideographs && r <= lastIdeograph:
		return places{first: ideographs, n: lastIdeograph - ideographs + 1}
	}
	return places{first: r &^ 0x7f, n: 0x80}
}

// indexIn returns which text of its shape s is.
func indexIn(s string, shape []places) (index uint64) {
	at := 0
	for _, p := range shape {
		r, n := utf8.DecodeRuneInString(s[at:])
		if p.raw {
			r = rune(s[at])
		}
		at += n
		index = index*p.n + uint64(r-p.first)
	}
	return index
}

// written is the inverse of indexIn.
func written(s string, shape []places, index uint64) string {
	runes := make([]rune, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		runes[i] = shape[i].first + rune(index%shape[i].n)
		index /= shape[i].n
	}
	return join(runes, shape, len(s))
}

func join(runes []rune, shape []places, size int) string {
	out := make([]byte, 0, size)
	for i, r := range runes {
		if shape[i].raw {
			out = append(out, byte(r))
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// orderOf returns the permutation of a shape's texts.
func (k *keys) orderOf(s string, shape []places, size uint64) keyed.Permutation {
	frame := make([]byte, 0, 4*len(shape))
	for _, p := range shape {
		frame = utf8.AppendRune(frame, p.first)
	}
	var key [32]byte
	first, second := k.segment.sum("shape", string(frame), ""), k.segment.sum("shape", string(frame), "2")
	copy(key[:], first[:])
	copy(key[16:], second[:])
	return keyed.NewPermutation64(key, size)
}

// derange maps [0, n) onto itself as order does, but nothing to itself: of a run of fixed points, each goes to the next one, the last
// to where the number behind the run went, and that number to the run's first. n is at least 2.
func derange(order keyed.Permutation, n, x uint64) uint64 {
	if order.At64(x) == x {
		return order.At64((x + 1) % n)
	}
	start := x
	for before := (x + n - 1) % n; order.At64(before) == before; before = (before + n - 1) % n {
		start = before
	}
	if start != x {
		return start
	}
	return order.At64(x)
}

// hashed returns a text of the shape that a keyed hash of s chooses.
func (k *keys) hashed(s string, shape []places, round byte) string {
	runes := make([]rune, len(shape))
	var block [16]byte
	for i, p := range shape {
		if i%4 == 0 {
			block = k.segment.sum("segment", s, string([]byte{round, byte(i), byte(i >> 8), byte(i >> 16)}))
		}
		runes[i] = p.first + rune(uint64(binary.BigEndian.Uint32(block[i%4*4:]))%p.n)
	}
	return join(runes, shape, len(s))
}

// looksOfficial says whether digits in a text read as a payment card's number or as a social security number, which nobody may
// be given.
func looksOfficial(s string) bool {
	var digits []byte
	start, last := 0, -9
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isDigit(s[i]) {
			if len(digits) == 0 {
				start = i
			}
			digits, last = append(digits, s[i]), i
			continue
		}
		if i == len(s) || i-last > maxMarks || !isMark(s[i]) {
			if isCard(digits) || len(digits) == 9 && isSocial(s[start:last+1]) {
				return true
			}
			digits = digits[:0]
		}
	}
	return false
}

// maxMarks is how many marks may part the digits of one number.
const maxMarks = 3

func isMark(c byte) bool {
	switch c {
	case ' ', '-', '.', '(', ')', '/', '+':
		return true
	}
	return false
}

// isCard says whether digits have the length, the first digit and the check digit of a card's number (ISO/IEC 7812).
func isCard(digits []byte) bool {
	if len(digits) < 13 || len(digits) > 19 || digits[0] < '3' || digits[0] > '6' {
		return false
	}
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d = 2*d - d/5*9
		}
		sum += d
	}
	return sum%10 == 0
}

// isSocial says whether nine digits are written as 123-45-6789, of an area that is given out.
func isSocial(s string) bool {
	return len(s) == len("123-45-6789") && s[3] == '-' && s[6] == '-' && s[0] != '9' && s[:3] != "000" && s[:3] != "666"
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
