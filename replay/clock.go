package replay

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Forever is longer than any run.
const Forever = time.Duration(math.MaxInt64)

// Clock maps the schedule onto the run: where nobody changes it, a deadline is due that long after the run's start. A
// pause shifts everything that comes later, and so does another tempo: what was not yet due keeps its distance from what
// came before it, so that nothing is caught up in a burst. It may be used by many goroutines at once.
type Clock struct {
	now   atomic.Pointer[stretch]
	floor atomic.Int64 // deadlines below it were jumped over
	mu    struct {
		sync.Mutex
		changed chan struct{} // closed at the next change
	}
}

// stretch is a part of the run with one tempo: position was reached at a moment, and from there on time passes rate
// times as fast in the schedule as in the run; 0 is a pause.
type stretch struct {
	at, position time.Duration
	rate         float64
	before       *stretch
}

func newClock(at, position time.Duration) *Clock {
	c := new(Clock)
	c.now.Store(&stretch{at: at, position: position, rate: 1})
	c.mu.changed = make(chan struct{})
	return c
}

// Due returns when a deadline of the schedule is due, since the run's start; Forever in a pause.
func (c *Clock) Due(deadline time.Duration) time.Duration { return c.now.Load().due(deadline) }

func (s *stretch) due(deadline time.Duration) time.Duration {
	if s.rate == 0 {
		return Forever
	}
	if deadline < s.position {
		if s.before != nil && s.before.rate > 0 {
			return s.before.due(deadline)
		}
		return s.at // it was late when the run was paused or stopped: that it waited meanwhile is not its fault
	}
	if s.rate == 1 {
		return deadline - s.position + s.at
	}
	return s.at + time.Duration(float64(deadline-s.position)/s.rate)
}

// Position returns how far the schedule is at a moment of the run.
func (c *Clock) Position(now time.Duration) time.Duration {
	s := c.now.Load()
	if s.rate == 1 {
		return s.position + now - s.at
	}
	return s.position + time.Duration(float64(now-s.at)*s.rate)
}

// Rate returns the tempo relative to the schedule's: 0 in a pause.
func (c *Clock) Rate() float64 { return c.now.Load().rate }

// change sets the tempo from a moment on.
func (c *Clock) change(now time.Duration, rate float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.now.Load()
	c.now.Store(&stretch{at: now, position: c.Position(now), rate: rate, before: old.recent()})
	close(c.mu.changed)
	c.mu.changed = make(chan struct{})
}

// remembered bounds the stretches that a clock looks back over: what is late by more changes than that is forgiven.
const remembered = 4

// recent returns the stretch with all but the newest of those before it forgotten.
func (s *stretch) recent() *stretch {
	whole := *s
	for p, n := &whole, 1; p.before != nil; n++ {
		if n == remembered {
			p.before = nil
			break
		}
		older := *p.before
		p.before = &older
		p = &older
	}
	return &whole
}

// changes returns a channel that is closed at the next change.
func (c *Clock) changes() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.changed
}
