package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/pace"
)

// checkShape refuses a shape that cannot be played, and what cannot be said beside one.
func (o *Options) checkShape() error {
	if err := checkFactors(o.Factors, time.Time{}); err != nil {
		return o.badShape(err)
	}
	p := pace.Options{TimeScale: o.TimeScale, Volume: o.Volume, Shape: o.Shape, MostFactor: o.mostFactor()}
	if _, err := pace.New(p); err != nil && !errors.Is(err, pace.ErrUnsolved) && o.shaped() {
		return o.badShape(err)
	}
	for _, other := range []struct {
		option string
		given  bool
		clash  bool
		why    string
	}{
		{"Ramp", o.Ramp > 0, len(o.Shape.Steps) > 0, "a step says ramp DURATION to TEMPO"},
		{"Limit", o.Limit > 0, len(o.Shape.Steps) > 0, "its steps say how many requests are sent"},
		{"MaxRate", o.MaxRate > 0, o.Shape.Cap > 0, "cap says the same"},
	} {
		if other.given && other.clash {
			return o.bad("Shape", fmt.Errorf("it cannot be given with %s: %s", o.name(other.option), other.why))
		}
	}
	return nil
}

// shaped says that there is a shape.
func (o *Options) shaped() bool { return !o.Shape.IsZero() || len(o.Factors) > 0 }

// badShape is the error for a shape; one of a factor names the file that it stands in.
func (o *Options) badShape(err error) error {
	if len(o.Factors) > 0 && o.Factors[0].Name != "" {
		return o.badFile("Shape", o.Factors[0].Name, err)
	}
	return o.bad("Shape", err)
}

// mostFactor is pace.Options.MostFactor.
func (o *Options) mostFactor() float64 {
	if len(o.Factors) == 0 {
		return 0
	}
	return mostOf(o.Factors)
}

// mostVolume is the greatest volume of any message.
func (o *Options) mostVolume() float64 {
	return o.Shape.MostVolume(o.Volume) * max(o.mostFactor(), 1)
}

// zones are those of the clocks that factors go by.
func (o *Options) zones() (names []string) {
	for i := range o.Factors {
		if f := &o.Factors[i]; f.Zone != nil && (f.Hours != 0 || f.Weekdays != 0) {
			names = append(names, f.Zone.String())
		}
	}
	return names
}

// byRecipient says that a factor asks for recipients.
func (o *Options) byRecipient() bool {
	return slices.ContainsFunc(o.Factors, func(f Factor) bool { return len(f.Recipients) > 0 })
}

// solve works out what the rates of the shape come to: it reads the corpus once more, as far as the shape goes.
func (s *Session) solve(ctx context.Context) error {
	p := s.plan
	if !p.pace.Shape.Solvable() {
		return nil
	}
	src, r, err := s.scanned()
	if err != nil {
		return err
	}
	defer r.Close()
	p.pace.Shape, err = replay.Solve(ctx, s.o.order(src), p.pace, replay.ScanOptions{
		Keep: s.keep(), Factor: newFactors(s.o.Factors).function(), Again: func(context.Context) (replay.Stream, error) { return s.source() },
		Observe: func(*capture.Record) {
			if s.o.Scanned != nil {
				s.o.Scanned()
			}
		},
	})
	return err
}

// longest is the longest plan: what is longer is a mistake in a unit.
const longest = 366 * 24 * time.Hour

// checkPlanned refuses a plan of which a part of the shape is for nothing, or that nobody would see the end of.
func (s *Session) checkPlanned() error {
	o, p := &s.o, s.plan
	if p.Duration > longest {
		return o.tooLong(p.Duration)
	}
	if err := p.factors.check(); err != nil {
		return o.badShape(err)
	}
	if begun := len(p.Steps); begun < len(o.Shape.Steps) {
		return o.bad("Shape", &pace.StepError{Step: begun + 1, Err: fmt.Errorf(
			"no message is left for it, as the recording ends in step %d: play it again with %s, or send less before", begun, o.name("Loops"))})
	}
	return nil
}

// tooLong is the error for a plan of more than a year, of the option that makes it so long.
func (o *Options) tooLong(planned time.Duration) error {
	const text = "the run would take more than a year"
	switch {
	case o.MaxRate > 0:
		return o.bad("MaxRate", errors.New(text))
	case o.shaped():
		return o.bad("Shape", errors.New(text))
	case o.Loops > 1 && planned/time.Duration(o.Loops) <= longest:
		return o.bad("Loops", errors.New(text))
	}
	return o.bad("TimeScale", fmt.Errorf("%s: play faster, or choose less of the recording", text))
}
