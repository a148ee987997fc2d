package logs

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"reprise/capture/localtime"
)

// clock reads the times of a log.
type clock struct {
	auto   bool // what a time is written as, its value tells
	iso    bool // RFC 3339 and what is written for it
	number bool
	exp    int    // of a number
	layout string // of package time
	zone   *time.Location
}

// newClock says what is wrong with the time format of a map.
func newClock(m Map) (c clock, err error) {
	c.zone, err = time.LoadLocation(m.TZ)
	if err != nil {
		return c, err
	}
	switch m.TimeFormat {
	case "":
		c.auto = true
		return c, nil
	case FormatRFC3339:
		c.iso = true
		return c, nil
	case FormatUnix, "%s":
		c.number, c.exp = true, seconds
		return c, nil
	case FormatUnixMilli:
		c.number, c.exp = true, milliseconds
		return c, nil
	case FormatUnixMicro:
		c.number, c.exp = true, microseconds
		return c, nil
	case FormatUnixNano:
		c.number, c.exp = true, nanoseconds
		return c, nil
	}
	if c.layout = m.TimeFormat; strings.Contains(c.layout, "%") {
		if c.layout, err = layoutOf(c.layout); err != nil {
			return c, err
		}
	}
	if !isLayout(c.layout) {
		return c, fmt.Errorf("%q is none of rfc3339, unix, unix_ms, unix_us, unix_ns, and neither strftime's verbs nor a Go layout that tells the time to the second", m.TimeFormat)
	}
	return c, nil
}

// isLayout says whether a time written by the layout can be read back, to the second.
func isLayout(layout string) bool {
	for _, t := range []time.Time{
		time.Date(2022, 11, 25, 13, 59, 7, 0, time.UTC), time.Date(2031, 2, 3, 4, 5, 58, 0, time.UTC),
	} {
		if got, err := time.Parse(layout, t.Format(layout)); err != nil || !got.Equal(t) {
			return false
		}
	}
	return true
}

// read gives the moment that a text is. It accepts what nanoseconds in an int64 can hold: 1678 to 2262. A local time that comes
// twice, as clocks were put back, is the earlier one, and twice says so.
func (c *clock) read(text []byte) (t time.Time, twice, ok bool) {
	switch {
	case c.number:
		ns, ok := scaled(text, c.exp)
		return time.Unix(0, ns).UTC(), false, ok
	case c.auto && numeric(text):
		ns, ok := scaled(text, magnitude(text))
		return time.Unix(0, ns).UTC(), false, ok
	case c.auto || c.iso:
		t, local, ok := isoTime(text)
		if !ok {
			t, local, ok = byLayout(time.RFC3339Nano, string(text)) // which takes an hour of one digit
		}
		if !ok && c.auto {
			t, local, ok = otherTime(text)
		}
		return c.settle(t, local, ok)
	}
	return c.settle(byLayout(c.layout, string(text)))
}

// settle puts a time that told no zone into that of the map.
func (c *clock) settle(t time.Time, local, ok bool) (at time.Time, twice, is bool) {
	if ok && local && c.zone != time.UTC {
		first, second, exists := localtime.Occurrences(t, c.zone)
		t, twice, ok = first, !first.Equal(second), exists
	}
	if !ok || t.Year() < 1678 || t.Year() > 2261 {
		return time.Time{}, false, false
	}
	return t.UTC(), twice, true
}

// unzoned marks the times that a layout read without a zone.
var unzoned = time.FixedZone("none", 0)

// byLayout reads a time by a layout of package time. The name of a zone that is no UTC tells nothing: it is not taken.
func byLayout(layout, text string) (t time.Time, local, ok bool) {
	t, err := time.ParseInLocation(layout, text, unzoned)
	if err != nil {
		return t, false, false
	}
	if t.Location() == unzoned {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC), true, true
	}
	if name, offset := t.Zone(); offset == 0 && name != "" && name != "UTC" && name != "GMT" && name != "Z" {
		return t, false, false
	}
	return t, false, true
}

