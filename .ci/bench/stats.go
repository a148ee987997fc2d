package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// quantile of a sorted list, by the nearest rank.
func quantile[T any](sorted []T, q float64) T {
	var zero T
	if len(sorted) == 0 {
		return zero
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func median[T cmp.Ordered](values []T) T { return quantile(slices.Sorted(slices.Values(values)), 0.5) }

// arrival is one request at the receiver.
type arrival struct {
	at        int64 // ns, the kernel's clock
	seq, copy int64 // of Reprise-Record; -1 where there is none
}

// lateness of each request in order of size: arrival minus intended. Sender and receiver share no origin of
// time, so both are aligned on the one in a thousand that came earliest, for every tool alike.
func lateness(at, intended []int64) []time.Duration {
	late := make([]time.Duration, len(at))
	for i := range at {
		late[i] = time.Duration(at[i] - intended[i])
	}
	slices.Sort(late)
	origin := quantile(late, 0.001)
	for i := range late {
		late[i] -= origin
	}
	return late
}

// byOrder matches the nth arrival with the nth moment of a constant rate.
func byOrder(arrivals []arrival, rate float64) (at, intended []int64) {
	for i, a := range slices.SortedFunc(slices.Values(arrivals), func(a, b arrival) int { return cmp.Compare(a.at, b.at) }) {
		at = append(at, a.at)
		intended = append(intended, int64(float64(i)*1e9/rate))
	}
	return at, intended
}

// table is a Markdown table in the making.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.head)
	line(slices.Repeat([]string{"---"}, len(t.head)))
	for _, r := range t.rows {
		for len(r) < len(t.head) {
			r = append(r, "")
		}
		line(r)
	}
	return b.String()
}

// thousands writes a number with a comma before every three digits.
func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func micros(d time.Duration) string { return fmt.Sprintf("%.0f", float64(d)/1e3) }

// ratio of two figures, or a dash where one is missing.
func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}
