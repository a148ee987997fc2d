package replay

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"reprise/replay/pace"
)

// Control steers a run from outside while it is going. Its zero value is ready to be given to one Run by Options.Control;
// its methods may be called by many goroutines at once, before and after the run too.
type Control struct {
	mu struct {
		sync.Mutex
		run      *run
		begun    bool
		ended    bool
		base     float64 // the schedule's time-scale
		cap      float64 // the most requests a second that the schedule lets through; 0 is no limit
		changes  []Change
		notes    []Note
		skips    []Skip
		volume   liveVolume
		identity *Identity
		about    About
		paused   time.Duration
		since    time.Duration // of the pause under way
		held     bool          // a pause is under way
		rate     float64       // the tempo outside of pauses
		series   *series       // nil where the run is alone
	}
}

// What Control answers.
var (
	ErrNotRunning = errors.New("replay: the run has not begun")
	ErrEnded      = errors.New("replay: the run is over")
	ErrSearching  = errors.New("replay: the run searches for a tempo, and sets it itself")
)

// The bounds of a time-scale that is set while a run is going.
const (
	MinLiveScale = 1e-3
	MaxLiveScale = 1e6
)

func (c *Control) attach(r *run, o pace.Options) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.run, c.mu.begun, c.mu.base, c.mu.rate = r, true, o.TimeScale, 1
	c.mu.cap = max(o.MaxRate, o.Shape.Cap)
	c.mu.volume = liveVolume{base: o.Volume, now: o.Volume}
	if c.mu.series != nil {
		c.next(r)
	}
}

// detach ends the control and writes down what was done.
func (c *Control) detach(now time.Duration, s *Stats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mu.series != nil {
		c.between(now, s)
		return
	}
	c.mu.ended = true
	if c.mu.held {
		c.mu.paused += c.moment(now) - c.mu.since
		c.mu.held = false
	}
	s.Changes, s.Paused, s.Notes, s.Skips = c.mu.changes, c.mu.paused, c.mu.notes, c.mu.skips
}

// change does one thing to a run under way. The caller holds mu.
func (c *Control) change(what string, rate float64, now time.Duration) {
	c.mu.changes = append(c.mu.changes, Change{At: c.moment(now), What: what})
	c.mu.run.clock.change(now, rate)
	c.mu.run.rouse()
}

// Changes returns what was done so far, in order; the slice is the caller's.
func (c *Control) Changes() []Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.mu.changes)
}

func (c *Control) going() error {
	switch {
	case c.mu.ended:
		return ErrEnded
	case !c.mu.begun:
		return ErrNotRunning
	}
	return nil
}

// Pause stops sending; those on their way go on. Pausing a paused run does nothing.
func (c *Control) Pause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil || c.mu.held {
		return err
	}
	now := c.mu.run.now()
	c.mu.held, c.mu.since = true, c.moment(now)
	c.change("pause", 0, now)
	return nil
}

// Resume goes on where the run was paused: what waited is sent at its distances, not in a burst.
func (c *Control) Resume() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil || !c.mu.held {
		return err
	}
	now := c.mu.run.now()
	c.mu.held = false
	c.mu.paused += c.moment(now) - c.mu.since
	c.change("resume", c.mu.rate, now)
	return nil
}

// Scale sets the time-scale from now on: 3 plays what is left in a third of the recorded time.
func (c *Control) Scale(timeScale float64) error {
	if !(timeScale >= MinLiveScale && timeScale <= MaxLiveScale) {
		return fmt.Errorf("time-scale %v is not between %v and %v", timeScale, MinLiveScale, MaxLiveScale)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil {
		return err
	}
	if c.mu.series != nil {
		return ErrSearching
	}
	c.mu.rate = timeScale / c.mu.base
	rate, now := c.mu.rate, c.mu.run.now()
	if c.mu.held {
		rate = 0
	}
	c.change(fmt.Sprintf("scale %v", timeScale), rate, now)
	return nil
}

// ErrStopped is the cause with which a run ends that was stopped by Control.Stop.
var ErrStopped = errors.New("replay: stopped by hand")

// Stop ends the run as its context's end would: nothing more is sent, those on their way finish.
func (c *Control) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil {
		return err
	}
	if c.mu.series != nil {
		c.mu.series.stop(ErrStopped)
		return nil
	}
	c.mu.run.stopBy(ErrStopped)
	return nil
}

