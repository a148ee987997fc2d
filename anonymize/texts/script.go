package texts

import "unicode"

// Script is a writing system that the generator can write. Whatever it cannot is Latin.
type Script uint8

// The scripts.
const (
	Latin Script = iota
	Greek
	Cyrillic
	Hebrew
	Arabic
	Devanagari
	Thai
	Hangul
	Kana
	Han
	scriptCount
)

// scriptOf returns the script of a letter beyond ASCII.
func scriptOf(r rune) Script {
	switch {
	case r < 0x0370:
		return Latin
	case r < 0x0400:
		return Greek
	case r < 0x0530:
		return Cyrillic
	case r >= 0x0590 && r < 0x0600:
		return Hebrew
	case r >= 0x0600 && r < 0x0780:
		return Arabic
	case r >= 0x0900 && r < 0x0980:
		return Devanagari
	case r >= 0x0e00 && r < 0x0e80:
		return Thai
	case r >= 0x3040 && r < 0x3100:
		return Kana
	case r >= 0x1100 && r < 0x1200, r >= 0x3130 && r < 0x3190, r >= 0xac00 && r < 0xd7b0:
		return Hangul
	case unicode.Is(unicode.Han, r):
		return Han
	}
	return Latin
}

// isEmoji says whether a rune is drawn as a picture, or joins such runes.
func isEmoji(r rune) bool {
	switch {
	case r < 0x200d:
		return false
	case isJoiner(r):
		return true
	case r >= 0x1f000 && r < 0x1fb00, r >= 0x2600 && r < 0x27c0, r >= 0x2b00 && r < 0x2c00:
		return true
	case r >= 0x231a && r <= 0x23ff, r >= 0x25aa && r <= 0x25fe, r == 0x2934, r == 0x2935:
		return true
	}
	return false
}

// isJoiner says whether a rune only modifies the emoji beside it: joiner, variation selector, keycap, skin tone, tag.
func isJoiner(r rune) bool {
	return r == 0x200d || r == 0xfe0f || r == 0x20e3 || r >= 0x1f3fb && r <= 0x1f3ff || r >= 0xe0020 && r <= 0xe007f
}
