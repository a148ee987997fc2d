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

func (c *stepCounts) count(r *capture.Record, play *pace.Play, schedule *pace.Schedule) {
	if play.Step == 0 {
		return
	}
	for len(c.list) < play.Step {
		c.list = append(c.list, PlannedStep{Kinds: make(map[string]int64)})
		c.peak = append(c.peak, pace.Peak{})
	}
	s := &c.list[play.Step-1]
	if s.Requests++; s.Requests == 1 {
		s.First, s.Start = r.Time, schedule.StepStart()
	}
	s.Last = r.Time
	s.Kinds[r.Kind.String()]++
	peak := &c.peak[play.Step-1]
	peak.Add(play.Deadline - s.Start)
	s.Peak, s.Duration = peak.Best(), play.Deadline-s.Start
}

// planned are the steps that begin before the recording ends. Each lasts until the next begins; the last as long as it was placed, or to
// its last request where the greatest rate holds that back beyond.
func (c *stepCounts) planned(steps []pace.Step, placed []pace.PlacedStep) (list []PlannedStep) {
	for i, at := range placed {
		s := PlannedStep{Kinds: make(map[string]int64), Start: at.Start}
		if i < len(c.list) && c.list[i].Requests > 0 {
			s = c.list[i]
		}
		s.Name, s.Text, s.Duration = steps[i].Name, steps[i].Text, max(at.End-s.Start, s.Duration)
		s.TimeScale, s.Volume, s.CutShort = at.Scale, at.Volume, at.Short
		list = append(list, s)
	}
	for i := range max(len(list)-1, 0) {
		if next := list[i+1].Start - list[i].Start; next >= 0 {
			list[i].Duration = next
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
