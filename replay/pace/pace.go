// Package pace decides when each request is to be sent. It is pure: it sees no clock, starts no goroutine and imports
// nothing of this module; the same options, seed and arrivals give the same schedule.
//
// Arrivals go in with Add in order of time and plays come out of Next in order of their deadlines. Every deadline is
// absolute, a function of the arrival's distance from the first, never the sum of gaps: no error accumulates, and a late
// request does not make the next one late. Memory does not grow with the number of arrivals as long as Next is asked for
// what is ready after each Add. A Schedule is used from one goroutine at a time.
package pace

import (
	"errors"
	"math"
	"slices"
	"time"
)

// Arrival is one record's place in the recorded stream.
type Arrival struct {
	// Seq identifies the record whatever the selection: what is random about a record depends on it.
	Seq int64
	// At is its time since any fixed origin. The first of a loop is the loop's start; one that is before the last counts
	// with the last.
	At time.Duration
	// Factor is on the volume, for this arrival alone, where Options.MostFactor says that arrivals have one; 0 leaves it out.
	Factor float64
	// Person is whose message it is: an extra person has all messages of the recorded one. 0 means unknown, and the
	// record stands for itself.
	Person uint64
}

// Play is one playing of a record.
type Play struct {
	// Record is the ordinal of the Add that gave it, from 0, counted over all loops.
	Record uint64
	// Seq is the record's own number.
	Seq int64
	// Copy is Loop · Copies() + Person: unique for a Seq in the whole run.
	Copy int
	// Loop counts from 0.
	Loop int
	// Person is 0 for the recorded people; k stands for the k-th set of new people.
	Person int
	// Deadline is when to send it, since the run's start.
	Deadline time.Duration
	// Held says whether an outage holds it.
	Held Held
	// Step is the number of the shape's step that it is of, from 1; 0 where the run has no shape.
	Step int
}

// Schedule turns arrivals into plays whose deadlines never decrease.
type Schedule struct {
	o      Options
	copies int
	volume float64 // the greatest of any step
	tempo  tempo
	left   int64
	added  uint64

	loop    int
	ended   bool
	over    bool             // no loop is left
	count   int64            // arrivals of this loop
	origin  time.Duration    // At of this loop's first arrival
	last    time.Duration    // the arrival before, since origin
	idle    time.Duration    // what of last is left out, as no arrival came for too long
	allIdle time.Duration    // the same of all loops
	offset  time.Duration    // where this loop begins, in recorded time
	begun   [2]time.Duration // where the loops begin of which plays may be left, by the lowest bit of their number

	exact *exact // of an exact number of messages, nil for none
	steps *steps // of a shape, nil for none

	line   line   // where no arrival has more than one play
	spread spread // where one can
}

// maxTime bounds every recorded time, so that no sum of two overflows: 73 years.
const maxTime = time.Duration(1) << 61

// loneGap stands between loops whose arrivals all share one time.
const loneGap = time.Second

// ErrUnsolved: the shape has rates whose time-scales no Solver has worked out.
var ErrUnsolved = errors.New("pace: the rates of the shape are not worked out")

// New checks the options and returns a schedule at its beginning.
func New(o Options) (*Schedule, error) { return newSchedule(o, false) }

// newSchedule makes a schedule, or one that works out rates.
func newSchedule(o Options, solving bool) (*Schedule, error) {
	o.fill()
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Schedule{o: o, left: math.MaxInt64, tempo: tempo{scale: o.TimeScale, ramp: float64(o.Ramp)}}
	if o.Limit > 0 {
		s.left = o.Limit
	}
	if rate := max(o.MaxRate, o.Shape.Cap); rate > 0 && len(o.Outages) == 0 {
		s.tempo.interval = float64(time.Second) / rate
	}
	s.volume = o.Shape.MostVolume(o.Volume)
	s.copies = o.copies()
	if len(o.Shape.Steps) > 0 {
		if !solving && o.Shape.Solvable() {
			return nil, ErrUnsolved
		}
		s.steps = newSteps(slices.Clone(o.Shape.Steps), o.TimeScale, o.Volume)
	}
	if o.Exact != nil {
		s.exact = &exact{Exact: *o.Exact, seed: o.Seed}
	}
	s.spread.seed, s.spread.thinned = o.Seed, s.steps != nil
	return s, nil
}

// Options returns the options with their defaults filled in.
func (s *Schedule) Options() Options { return s.o }

// Copies is the largest number of plays that one arrival can have: every Play.Person is below it.
func (s *Schedule) Copies() int { return s.copies }

// Done says that the limit or the end is reached, or the last loop over and another begun: further arrivals have no play.
func (s *Schedule) Done() bool { return s.left == 0 || s.over }

// Stretch is the longest that Options.MaxRate has shifted a play beyond its place so far.
func (s *Schedule) Stretch() time.Duration { return s.tempo.stretch }

// Idle is the recorded time that Options.MaxGap has left out so far, in all loops.
func (s *Schedule) Idle() time.Duration { return s.allIdle }

// Add takes the next arrival. After End it begins the next loop, as Again does.
func (s *Schedule) Add(a Arrival) {
	record := s.added
	s.added++
	if s.ended {
		s.Again()
	}
	if s.Done() {
		return
	}
	at := s.position(a.At)
	v, factor := s.volume, 1.0
	if s.o.MostFactor > 0 {
		factor = min(max(a.Factor, 0), s.o.MostFactor)
		v *= factor
	}
	if s.exact != nil {
		v = s.exact.volume(&a)
	}
	at = min(s.offset+at-s.idle, maxTime)
	kept, need := v >= 1, 0.0
	if !kept || s.steps != nil {
		u := unit(s.o.Seed, uint64(a.Seq), 0)
		kept, need = u < v, u/factor
	}
	if s.copies == 1 {
		if kept {
			s.line.push(place{at: at, record: record, seq: a.Seq, loop: s.loop, need: need})
		}
		return
	}
	s.spread.add(arrival{at: at, seq: a.Seq, person: a.Person, loop: s.loop, volume: v, factor: factor, need: need, kept: kept}, record)
}

