package sms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// Class says what sort of address a sender or a recipient is.
type Class uint8

// The classes of address.
const (
	None         Class = iota // empty, or nothing that an SMS could come from
	E164                      // a telephone number: "+14155551234"
	ShortCode                 // three to six digits: "28572"
	Alphanumeric              // a sender's name, of up to 11 characters: "ACME"
)

// String returns "none", "e164", "short code" or "alphanumeric".
func (c Class) String() string {
	switch c {
	case E164:
		return "e164"
	case ShortCode:
		return "short code"
	case Alphanumeric:
		return "alphanumeric"
	}
	return "none"
}

// The lengths in digits between which a telephone number or short code lies.
const (
	minE164, maxE164   = 7, 15
	minShort, maxShort = 3, 6
	maxAlphanumeric    = 11
	maxAddress         = 64 // bytes: what is longer is no address
)

// Canonical returns the one way in which an address is written, whatever the vendor's: two spellings of one
// telephone number give the same string. Telephone numbers become E.164 ("+14155551234") whether written with a
// plus, as bare digits with the country code, with 00 or 011, nationally for the United States and Canada, with
// punctuation, in full-width or other decimal digits, or behind a channel's prefix ("whatsapp:"). Short codes are
// their digits. Sender names, numbers of which a part is masked, and what is none of these, stay as written but for white space
// around them and the channel's prefix. An id of a channel that knows people by ids alone ("messenger:") keeps its prefix: it is no
// telephone number, however many digits it has.
//
// Numbers written as digits with or without a plus take a fast path, with no allocation where the plus is there.
// Canonical does not ask whether a number exists.
func Canonical(raw string) (number string, class Class) {
	if isE164(raw) {
		return raw, E164
	}
	prefix, s := splitAddress(raw)
	if channel := idChannel(prefix); channel != "" {
		return channel + s, None
	}
	if prefix, digits, class, ok := canonicalDigits(s); ok {
		return prefix + digits, class
	}
	return canonicalSlow(s)
}

// isE164 says whether an address is a telephone number in its canonical form.
func isE164(s string) bool {
	if len(s) <= minE164 || len(s) > 1+maxE164 || s[0] != '+' || s[1] == '0' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// splitAddress parts an address into what Restyle keeps (white space, a channel's prefix) and the rest.
func splitAddress(raw string) (prefix, rest string) {
	if len(raw) > 0 && (raw[0] == '+' || isDigit(raw[0])) && isDigit(raw[len(raw)-1]) {
		return "", raw
	}
	rest = strings.TrimSpace(raw)
	if i := strings.IndexByte(rest, ':'); i > 0 && isChannel(rest[:i]) {
		rest = strings.TrimSpace(rest[i+1:])
	}
	at := strings.LastIndex(raw, rest)
	return raw[:at], rest
}

// CutChannel parts an address into a channel's prefix with its colon, and white space, as written, and the rest.
func CutChannel(address string) (prefix, rest string) { return splitAddress(address) }

// isChannel says whether an address may begin with this name and a colon.
func isChannel(name string) bool {
	for _, c := range [...]string{"whatsapp", "rcs", "sms", "mms", "tel", "viber"} {
		if strings.EqualFold(name, c) {
			return true
		}
	}
	return idChannelNamed(name) != ""
}

// idChannel returns the prefix of a channel that knows people by ids alone, in lower case and with its colon, where an address begins
// with one.
func idChannel(prefix string) string {
	if len(prefix) == 0 {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimSpace(prefix), ":")
	return idChannelNamed(name)
}

func idChannelNamed(name string) string {
	for _, c := range [...]string{"messenger:", "facebook:", "instagram:", "telegram:", "line:", "gbm:", "apple:", "wechat:", "kakaotalk:"} {
		if len(name) == len(c)-1 && strings.EqualFold(name, c[:len(name)]) {
			return c
		}
	}
	return ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// canonicalDigits reads ASCII digits, with or without a plus, and returns a prefix and a part of s that make the number; ok
// is false where s is anything else.
func canonicalDigits(s string) (prefix, number string, class Class, ok bool) {
	digits, plus := s, false
	if len(s) > 0 && s[0] == '+' {
		digits, plus = s[1:], true
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return "", "", None, false
		}
	}
	n := len(digits)
	switch {
	case n >= minShort && n <= maxShort:
		return "", digits, ShortCode, true
	case n < minE164:
		return "", s, None, true
	case plus && n <= maxE164 && digits[0] != '0':
		return "", s, E164, true
	case plus:
		return "", s, None, true
	}
	return canonicalBare(digits)
}

// canonicalBare reads seven or more ASCII digits without a plus.
func canonicalBare(digits string) (prefix, number string, class Class, ok bool) {
	if international, ok := cutDialled(digits); ok {
		return "+", international, E164, true
	}
	switch n := len(digits); {
	case digits[0] == '0' || n > maxE164:
		return "", digits, None, true
	case n == 10 && isNANP(digits):
		return "+1", digits, E164, true
	case n >= 10:
		return "+", digits, E164, true
	}
	return "", "", None, false
}

// cutDialled takes the international prefix, 00 or 011, off a number that was written as it is dialled.
func cutDialled(digits string) (international string, ok bool) {
	international, ok = strings.CutPrefix(digits, "011")
	if !ok {
		international, ok = strings.CutPrefix(digits, "00")
	}
	n := len(international)
	return international, ok && n > minE164 && n <= maxE164 && international[0] != '0'
}

// isNANP says whether ten digits are a number of the North American plan: a known area code, then an exchange.
func isNANP(digits string) bool {
	if digits[3] < '2' {
		return false
	}
	area, _ := decimal(digits[:3])
	if areaIndex[area] != 0 {
		return true
	}
	for i := 0; i < len(otherAreaCodes); i += 3 {
		if otherAreaCodes[i:i+3] == digits[:3] {
			return true
		}
	}
	return false
}

// canonicalSlow reads an address that is not plain digits, or too few of them to know at sight.
func canonicalSlow(s string) (number string, class Class) {
	if len(s) > maxAddress || IsMasked(s) {
		return s, None
	}
	folded, digits, letters := foldDigits(s)
	switch {
	case letters > 0 && len(s) <= maxAlphanumeric && !strings.ContainsAny(s, "@:/"):
		return s, Alphanumeric
	case letters > 0 || digits < minShort:
		return s, None
	}
	if prefix, digits, class, ok := canonicalDigits(folded); ok {
		return prefix + digits, class
	}
	plain := strings.Map(keepDigit, folded)
	switch {
	case digits <= maxShort:
		return plain, ShortCode
	case digits == 10 && folded[0] != '+' && isNANP(plain):
		return "+1" + plain, E164
	case digits == 11 && plain[0] == '1' && isNANP(plain[1:]):
		return "+" + plain, E164
	}
	if number, ok := parse(folded, plain); ok {
		return number, E164
	}
	return s, None
}

// parse asks libphonenumber, which knows how long numbers are in each country and which zeros are trunk prefixes, as
// in "+44 (0)7700 900123". Digits alone, seven to nine of them, are a number only if they are valid with a plus.
func parse(folded, plain string) (number string, ok bool) {
	written := folded
	_, dialled := cutDialled(plain)
	switch {
	case folded == plain:
		written = "+" + plain
	case dialled && strings.HasPrefix(folded, "011"):
		written = "+" + folded[len("011"):]
	case dialled && strings.HasPrefix(folded, "00"):
		written = "+" + folded[len("00"):]
	}
	n, err := phonenumbers.Parse(written, "US")
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE ||
		folded == plain && !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	number = phonenumbers.Format(n, phonenumbers.E164)
	return number, isE164(number)
}

// foldDigits writes every decimal digit and plus sign of s in ASCII, and counts the digits and the letters.
func foldDigits(s string) (folded string, digits, letters int) {
	folded = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			digits++
			return '0' + digitValue(r)
		case r == '\uff0b': // full-width plus
			return '+'
		case unicode.IsLetter(r):
			letters++
		}
		return r
	}, s)
	return folded, digits, letters
}

