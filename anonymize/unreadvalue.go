package anonymize

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// valueLike returns another value of the class of a string, or a key, of which nothing is known but its form and its field's name. The
// same one gives the same wherever it occurs. Addresses, times and JSON were looked for before.
func (a *Anonymizer) valueLike(f dialect.Field) string {
	v := f.Value
	if len(v) > maxShaped {
		return a.longLike(v)
	}
	spaced := strings.IndexFunc(v, unicode.IsSpace) >= 0
	switch {
	case TellsNothing(v):
		return v
	case holdsNumbers(f):
		return a.numbersLike(v)
	case !f.Key && a.isKeyword(v):
		a.report.Keywords++
		return v
	case strings.Contains(v, "@") && !(spaced && !f.Key && !strings.Contains(v, "<")):
		return a.mailLike(v)
	case strings.Contains(v, "://") && !spaced:
		return a.link(v)
	case a.hints(f.Name).has(aboutBirth) || startsWithDay(v):
		if made, ok := a.dateLike(v); ok {
			return made
		}
	}
	if made, ok := a.hostLike(v); ok {
		return made
	}
	wide := strings.IndexFunc(v, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
	switch {
	case f.Key:
		return a.wordLike(v)
	case a.hints(f.Name).has(aboutName) && isName(v):
		return a.nameLike(v)
	case spaced || wide && utf8.ValidString(v):
		return a.textLike(v)
	}
	return a.wordLike(v)
}

// maxShaped is how long a value is at most that is looked at for what it is.
const maxShaped = 4 << 10

// isMarks says whether a value has no letter, no digit and no picture.
func isMarks(v string) bool {
	return strings.IndexFunc(v, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || unicode.Is(unicode.So, r)
	}) < 0
}

// TellsNothing says whether a value is a constant of programs, up to three digits, noughts alone, a time of day, or an amount: it stays where nothing
// else is known of it.
func TellsNothing(v string) bool { return isConstant(v) || isAmount(v) }

// isConstant says whether a value is one of those that tell nothing in any language of programs, up to three digits, or a time of day.
func isConstant(v string) bool {
	switch strings.ToLower(v) {
	case "true", "false", "null", "none", "nil", "undefined":
		return true
	}
	return strings.Trim(v, "0123456789") == "" && len(v) <= 3 || strings.Trim(v, "0.-") == "" || isClock(v)
}

// isAmount says whether a value is a number with a fraction, and few digits: 19.99.
func isAmount(v string) bool {
	point := strings.IndexByte(v, '.')
	return point > 0 && len(v) <= 8 && len(v)-point <= 4 && isDecimal(v)
}

// isDecimal says whether a value is a number with a fraction.
func isDecimal(v string) bool {
	whole, fraction, ok := strings.Cut(strings.TrimPrefix(v, "-"), ".")
	return ok && whole != "" && fraction != "" && strings.Trim(whole+fraction, "0123456789") == ""
}

// isHost says whether a value is an address of the internet protocol.
func isHost(v string) bool {
	_, err := netip.ParseAddr(v)
	return err == nil
}

// timeLike moves a time by as much as its record.
func (a *Anonymizer) timeLike(f dialect.Field) (string, dialect.Op) {
	if a.by == 0 || isClock(f.Value) {
		return "", dialect.Leave
	}
	if at, err := time.Parse(time.DateOnly, f.Value); err == nil {
		return at.Add(a.by).Format(time.DateOnly), dialect.Set
	}
	if whole, fraction, ok := strings.Cut(f.Value, "."); ok && len(whole) == 10 {
		if moved, ok := payload.AppendMoved(nil, []byte(whole), a.cur.at, a.by); ok {
			return string(moved) + "." + fraction, dialect.Set
		}
	}
	return a.time(f)
}

// literalLike returns another JSON number: where it has as many digits as a telephone number or an id has, those become others, but for
// a few before or behind a point. A small one stays.
func (a *Anonymizer) literalLike(f dialect.Field) string {
	v := f.Value
	count := 0
	for i := range len(v) {
		if isDigit(v[i]) {
			count++
		}
	}
	h := a.hints(f.Name)
	if h.has(aboutPlace) && count >= 4 {
		return a.placeLike(v)
	}
	if count < 7 && !(count >= 4 && count == len(v) && (h.has(aboutAddress) && !h.has(aboutID) || h.has(aboutBirth))) {
		return v
	}
	if count == len(v) {
		return a.digits(v)
	}
	made := a.runsOfDigits(v, minRun)
	if made == v {
		made = a.runsOfDigits(v, 1)
	}
	return made
}

