package localtime

import (
	"errors"
	"fmt"
	"time"
)

// ErrOrder says that a stretch of time does not begin before it ends.
var ErrOrder = errors.New("from is not before to")

// Zone finds a time zone by its name, such as America/New_York.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("no time zone is called %q, but such as America/New_York", name) // it is no secret
	}
	return zone, nil
}

// Window reads a stretch of time, from its start to just before its end; "" leaves an end open, which is a zero time. Of a time that
// comes twice the first is meant. An error is ErrOrder, or names "from" or "to" first.
func Window(from, to string, zone *time.Location) (start, end time.Time, err error) {
	if start, err = Moment(from, zone); err != nil {
		return start, end, fmt.Errorf("from: %w", err)
	}
	if end, err = Moment(to, zone); err != nil {
		return start, end, fmt.Errorf("to: %w", err)
	}
	if !start.IsZero() && !end.IsZero() && !start.Before(end) {
		return start, end, ErrOrder
	}
	return start, end, nil
}

// Moment reads a time as Parse does, the first of two; "" is the zero one. Its errors say how a time is written.
func Moment(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, _, err := Parse(s, zone)
	if errors.Is(err, ErrNoTime) {
		return t, fmt.Errorf("%q is no time: write 2022-11-28T12:00:00Z or \"2022-11-28 12:00\"", s)
	}
	return t, err
}
