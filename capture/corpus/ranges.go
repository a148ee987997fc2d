package corpus

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Range is a range of records by their Seq, both ends within.
type Range struct{ From, To int64 }

// Ranges are in order, and none touches another.
type Ranges []Range

// ParseRanges reads numbers and ranges, "5" and "7-12", in any order.
func ParseRanges(list []string) (s Ranges, err error) {
	for _, text := range list {
		number := func(digits string) (n int64) {
			n, e := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if e != nil || n < 0 || n == math.MaxInt64 || strings.ContainsAny(digits, "+_") {
				err = fmt.Errorf("%q is neither a record's number nor a range such as 7-12", text)
			}
			return n
		}
		from, to, isRange := strings.Cut(text, "-")
		one := Range{From: number(from)}
		if one.To = one.From; isRange && err == nil {
			one.To = number(to)
		}
		switch {
		case err != nil:
			return nil, err
		case one.To < one.From:
			return nil, fmt.Errorf("the range %d-%d ends before it begins", one.From, one.To)
		}
		s = append(s, one)
	}
	return s.Merged(), nil
}

// Merged puts ranges in order, and together where they touch.
func (s Ranges) Merged() Ranges {
	slices.SortFunc(s, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	merged := s[:0]
	for _, one := range s {
		if n := len(merged); n > 0 && one.From <= merged[n-1].To+1 {
			merged[n-1].To = max(merged[n-1].To, one.To)
		} else {
			merged = append(merged, one)
		}
	}
	return merged
}

// Has says whether a record is in one of them.
func (s Ranges) Has(seq int64) bool {
	_, found := slices.BinarySearchFunc(s, seq, func(one Range, seq int64) int {
		switch {
		case one.To < seq:
			return -1
		case one.From > seq:
			return 1
		}
		return 0
	})
	return found
}

// String writes them as ParseRanges reads them.
func (s Ranges) String() string {
	var parts []string
	for _, one := range s {
		if one.From == one.To {
			parts = append(parts, strconv.FormatInt(one.From, 10))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", one.From, one.To))
		}
	}
	return strings.Join(parts, ",")
}
