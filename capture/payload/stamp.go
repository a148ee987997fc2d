package payload

import (
	"bytes"
	"strconv"
	"time"
)

// AppendMoved appends a time that a vendor wrote near a moment, moved by d, in its own form: seconds or milliseconds since
// 1970, seconds with a fraction, dates in ten or fourteen digits, ISO 8601's basic format, RFC 3339 and RFC 1123 and their kin. ok is false where the form is not known; then
// nothing is appended. The new one is as long as the old one but for seconds and milliseconds before September 2001, which
// have a digit less.
func AppendMoved(dst, value []byte, near time.Time, d time.Duration) (out []byte, ok bool) {
	at, ok := parseStamp(value, near)
	if ok {
		at, ok = at.moved(d)
	}
	if !ok {
		return dst, false
	}
	return at.append(dst), true
}

// Moment returns the moment that a value is in one of the forms of AppendMoved, of ten digits the seconds since 1970; the clock on the
// wall, whatever the zone.
func Moment(value string, near time.Time) (at time.Time, ok bool) {
	s, ok := parseStamp(bytesOf(value), near)
	return s.at, ok && s.form != minuteDigits
}

// stamp is a moment as a vendor writes it: what it says, and in which manner, so that another can be written likewise.
type stamp struct {
	form stampForm
	// at is what the clock on the wall says, in UTC whatever the zone.
	at time.Time
	// joint stands between date and time, and mark before the digits of the fraction.
	joint, mark byte
	fraction    int    // digits
	zone        []byte // as written: "Z", "+00:00"
}

type stampForm uint8

const (
	unixSeconds  stampForm = iota // 10 digits, 9 before September 2001
	unixMillis                    // 13 digits, or 12
	unixFraction                  // 10 digits, a dot, and up to nine more
	minuteDigits                  // YYMMDDhhmm, as SMPP and delivery receipts have it
	secondDigits                  // YYYYMMDDhhmmss
	basicStamp                    // YYYYMMDDThhmmssZ, as AWS's headers have it
	isoStamp                      // RFC 3339 and its kin: any fraction, any zone or none, T or a blank between
	mailStamp                     // RFC 1123: "Thu, 04 Jan 2024 18:05:25 GMT"
)

// dayLength, isoLength, mailLength and basicLength are the lengths of "2006-01-02", "2006-01-02T15:04:05", RFC 1123 and ISO 8601's basic
// format, the last three without a zone.
const (
	dayLength  = len(time.DateOnly)
	isoLength  = len(time.DateTime)
	mailLength = len("Mon, 02 Jan 2006 15:04:05 ")

	basicLength = len("20060102T150405")
)

// parseStamp reads a moment. Ten digits are seconds or a date: whichever is nearer to a moment near it. ok is false of what
// is in none of the forms, or not a moment. The stamp refers to b.
func parseStamp(b []byte, near time.Time) (s stamp, ok bool) {
	digits := len(b)
	for i, c := range b {
		if c < '0' || c > '9' {
			digits = i
			break
		}
	}
	switch {
	case digits == len(b):
		return parseDigits(b, near)
	case digits == 10 && b[digits] == '.':
		return parseFraction(b)
	case digits == 8 && len(b) >= basicLength && b[digits] == 'T':
		return parseBasic(b)
	case len(b) >= isoLength && digits == 4:
		return parseISO(b)
	case len(b) > mailLength:
		return parseMail(b)
	}
	return stamp{}, false
}

func parseDigits(b []byte, near time.Time) (s stamp, ok bool) {
	const near9 = 366 * 24 * time.Hour // a number of so few digits may be anything else
	switch len(b) {
	case 9:
		s = stamp{form: unixSeconds, at: time.Unix(int64(number(b)), 0).UTC()}
		return s, b[0] != '0' && s.at.Sub(near).Abs() < near9
	case 12:
		s = stamp{form: unixMillis, at: time.UnixMilli(int64(number(b))).UTC()}
		return s, b[0] != '0' && s.at.Sub(near).Abs() < near9
	case 10:
		seconds := stamp{form: unixSeconds, at: time.Unix(int64(number(b)), 0).UTC()}
		at, ok := moment(2000+number(b[:2]), number(b[2:4]), number(b[4:6]), number(b[6:8]), number(b[8:10]), 0)
		if minutes := (stamp{form: minuteDigits, at: at}); ok && at.Sub(near).Abs() < seconds.at.Sub(near).Abs() {
			return minutes, true
		}
		return seconds, b[0] != '0'
	case 13:
		return stamp{form: unixMillis, at: time.UnixMilli(int64(number(b))).UTC()}, b[0] != '0'
	case 14:
		at, ok := moment(number(b[:4]), number(b[4:6]), number(b[6:8]), number(b[8:10]), number(b[10:12]), number(b[12:]))
		return stamp{form: secondDigits, at: at}, ok
	}
	return stamp{}, false
}