// placeLike returns another number for a place: a postcode, or a degree of which what is behind the point is another.
func (a *Anonymizer) placeLike(v string) string {
	whole, fraction, ok := strings.Cut(v, ".")
	if !ok {
		return a.runsOfDigits(v, 1)
	}
	return whole + "." + a.runsOfDigits(fraction, 1)
}

// runsOfDigits replaces the digits of a number that stand in a row, so many or more.
func (a *Anonymizer) runsOfDigits(v string, least int) string {
	out := []byte(v)
	for i := 0; i < len(out); i++ {
		start := i
		for i < len(out) && isDigit(out[i]) {
			i++
		}
		if i-start >= least {
			copy(out[start:i], a.digits(v[start:i]))
		}
	}
	return string(out)
}

// digits returns as many other digits, of which the first is 0 where it was: no number of the North American plan, of a card or of a
// social security.
func (a *Anonymizer) digits(old string) string {
	if len(old) > maxDigits {
		return a.scrambled(old)
	}
	made := old
	for range attempts {
		made = keyed.FreshID(a.keys.ids, made)
		if made != old && !looksOfficial(made) && !isPersonal(made) {
			return made
		}
	}
	return made
}

// maxDigits is how long a number is at most of which the fakes are a permutation.
const maxDigits = 40

// isPersonal says whether digits alone may be a telephone number of the North American plan.
func isPersonal(digits string) bool {
	if len(digits) != 10 && len(digits) != 11 {
		return false
	}
	number, class := sms.Canonical(digits)
	return class == sms.E164 && isNorthAmerican(number)
}

// wordLike returns another word, id or token of the same shape.
func (a *Anonymizer) wordLike(v string) string {
	digits := strings.Trim(v, "0123456789") == ""
	switch {
	case len(v) > 256:
		return a.scrambled(v)
	case digits && len(v) >= 7:
		return a.digits(v)
	case digits:
	case payload.PathSort(v) == payload.PathID, hasIDPrefix(v):
		for fresh, n := keyed.FreshID(a.keys.ids, v), 0; n < attempts; fresh, n = keyed.FreshID(a.keys.ids, fresh), n+1 {
			if fresh != v && !looksOfficial(fresh) { // digits of an id may read as a card's
				return fresh
			}
		}
	case hidesAll(v):
		if fresh := keyed.FreshID(a.keys.ids, v); fits(fresh, v) {
			return fresh
		}
	}
	return a.keys.reshape(v)
}

// hasIDPrefix says whether a value is a short word, a joint, and a token that is long enough to name nobody: evt_1NG8Du2eZvKYlo2C.
func hasIDPrefix(v string) bool {
	at := strings.IndexAny(v, "_-.")
	return at > 0 && at <= 5 && isToken(v[at+1:]) && strings.IndexFunc(v[:at], func(r rune) bool { return r >= utf8.RuneSelf || !isLetter(byte(r)) }) < 0
}

// textLike returns a generated text of the same shape and kind.
func (a *Anonymizer) textLike(v string) string {
	made := a.newText(v)
	if made == v {
		return a.keys.reshape(v)
	}
	return made
}

// isName says whether a value is one to three words, all with a capital: of a person, or of what is called like one.
func isName(v string) bool {
	words := strings.Fields(v)
	for _, w := range words {
		first, n := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(first) || strings.IndexFunc(w[n:], func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '-' && r != '.' }) >= 0 {
			return false
		}
	}
	return len(words) >= 1 && len(words) <= 3
}

// nameLike returns a person's name, of one word or of two, that has no word of the old one.
func (a *Anonymizer) nameLike(v string) (made string) {
	seed := a.keys.place.seed("name of a field", v, "")
	for range attempts {
		if strings.Contains(strings.TrimSpace(v), " ") {
			made = a.texts.Name(seed)
		} else {
			made = a.texts.FirstName(seed)
		}
		if !sharesRun(made, v) && !strings.EqualFold(made, v) {
			break
		}
		seed[0]++
	}
	return inCaseOf(v, made)
}

