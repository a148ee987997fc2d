package results

import (
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Accumulator makes a Summary of results in whatever order they come. It is a replay.Recorder.
//
// Its memory does not grow with the number of results; it grows by 8 bytes a second of the run's length. The sums of a whole run
// (File, Summarize) name its slowest and its failed requests, too: at most 10,020.
type Accumulator struct {
	plan     *replay.Plan
	book     replay.Book
	kinds    [capture.KindCount]series
	windows  windows
	seconds  seconds
	waits    waits
	notes    notes
	lastSent time.Duration
	lastPlan time.Duration
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
	a.book.Of(res.Kind).Count(res)
	a.kinds[res.Kind].add(res)
	a.windows.add(res)
	a.waits.add(res)
	a.notes.add(res)
	a.lastPlan = max(a.lastPlan, res.Intended)
	a.seconds.planned.tick(res.Intended)
	if res.Attempted() {
		a.lastSent = max(a.lastSent, res.Sent)
		a.seconds.achieved.tick(res.Sent)
	}
	return nil
}

// Summary returns what the results amount to; end is nil where the run has no known end.
// It may be called at any time, also while results still come; it takes a few milliseconds.
func (a *Accumulator) Summary(end *replay.Outcome) Summary {
	var all series
	for k := range a.kinds {
		all.merge(&a.kinds[k])
	}
	s := Summary{
		Ledger:          a.ledger(end),
		Duration:        a.lastSent,
		PlannedDuration: a.planned(end),
		Timing:          all.timing(),
		Kinds:           make(map[string]KindSummary),
		Status:          all.statuses(),
		Errors:          all.errors.all(),
		RetryAfter:      a.waits.sum(),
		Slowest:         a.notes.slowest(),
		Failures:        a.notes.failures(),
	}
	s.Answers = named(s.Status)
	if a.plan != nil {
		s.Origins = a.plan.Origins
	}
	if end != nil {
		s.Shortcomings, s.StoppedOn = end.Stats.Shortcomings, end.Stopped
	}
	s.Rate = a.rates(&s)
	bin := movedBin(s.Rate.PlannedMean)
	s.MovedBin, s.Moved = movedBins()[bin], all.delay.moved(bin)
	for name := range s.Ledger.Kinds {
		k, _ := capture.ParseKind(name)
		series := &a.kinds[k]
		s.Kinds[name] = KindSummary{Timing: series.timing(), Moved: series.delay.moved(bin), Status: series.statuses(), Errors: series.errors.all()}
	}
	e := a.evidence(&s, all.gaveUp, end)
	s.LagLimit, _ = e.lagLimit()
	s.Verdict = Judge(e)
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
			t := rows.Of(k)
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

func (a *Accumulator) rates(s *Summary) Rates {
	planned, achieved := a.seconds.peaks()
	t := s.Ledger.Tally
	r := Rates{
		PlannedMean:  replay.Rate(t.Scheduled(), s.PlannedDuration),
		PlannedPeak:  float64(planned),
		AchievedMean: replay.Rate(t.OK+t.Failed, s.Duration),
		AchievedPeak: float64(achieved),
	}
	if a.plan != nil {
		r.PlannedPeak = float64(a.plan.Peak)
	}
	return r
}

func (a *Accumulator) evidence(s *Summary, gaveUp time.Duration, end *replay.Outcome) Evidence {
	e := Evidence{
		Ledger: s.Ledger, Planned: s.PlannedDuration, Achieved: s.Duration, Peak: s.Rate.PlannedPeak,
		Lag: s.Lag, Latency: s.Latency, Service: s.ServiceTime, Moved: s.Moved, MovedBin: s.MovedBin, MovedKinds: make(map[string]float64),
		Status: s.Status, Errors: s.Errors, RetryAfter: s.RetryAfter, GaveUpAfter: gaveUp,
	}
	for name, k := range s.Kinds {
		e.MovedKinds[name] = k.Moved
	}
	e.Quiet, e.Busy = a.windows.growth()
	if end != nil {
		e.State, e.Stats, e.Stopped = end.State, end.Stats, end.Stopped
	}
	return e
}