// parseFraction reads seconds with a fraction.
func parseFraction(b []byte) (s stamp, ok bool) {
	s = stamp{form: unixFraction, mark: '.', fraction: len(b) - 11}
	if s.fraction > 9 || b[0] == '0' || !allDigits(b[11:]) {
		return stamp{}, false
	}
	s.at = time.Unix(int64(number(b[:10])), int64(nanos(b[11:]))).UTC()
	return s, true
}

// parseBasic reads ISO 8601's basic format.
func parseBasic(b []byte) (s stamp, ok bool) {
	if !allDigits(b[9:basicLength]) {
		return stamp{}, false
	}
	s = stamp{form: basicStamp, zone: b[basicLength:]}
	s.at, ok = moment(number(b[:4]), number(b[4:6]), number(b[6:8]), number(b[9:11]), number(b[11:13]), number(b[13:15]))
	return s, ok && isZone(s.zone)
}

// nanos is what the digits of a fraction stand for.
func nanos(fraction []byte) int {
	n := number(fraction)
	for i := len(fraction); i < 9; i++ {
		n *= 10
	}
	return n
}

func parseISO(b []byte) (s stamp, ok bool) {
	for i, want := range []byte(time.DateTime) {
		isDigit := b[i] >= '0' && b[i] <= '9'
		if i == dayLength {
			if b[i] != 'T' && b[i] != 't' && b[i] != ' ' {
				return stamp{}, false
			}
		} else if wantDigit := want >= '0' && want <= '9'; wantDigit != isDigit || !wantDigit && b[i] != want {
			return stamp{}, false
		}
	}
	s = stamp{form: isoStamp, joint: b[dayLength]}
	s.at, ok = moment(number(b[:4]), number(b[5:7]), number(b[8:10]), number(b[11:13]), number(b[14:16]), number(b[17:19]))
	rest := b[isoLength:]
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		s.mark = rest[0]
		for s.fraction = 0; 1+s.fraction < len(rest) && isDigit(rest[1+s.fraction]); {
			s.fraction++
		}
		if s.fraction < 1 || s.fraction > 9 {
			return stamp{}, false
		}
		s.at = s.at.Add(time.Duration(nanos(rest[1 : 1+s.fraction])))
		rest = rest[1+s.fraction:]
	}
	s.zone = rest
	return s, ok && isZone(rest)
}

// isZone knows "", Z, +hh, +hhmm and +hh:mm, also after a blank, GMT and UTC.
func isZone(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte{' '})
	switch string(b) {
	case "", "Z", "z", "GMT", "UTC":
		return true
	}
	if b[0] != '+' && b[0] != '-' {
		return false
	}
	switch b = b[1:]; {
	case len(b) == 5 && b[2] == ':':
		return allDigits(b[:2]) && allDigits(b[3:])
	case len(b) == 2 || len(b) == 4:
		return allDigits(b)
	}
	return false
}

func parseMail(b []byte) (s stamp, ok bool) {
	month := bytes.Index([]byte(monthNames), b[8:11])
	if month < 0 || month%3 != 0 || !allDigits(b[5:7]) || !allDigits(b[12:16]) || !allDigits(b[17:19]) || !allDigits(b[20:22]) || !allDigits(b[23:25]) {
		return stamp{}, false
	}
	s = stamp{form: mailStamp, zone: b[mailLength:]}
	s.at, ok = moment(number(b[12:16]), month/3+1, number(b[5:7]), number(b[17:19]), number(b[20:22]), number(b[23:25]))
	if !ok || len(s.zone) < 3 || !isZone(s.zone) {
		return stamp{}, false
	}
	// The day of the week, and what stands between: written again they must be the same.
	return s, string(s.append(nil)) == string(b)
}

