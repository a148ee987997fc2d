// Package pace decides when each request is to be sent. It is pure: it sees no clock, starts no goroutine and imports
// nothing of this module; the same options, seed and records give the same schedule.
//
// Every deadline is absolute, offset / time-scale since the run's start, never the sum of gaps: no error accumulates,
// and a late request does not make the next one late. A Schedule is used from one goroutine at a time.
package pace

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Options shape a schedule. The zero value plays every record once at its recorded tempo.
type Options struct {
	// TimeScale divides the time between records: 2 plays in half the time, 0.5 in twice. 0 means 1.
	TimeScale float64
	// Volume multiplies the number of requests in the same time: 2 sends every record and one copy of it. Below 1 it
	// keeps each record with that probability; of a fraction above 1, as in 1.5, it is the probability of one more copy.
	// 0 means 1.
	Volume float64
	// Limit ends the schedule after so many requests, copies among them. 0 means no limit.
	Limit int64
	// Seed decides what is random: thinning, fractions and the places of copies.
	Seed uint64
}

// The extremes of the options.
const (
	MaxTimeScale = 1e9
	MinTimeScale = 1e-6
	MaxVolume    = 10_000
)

// Play is one playing of a record.
type Play struct {
	// Copy is 0 for the record itself, then counts its copies.
	Copy int
	// Deadline is when to send it, since the run's start.
	Deadline time.Duration
}

// Schedule turns records, given one after another in order of time, into plays whose deadlines never decrease.
type Schedule struct {
	o      Options
	plays  []Play
	origin time.Duration
	last   time.Duration // the record before, since origin
	begun  bool
	count  int64 // records given, for the mean gap
	left   int64
}

// New checks the options and returns a schedule at its beginning.
func New(o Options) (*Schedule, error) {
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	if o.Volume == 0 {
		o.Volume = 1
	}
	switch {
	case !(o.TimeScale >= MinTimeScale && o.TimeScale <= MaxTimeScale):
		return nil, fmt.Errorf("time-scale %v is not between %v and %v", o.TimeScale, MinTimeScale, MaxTimeScale)
	case !(o.Volume > 0 && o.Volume <= MaxVolume):
		return nil, fmt.Errorf("volume %v is not above 0 and at most %v", o.Volume, MaxVolume)
	case o.Limit < 0:
		return nil, fmt.Errorf("limit %d is negative", o.Limit)
	}
	s := &Schedule{o: o, left: math.MaxInt64}
	if o.Limit > 0 {
		s.left = o.Limit
	}
	return s, nil
}

// Options returns the options with their defaults filled in.
func (s *Schedule) Options() Options { return s.o }

// Copies is the largest number of plays that one record can have.
func (s *Schedule) Copies() int { return int(math.Ceil(s.o.Volume)) }

// Done says that the limit is reached: every further record has no play.
func (s *Schedule) Done() bool { return s.left == 0 }

// Plays returns the plays of one record in order of their deadlines. seq identifies the record whatever the selection;
// at is its time since any fixed origin and next that of the record after it. The first record given is the start.
// The slice is valid until the next call.
//
// Copies lie strictly between the record and the next one, each at a place drawn evenly from the gap, no two at the same
// nanosecond as far as the gap has room: extra load follows the recorded local rate and never makes doublets. Where two
// records share a time, so do their copies. The last record (more false) has the smaller of the gap before it and the
// mean gap to put its copies in.
func (s *Schedule) Plays(seq int64, at, next time.Duration, more bool) []Play {
	s.plays = s.plays[:0]
	if !s.begun {
		s.begun, s.origin = true, at
	}
	at = max(at-s.origin, s.last)
	end := s.end(at, next, more)
	s.count++
	s.last = at
	n := int(min(int64(s.copies(seq)), s.left))
	if n == 0 {
		return nil
	}
	s.left -= int64(n)
	from := s.scale(at)
	s.plays = append(s.plays, Play{Deadline: from})
	s.spread(seq, from, s.scale(end), n-1)
	return s.plays
}

// end is the end of the gap that begins with a record, since the origin.
func (s *Schedule) end(at, next time.Duration, more bool) time.Duration {
	switch {
	case more:
		return max(next-s.origin, at)
	case s.count == 0:
		return at
	}
	return at + min(at-s.last, at/time.Duration(s.count))
}

// scale turns recorded time into run time.
func (s *Schedule) scale(d time.Duration) time.Duration {
	if s.o.TimeScale == 1 {
		return d
	}
	return time.Duration(math.Round(float64(d) / s.o.TimeScale))
}

// copies is the number of plays of a record: the whole part of the volume, and one more with the probability of the rest.
func (s *Schedule) copies(seq int64) int {
	whole, rest := math.Modf(s.o.Volume)
	n := int(whole)
	if rest > 0 && unit(s.o.Seed, seq, 0) < rest {
		n++
	}
	return n
}

// spread appends n copies with deadlines between from and to.
func (s *Schedule) spread(seq int64, from, to time.Duration, n int) {
	if n <= 0 {
		return
	}
	gap := to - from
	first := len(s.plays)
	for k := 1; k <= n; k++ {
		var d time.Duration
		if gap > 1 {
			d = 1 + time.Duration(unit(s.o.Seed, seq, k)*float64(gap-1))
		}
		s.plays = append(s.plays, Play{Deadline: from + min(d, gap)})
	}
	extra := s.plays[first:]
	slices.SortFunc(extra, func(a, b Play) int { return int(a.Deadline - b.Deadline) })
	if int64(gap) > int64(n) {
		part(extra, from+1, to-1)
	}
	for i := range extra {
		extra[i].Copy = i + 1
	}
}

// part moves plays that share a nanosecond, or stand outside lo to hi, to the nearest free places, keeping their order.
func part(plays []Play, lo, hi time.Duration) {
	for i := range plays {
		plays[i].Deadline = max(plays[i].Deadline, lo)
		lo = plays[i].Deadline + 1
	}
	for i := len(plays) - 1; i >= 0 && plays[i].Deadline > hi; i-- {
		plays[i].Deadline = hi
		hi--
	}
}

// unit returns a number in [0, 1) that depends on the seed, the record and a counter alone (SplitMix64's finalizer,
// Steele et al. 2014): no state, so that a selection or a resumed run draws the same numbers for the same record.
func unit(seed uint64, seq int64, k int) float64 {
	x := mix(seed + 0x9e3779b97f4a7c15)
	x = mix(x ^ uint64(seq)*0xd1342543de82ef95)
	x = mix(x + uint64(k)*0x9e3779b97f4a7c15)
	return float64(x>>11) / (1 << 53)
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
