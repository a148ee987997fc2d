package pace

import (
	"errors"
	"fmt"
	"time"
)

// Shape bends the recorded curve: it says in steps how many messages are sent, or for how long, and at which tempo.
//
// Each step goes on in the recording where the one before it ended. The zero value bends nothing.
type Shape struct {
	// Steps are played one after another; none plays all at the tempo of Options.
	Steps []Step
	// Search, where set, is a search for the highest tempo that holds. Then there are no Steps.
	Search *Search
	// Cap is the most requests in a second: what is above is shifted, not dropped. 0 means no limit.
	Cap float64
}

// Step is one part of a shaped run.
type Step struct {
	// Name is what the user calls it, empty where that is nothing: every step has a number too, from 1.
	Name string
	// Text is the step as it was written, without its name: "20k at 3x".
	Text string
	Form Form
	// Messages is how many requests are sent in the step, after filters and volume; 0 where Length says how long it is.
	Messages int64
	// Length is the step's length in the run's time; 0 where Messages ends it. A Ramp and a Hold have a Length.
	Length time.Duration
	// To is the tempo of the step, of a Ramp the one that it ends at; that of a Hold is zero.
	To Tempo
	// Solved is the time-scale that a rate comes to, at its end where it is a Ramp's: what a Solver has worked out. 0 of other steps.
	Solved float64
	// Span is the recorded time that a Ramp to a rate takes, as a Solver has worked it out.
	Span time.Duration `json:",omitempty"`
}

// Form is what a step does with the tempo.
type Form uint8

// The forms.
const (
	// At plays the whole step at one tempo.
	At Form = iota
	// Ramp changes the tempo evenly, in the run's time, from the one before the step.
	Ramp
	// Hold keeps the tempo that the step before it reached.
	Hold
)

// Tempo is how a step is played; one of its fields is set.
type Tempo struct {
	// Scale is a time-scale: the time between records is divided by it.
	Scale float64
	// Volume multiplies the number of requests in the same time.
	Volume float64
	// Rate is the mean rate of the step in requests a second: the recorded gaps are scaled so that it comes out.
	Rate float64
}

// Search asks for the highest time-scale that holds: the tempo doubles from step to step until one breaks, then the interval is
// halved. Every step plays the same traffic, from the beginning of the selection.
type Search struct {
	// Every is the length of a step in the run's time; 0 plays the selection once to its end.
	Every time.Duration
}

// The extremes of a shape.
const (
	// MaxSteps is how many steps a shape can have.
	MaxSteps = 256
	// MaxLength is the longest that a step can be.
	MaxLength = 30 * 24 * time.Hour
	// MaxMessages is the most requests that a step can send.
	MaxMessages = 1_000_000_000_000
	// MaxStepName is the length of the longest name of a step.
	MaxStepName = 64
)

// IsZero says that the shape bends nothing.
func (s Shape) IsZero() bool { return len(s.Steps) == 0 && s.Search == nil && s.Cap == 0 }

// MostVolume is the greatest volume of any step, with a volume before the first.
func (s Shape) MostVolume(volume float64) float64 {
	most := 0.0
	if len(s.Steps) == 0 {
		return volume
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Form == Ramp {
			most = max(most, volume)
		}
		if step.To.Volume > 0 {
			volume = step.To.Volume
		}
		most = max(most, volume)
	}
	return most
}

// check refuses steps that cannot be played: those that were made by hand, as ParseShape gives none.
func (s Shape) check() error {
	if len(s.Steps) > MaxSteps {
		return fmt.Errorf("a shape has at most %d steps", MaxSteps)
	}
	if s.Search != nil && len(s.Steps) > 0 {
		return errAlone
	}
	if s.Cap != 0 {
		if err := CheckRate(s.Cap); err != nil {
			return fmt.Errorf("cap: %w", err)
		}
	}
	for i := range s.Steps {
		if err := s.Steps[i].check(); err != nil {
			return &StepError{i + 1, err}
		}
	}
	return nil
}

func (s *Step) check() error {
	set := 0
	for _, v := range []float64{s.To.Scale, s.To.Volume, s.To.Rate} {
		if v != 0 {
			set++
		}
	}
	switch {
	case s.Form > Hold || (set == 1) == (s.Form == Hold) || set > 1:
		return errors.New("it needs one of a time-scale, a volume and a rate, and a hold none")
	case (s.Messages > 0) == (s.Length > 0) || s.Messages < 0 || s.Length < 0 || s.Length > MaxLength || s.Messages > MaxMessages:
		return errors.New("it needs a number of messages or a length")
	case s.Form != At && s.Length == 0:
		return errors.New("a ramp and a hold have a length")
	}
	return s.To.check()
}
