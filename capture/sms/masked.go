package sms

import (
	"strings"
	"unicode/utf8"
)

// leastMasks is how many letters x stand for digits where one or two may be part of a name.
const leastMasks = 3

// IsMasked says whether an address is a telephone number of which a vendor shows a part: digits, with asterisks, bullets, # or X in
// place of others, as in "+1415555****", "+1XXX…" or "****0142" (https://developers.telnyx.com/docs/messaging/messages/message-redaction).
// It may stand behind a channel's prefix.
func IsMasked(address string) bool {
	_, s := splitAddress(address)
	if len(s) > maxAddress {
		return false
	}
	visible, masks, letters := 0, 0, 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			visible++
		case isMask(r):
			masks++
			if r|0x20 == 'x' {
				letters++
			}
		case r == '+' && i == 0, strings.ContainsRune(" -.()/", r):
		default:
			return false
		}
	}
	return masks >= 2 && (letters == 0 || masks >= leastMasks) && (visible > 0 || letters == 0 || s[0] == '+')
}

// ellipsis stands for any number of digits.
const ellipsis = '\u2026'

// isMask says whether a character stands for digits that are not shown.
func isMask(r rune) bool {
	switch r {
	case '*', '#', 'x', 'X', '\u2022', '\u25cf', ellipsis:
		return true
	}
	return false
}

// Mask writes fake, a number in E.164, as masked is written: its digits stand where those of masked can be seen, counted from the
// front before the last mask and from the end behind it, and all else stays. A national number of ten digits and masks has no country
// code. Where hide is set no digit but the country code is shown.
func Mask(masked, fake string, hide bool) string {
	prefix, s := splitAddress(masked)
	digits := strings.TrimPrefix(fake, "+")
	places, last := masks(s)
	if places == 10 && s[0] != '+' && len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	mask, _ := utf8.DecodeRuneInString(s[max(0, strings.IndexFunc(s, isMask)):])
	out := append(make([]rune, 0, len(masked)), []rune(prefix)...)
	front := 0
	for i, r := range s {
		at := front
		switch {
		case isMask(r):
			front++
		case r < '0' || r > '9':
		default:
			front++
			if i >= last {
				at = len(digits) - countDigits(s[i:])
			}
			if r = digitAt(digits, at); hide && (at > 0 || s[0] != '+') {
				r = mask
			}
		}
		out = append(out, r)
	}
	return string(out)
}

// leastShown is how many digits of a masked number say something: fewer may be anybody's.
const leastShown = 4

// FitsMask says whether a number in E.164 may be the one of which masked shows a part. None fits one that shows fewer than four digits.
func FitsMask(masked, number string) bool {
	_, s := splitAddress(masked)
	if countDigits(s) < leastShown {
		return false
	}
	places, _ := masks(s)
	first, _ := utf8.DecodeRuneInString(s)
	sized := places == len(number)-1 || places == 10 && s[0] != '+' || isMask(first) || strings.ContainsRune(s, ellipsis)
	return sized && Mask(masked, number, false) == masked
}

// masks counts the digits and masks of s, and says where the last mask ends.
func masks(s string) (places, last int) {
	for i, r := range s {
		switch {
		case isMask(r):
			places, last = places+1, i+utf8.RuneLen(r)
		case r >= '0' && r <= '9':
			places++
		}
	}
	return places, last
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// digitAt is a digit of a number, or 0 where the number has none there.
func digitAt(digits string, i int) rune {
	if i < 0 || i >= len(digits) {
		return '0'
	}
	return rune(digits[i])
}
