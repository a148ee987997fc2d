package replay

import (
	"context"
	"errors"
	"io"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// ScanOptions say what to look at; the zero value plans every record.
type ScanOptions struct {
	// Keep says which records are played, nil all: the same that Run gets.
	Keep func(*capture.Record) bool
	// Factor, where set, is the factor of a record that is kept on the volume, at most pace.Options.MostFactor.
	Factor func(*capture.Record) float64
	// Observe, where set, sees every record, also those that are not played. It must not keep the record.
	Observe func(*capture.Record)
	// Visit, where set, sees every play of a record. It must not keep the record.
	Visit func(*capture.Record, pace.Play)
	// KeepHeld and FactorHeld are a Keep and a Factor of their own for the second reading that outages make; nil where those have no state.
	KeepHeld   func(*capture.Record) bool
	FactorHeld func(*capture.Record) float64
	// Outside are those records that the source leaves out.
	Outside Outside
	// Share is the part of the plan that is played here; what others play counts as filtered.
	Share Share
	// Again opens the source anew, for each loop after the first, and for what outages hold.
	Again func(ctx context.Context) (Stream, error)
	// Part says to read no further than the schedule: records after its end are not counted.
	Part bool
}

// Scan reads a source to its end and says what Run would do with it under a fresh schedule of the same options.
func Scan(ctx context.Context, src capture.Source, o pace.Options, so ScanOptions) (*Plan, error) {
	schedule, err := pace.New(o)
	if err != nil {
		return nil, err
	}
	p := &Plan{Curve: []int64{}, Window: FirstWindow}
	var peak pace.Peak
	var steps stepCounts
	w := walk{src: src, again: so.Again, schedule: schedule, keep: so.Keep, factor: so.Factor, observe: so.Observe, whole: !so.Part, outside: so.Outside}
	w.visit = func(r *capture.Record, play pace.Play) error {
		if !so.Share.has(r) {
			w.book.Of(r.Kind).Filtered++
			return nil
		}
		p.count(play.Deadline)
		peak.Add(play.Deadline)
		steps.count(r, &play, schedule)
		p.Duration = play.Deadline
		w.book.Of(r.Kind).Unsent++
		p.Origins.Count(r.Origin)
		p.hold(r, &play)
		if so.Visit != nil {
			so.Visit(r, play)
		}
		return nil
	}
	w.keepHeld, w.factorHeld, w.held = so.KeepHeld, so.FactorHeld, newHeldQueue(&w)
	p.Outages = plannedOutages(schedule.Options().Outages)
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	p.mixed(w.held)
	p.capped(schedule.Options().Outages)
	p.First, p.Last, p.Stretch = w.first, w.last, w.stretch()
	p.Idle = schedule.Idle()
	p.Peak = peak.Best()
	p.Steps = steps.planned(o.Shape.Steps, schedule.Steps())
	p.Ledger = w.book.Ledger()
	return p, nil
}

// count puts one deadline into the curve, whose windows become wider when it grows too long.
func (p *Plan) count(deadline time.Duration) {
	for deadline/p.Window >= MaxWindows {
		wider, of := Wider(p.Window)
		for i, n := range p.Curve {
			if i%of == 0 {
				p.Curve[i/of] = n
			} else {
				p.Curve[i/of] += n
			}
		}
		p.Window, p.Curve = wider, p.Curve[:(len(p.Curve)+of-1)/of]
	}
	i := int(deadline / p.Window)
	for len(p.Curve) <= i {
		p.Curve = append(p.Curve, 0)
	}
	p.Curve[i]++
}

// Busiest reads a source to its end and returns the first moment of the busiest window of a length, and the number of
// records in it; see pace.Busiest for its resolution. A source without a record that is kept gives io.EOF.
func Busiest(ctx context.Context, src capture.Source, length time.Duration, keep func(*capture.Record) bool) (start time.Time, count int64, err error) {
	finder, err := pace.NewBusiest(length)
	if err != nil {
		return time.Time{}, 0, err
	}
	var origin time.Time
	var r capture.Record
	for {
		if err := context.Cause(ctx); err != nil {
			return time.Time{}, 0, err
		}
		switch err := src.Next(ctx, &r); {
		case errors.Is(err, io.EOF):
			w, ok := finder.Best()
			if !ok {
				return time.Time{}, 0, io.EOF
			}
			return origin.Add(w.Start), w.Count, nil
		case err != nil:
			return time.Time{}, 0, err
		}
		if keep != nil && !keep(&r) {
			continue
		}
		if origin.IsZero() {
			// A whole number of windows before the first record: steps fall on the clock's, not on that record.
			origin = r.Time.Truncate(length)
		}
		finder.Add(r.Time.Sub(origin))
	}
}
