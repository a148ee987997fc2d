package audit

import (
	"bytes"
	"hash/maphash"
	"unicode"
	"unicode/utf8"

	"reprise/capture/splitmix"
)

// word is a maximal run of letters, marks and digits in a folded text, with the apostrophes inside it.
type word struct {
	start, end int
	hash       uint64
	foreign    bool // to the vocabulary
}

// lexer cuts folded texts into words and knows the vocabulary. The hashes are keyed anew in every process.
type lexer struct {
	seed  maphash.Seed
	known hashSet
}

func newLexer(vocabularies ...[]string) *lexer {
	count := 0
	for _, list := range vocabularies {
		count += len(list)
	}
	l := &lexer{seed: maphash.MakeSeed(), known: newHashSet(count)}
	var f folder
	var words []word
	for _, list := range vocabularies {
		for _, entry := range list {
			words = l.words(words[:0], f.fold([]byte(entry)))
			for _, w := range words {
				l.known.add(w.hash)
			}
		}
	}
	return l
}

// words appends the words of a folded text to dst.
func (l *lexer) words(dst []word, s []byte) []word {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf && !wordByte(c) {
			i++
			continue
		}
		start := i
		if i = wordEnd(s, i); i == start {
			i += skipRune(s[i:])
			continue
		}
		h := maphash.Bytes(l.seed, s[start:i])
		dst = append(dst, word{start: start, end: i, hash: h, foreign: !l.known.has(h)})
	}
	return dst
}

// wordEnd returns where the word ends that begins at i; i where none does.
func wordEnd(s []byte, i int) int {
	for {
		for i < len(s) && wordByte(s[i]) {
			i++
		}
		n := wordRune(s[i:])
		if n == 0 && i > 0 && i < len(s) && s[i] == '\'' {
			if n = wordRune(s[i+1:]); n > 0 && wordBefore(s, i) {
				n++
			} else {
				n = 0
			}
		}
		if n == 0 {
			return i
		}
		i += n
	}
}

func wordByte(c byte) bool { return c-'a' < 26 || c-'0' < 10 }

// wordBefore says whether a word's rune stands before i.
func wordBefore(s []byte, i int) bool {
	r, _ := utf8.DecodeLastRune(s[:i])
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// wordRune returns the size of the first rune of s if it belongs to a word, otherwise 0. s is folded.
func wordRune(s []byte) int {
	if len(s) == 0 {
		return 0
	}
	if c := s[0]; c < utf8.RuneSelf {
		if wordByte(c) {
			return 1
		}
		return 0
	}
	if r, n := utf8.DecodeRune(s); unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
		return n
	}
	return 0
}

func skipRune(s []byte) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(s)
	return n
}

// sequence is the hash of some words in a row.
func sequence(words []word) uint64 {
	h := uint64(len(words)) * 0xff51afd7ed558ccd
	for _, w := range words {
		h = splitmix.Mix(h ^ w.hash)
	}
	return h
}

// spell writes the words in a row, one space apart: what two equal sequences have in common.
func spell(s []byte, words []word) string {
	parts := make([][]byte, len(words))
	for i, w := range words {
		parts[i] = s[w.start:w.end]
	}
	return string(bytes.Join(parts, []byte(" ")))
}

// hashSet is a set of hashes in open addressing.
type hashSet struct {
	slots []uint64
	mask  uint64
	count int
}

func newHashSet(count int) hashSet {
	size := 16
	for size < count*2 {
		size *= 2
	}
	return hashSet{slots: make([]uint64, size), mask: uint64(size - 1)}
}

func (s *hashSet) add(h uint64) {
	if h == 0 {
		h = 1
	}
	if s.count*2 >= len(s.slots) {
		grown := newHashSet(len(s.slots) * 2)
		for _, old := range s.slots {
			if old != 0 {
				grown.add(old)
			}
		}
		*s = grown
	}
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		switch s.slots[i] {
		case h:
			return
		case 0:
			s.slots[i] = h
			s.count++
			return
		}
	}
}

func (s *hashSet) has(h uint64) bool {
	if h == 0 {
		h = 1
	}
	if len(s.slots) == 0 {
		return false
	}
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		switch s.slots[i] {
		case h:
			return true
		case 0:
			return false
		}
	}
}
