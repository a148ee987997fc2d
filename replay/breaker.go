package replay

import (
	"errors"
	"time"

	"reprise/capture"
)

// Breaker ends a run that goes wrong, as an expression such as "p99>500ms/30s" says. Run asks it from one goroutine.
type Breaker interface {
	// Record takes each result as it becomes known. What it returns ends the run; nil does not.
	Record(res *Result) *Broken
	// Look is told a few times a second what is due and not answered at a moment of the run.
	Look(now time.Duration, w *Waiting) *Broken
	// Waits says whether Look needs to know what waits; where it does not, nothing is gathered.
	Waits() bool
}

// Broken says why a run was ended while it went on.
type Broken struct {
	// Condition is the one that was met, as it was written, and Value what there was: "812ms".
	Condition string `json:"condition"`
	Value     string `json:"value"`
	// At is when it was met, since the run's start.
	At time.Duration `json:"at_ns"`
	// Text says it in a few words.
	Text string `json:"text"`
}

// Waiting are the requests that are due at a moment and have no result yet.
type Waiting struct {
	// Count is their number. Where the line of requests is full it also counts those of the plan that were not made yet, as the
	// plan's curve has them.
	Count int64
	// InFlight is how many of them are on their way.
	InFlight int
	// Overdue are the same in no order. Those that were not made yet are together, by the stretches of the plan's curve.
	Overdue []Overdue
}

// Overdue are N requests of one age.
type Overdue struct {
	Kind capture.Kind
	// Unmade says that they were not made yet, and that their kind is not known.
	Unmade bool
	// Age is the time since they were due.
	Age time.Duration
	N   int64
}

// ErrAborted is what a run ended with that its breaker stopped; the error's text says which condition was met.
var ErrAborted = errors.New("replay: a condition to stop on was met")

// StoppedError is an ErrAborted with its reason.
type StoppedError struct{ Broken }

func (e *StoppedError) Error() string { return "replay: " + e.Text }

// Is says that it is an ErrAborted.
func (e *StoppedError) Is(target error) bool { return target == ErrAborted }

// broke ends the run, once.
func (r *run) broke(s *Broken) {
	if s != nil && r.stopped == nil {
		r.stopped = s
		r.stop(&StoppedError{*s})
	}
}

// look shows the breaker what waits.
func (r *run) look() {
	if r.o.Breaker == nil || r.stopped != nil || r.halted.Load() {
		return
	}
	select {
	case <-r.begun:
	default:
		return
	}
	if now := r.now(); !r.start.IsZero() && now > 0 {
		r.broke(r.o.Breaker.Look(now, r.overdue.at(now, r.clock, r.o.Plan, int(r.inFlight.Load()))))
	}
}
