package replay

import (
	"errors"
	"fmt"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// Skip is a stretch of the schedule that was jumped over by hand: what was planned in it and not sent by then is unsent.
type Skip struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
}

// MaxSkip bounds one skip.
const MaxSkip = 366 * 24 * time.Hour

// What Control answers to an order to skip.
var (
	ErrNoSteps  = errors.New("replay: the run has no steps: it was started without --shape")
	ErrLastStep = errors.New("replay: this is the last step: stop ends the run")
)

// CheckSkip says what is wrong with the length of a skip.
func CheckSkip(by time.Duration) error {
	if by <= 0 || by > MaxSkip {
		return fmt.Errorf("a skip of %v is not above 0 and at most %v: the schedule goes on, and never back", by, MaxSkip)
	}
	return nil
}

// Skip goes on in the schedule where it would be so much later, at once. What is jumped over and was not sent counts as unsent. ends says
// that nothing of the plan follows, so that the run ends.
func (c *Control) Skip(by time.Duration) (ends bool, err error) {
	if err := CheckSkip(by); err != nil {
		return false, err
	}
	return c.skip(func(from time.Duration) (time.Duration, string, error) { return from + by, "skip " + by.String(), nil })
}

// SkipStep goes on with the next step of the shape.
func (c *Control) SkipStep() error {
	_, err := c.skip(func(from time.Duration) (time.Duration, string, error) {
		plan := c.mu.run.o.Plan
		if plan == nil || len(plan.Steps) == 0 {
			return 0, "", ErrNoSteps
		}
		for _, s := range plan.Steps {
			if s.Start > from {
				return s.Start, fmt.Sprintf("skip step (%v)", (s.Start - from).Round(time.Millisecond)), nil
			}
		}
		return 0, "", ErrLastStep
	})
	return err
}

// skip jumps to where to says, of where the schedule is.
func (c *Control) skip(to func(from time.Duration) (time.Duration, string, error)) (ends bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil {
		return false, err
	}
	if c.mu.series != nil {
		return false, ErrSearching
	}
	r := c.mu.run
	now := r.now()
	from := max(r.clock.Position(now), 0)
	target, what, err := to(from)
	if err != nil {
		return false, err
	}
	c.mu.changes = append(c.mu.changes, Change{At: c.moment(now), What: what})
	c.mu.skips = append(c.mu.skips, Skip{from, target})
	r.clock.jump(now, target)
	r.rouse()
	return r.o.Plan != nil && target > r.o.Plan.Duration, nil
}

// jump goes on at a position from a moment on, at the same tempo. What is before it is not sent any more.
func (c *Clock) jump(now, position time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.floor.Store(int64(position))
	c.now.Store(&stretch{at: now, position: position, rate: c.now.Load().rate})
	close(c.mu.changed)
	c.mu.changed = make(chan struct{})
}

// skipped says whether a deadline was jumped over.
func (c *Clock) skipped(deadline time.Duration) bool { return int64(deadline) < c.floor.Load() }

// jumpOver takes a request out of line that was jumped over.
func (l *Lane) jumpOver(q *Request, now time.Duration) {
	l.drop(q)
	if q.turn {
		l.release(q, &Result{Done: now})
	}
	l.refused(q, &Result{Intended: now, Error: ReasonUnsent})
}

// jumped says whether a play was jumped over, or was in the earlier part of the run, and counts it. Of one that was given to those who
// watch what waits there is a result.
func (f *feeder) jumped(rec *capture.Record, p *pace.Play, given bool) bool {
	over := f.clock.skipped(p.Deadline)
	if f.o.Resume != nil {
		for _, s := range f.o.Resume.Skips {
			over = over || p.Deadline >= s.From && p.Deadline < s.To
		}
	}
	switch {
	case !over:
	case given:
		f.shelf.put([]Result{{Seq: p.Seq, Copy: p.Copy, Kind: rec.Kind, Intended: f.now(), Error: ReasonUnsent, Step: uint16(p.Step)}})
	default:
		f.feedBook.Of(rec.Kind).Unsent++
	}
	return over
}
