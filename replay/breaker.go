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
	// Tool says how the tool itself was late, where it is not known that the condition would have been met without that; empty where it is.
	Tool string `json:"tool,omitempty"`
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
	// Own is how much of Age was the tool's doing: all of it where the target does not have the request, and a slot is free.
	Own time.Duration
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
	if now := r.now(); !r.start.IsZero() && now > 0 && r.looks.may(now) {
		r.broke(r.o.Breaker.Look(now, r.overdue.at(now, r.clock, r.o.Plan, int(r.inFlight.Load()), r.fullSince())))
	}
}

// looks puts off looking after a stop of the tool, until its lanes have heard of what was answered meanwhile.
type looks struct {
	asked, late time.Duration // when it was asked last, and when it was asked late
	off         int           // how often in a row it was put off
}

const (
	// lateLook is how long after the last a look comes late, and settling how long after that lanes may take.
	lateLook = FlushEvery + 50*time.Millisecond
	settling = 100 * time.Millisecond
	// mostOff is how often in a row a look is put off.
	mostOff = 3
)

func (l *looks) may(now time.Duration) bool {
	if l.asked > 0 && now-l.asked > lateLook {
		l.late = now
	}
	l.asked = now
	if l.late > 0 && now-l.late < settling && l.off < mostOff {
		l.off++
		return false
	}
	l.off = 0
	return true
}