// position is an arrival's time since its loop's first. It leaves nothing out, and says in idle what is to be.
func (s *Schedule) position(at time.Duration) time.Duration {
	at = min(max(at, -maxTime/2), maxTime/2)
	if s.count == 0 {
		s.origin = at
	}
	s.count++
	before := s.last
	s.last = max(at-s.origin, s.last)
	if gap := s.last - before; s.o.MaxGap > 0 && gap > s.o.MaxGap {
		s.idle += gap - s.o.MaxGap
		s.allIdle += gap - s.o.MaxGap
	}
	return s.last
}

// End says that this loop has no more arrivals: all that is left of it can be given out.
func (s *Schedule) End() {
	if !s.ended && !s.Done() {
		s.spread.end()
	}
	s.ended = true
}

// Again begins another loop of the same arrivals, after End. It is placed after the span of the one that ended and its
// mean gap; ordinals go on. After Options.Loops loops the schedule is Done.
func (s *Schedule) Again() {
	s.End()
	if s.Done() {
		return
	}
	if s.loop+1 >= s.o.Loops {
		s.over = true
		return
	}
	if s.count > 0 {
		gap, span := loneGap, s.last-s.idle
		if span > 0 {
			gap = time.Duration(math.Round(float64(span) / float64(s.count-1)))
		}
		s.offset = min(s.offset+span+gap, maxTime)
	}
	s.loop++
	s.begun[s.loop&1] = s.offset
	s.ended, s.count, s.last, s.idle = false, 0, 0, 0
	s.spread.begin(s.offset)
}

// Next returns the next play, if its place is certain: no arrival to come can have one before it.
func (s *Schedule) Next() (Play, bool) {
	if s.left == 0 {
		return Play{}, false
	}
	if s.steps != nil {
		return s.nextOfSteps()
	}
	var p place
	var ok bool
	if s.copies == 1 {
		p, ok = s.line.pop()
	} else {
		p, ok = s.spread.next()
	}
	if !ok {
		return Play{}, false
	}
	deadline := s.tempo.place(p.at)
	if s.left--; s.o.Until > 0 && deadline >= s.o.Until {
		s.left = 0
		return Play{}, false
	}
	play := Play{
		Record: p.record, Seq: p.seq, Copy: p.loop*s.copies + p.person, Loop: p.loop, Person: p.person, Deadline: deadline,
	}
	if len(s.o.Outages) > 0 {
		play.Held = s.held(p, deadline)
	}
	return play, true
}

// pop takes out the next place, if it is certain.
func (s *Schedule) pop() (place, bool) {
	if s.copies == 1 {
		return s.line.pop()
	}
	return s.spread.next()
}

// nextOfSteps goes on to the next place that is played in a shape's steps.
func (s *Schedule) nextOfSteps() (Play, bool) {
	for p, ok := s.pop(); ok; p, ok = s.pop() {
		if s.steps.take(&p) {
			play := s.play(&p, s.tempo.due(s.steps.due()))
			play.Step = s.steps.at + 1
			if s.steps.over {
				s.left = 0
			}
			return play, true
		}
		if s.steps.over {
			s.left = 0
			break
		}
	}
	return Play{}, false
}

// play is a place with its deadline.
func (s *Schedule) play(p *place, deadline time.Duration) Play {
	return Play{Record: p.record, Seq: p.seq, Copy: p.loop*s.copies + p.person, Loop: p.loop, Person: p.person, Deadline: deadline}
}

// StepStart is when the step of the play that was given out last began: where the greatest rate holds plays back, with its first. Of a
// schedule without steps it is 0.
func (s *Schedule) StepStart() time.Duration {
	switch {
	case s.steps == nil:
		return 0
	case s.tempo.since > 0:
		return s.tempo.last
	}
	return duration(s.steps.begun)
}

// Steps says where the steps of the shape stand that have begun, when there are no more arrivals; nil where there is no shape.
func (s *Schedule) Steps() []PlacedStep {
	if s.steps == nil {
		return nil
	}
	s.steps.finish()
	return s.steps.done
}

// Needs is the lowest ordinal that a later play may name: records below it can be forgotten. It never decreases, and is
// at most a few times Neighbours behind the last arrival when Next has been asked for all that is ready.
func (s *Schedule) Needs() uint64 {
	switch {
	case s.left == 0:
		return s.added
	case s.copies == 1:
		return s.line.needs(s.added)
	}
	return s.spread.needs(s.added)
}

// place is a play before its deadline is worked out: at is its recorded time, loops one after another.
type place struct {
	at     time.Duration
	record uint64
	seq    int64
	loop   int
	person int
	// need is the volume above which it is played, in a schedule of steps.
	need float64
}

// line holds plays that come out as they went in.
type line struct {
	places []place
	head   int
}

func (l *line) push(p place) { l.places = append(l.places, p) }

func (l *line) pop() (place, bool) {
	if l.head == len(l.places) {
		return place{}, false
	}
	p := l.places[l.head]
	l.head++
	if l.head == len(l.places) {
		l.places, l.head = l.places[:0], 0
	}
	return p, true
}

func (l *line) needs(added uint64) uint64 {
	if l.head == len(l.places) {
		return added
	}
	return l.places[l.head].record
}