const (
	monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"
	dayNames   = "SunMonTueWedThuFriSat"
)

// moment is a date and time; ok is false where there is none of that kind, as on 30 February.
func moment(year, month, day, hour, minute, second int) (t time.Time, ok bool) {
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t, t.Day() == day
}

// moved is the stamp of a moment d later. A moment that cannot be written in its form is not ok. What is finer than the
// form's last digit is cut off: a stamp is never later than the moment that it stands for.
func (s stamp) moved(d time.Duration) (moved stamp, ok bool) {
	s.at = s.at.Add(d)
	switch year := s.at.Year(); s.form {
	case unixSeconds:
		return s, s.at.Unix() >= 1e8 && s.at.Unix() < 1e10
	case unixFraction:
		return s, s.at.Unix() >= 1e9 && s.at.Unix() < 1e10
	case unixMillis:
		return s, s.at.UnixMilli() >= 1e11 && s.at.UnixMilli() < 1e13
	case minuteDigits:
		return s, year >= 2000 && year < 2100
	default:
		return s, year >= 0 && year < 10_000
	}
}

// append writes the stamp in its form.
func (s stamp) append(dst []byte) []byte {
	year, month, day := s.at.Date()
	hour, minute, second := s.at.Clock()
	switch s.form {
	case unixSeconds:
		return strconv.AppendInt(dst, s.at.Unix(), 10)
	case unixMillis:
		return strconv.AppendInt(dst, s.at.UnixMilli(), 10)
	case unixFraction:
		return s.appendFraction(strconv.AppendInt(dst, s.at.Unix(), 10))
	case basicStamp:
		dst = append(appendNumbers(appendNumber(dst, year, 4), 0, int(month), day), 'T')
		return append(appendNumbers(dst, 0, hour, minute, second), s.zone...)
	case minuteDigits:
		return appendNumbers(dst, 0, year-2000, int(month), day, hour, minute)
	case secondDigits:
		return appendNumbers(appendNumber(dst, year, 4), 0, int(month), day, hour, minute, second)
	case mailStamp:
		weekday := 3 * int(s.at.Weekday())
		dst = append(append(dst, dayNames[weekday:weekday+3]...), ", "...)
		dst = append(appendNumber(dst, day, 2), ' ')
		dst = append(append(dst, monthNames[3*month-3:3*month]...), ' ')
		dst = append(appendNumber(dst, year, 4), ' ')
		dst = append(appendNumbers(dst, ':', hour, minute, second), ' ')
		return append(dst, s.zone...)
	}
	dst = append(appendNumber(dst, year, 4), '-')
	dst = append(appendNumbers(dst, '-', int(month), day), s.joint)
	dst = appendNumbers(dst, ':', hour, minute, second)
	return append(s.appendFraction(dst), s.zone...)
}

// appendFraction writes the fraction of the second in as many digits as it had.
func (s *stamp) appendFraction(dst []byte) []byte {
	if s.fraction == 0 {
		return dst
	}
	n := s.at.Nanosecond()
	for i := s.fraction; i < 9; i++ {
		n /= 10
	}
	return appendNumber(append(dst, s.mark), n, s.fraction)
}

// appendNumbers writes numbers of two digits, with the joint between them unless it is 0.
func appendNumbers(dst []byte, joint byte, numbers ...int) []byte {
	for i, n := range numbers {
		if i > 0 && joint != 0 {
			dst = append(dst, joint)
		}
		dst = append(dst, byte('0'+n/10), byte('0'+n%10))
	}
	return dst
}

// appendNumber writes a number with so many digits.
func appendNumber(dst []byte, n, digits int) []byte {
	dst = append(dst, "0000000000000"[:digits]...)
	for i := len(dst) - 1; digits > 0; i, digits = i-1, digits-1 {
		dst[i], n = byte('0'+n%10), n/10
	}
	return dst
}

// number reads digits.
func number[T string | []byte](b T) (n int) {
	for i := range len(b) {
		n = 10*n + int(b[i]-'0')
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func allDigits[T string | []byte](b T) bool {
	for i := range len(b) {
		if !isDigit(b[i]) {
			return false
		}
	}
	return len(b) > 0
}
