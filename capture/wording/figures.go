package wording

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration writes a time to three digits: "524 µs", "1.23 ms", "12.3 s", "2m30s".
func Duration(d time.Duration) string {
	size := d.Abs()
	switch {
	case d == 0:
		return "0"
	case size < time.Microsecond:
		return strconv.FormatInt(d.Nanoseconds(), 10) + " ns"
	case size < time.Millisecond:
		return Digits(float64(d)/1e3) + " µs"
	case size < time.Second:
		return Digits(float64(d)/1e6) + " ms"
	case size < time.Minute:
		return Digits(float64(d)/1e9) + " s"
	case size < 10*time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Compact writes a time as Go does, without parts that are 0 at its end: "1m" for "1m0s".
func Compact(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Digits writes three significant digits of a value below 1,000.
func Digits(v float64) string {
	switch size := max(v, -v); {
	case size < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case size < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// Plain writes so many significant digits of a value, and all of those before the point: "0.5", "12.35", "20,000". A power of ten is for
// what nobody reads.
func Plain(v float64, digits int) string {
	const readable = 1e15
	if size := math.Abs(v); size >= 1000-math.Pow10(3-digits)/2 && size < readable {
		return Number(int64(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'g', digits, 64)
}

// Percent writes a share of one: "3.12 %".
func Percent(v float64) string { return fmt.Sprintf("%.2f %%", v*100) }
