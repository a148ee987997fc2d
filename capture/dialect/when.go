package dialect

import (
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a time as exports write it: RFC 3339, also with a space for the T, without seconds' fraction or zone (then UTC) or with "UTC" behind;
// RFC 2822; or a number since 1970, in seconds, milliseconds, microseconds or nanoseconds by its size. fraction says that it was written to less than
// a second. Years are those that 64 bits of nanoseconds hold.
func ParseTime(text string) (t time.Time, fraction, ok bool) {
	text = strings.TrimSpace(text)
	switch {
	case len(text) < 8:
		return t, false, false
	case text[4] == '-' && len(text) >= len(time.DateTime):
		t, fraction, ok = parseISO(text)
	case '0' <= text[0] && text[0] <= '9' && strings.Trim(text, "0123456789.") == "":
		t, fraction, ok = parseEpoch(text)
	default:
		for _, layout := range [...]string{time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", time.RFC1123, "2 Jan 2006 15:04:05 -0700"} {
			var err error
			if t, err = time.Parse(layout, text); err == nil {
				ok = true
				break
			}
		}
	}
	if y := t.Year(); y < 1678 || y > 2261 {
		return time.Time{}, false, false
	}
	return t.UTC(), fraction, ok
}

// parseISO reads "2006-01-02T15:04:05.999+07:00" and what is written nearly so.
func parseISO(text string) (t time.Time, fraction, ok bool) {
	number := func(from, to int) (n int) {
		for _, c := range []byte(text[from:to]) {
			if c < '0' || c > '9' {
				return -1
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	hour, minute, second := number(11, 13), number(14, 16), number(17, 19)
	if year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
		text[7] != '-' || text[10] != 'T' && text[10] != ' ' && text[10] != 't' || text[13] != ':' || text[16] != ':' {
		return t, false, false
	}
	rest, ns := text[19:], 0
	if rest != "" && (rest[0] == '.' || rest[0] == ',') {
		fraction = true
		i, unit := 1, int(time.Second)/10
		for ; i < len(rest) && '0' <= rest[i] && rest[i] <= '9'; i++ {
			ns += int(rest[i]-'0') * unit
			unit /= 10
		}
		if i == 1 {
			return t, false, false
		}
		rest = rest[i:]
	}
	east, ok := parseZone(strings.TrimLeft(rest, " "))
	t = time.Date(year, time.Month(month), day, hour, minute, second, ns, time.UTC)
	return t.Add(-east), fraction, ok && t.Day() == day
}

// parseZone reads what stands behind a time: how far east of Greenwich it is.
func parseZone(text string) (east time.Duration, ok bool) {
	switch text {
	case "", "Z", "z", "UTC", "GMT":
		return 0, true
	}
	digits := strings.Replace(text[1:], ":", "", 1)
	n, err := strconv.ParseUint(digits, 10, 16)
	switch {
	case err != nil || text[0] != '+' && text[0] != '-':
		return 0, false
	case len(digits) == 2:
		n *= 100
	case len(digits) != 4:
		return 0, false
	}
	if n/100 > 23 || n%100 > 59 {
		return 0, false
	}
	east = time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if text[0] == '-' {
		east = -east
	}
	return east, true
}

// parseEpoch reads a number since 1970. Seconds are below the year 5138, and each finer unit a thousand times as large.
func parseEpoch(text string) (t time.Time, fraction, ok bool) {
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Contains(part, ".") || len(part) > 18 {
		return t, false, false
	}
	unit := time.Second
	for limit := int64(100_000_000_000); n >= limit && unit > time.Nanosecond; limit *= 1000 {
		unit /= 1000
	}
	perSecond := int64(time.Second / unit)
	t = time.Unix(n/perSecond, n%perSecond*int64(unit))
	if part != "" {
		f, _ := strconv.ParseFloat("0."+part, 64)
		t = t.Add(time.Duration(f * float64(unit)))
	}
	return t, part != "" || unit < time.Second, true
}
