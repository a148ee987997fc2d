package replay

import (
	"context"

	"reprise/capture"
	"reprise/replay/pace"
)

// stepCounts count what is planned in each step of a shape.
type stepCounts struct {
	list []PlannedStep
	peak []pace.Peak
}

func (c *stepCounts) count(r *capture.Record, play *pace.Play) {
	if play.Step == 0 {
		return
	}
	for len(c.list) < play.Step {
		c.list = append(c.list, PlannedStep{Kinds: make(map[string]int64)})
		c.peak = append(c.peak, pace.Peak{})
	}
	s := &c.list[play.Step-1]
	if s.Requests++; s.Requests == 1 {
		s.First, s.Start = r.Time, play.Deadline
	}
	s.Last = r.Time
	s.Kinds[r.Kind.String()]++
	peak := &c.peak[play.Step-1]
	peak.Add(play.Deadline)
	s.Peak = peak.Best()
}

// planned are the steps that begin before the recording ends. Where a greatest rate shifts requests, a step begins with its first.
func (c *stepCounts) planned(steps []pace.Step, placed []pace.PlacedStep, shifted bool) (list []PlannedStep) {
	for i, at := range placed {
		s := PlannedStep{Kinds: make(map[string]int64)}
		if i < len(c.list) {
			s = c.list[i]
		}
		if !shifted || s.Requests == 0 {
			s.Start = at.Start
		}
		s.Name, s.Text, s.Duration = steps[i].Name, steps[i].Text, at.End-at.Start
		s.TimeScale, s.Volume, s.CutShort = at.Scale, at.Volume, at.Short
		list = append(list, s)
	}
	if shifted {
		for i := range max(len(list)-1, 0) {
			list[i].Duration = max(list[i+1].Start-list[i].Start, 0)
		}
	}
	return list
}

// Solve reads a source as far as a shape needs, and works out what its rates come to. Of the options, those count that say what is played.
func Solve(ctx context.Context, src capture.Source, o pace.Options, so ScanOptions) (pace.Shape, error) {
	solver, err := pace.NewSolver(o)
	if err != nil {
		return pace.Shape{}, err
	}
	w := walk{src: src, again: so.Again, schedule: solver.Schedule, keep: so.Keep, factor: so.Factor, observe: so.Observe}
	w.visit = func(*capture.Record, pace.Play) error { return nil }
	if err := w.run(ctx); err != nil {
		return pace.Shape{}, err
	}
	return solver.Shape(), nil
}
