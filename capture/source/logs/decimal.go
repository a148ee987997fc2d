package logs

import "math"

// exponents of ten that turn each unit into nanoseconds.
const (
	seconds      = 9
	milliseconds = 6
	microseconds = 3
	nanoseconds  = 0
)

// scaled reads a decimal number and returns it times ten to the power of exp, cut to an integer. It works on
// the digits: a float64 holds seconds since 1970 to about a quarter of a microsecond only.
func scaled(text []byte, exp int) (value int64, ok bool) {
	negative := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	mantissa, e, ok := splitExponent(text)
	if !ok {
		return 0, false
	}
	// whole counts the digits that stand before the point once it is moved.
	whole, digits, seenPoint := exp+e, 0, false
	for _, c := range mantissa {
		switch {
		case c == '.' && !seenPoint:
			seenPoint = true
		case c < '0' || c > '9':
			return 0, false
		default:
			digits++
			if !seenPoint {
				whole++
			}
		}
	}
	if digits == 0 {
		return 0, false
	}
	value, ok = integer(mantissa, whole)
	if negative {
		value = -value
	}
	return value, ok
}

// integer reads the first n digits of mantissa, whatever its point, and as many noughts as it lacks.
func integer(mantissa []byte, n int) (value int64, ok bool) {
	for _, c := range mantissa {
		if n <= 0 {
			break
		}
		if c == '.' {
			continue
		}
		d := int64(c - '0')
		if value > (math.MaxInt64-d)/10 {
			return 0, false
		}
		value = value*10 + d
		n--
	}
	for ; n > 0 && value > 0; n-- {
		if value > math.MaxInt64/10 {
			return 0, false
		}
		value *= 10
	}
	return value, true
}

// splitExponent cuts "12.5e3" into "12.5" and 3.
func splitExponent(text []byte) (mantissa []byte, exp int, ok bool) {
	for i, c := range text {
		if c != 'e' && c != 'E' {
			continue
		}
		rest := text[i+1:]
		negative := false
		if len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
			negative = rest[0] == '-'
			rest = rest[1:]
		}
		if len(rest) == 0 || len(rest) > 3 {
			return nil, 0, false
		}
		for _, d := range rest {
			if d < '0' || d > '9' {
				return nil, 0, false
			}
			exp = exp*10 + int(d-'0')
		}
		if negative {
			exp = -exp
		}
		return text[:i], exp, true
	}
	return text, 0, true
}
