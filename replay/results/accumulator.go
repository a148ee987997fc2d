package results

import (
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Accumulator makes a Summary of results in whatever order they come. It is a replay.Recorder.
//
// Its memory does not grow with the number of results; it grows by 8 bytes a second of the run's length, and as much for its steps. The sums
// of a whole run (File, Summarize) name its slowest and its failed requests, too: at most 10,020. At most MaxSteps steps are summed up.
type Accumulator struct {
	plan *replay.Plan
	sums
	steps   steps
	windows windows
	ended   ends
	notes   notes
}

// NewAccumulator returns an empty accumulator; plan may be nil.
func NewAccumulator(plan *replay.Plan) *Accumulator {
	return &Accumulator{plan: plan}
}

// newRunAccumulator is an accumulator that names requests, too.
func newRunAccumulator(h *Header) *Accumulator {
	a := NewAccumulator(h.Plan)
	a.notes.begin(h)
	return a
}

// Record adds one result. It never fails.
func (a *Accumulator) Record(res *replay.Result) error {
	if kind := res.Kind.Known(); kind != res.Kind {
		known := *res
		known.Kind = kind
		res = &known
	}
	a.sums.add(res, 0)
	a.windows.add(res)
	a.ended.add(res)
	a.notes.add(res)
	a.steps.add(res, a.plan)
	return nil
}

// Summary returns what the results amount to; end is nil where the run has no known end.
// It may be called at any time, also while results still come; it takes a few milliseconds, and of a whole run whose load grows a few tens
// of them.
func (a *Accumulator) Summary(end *replay.Outcome) Summary {
	f := figures{ledger: a.ledger(end), duration: a.lastSent, planned: a.planned(end)}
	f.leftOut, f.meanOver = a.leftOut(f.planned)
	f.plannedPeak, f.plannedAt = a.plannedPeak()
	achieved, at := a.seconds.achieved.peak()
	f.achievedPeak, f.achievedAt = float64(achieved), at
	f.quiet, f.busy = a.windows.growth()
	if end != nil {
		f.state, f.stats, f.stopped = end.State, end.Stats, end.Stopped
	}
	s := a.summary(&f)
	s.Slowest, s.Failures = a.notes.slowest(), a.notes.failures()
	if a.plan != nil {
		s.Origins = a.plan.Origins
	}
	if end != nil {
		s.Shortcomings, s.StoppedOn = end.Stats.Shortcomings, end.Stopped
	}
	s.Steps = a.stepSums(end)
	if a.notes.on { // sums of a part, and those of others, are asked for often
		s.Growth = a.growths(&s)
	}
	return s
}

// Windows returns the run in at most replay.MaxWindows stretches of equal width, from its start. Where moved is set, the
// schedule was changed by hand: then Planned counts the deadlines that there were, not those of the plan.
func (a *Accumulator) Windows(moved bool) []Window {
	if moved {
		return a.windows.list(nil)
	}
	return a.windows.list(a.plan)
}

// Errors counts the requests without an answer so far, by reason.
func (a *Accumulator) Errors() map[string]int64 {
	var all reasons
	for k := range a.kinds {
		for _, c := range a.kinds[k].errors.list {
			all.add(c.reason, c.n)
		}
	}
	return all.all()
}

// ledger takes the run's own word where it ended in order. Otherwise what the plan holds beyond the rows is unsent, and
// without a plan the rows are all there is.
func (a *Accumulator) ledger(end *replay.Outcome) replay.Ledger {
	if end != nil {
		return end.Ledger
	}
	rows := a.book.Ledger().Book()
	if a.plan == nil {
		for _, k := range capture.Kinds() {
			t, unsent := rows.Of(k), int64(0)
			for i := range a.steps.played {
				unsent += a.steps.played[i].Unsent[k.String()]
			}
			t.Unsent = max(t.Unsent, unsent)
			t.Recorded = t.OK + t.Failed + t.Shed + t.Unsent
		}
		return rows.Ledger()
	}
	plan := a.plan.Ledger.Book()
	for _, k := range capture.Kinds() {
		t, p := rows.Of(k), plan.Of(k)
		t.Recorded, t.Added, t.Filtered = p.Recorded, p.Added, p.Filtered
		t.Unsent += t.Scheduled() - (t.OK + t.Failed + t.Shed + t.Unsent)
	}
	return rows.Ledger()
}

func (a *Accumulator) planned(end *replay.Outcome) time.Duration {
	switch {
	case a.plan != nil && end != nil && end.Stats.Retries > 0:
		return max(a.plan.Duration, a.lastPlan) // no plan knows what is sent again
	case a.plan != nil:
		return a.plan.Duration
	case end != nil:
		return max(end.Planned, a.lastPlan)
	}
	return a.lastPlan
}

// plannedPeak is the busiest second of the plan, of what was due where there is none. Where the plan has more in it than was due, as some of it
// was never sent, where it begins is not known.
func (a *Accumulator) plannedPeak() (peak float64, at time.Duration) {
	due, at := a.seconds.planned.peak()
	if a.plan == nil {
		return float64(due), at
	}
	if due != a.plan.Peak {
		at = -1
	}
	return float64(a.plan.Peak), at
}
