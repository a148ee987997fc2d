package pace

import "time"

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