// digitValue gives the value of a decimal digit of any script: each script has its ten in a row.
func digitValue(r rune) rune {
	if r < utf8.RuneSelf {
		return r - '0'
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

func keepDigit(r rune) rune {
	if '0' <= r && r <= '9' {
		return r
	}
	return -1
}

// Restyle writes fake, a canonical number or short code, as raw is written: behind the same channel's prefix, with
// a plus or without, with 00 or 011, or nationally where both are numbers of the North American plan. Punctuation
// and digits of other scripts become plain digits. A short code or a sender's name in place of a telephone number has
// neither plus nor prefix for dialling. Canonical(Restyle(raw, fake)) is fake wherever raw is a telephone number or a
// short code and fake is one of the two; for a raw that is neither, fake is written as it is.
func Restyle(raw, fake string) string {
	if len(raw) > 0 && raw[0] == '+' && len(fake) > 0 && fake[0] == '+' {
		return fake
	}
	prefix, s := splitAddress(raw)
	digits, international := strings.CutPrefix(fake, "+")
	folded, _, _ := foldDigits(s)
	switch _, class := Canonical(s); {
	case !international && class != ShortCode:
		return prefix + fake
	case strings.HasPrefix(folded, "+"):
		return prefix + "+" + digits
	case class != E164 || !international:
		return prefix + fake
	}
	return prefix + restyleDialled(strings.Map(keepDigit, folded), digits)
}

// restyleDialled writes an international number's digits in the manner of written, the digits of one without a plus.
func restyleDialled(written, digits string) string {
	_, dialled := cutDialled(written)
	switch {
	case dialled && strings.HasPrefix(written, "011"):
		return "011" + digits
	case dialled:
		return "00" + digits
	case len(written) == 10 && isNANP(written) && len(digits) == 11 && digits[0] == '1' && isNANP(digits[1:]):
		return digits[1:]
	case len(digits) < 10 || len(digits) == 10 && isNANP(digits):
		return "+" + digits // without its plus it would read as another number
	}
	return digits
}
