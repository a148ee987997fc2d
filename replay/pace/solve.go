package pace

import (
	"math"
	"time"
)

// Solver works out the time-scales of a shape's rates: which one a step needs depends on how long its messages took in the recording.
// It is given the arrivals as a Schedule of the same options is, with Next asked for what is ready.
type Solver struct{ *Schedule }

// Solvable says that a shape needs a Solver before it can be played.
func (s Shape) Solvable() bool {
	for i := range s.Steps {
		if s.Steps[i].To.Rate > 0 && s.Steps[i].Solved == 0 {
			return true
		}
	}
	return false
}

// NewSolver checks the options and returns a solver at its beginning.
func NewSolver(o Options) (Solver, error) {
	s, err := newSchedule(o, true)
	return Solver{s}, err
}

// Shape is the shape with what was worked out, when there are no more arrivals. Of steps that have not begun by then nothing is known: a
// schedule of the same arrivals does not come to them either.
func (s Solver) Shape() Shape {
	solved := s.o.Shape
	if s.steps != nil {
		s.steps.finish()
		solved.Steps = s.steps.list
	}
	for i := s.begun(); i < len(solved.Steps); i++ {
		solved.Steps[i].Solved = 1
	}
	return solved
}

// begun counts the steps that have begun.
func (s Solver) begun() int {
	if s.steps == nil {
		return 0
	}
	return len(s.steps.done)
}

// solve sets the time-scale of the step under way, of which so many gaps took a distance.
func (s *steps) solve(x float64, gaps int64) {
	b := &s.now
	scale := b.scale[0] // where nothing can be told: no time passes between its messages, or there is one
	if s.list[s.at].Form != Ramp {
		scale = s.before()
	}
	if x > 0 && gaps > 0 {
		scale = x * b.rate / float64(time.Second) / float64(gaps)
	}
	if s.list[s.at].Form == Ramp {
		if x == b.span { // it ends where reached found it
			scale = 2*b.span/b.length - b.scale[0]
			s.list[s.at].Span = time.Duration(b.span)
		}
		b.scale[1] = scale
	} else {
		b.scale = [2]float64{scale, scale}
	}
	s.list[s.at].Solved = scale
}

// before is the time-scale that the step before the one under way ended at.
func (s *steps) before() float64 {
	if n := len(s.done); n > 0 {
		return s.done[n-1].Scale[1]
	}
	return s.initial
}

// reached says whether a ramp to a rate ends before a play at a distance, and where: at the end of a ramp to b, which is what the messages
// sent so far need to come at that rate, (from + b)/2 · length of the recording has been played.
func (s *steps) reached(x float64) bool {
	b := &s.now
	if s.sent == 0 || x == s.far { // messages of one moment stay in one step
		return false
	}
	to := x * b.rate / float64(time.Second) / float64(s.sent)
	span := (b.scale[0] + to) / 2 * b.length
	if x < span {
		return false
	}
	b.span = min(max(math.Ceil(span), s.far+1), x)
	return true
}
