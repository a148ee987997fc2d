package columns

import (
	"encoding/binary"
	"strconv"
	"time"
)

// clock is how a time is written: in units of the second's so many digits, as a number since 1970 or as RFC 3339 has it without a zone.
type clock struct {
	digits    int
	separator byte  // between date and time; 0: a number
	unit      int64 // in nanoseconds
}

const (
	dateLength = len("2006-01-02T15:04:05")
	lastSecond = 253_402_300_799 // of the year 9999
	day        = 24 * time.Hour
)

func newClock(digits int, separator byte) clock {
	c := clock{digits, separator, 1}
	for range 9 - digits {
		c.unit *= 10
	}
	return c
}

// append writes the time of so many units since 1970; false where it has no such spelling.
func (c clock) append(dst []byte, v int64) ([]byte, bool) {
	if v < 0 {
		return dst, false
	}
	if c.separator == 0 {
		return strconv.AppendInt(dst, v, 10), true
	}
	second := int64(time.Second) / c.unit
	fraction, left := v%second, v/second
	if left > lastSecond {
		return dst, false
	}
	y, m, d := time.Unix(left, 0).UTC().Date()
	left %= int64(day / time.Second)
	put := func(n int64, width int, after byte) {
		if dst, _ = appendPadded(dst, n, width); after != 0 {
			dst = append(dst, after)
		}
	}
	put(int64(y), 4, '-')
	put(int64(m), 2, '-')
	put(int64(d), 2, c.separator)
	put(left/3600, 2, ':')
	put(left/60%60, 2, ':')
	put(left%60, 2, 0)
	if c.digits > 0 {
		dst = append(dst, '.')
		put(fraction, c.digits, 0)
	}
	return dst, true
}

// parse reads what append writes; the caller looks whether it does.
func (c clock) parse(s []byte) (v int64) {
	number := func(s []byte) (n int64) {
		for _, x := range s {
			n = 10*n + int64(x&15)
		}
		return n
	}
	if c.separator == 0 {
		return number(s)
	}
	t := time.Date(int(number(s[:4])), time.Month(number(s[5:7])), int(number(s[8:10])), int(number(s[11:13])), int(number(s[14:16])), int(number(s[17:19])), 0, time.UTC)
	v = t.Unix() * (int64(time.Second) / c.unit)
	if c.digits > 0 {
		v += number(s[dateLength+1:])
	}
	return v
}

// near says whether a time is so near to that of a record that it may follow from it.
func (c clock) near(v, record int64) bool {
	const most = 2 * int64(day)
	distance := v - record/c.unit
	return distance > -most/c.unit && distance < most/c.unit
}

// find looks for a time near that of the record in a value: where it begins and ends. Of a number it takes at most so many digits of the
// second: more may be an id.
func find(s []byte, record int64, most int) (c clock, from, to int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			continue
		}
		if c, n := dated(s[i:]); n > 0 && c.near(c.parse(s[i:i+n]), record) {
			return c, i, i + n, true
		}
		run := digitsOf(s[i:])
		for _, digits := range [...]int{9, 6, 3, 0} {
			if n := 10 + digits; run >= n && s[i] != '0' && digits <= most {
				if c := newClock(digits, 0); c.near(c.parse(s[i:i+n]), record) {
					return c, i, i + n, true
				}
			}
		}
	}
	return clock{}, 0, 0, false
}

func digitsOf(s []byte) (n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// dated reads how a date and time at the begin of s is written, and how long it is; 0 where there is none.
func dated(s []byte) (c clock, n int) {
	const form = "dddd-dd-ddTdd:dd:dd"
	if len(s) < len(form) || s[10] != 'T' && s[10] != ' ' {
		return c, 0
	}
	for i, f := range []byte(form) {
		if f == 'd' && (s[i] < '0' || s[i] > '9') || f != 'd' && f != 'T' && s[i] != f {
			return c, 0
		}
	}
	digits := 0
	if n = len(form); len(s) > n+1 && s[n] == '.' {
		if digits = min(digitsOf(s[n+1:]), 9); digits > 0 {
			n += 1 + digits
		}
	}
	return newClock(digits, s[10]), n
}

// clocks writes values in which a time stands that is near the record's: what is before it, how far it is from that, and what is after.
func (b *builder) clocks(v *values, column, depth int, most float64) bool {
	list := b.parts.wides(v.len())
	for digits := 9; digits >= 0; {
		c, from, to, ok := find(v.at(0), b.e.rows[b.e.columns[column].of[0]].time, digits)
		if !ok {
			return false
		}
		if b.distances(list, v, column, c, from, to) {
			return b.writeClocks(list, v, column, depth, c, from, to, most)
		}
		if digits = c.digits - 1; c.separator != 0 {
			return false
		}
	}
	return false
}

// distances finds how far the times in values are from those of their records; false where there is none in one of them.
func (b *builder) distances(list []int64, v *values, column int, c clock, from, to int) bool {
	of := b.e.columns[column].of
	for i := range list {
		s, record := v.at(i), b.e.rows[of[i]].time
		if len(s) < to || record < 0 {
			return false
		}
		t, ok := c.parse(s[from:to]), false
		if b.scratch, ok = c.append(b.scratch[:0], t); !ok || string(b.scratch) != string(s[from:to]) || !c.near(t, record) {
			return false
		}
		list[i] = t - record/c.unit
	}
	return true
}

func (b *builder) writeClocks(list []int64, v *values, column, depth int, c clock, from, to int, most float64) bool {
	if b.offsetCost(list) > most || !b.budget.split(v.len(), 4, 0) {
		return false
	}
	head := b.cutEach(v, func(s []byte) []byte { return s[:from] })
	tail := b.cutEach(v, func(s []byte) []byte { return s[to:] })
	b.plan = binary.AppendUvarint(append(b.plan, opConcat), 3)
	b.node(head, column, depth+1)
	b.plan = append(b.plan, opTime, byte(c.digits), c.separator)
	b.budget.begin(2 * v.len())
	b.ints(list)
	b.node(tail, column, depth+1)
	return true
}

// offsetCost is about what ints makes of a list.
func (b *builder) offsetCost(list []int64) float64 {
	least := list[0]
	for _, v := range list {
		least = min(least, v)
	}
	b.wide = b.wide[:0]
	for _, v := range list {
		b.wide = append(b.wide, uint64(v)-uint64(least))
	}
	return tokensCost(b.wide)
}
