package results

import (
	"cmp"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// sums are what is counted of a run, or of a step of it.
type sums struct {
	book     replay.Book
	kinds    [capture.KindCount]series
	seconds  seconds
	waits    waits
	lastSent time.Duration
	lastPlan time.Duration
}

// add counts a result whose kind is one of this version's; seconds are counted from a moment of the run.
func (a *sums) add(res *replay.Result, from time.Duration) {
	a.book.Of(res.Kind).Count(res)
	a.kinds[res.Kind].add(res)
	a.waits.add(res)
	a.lastPlan = max(a.lastPlan, res.Intended)
	if !jumpedOver(res) {
		a.seconds.planned.tick(res.Intended - from)
	}
	if res.Attempted() {
		a.lastSent = max(a.lastSent, res.Sent)
		a.seconds.achieved.tick(res.Sent - from)
	}
}

// jumpedOver says that a request was never due: the schedule was moved past it by hand. Its Intended is the moment at which that was done.
func jumpedOver(res *replay.Result) bool { return res.Error == replay.ReasonUnsent }

// figures are what a summary is made from beside the sums.
type figures struct {
	ledger                    replay.Ledger
	leftOut                   int64         // of the ledger, what is due at no time of planned
	meanOver                  time.Duration // what is planned of the rest; 0 is planned
	duration, planned         time.Duration
	plannedPeak, achievedPeak float64
	plannedAt, achievedAt     time.Duration
	quiet, busy               Stretch
	// state and stats are empty where the run has no known end.
	state   replay.EndState
	stats   replay.Stats
	stopped *replay.Broken
}

// summary makes the part of a summary that a run and a step of it have in common.
func (a *sums) summary(f *figures) Summary {
	var all series
	for k := range a.kinds {
		all.merge(&a.kinds[k])
	}
	s := Summary{
		Ledger:          f.ledger,
		Duration:        f.duration,
		PlannedDuration: f.planned,
		Timing:          all.timing(),
		Kinds:           make(map[string]KindSummary),
		Status:          all.statuses(),
		Errors:          all.errors.all(),
		RetryAfter:      a.waits.sum(),
		Rate:            f.rates(),
	}
	s.Answers = named(s.Status)
	bin := movedBin(s.Rate.PlannedMean)
	s.MovedBin, s.Moved = movedBins()[bin], all.delay.moved(bin)
	for name := range s.Ledger.Kinds {
		k, _ := capture.ParseKind(name)
		series := &a.kinds[k]
		s.Kinds[name] = KindSummary{Timing: series.timing(), Moved: series.delay.moved(bin), Status: series.statuses(), Errors: series.errors.all()}
	}
	e := f.evidence(&s, all.gaveUp)
	s.LagLimit, _ = e.lagLimit()
	s.Verdict = Judge(e)
	return s
}

func (f *figures) rates() Rates {
	t := f.ledger.Tally
	r := Rates{PlannedMean: replay.Rate(max(t.Scheduled()-f.leftOut, 0), cmp.Or(f.meanOver, f.planned)), AchievedMean: replay.Rate(t.OK+t.Failed, f.duration)}
	r.PlannedPeakAt, r.AchievedPeakAt = f.plannedAt, f.achievedAt
	// Seconds are counted from the start: of a run of little over one, the last holds less than a second's worth.
	r.PlannedPeak, r.AchievedPeak = max(f.plannedPeak, r.PlannedMean), max(f.achievedPeak, r.AchievedMean)
	return r
}

func (f *figures) evidence(s *Summary, gaveUp time.Duration) Evidence {
	e := Evidence{
		State: f.state, Stats: f.stats, Stopped: f.stopped, Quiet: f.quiet, Busy: f.busy,
		Ledger: s.Ledger, Planned: s.PlannedDuration, Achieved: s.Duration, Peak: s.Rate.PlannedPeak,
		Lag: s.Lag, Latency: s.Latency, Service: s.ServiceTime, Moved: s.Moved, MovedBin: s.MovedBin, MovedKinds: make(map[string]float64),
		Status: s.Status, Errors: s.Errors, RetryAfter: s.RetryAfter, GaveUpAfter: gaveUp,
	}
	for name, k := range s.Kinds {
		e.MovedKinds[name] = k.Moved
	}
	return e
}
