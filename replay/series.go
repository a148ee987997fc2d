package replay

import "time"

// series makes several runs one to whoever steers them.
type series struct {
	stop   func(cause error)
	begun  time.Time     // the first run's start
	offset time.Duration // of the run under way
	before Tally         // of the runs that are over
	ended  int           // the step of the last of them
	// changes is how many changes there were when the run under way began, and paused how long it had been paused by then.
	changes int
	paused  time.Duration
}

// Series makes the control one of several runs that follow one another, until end is called: it is over with none of them, its times
// count from the first one's start, and a pause lasts from one to the next. Stop calls stop, which is to end the run under way and all
// that follow. end writes down what was done.
func (c *Control) Series(stop func(cause error)) (end func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.series = &series{stop: stop}
	return func(s *Stats) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if r := c.mu.run; r != nil {
			s.Paused = c.pausedBy(c.moment(r.now()))
		}
		s.Changes, s.Notes = c.mu.changes, c.mu.notes
		c.mu.series, c.mu.ended, c.mu.held = nil, true, false
	}
}

// next begins another run of a series. The caller holds mu.
func (c *Control) next(r *run) {
	s := c.mu.series
	if s.begun.IsZero() {
		s.begun = r.start
	}
	s.offset = r.start.Sub(s.begun)
	s.changes, s.paused = len(c.mu.changes), c.pausedBy(s.offset)
	if c.mu.held {
		r.clock.change(r.now(), 0)
	}
}

// between ends one run of a series, and writes down what was done to it alone. The caller holds mu.
func (c *Control) between(now time.Duration, stats *Stats) {
	s, p := c.mu.series, c.mu.run.progress()
	s.before.OK, s.before.Failed, s.before.Shed = s.before.OK+p.OK, s.before.Failed+p.Failed, s.before.Shed+p.Shed
	s.ended = p.Step
	stats.Changes, stats.Paused = c.mu.changes[s.changes:], c.pausedBy(c.moment(now))-s.paused
}

// pausedBy is how long the run was paused, the pause under way among it.
func (c *Control) pausedBy(moment time.Duration) time.Duration {
	if c.mu.held {
		return c.mu.paused + moment - c.mu.since
	}
	return c.mu.paused
}

// moment is a time of the run under way as one of the whole series.
func (c *Control) moment(now time.Duration) time.Duration {
	if c.mu.series != nil {
		now += c.mu.series.offset
	}
	return now
}

// total makes the status of a run that of its series.
func (s *series) total(st *Status) {
	st.Elapsed += s.offset
	if st.Step > s.ended {
		st.OK, st.Failed, st.Shed = st.OK+s.before.OK, st.Failed+s.before.Failed, st.Shed+s.before.Shed
		return
	}
	st.OK, st.Failed, st.Shed, st.InFlight = s.before.OK, s.before.Failed, s.before.Shed, 0
}
