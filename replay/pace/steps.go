package pace

import (
	"math"
	"time"
)

// PlacedStep says where a step of a shape came to stand in a run.
type PlacedStep struct {
	// Start is when it begins and End when it ends, since the run's start, but for what a greatest rate shifts.
	Start, End time.Duration
	// Scale and Volume are those at its beginning and at its end.
	Scale, Volume [2]float64
	// Messages counts what is sent in it.
	Messages int64
	// Short says that the recording ended in it.
	Short bool
}

// steps is the tempo of a shape. It takes places in their order, says which are played, and in which step and when.
//
// A step that ends by its messages lasts until the next play, which is the first of the next step: so steps of n messages at a rate r
// begin n/r apart. A step of a length ends at a place of the recording, whatever is there. The run's time and the recording's at a
// step's beginning are kept, and deadlines are a function of the distance from there: no error accumulates within a step.
type steps struct {
	list    []Step
	initial float64 // the time-scale before the first
	at      int     // the step under way
	over    bool    // the last step has ended

	from  time.Duration // where it begins in the recording, loops one after another
	begun float64       // when it begins in the run, ns
	now   bend
	sent  int64
	full  bool    // all its messages are sent
	far   float64 // the distance of its last play
	done  []PlacedStep
}

// bend is how one step is played. Times are nanoseconds.
type bend struct {
	messages      int64   // that it ends after, 0 for none
	length        float64 // how long it lasts in the run, 0 where only its messages say
	span          float64 // the recorded time that it takes, infinite where it is not known before
	scale, volume [2]float64
	rate          float64 // that is to come out, 0 for none
}

// newSteps begins the steps of a shape at a time-scale and a volume.
func newSteps(list []Step, scale, volume float64) *steps {
	s := &steps{list: list, initial: scale}
	s.now = bend{scale: [2]float64{scale, scale}, volume: [2]float64{volume, volume}}
	s.now = s.now.next(&list[0])
	return s
}

// next is how a step is played after this one.
func (b *bend) next(s *Step) bend {
	scale, volume := b.scale[1], b.volume[1]
	n := bend{messages: s.Messages, length: float64(s.Length), span: math.Inf(1), scale: [2]float64{scale, scale}, volume: [2]float64{volume, volume}}
	switch {
	case s.To.Scale > 0:
		n.scale[1] = s.To.Scale
	case s.To.Volume > 0:
		n.volume[1] = s.To.Volume
	case s.To.Rate > 0:
		n.rate, n.scale[1] = s.To.Rate, s.Solved
	case b.rate > 0: // a hold
		n.rate, n.scale[1] = b.rate, s.Solved
	}
	if s.Form != Ramp {
		n.scale[0], n.volume[0] = n.scale[1], n.volume[1]
	}
	switch {
	case n.rate > 0 && s.Form != Ramp:
		n.byRate(s)
	case s.Length > 0 && n.scale[1] > 0:
		n.span = (n.scale[0] + n.scale[1]) / 2 * n.length
	}
	if s.Span > 0 {
		n.span = float64(s.Span)
	}
	return n
}

// byRate has a step of a rate end by its messages.
func (b *bend) byRate(s *Step) {
	if s.Messages == 0 {
		b.messages = max(int64(math.Round(b.rate*s.Length.Seconds())), 1)
	} else {
		b.length = float64(s.Messages) / b.rate * float64(time.Second)
	}
}

// due is how long after the step's beginning a place at a distance is due.
func (b *bend) due(x float64) float64 {
	from, to := b.scale[0], b.scale[1]
	if from == to {
		return x / from
	}
	// The distance that is played after t is from·t + (to - from)·t²/(2·length), solved for t so that nothing cancels.
	return 2 * x / (from + math.Sqrt(max(from*from+2*(to-from)*x/b.length, 0)))
}

// scaleAt is the time-scale at a distance.
func (b *bend) scaleAt(x float64) float64 {
	from, to := b.scale[0], b.scale[1]
	if from == to {
		return from
	}
	return math.Sqrt(max(from*from+2*(to-from)*x/b.length, 0))
}

// volumeAt is the volume at a distance.
func (b *bend) volumeAt(x float64) float64 {
	from, to := b.volume[0], b.volume[1]
	if from == to {
		return from
	}
	return from + (to-from)*min(x/b.span, 1)
}

// take says whether a place is played. If so, the step under way is its own.
func (s *steps) take(p *place) bool {
	for !s.over {
		x := s.distance(p)
		switch {
		case s.full:
			if p.need >= s.peek().volume[0] {
				return false
			}
			s.end(x)
			continue
		case x >= s.now.span:
			s.end(s.now.span)
			continue
		case p.need >= s.now.volumeAt(x):
			return false
		case s.now.scale[1] == 0 && s.now.messages == 0 && s.reached(x):
			s.end(s.now.span)
			continue
		}
		s.sent, s.far = s.sent+1, x
		s.full = s.sent == s.now.messages
		if s.full && s.at == len(s.list)-1 {
			s.finish()
		}
		return true
	}
	return false
}

// distance is how far a place is from the step's beginning, in recorded time.
func (s *steps) distance(p *place) float64 { return float64(max(p.at-s.from, 0)) }

// peek is how the next step would be played.
func (s *steps) peek() bend {
	if s.at == len(s.list)-1 {
		return s.now
	}
	return s.now.next(&s.list[s.at+1])
}

// due is the deadline of the place that was taken last, but for a greatest rate.
func (s *steps) due() time.Duration {
	if s.now.scale[1] == 0 {
		return 0
	}
	return duration(s.begun + s.now.due(s.far))
}

// end ends the step under way at a distance and begins the next.
func (s *steps) end(x float64) {
	if s.now.scale[1] == 0 {
		s.solve(x, s.sent)
	}
	length := s.now.length
	if length == 0 {
		length = s.now.due(x)
	}
	s.done = append(s.done, s.placed(s.begun+length, s.now.scale[1], s.now.volume[1]))
	if s.at == len(s.list)-1 {
		s.over = true
		return
	}
	s.begun += length
	s.from += duration(x)
	s.now = s.now.next(&s.list[s.at+1])
	s.at++
	s.sent, s.full, s.far = 0, false, 0
}

// placed says where the step under way stands, when it ends at a moment.
func (s *steps) placed(end, scale, volume float64) PlacedStep {
	return PlacedStep{
		Start: duration(s.begun), End: duration(end), Messages: s.sent,
		Scale: [2]float64{s.now.scale[0], scale}, Volume: [2]float64{s.now.volume[0], volume},
	}
}

// cutBy is by which part of its length a step may be short of its end without being called so: between two messages there is time.
const cutBy = 0.01

// finish ends the step under way where no place follows: the recording has ended, or all messages of the last step are sent.
func (s *steps) finish() {
	if s.over {
		return
	}
	if s.now.scale[1] == 0 {
		s.solve(s.far, s.sent-1)
	}
	s.over = true
	length := s.now.length
	switch {
	case s.now.messages > 0 && s.full && length == 0:
		length = s.now.due(s.far)
	case s.now.messages > 0 && s.full, s.now.messages == 0 && s.far >= s.now.span*(1-cutBy):
	default:
		p := s.placed(s.begun+s.now.due(s.far), s.now.scaleAt(s.far), s.now.volumeAt(s.far))
		p.Short = true
		s.done = append(s.done, p)
		return
	}
	s.done = append(s.done, s.placed(s.begun+length, s.now.scale[1], s.now.volume[1]))
}