// Status says how a run stands.
type Status struct {
	// About says which run it is; its fields stand among the others.
	About
	// State is "waiting", "running", "paused" or "over".
	State string `json:"state"`
	// Elapsed is the time since the run's start, Position how far the schedule is, Planned how long it is.
	Elapsed  time.Duration `json:"elapsed_ns"`
	Position time.Duration `json:"position_ns"`
	Planned  time.Duration `json:"planned_duration_ns"`
	// TimeScale is the one in force outside of pauses.
	TimeScale float64 `json:"time_scale"`
	// Cap is the most requests a second at that time-scale, where the run has a cap: it is of the plan, and a time-scale set by hand moves it.
	Cap      float64       `json:"cap,omitempty"`
	OK       int64         `json:"ok"`
	Failed   int64         `json:"failed"`
	Shed     int64         `json:"shed"`
	InFlight int           `json:"in_flight"`
	Lag      time.Duration `json:"lag_ns"`
	// Step is the number of the step that is played, from 1, of Steps; 0 in a run without steps. How many a search will have nobody knows: there
	// Steps is 0, Position and Planned are the step's own, and everything else is of the whole run.
	Step  int `json:"step,omitempty"`
	Steps int `json:"steps,omitempty"`
	// StepName is what the user calls the step, and StepText the step as it was written.
	StepName string `json:"step_name,omitempty"`
	StepText string `json:"step_text,omitempty"`
	// Retrying is how many requests wait to be sent again by their vendor's schedule, and RetriesLeft how long that takes at most: where all fail until
	// their last attempt. Both are 0 where none waits.
	Retrying    int64         `json:"retrying,omitempty"`
	RetriesLeft time.Duration `json:"retries_left_ns,omitempty"`
	// Volume is the one in force; in a shape it is a factor on what the shape says.
	Volume float64 `json:"volume"`
	// Says is what else there is to say of an order.
	Says string `json:"says,omitempty"`
	// Identity says as whom the run sends; nil where that was not said.
	Identity *Identity `json:"identity,omitempty"`
	// Notes is how many there are, and LastNote the newest of them.
	Notes    int   `json:"notes,omitempty"`
	LastNote *Note `json:"last_note,omitempty"`
}

// Status returns how the run stands.
func (c *Control) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{State: "waiting", Identity: c.mu.identity, About: c.mu.about}
	if !c.mu.begun {
		return s
	}
	s.State = "running"
	switch {
	case c.mu.ended:
		s.State = "over"
	case c.mu.held:
		s.State = "paused"
	}
	p := c.mu.run.progress()
	s.Elapsed, s.Position, s.OK, s.Failed, s.Shed = p.Elapsed, p.Position, p.OK, p.Failed, p.Shed
	s.Retrying, s.RetriesLeft = p.Retrying, p.RetriesLeft
	s.InFlight, s.Lag, s.TimeScale, s.Step = p.InFlight, p.Lag, c.mu.rate*c.mu.base, p.Step
	s.Cap = c.mu.cap * c.mu.rate
	if c.mu.series != nil {
		c.mu.series.total(&s)
	}
	if plan := c.mu.run.o.Plan; plan != nil {
		s.Planned = plan.Duration
		if number, step := plan.StepAt(s.Position); s.Step == 0 && step != nil {
			s.Step, s.Steps, s.StepName, s.StepText = number, len(plan.Steps), step.Name, step.Text
		}
	}
	s.Volume, s.Says = c.mu.volume.now, c.mu.volume.says()
	if s.Notes = len(c.mu.notes); s.Notes > 0 {
		last := c.mu.notes[s.Notes-1]
		s.LastNote = &last
	}
	return s
}