// otherTime reads the times of access logs and of mail headers, with or without brackets.
func otherTime(text []byte) (t time.Time, local, ok bool) {
	s := string(bytes.TrimSuffix(bytes.TrimPrefix(text, []byte{'['}), []byte{']'}))
	for _, layout := range [...]string{
		"02/Jan/2006:15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2006/01/02 15:04:05",
		"Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006",
	} {
		if t, local, ok = byLayout(layout, s); ok {
			return t, local, true
		}
	}
	return t, false, false
}

func numeric(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != '+' && c != '-' && c != 'e' && c != 'E' {
			return false
		}
	}
	return len(text) < 5 || text[4] != '-' // which is a date
}

// magnitude says by its digits before the point in which unit a number of what has passed since 1970 is: seconds up to the year
// 5138, and the finer units from 1973 on.
func magnitude(text []byte) (exp int) {
	mantissa, e, _ := splitExponent(bytes.TrimLeft(text, "+-"))
	mantissa = bytes.TrimLeft(mantissa, "0")
	digits := bytes.IndexByte(mantissa, '.')
	if digits < 0 {
		digits = len(mantissa)
	}
	switch digits += e; {
	case digits <= 11:
		return seconds
	case digits <= 14:
		return milliseconds
	case digits <= 17:
		return microseconds
	}
	return nanoseconds
}

// isoTime reads RFC 3339 and its kin: a space or an underscore for the T, a comma for the point, seconds left out, the zone without its
// colon, behind a space, as UTC, or left out.
func isoTime(text []byte) (t time.Time, local, ok bool) {
	const least = len("2006-01-02T15:04")
	if len(text) < least || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[10] != 'T' && text[10] != ' ' && text[10] != 't' && text[10] != '_' {
		return t, false, false
	}
	ok = true
	number := func(from, to int) (n int) {
		for _, c := range text[from:to] {
			if c < '0' || c > '9' {
				ok = false
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day, hour, minute := number(0, 4), number(5, 7), number(8, 10), number(11, 13), number(14, 16)
	rest := text[least:]
	second, ns := 0, 0
	if len(rest) >= 3 && rest[0] == ':' {
		second = number(17, 19)
		rest = rest[3:]
		ns, rest = fraction(rest)
	}
	offset, local, zoned := zoneOffset(rest)
	if !ok || !zoned || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60 {
		return t, false, false
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, ns, time.UTC)
	if t.Day() != day && second < 60 { // the 30th of February
		return t, false, false
	}
	return t.Add(-offset), local, true
}

// fraction reads the digits behind a point or a comma, to the nanosecond.
func fraction(text []byte) (ns int, rest []byte) {
	if len(text) < 2 || text[0] != '.' && text[0] != ',' || text[1] < '0' || text[1] > '9' {
		return 0, text
	}
	i, unit := 1, int(time.Second)
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		unit /= 10
		ns += int(text[i]-'0') * unit
	}
	return ns, text[i:]
}

// zoneOffset reads what stands behind a time: nothing, which is local, Z, UTC, GMT, +hh, +hhmm or +hh:mm.
func zoneOffset(text []byte) (offset time.Duration, local, ok bool) {
	text = bytes.TrimLeft(text, " ")
	switch string(text) {
	case "":
		return 0, true, true
	case "Z", "z", "UTC", "GMT":
		return 0, false, true
	}
	for _, name := range [...]string{" UTC", " GMT"} { // as Go and Ruby print it
		text = bytes.TrimSuffix(text, []byte(name))
	}
	sign := text[0]
	digits := text[1:]
	if len(digits) == len("hh:mm") && digits[2] == ':' {
		digits = append(append(make([]byte, 0, 4), digits[:2]...), digits[3:]...)
	}
	if sign != '+' && sign != '-' || len(digits) != 2 && len(digits) != 4 {
		return 0, false, false
	}
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		n = n*10 + int(c-'0')
	}
	if len(digits) == 2 {
		n *= 100
	}
	if n/100 > 23 || n%100 > 59 {
		return 0, false, false
	}
	offset = time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if sign == '-' {
		offset = -offset
	}
	return offset, false, true
}

// readDuration reads a number of units, or a number with its own unit such as "1.5ms".
func readDuration(text []byte, exp int) (time.Duration, bool) {
	if n, ok := scaled(text, exp); ok {
		return time.Duration(n), true
	}
	d, err := time.ParseDuration(string(bytes.ReplaceAll(text, []byte{' '}, nil)))
	return d, err == nil
}
