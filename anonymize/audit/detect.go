package audit

import (
	"bytes"
	"slices"
)

// A detector finds what is of someone by its form alone, whether or not the input held it.

// detect looks through one form of one field for what has the form of personal data.
func (s *scanner) detect(f field, text []byte) {
	if bytes.IndexByte(text, '@') >= 0 {
		s.emails(f, text)
	}
	if bytes.Contains(text, []byte("://")) {
		s.links(f, text)
	}
	if s.o.Fields == nil {
		return // without the tables, an id cannot be told from a card
	}
	for i := 0; i < len(s.groups); {
		from, digits := i, 0
		for ; i < len(s.groups) && (i == from || s.groups[i].chained); i++ {
			digits += s.groups[i].end - s.groups[i].start
		}
		if digits >= minPhone {
			s.digitRuns(f, text, s.groups[from:i])
		}
	}
	s.ibans(f, text)
}

// detected reports what a detector found, once for each record: most of it stands in several forms of a field.
func (s *scanner) detected(check Check, f field) {
	if !slices.Contains(s.told, check) {
		s.told = append(s.told, check)
		s.hitCount++ // such a value is looked at each time
		s.tell(check, f, 1)
	}
}

// links reports URLs of a host that is not reserved, and what of their paths stayed.
func (s *scanner) links(f field, text []byte) {
	eachLink(text, func(at int, host, rest []byte) {
		name := host
		if i := bytes.LastIndexByte(name, '@'); i >= 0 {
			name = name[i+1:]
		}
		if i := bytes.IndexByte(name, ':'); i >= 0 {
			name = name[:i]
		}
		if bytes.IndexByte(name, '.') > 0 && !reserved(name) {
			s.detected(Links, f)
		}
		if i := bytes.LastIndexByte(rest, '/'); i > 0 && at >= 3 && string(text[at-3:at]) == "gid" && !joined(text[:at], at-3, at) {
			rest = rest[i:] // of gid://shopify/Customer/207119551, what says of what it is an id stays
		}
		if f != urlField || at > maxScheme { // not the request's own
			s.link(f, host, rest)
		}
	})
}

// maxScheme is the length of the longest scheme that a request's URL has: https.
const maxScheme = 5

// reserved says whether a host can be nobody's: RFC 2606's names, and this machine.
func reserved(host []byte) bool {
	host = bytes.TrimSuffix(host, []byte("."))
	for _, name := range [...]string{"example.com", "example.net", "example.org", "example", "invalid", "test", "localhost", "127.0.0.1"} {
		if rest, ok := bytes.CutSuffix(host, []byte(name)); ok && (len(rest) == 0 || rest[len(rest)-1] == '.') {
			return true
		}
	}
	return false
}

// digitRuns reports cards and social security numbers, and runs of 7 to 15 digits that are neither a number that reaches
// nobody nor part of what the vendor's tables call an id, a time or an enumeration.
func (s *scanner) digitRuns(f field, text []byte, chain []group) {
	from, to := chain[0].start, chain[len(chain)-1].end
	s.digits = s.digits[:0]
	for _, g := range chain {
		s.digits = append(s.digits, text[g.start:g.end]...)
	}
	whole := !joined(text, from, to)
	switch {
	case f == textField:
		// What a text may hold, the gate says.
		if whole && isCard(s.digits) {
			s.detected(Cards, f)
		}
		return
	case whole && isCard(s.digits) && !s.excused(text[from:to]):
		s.detected(Cards, f)
		return
	case whole && isSSN(text[from:to]) && !s.excused(text[from:to]):
		s.detected(SSNs, f)
		return
	}
	for _, g := range chain {
		run := text[g.start:g.end]
		if len(run) < minPhone || len(run) > maxPhone || joined(text, g.start, g.end) || s.isSafeRun(run) || s.excused(run) {
			continue
		}
		s.detected(Digits, f)
		return
	}
}

// isSafeRun says whether digits are a number of the pool, with or without the country code.
func (s *scanner) isSafeRun(run []byte) bool {
	if s.keys.safe.has(run) {
		return true
	}
	if len(run) != 10 {
		return false
	}
	s.number = append(append(s.number[:0], '1'), run...)
	return s.keys.safe.has(s.number)
}

// joined says whether a letter or digit touches what lies between two places: then it is a part of something else.
func joined(text []byte, from, to int) bool {
	return from > 0 && letterBefore(text, from) || wordRune(text[to:]) > 0
}

// excused says whether digits are part of an id that was made, a time or an enumeration of the record.
func (s *scanner) excused(run []byte) bool {
	for _, v := range s.ours {
		if bytes.Contains(v, run) {
			return true
		}
	}
	return false
}

// isCard says whether digits may be a payment card's number (ISO/IEC 7812): its length, its first digit, its check digit.
func isCard(digits []byte) bool {
	if len(digits) < 13 || len(digits) > 19 || digits[0] < '3' || digits[0] > '6' {
		return false
	}
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isSSN says whether a text is a social security number as people write it: 123-45-6789, of an area that is given out.
func isSSN(b []byte) bool {
	if len(b) != 11 || b[3] != '-' || b[6] != '-' {
		return false
	}
	area := string(b[:3])
	return area != "000" && area != "666" && b[0] != '9' && string(b[4:6]) != "00" && string(b[7:]) != "0000"
}

// ibans reports international bank account numbers (ISO 13616): country, check digits, 15 to 34 characters, remainder 1.
func (s *scanner) ibans(f field, text []byte) {
	for i := 0; i+15 <= len(text); i++ {
		if text[i]-'a' >= 26 || text[i+1]-'a' >= 26 || text[i+2]-'0' >= 10 || text[i+3]-'0' >= 10 || i > 0 && wordByte(text[i-1]) {
			continue
		}
		var account [34]byte
		n, end := 0, i
		for end < len(text) && n < len(account) && (wordByte(text[end]) || text[end] == ' ' && end+1 < len(text) && wordByte(text[end+1])) {
			if text[end] != ' ' {
				account[n] = text[end]
				n++
			}
			end++
		}
		if isIBAN(account[:n]) && !s.excused(text[i:end]) {
			s.detected(IBANs, f)
			return
		}
		i += 3
	}
}

func isIBAN(account []byte) bool {
	size, known := ibanLength(account)
	if !known || len(account) < size {
		return false
	}
	account = account[:size]
	remainder := 0
	for i := range account {
		switch c := account[(i+4)%len(account)]; {
		case c-'0' < 10:
			remainder = (remainder*10 + int(c-'0')) % 97
		default:
			remainder = (remainder*100 + int(c-'a') + 10) % 97
		}
	}
	return remainder == 1
}

// ibanLength is how long a country's accounts are; those of the countries where most are.
func ibanLength(account []byte) (n int, ok bool) {
	if len(account) < 15 {
		return 0, false
	}
	switch string(account[:2]) {
	case "no":
		return 15, true
	case "be":
		return 16, true
	case "dk", "fi", "nl":
		return 18, true
	case "at", "ch":
		return map[string]int{"at": 20, "ch": 21}[string(account[:2])], true
	case "de", "gb", "ie":
		return 22, true
	case "es", "se", "cz", "sk":
		return 24, true
	case "pt":
		return 25, true
	case "fr", "it", "gr":
		return 27, true
	case "pl", "hu":
		return 28, true
	}
	return 0, false
}
