package results

import (
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Accumulator makes a Summary of results in whatever order they come. It is a replay.Recorder.
//
// Its memory does not grow with the number of results; it grows by 8 bytes a second of the run's length.
type Accumulator struct {
	plan     *replay.Plan
	book     replay.Book
	all      series
	kinds    [capture.Status + 1]series
	windows  windows
	seconds  seconds
	lastSent time.Duration
	lastPlan time.Duration
}

// seconds counts deadlines and sends in every second of a run.
type seconds struct {
	planned, achieved []uint32
}

// NewAccumulator returns an empty accumulator; plan may be nil.
func NewAccumulator(plan *replay.Plan) *Accumulator {
	return &Accumulator{plan: plan}
}

// Record adds one result. It never fails.
func (a *Accumulator) Record(res *replay.Result) error {
	a.book.Of(res.Kind).Count(res)
	kind := res.Kind
	if int(kind) >= len(a.kinds) {
		kind = capture.Other
	}
	a.all.add(res)
	a.kinds[kind].add(res)
	a.windows.add(res)
	a.lastPlan = max(a.lastPlan, res.Intended)
	tick(&a.seconds.planned, res.Intended)
	if sent(res) {
		a.lastSent = max(a.lastSent, res.Sent)
		tick(&a.seconds.achieved, res.Sent)
	}
	return nil
}

// maxSeconds bounds the per-second curves to 48 days (32 MB), whatever a file says; later moments count in the last.
const maxSeconds = 1 << 22

func tick(curve *[]uint32, t time.Duration) {
	i := int(min(max(t, 0)/time.Second, maxSeconds-1))
	for len(*curve) <= i {
		*curve = append(*curve, 0)
	}
	(*curve)[i]++
}

// Summary returns what the results amount to; end is nil where the run has no known end.
// It may be called at any time, also while results still come.
func (a *Accumulator) Summary(end *replay.Outcome) Summary {
	s := Summary{
		Ledger:          a.ledger(end),
		Duration:        a.lastSent,
		PlannedDuration: a.planned(end),
		Timing:          a.all.timing(),
		Kinds:           make(map[string]KindSummary),
		Status:          a.all.statuses(),
		Errors:          a.all.reasons(),
	}
	for name := range s.Ledger.Kinds {
		k, err := capture.ParseKind(name)
		if err != nil {
			k = capture.Other
		}
		series := &a.kinds[k]
		s.Kinds[name] = KindSummary{Timing: series.timing(), Status: series.statuses(), Errors: series.reasons()}
	}
	s.Rate = a.rates(&s)
	s.Verdict = Judge(a.evidence(&s, end))
	return s
}

// Windows returns the run in at most replay.MaxWindows stretches of equal width, from its start.
func (a *Accumulator) Windows() []Window { return a.windows.list(a.plan) }

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
	case a.plan != nil:
		return a.plan.Duration
	case end != nil:
		return max(end.Planned, a.lastPlan)
	}
	return a.lastPlan
}

func (a *Accumulator) rates(s *Summary) Rates {
	t := s.Ledger.Tally
	r := Rates{
		PlannedMean:  replay.Rate(t.Scheduled(), s.PlannedDuration),
		PlannedPeak:  float64(peak(a.seconds.planned)),
		AchievedMean: replay.Rate(t.OK+t.Failed, s.Duration),
		AchievedPeak: float64(peak(a.seconds.achieved)),
	}
	if a.plan != nil {
		r.PlannedPeak = float64(a.plan.Peak)
	}
	return r
}

func peak(curve []uint32) (top uint32) {
	for _, n := range curve {
		top = max(top, n)
	}
	return top
}

func (a *Accumulator) evidence(s *Summary, end *replay.Outcome) Evidence {
	e := Evidence{
		Ledger: s.Ledger.Tally, Planned: s.PlannedDuration, Achieved: s.Duration,
		LagP99: s.Lag.P99, LagMax: s.Lag.Max, Moved: a.moved(), Errors: a.all.errors,
	}
	if end != nil {
		e.State, e.Stats = end.State, end.Stats
	}
	return e
}

// moved counts the requests that left in another second than they were meant to.
func (a *Accumulator) moved() int64 {
	var apart int64
	p, q := a.seconds.planned, a.seconds.achieved
	for i := range max(len(p), len(q)) {
		var d int64
		if i < len(p) {
			d += int64(p[i])
		}
		if i < len(q) {
			d -= int64(q[i])
		}
		apart += max(d, -d)
	}
	return apart / 2
}
