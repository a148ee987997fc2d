package session

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture"
)

// seen is what the messages of a selection are told by, beside their recipients.
type seen struct {
	zone     *time.Location
	hours    uint32
	weekdays uint8
	kinds    []capture.Kind
}

// add takes in a message, whose time is told by the clock of a zone; nil is UTC.
func (s *seen) add(r *capture.Record, zone *time.Location) {
	if s.zone = zone; zone == nil {
		s.zone = time.UTC
	}
	at := r.Time.In(s.zone)
	s.hours |= 1 << at.Hour()
	s.weekdays |= 1 << at.Weekday()
	if !slices.Contains(s.kinds, r.Kind) {
		s.kinds = append(s.kinds, r.Kind)
	}
}

// String names the hours, the weekdays and the kinds that there are.
func (s *seen) String() string {
	var kinds []string
	for _, k := range s.kinds {
		kinds = append(kinds, k.String())
	}
	slices.Sort(kinds)
	days := stretches(7, s.weekdays == 1<<7-1, func(i int) bool { return s.weekdays&(1<<((i+1)%7)) != 0 }, func(i int) string {
		return strings.ToLower(time.Weekday((i + 1) % 7).String()[:3])
	})
	hours := stretches(24, s.hours == 1<<24-1, func(i int) bool { return s.hours&(1<<i) != 0 }, func(i int) string { return fmt.Sprint(i) })
	return fmt.Sprintf("the selection has the hours %s (%s), the weekdays %s and the kinds %s", hours, s.zone, days, strings.Join(kinds, ", "))
}

// stretches names which of so many there are: "9..12, 14".
func stretches(n int, all bool, has func(int) bool, name func(int) string) string {
	if all {
		return name(0) + ".." + name(n-1)
	}
	var out []string
	for i := 0; i < n; i++ {
		if !has(i) {
			continue
		}
		from := i
		for i+1 < n && has(i+1) {
			i++
		}
		text := name(from)
		if i > from {
			text += ".." + name(i)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