// mailLike returns what stands for a value with an e-mail address in it. Nothing of it can be mistaken for a real one.
func (a *Anonymizer) mailLike(v string) string {
	made := a.keys.email(v)
	parts := strings.Split(made, "@")
	for i, part := range parts[1:] {
		if !strings.HasPrefix(part, mailHost) {
			parts[i] += "-"
		} else {
			parts[i] += "@"
		}
	}
	return strings.Join(parts, "")
}

// hostLike returns another address of the internet protocol, of those that reach nobody from outside: 10.0.0.0/8 (RFC 1918) and
// 2001:db8::/32 (RFC 3849).
func (a *Anonymizer) hostLike(v string) (string, bool) {
	ip, err := netip.ParseAddr(v)
	if err != nil || ip.Zone() != "" {
		return "", false
	}
	if ip.IsLoopback() {
		return v, true
	}
	sum := a.keys.link.sum("address", v, "")
	if ip.Is4() {
		return netip.AddrFrom4([4]byte{10, sum[0], sum[1], sum[2]}).String(), true
	}
	copy(sum[:], "\x20\x01\x0d\xb8")
	return netip.AddrFrom16(sum).String(), true
}

// startsWithDay says whether a value begins with a date, as in 2006-01-02 or 02/01/2006.
func startsWithDay(v string) bool {
	_, ok := dayParts(v)
	return ok
}

// dateParts is where year, month and day stand in a value.
type dateParts struct{ year, first, second int }

// dayParts finds them: whether the month or the day comes first of the two that follow, or go before, the year, nothing tells.
func dayParts(v string) (p dateParts, ok bool) {
	const mark = "-/."
	form := func(s string) bool {
		if len(v) < len(s) || len(v) > len(s) && (isDigit(v[len(s)]) || isLetter(v[len(s)]) && v[len(s)] != 'T') {
			return false
		}
		for i := range len(s) {
			if s[i] == '0' && !isDigit(v[i]) || s[i] != '0' && strings.IndexByte(mark, v[i]) < 0 {
				return false
			}
		}
		return true
	}
	switch {
	case form("0000-00-00"):
		return dateParts{0, 5, 8}, v[5:7] <= "12" && v[8:10] <= "31"
	case form("00-00-0000"):
		return dateParts{6, 0, 3}, v[:2] <= "31" && v[3:5] <= "31"
	}
	return p, false
}

// dateLike returns another day in the same form, within 40 years before 2010, and the same time of day behind it; or other digits of
// the same count. ok is false of what is no date.
func (a *Anonymizer) dateLike(v string) (made string, ok bool) {
	p, ok := dayParts(v)
	if !ok {
		return "", false
	}
	sum := a.keys.place.sum("date", v, "")
	out := []byte(v)
	for round := range 3 {
		year := 1970 + int(sum[3*round])%40
		copy(out[p.year:], []byte{'0' + byte(year/1000), '0' + byte(year/100%10), '0' + byte(year/10%10), '0' + byte(year%10)})
		for i, at := range [...]int{p.first, p.second} { // a number that is both a month and a day
			n := 1 + sum[3*round+1+i]%12
			copy(out[at:], []byte{'0' + n/10, '0' + n%10})
		}
		if string(out) != v {
			break
		}
	}
	return string(out), true
}

// longLike returns as many bytes of words, or of a token, as a long value has.
func (a *Anonymizer) longLike(v string) string {
	if strings.IndexFunc(v, unicode.IsSpace) < 0 {
		return a.scrambled(v)
	}
	return string(a.filler([]byte(v), "", "", " "))
}

// scrambled returns a text of the same shape, from one hash of the old one: reshape needs a hash for every few characters.
func (a *Anonymizer) scrambled(v string) string {
	seed := a.keys.segment.seed("scrambled", v, "")
	random := rand.NewPCG(seed[0], seed[1])
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRuneInString(v[i:])
		p := placesOf(r)
		switch {
		case r == utf8.RuneError && n == 1:
			out = append(out, 0x80|byte(random.Uint64()&0x7f))
		case r == '0' && (i == 0 || !isDigit(v[i-1])):
			out = append(out, '0')
		case r >= '1' && r <= '9' && (i == 0 || !isDigit(v[i-1])):
			out = append(out, '1'+byte(random.Uint64()%9))
		default:
			out = utf8.AppendRune(out, p.first+rune(random.Uint64()%p.n))
		}
		i += n
	}
	return string(out)
}
