package pace

import (
	"math"
	"time"
)

// tempo turns recorded time into deadlines, for plays in order.
type tempo struct {
	scale    float64
	ramp     float64 // ns, 0 for none
	interval float64 // ns between two plays at the greatest rate, 0 for none

	last    time.Duration // the deadline before
	begun   bool
	anchor  time.Duration // the play from which the greatest rate is counted
	since   float64       // plays since the anchor
	stretch time.Duration
}

// place is the deadline of the next play, whose recorded time is at. Times should not decrease; where rounding or a crowd
// at one instant make one that does, its deadline is that of the play before.
func (t *tempo) place(at time.Duration) time.Duration { return t.due(t.ideal(at)) }

// due is the deadline of the next play, which is ideally at d.
func (t *tempo) due(d time.Duration) time.Duration {
	if t.interval > 0 {
		d = t.hold(d)
	}
	t.last = max(d, t.last)
	return t.last
}

// ideal is the deadline but for MaxRate: at / scale, ramped.
func (t *tempo) ideal(at time.Duration) time.Duration {
	if t.scale == 1 && t.ramp == 0 {
		return at
	}
	s := float64(at) / t.scale
	switch {
	case t.ramp == 0:
	case s < t.ramp/2:
		s = math.Sqrt(2 * t.ramp * s)
	default:
		s += t.ramp / 2
	}
	return duration(s)
}

// hold delays a play until the greatest rate allows it. Plays that are held count from the last that was not, so that
// the rounding of one is no part of the next.
func (t *tempo) hold(d time.Duration) time.Duration {
	earliest := t.anchor + duration((t.since+1)*t.interval)
	if earliest < t.anchor {
		earliest = math.MaxInt64
	}
	if !t.begun || d >= earliest {
		t.begun, t.anchor, t.since = true, d, 0
		return d
	}
	t.since++
	t.stretch = max(t.stretch, earliest-d)
	return earliest
}

// duration rounds nanoseconds, and keeps those that a Duration cannot hold at its end.
func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(math.Round(ns))
}
