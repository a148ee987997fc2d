package audit

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// The lengths in digits that matter: of short codes, of telephone numbers, and of one spelled nationally
// that cannot be anything else by chance.
const (
	minShort, maxShort = 3, 6
	minPhone, maxPhone = 7, 15
	minNational        = 10
	maxSpelled         = maxPhone + 3 // with 011 before it
)

// group is a run of digits in a folded text; chained says that only separators part it from the one before.
type group struct {
	start, end int
	chained    bool
	plus       bool // a plus sign stands before it
}

// groups appends the runs of digits in s to dst.
func groups(dst []group, s []byte) []group {
	last := -1
	for i := 0; i < len(s); i++ {
		if s[i]-'0' >= 10 {
			continue
		}
		g := group{start: i, plus: i > 0 && s[i-1] == '+'}
		for i < len(s) && s[i]-'0' < 10 {
			i++
		}
		g.end = i
		g.chained = last >= 0 && separators(s[last:g.start])
		last = i
		dst = append(dst, g)
	}
	return dst
}

// separators says whether b is what people put between the digits of a number.
func separators(b []byte) bool {
	if len(b) > 3 {
		return false
	}
	for _, c := range b {
		switch c {
		case ' ', '-', '.', '(', ')', '/', '+':
		default:
			return false
		}
	}
	return true
}

// party is an address of a message: its digits where it is a number, itself where it is none.
type party struct {
	digits []byte // as written, without separators and the prefixes 00 and 011
	plus   bool   // the digits begin with a country code for certain
	name   []byte // of a sender who is no number; folded
	id     bool   // the name is an id of a channel that has no numbers
}

func (p *party) isPhone() bool { return len(p.digits) >= minPhone && len(p.digits) <= maxPhone }
func (p *party) isShort() bool { return len(p.digits) >= minShort && len(p.digits) <= maxShort }

// parse reads a folded address, behind a channel's prefix such as "whatsapp:" or without.
func (p *party) parse(s []byte) {
	*p = party{digits: p.digits[:0]}
	s = bytes.TrimSpace(s)
	if i := bytes.IndexByte(s, ':'); i > 0 && onlyLetters(s[:i]) {
		channel := s[:i]
		s = bytes.TrimSpace(s[i+1:])
		if isIDChannel(channel) {
			p.name, p.id = s, true
			return
		}
	}
	for i, c := range s {
		switch {
		case c-'0' < 10:
			p.digits = append(p.digits, c)
		case c == '+' && len(p.digits) == 0:
			p.plus = true
		case !separators(s[i : i+1]):
			p.digits, p.plus, p.name = p.digits[:0], false, s
			return
		}
	}
	if p.plus || len(p.digits) <= minNational {
		return
	}
	for _, prefix := range []string{"011", "00"} {
		if bytes.HasPrefix(p.digits, []byte(prefix)) {
			p.digits, p.plus = p.digits[len(prefix):], true
			return
		}
	}
}

func onlyLetters(s []byte) bool {
	for _, c := range s {
		if c-'a' >= 26 {
			return false
		}
	}
	return true
}

// full returns the number with its country code. Ten digits without one are taken for North American.
func (p *party) full(buf []byte) []byte {
	if !p.plus && len(p.digits) == 10 && p.digits[0] >= '2' {
		return append(append(buf[:0], '1'), p.digits...)
	}
	return append(buf[:0], p.digits...)
}

// forms calls f for each run of digits that spells the number and can hardly be anything else: with the
// country code; without it, if that leaves ten digits; with 0 for it, likewise.
func forms(full []byte, buf *[20]byte, f func([]byte)) {
	f(full)
	cc := countryCode(full)
	if len(full) <= cc {
		return
	}
	national := full[cc:]
	if len(national) >= minNational {
		f(national)
	}
	if len(national)+1 >= minNational && cc+len(national) <= maxPhone {
		buf[0] = '0'
		f(buf[:1+copy(buf[1:], national)])
	}
	if full[0] == '0' && len(full)-1 >= minNational {
		f(full[1:])
	}
}

// countryCode returns how many digits a number's country code has (ITU-T E.164, list of assigned codes).
func countryCode(full []byte) int {
	if len(full) < 2 {
		return len(full)
	}
	switch full[0] {
	case '1', '7':
		return 1
	case '2':
		if full[1] == '0' || full[1] == '7' {
			return 2
		}
	case '3':
		if bytes.IndexByte([]byte("578"), full[1]) < 0 {
			return 2
		}
	case '4':
		if full[1] != '2' {
			return 2
		}
	case '5':
		if full[1] != '0' && full[1] != '9' {
			return 2
		}
	case '6':
		if full[1] <= '6' {
			return 2
		}
	case '8':
		if bytes.IndexByte([]byte("1246"), full[1]) >= 0 {
			return 2
		}
	case '9':
		if full[1] <= '5' || full[1] == '8' {
			return 2
		}
	}
	return 3
}

// spelled calls f for every run of groups in s that may be a whole number: with nothing of a word at either end,
// joined to its digits. digits is scratch; it is returned, grown.
func spelled(s []byte, gs []group, digits []byte, f func([]byte)) []byte {
	for i := range gs {
		if gs[i].start > 0 && letterBefore(s, gs[i].start) {
			continue
		}
		digits = digits[:0]
		for j := i; j < len(gs) && (j == i || gs[j].chained); j++ {
			digits = append(digits, s[gs[j].start:gs[j].end]...)
			if len(digits) > maxSpelled {
				break
			}
			if len(digits) < minPhone || wordRune(s[gs[j].end:]) > 0 {
				continue
			}
			f(digits)
			for _, prefix := range []string{"00", "011"} {
				if rest, ok := bytes.CutPrefix(digits, []byte(prefix)); ok && len(rest) >= minNational {
					f(rest)
				}
			}
		}
	}
	return digits
}

func letterBefore(s []byte, i int) bool {
	r, _ := utf8.DecodeLastRune(s[:i])
	return unicode.IsLetter(r) || unicode.IsMark(r)
}
