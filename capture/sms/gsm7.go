package sms

import "unicode/utf8"

// The GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1) but for the escape itself, and the extension table (6.2.1.1).
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "\f^{}\\[~]|€"
)

// gsmASCII gives the septets of each ASCII character; 0 where the alphabet lacks it. It is never written again.
var gsmASCII = func() (t [utf8.RuneSelf]uint8) {
	for n, chars := range []string{gsmBasic, gsmExtension} {
		for _, r := range chars {
			if r < utf8.RuneSelf {
				t[r] = uint8(n + 1)
			}
		}
	}
	return t
}()

// gsmSeptets gives the septets of a character outside ASCII; 0 where the alphabet lacks it.
func gsmSeptets(r rune) int {
	switch r {
	case '£', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', 'Ø', 'ø', 'Å', 'å', 'Δ', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ',
		'Æ', 'æ', 'ß', 'É', '¤', '¡', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'ä', 'ö', 'ñ', 'ü', 'à':
		return 1
	case '€':
		return 2
	}
	return 0
}
