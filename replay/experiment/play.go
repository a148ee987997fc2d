package experiment

import (
	"context"
	"math"
	"slices"
	"time"

	"reprise/replay/cause"
	"reprise/replay/explain"
	"reprise/replay/rounds"
)

// Side is one of two groups of requests over the runs of a kind.
type Side struct {
	Requests int64
	// Slow is the share that is slow, failed or was not completed; Times are quantiles, 0 where no times are compared. Below 0 is never.
	Slow  float64
	Times cause.Quantiles
}

// Outcome is what came of the runs of a kind: of the requests of the finding and of the others.
type Outcome struct {
	Change    Change
	Hit, Rest Side
	// Left is the part of the effect that is left: 0 where it went away, 1 where it stays. Low and High bound it at 95 %.
	Left, Low, High float64
	Verdict         Verdict
}

// Verdict is what an experiment says of a finding.
type Verdict string

// The verdicts. They are part of the JSON of reprise why --test.
const (
	Confirmed  Verdict = "confirmed"
	Refuted    Verdict = "refuted"
	CannotTell Verdict = "cannot tell"
	// NotSeen: the run as it was did not show the effect again.
	NotSeen Verdict = "not seen again"
)

// Result is what a trial comes to.
type Result struct {
	Verdict Verdict
	// Control is the run as it was.
	Control Outcome
	// Again says in how many of the runs as they were the cause was found anew, where nothing was changed.
	Again int
	// Changed are the runs with a change.
	Changed []Outcome
	// Slower is from where on a request counts as slow, 0 where no times are compared.
	Slower time.Duration
	// Unfaithful counts the runs in which the tool did not do as planned.
	Unfaithful int
}

// Play plays the runs and compares them; h is called as rounds.Files.Play does. Errors are those of that, and of explain.Table.
func (t *Trial) Play(ctx context.Context, files *rounds.Files, h rounds.Hooks) (*Result, error) {
	if err := files.Play(ctx, t.o.Corpus, t.Plays, h); err != nil {
		return nil, err
	}
	return t.Judge(ctx, files.Paths)
}

// Judge compares runs that were played, in the order of Plays.
func (t *Trial) Judge(ctx context.Context, paths []string) (*Result, error) {
	runs := make(map[Change][]run)
	r := &Result{}
	for i, path := range paths {
		look := explain.Options{Completions: t.o.Completions, Records: true}
		if len(t.Changes) == 0 {
			look.Corpus = t.o.Corpus // a search takes all that is known
		}
		table, played, err := explain.Table(ctx, path, look)
		if err != nil {
			return nil, err
		}
		if !played.Summary.Verdict.Faithful {
			r.Unfaithful++
		}
		if len(t.Changes) == 0 {
			found, err := t.foundIn(ctx, table)
			if err != nil {
				return nil, err
			}
			r.Again += found
			continue
		}
		runs[t.of[i]] = append(runs[t.of[i]], t.first.read(table, t.of[i]))
	}
	if len(t.Changes) == 0 {
		r.Verdict = again(r.Again, len(paths))
		return r, nil
	}
	if t.first.isTime() {
		r.Slower = t.first.slower.Duration()
	}
	t.judge(r, runs)
	return r, nil
}

// judge compares the runs of each change to the control.
func (t *Trial) judge(r *Result, runs map[Change][]run) {
	control := runs[t.control()]
	r.Control = t.first.outcome(t.control(), control)
	r.Control.Left, r.Control.Low, r.Control.High = 1, 1, 1
	others := control
	if t.Finding.Try == cause.FreshIDs {
		others = runs[Fresh] // the target may know every id by now
	}
	if gap, low := seen(control, others); low <= 0 || gap < seenAgain*t.first.gap {
		r.Verdict, r.Control.Verdict = NotSeen, NotSeen
		return
	}
	r.Control.Verdict = Confirmed // it was seen again
	for _, c := range t.Changes {
		o := t.first.outcome(c, runs[c])
		o.Left, o.Low, o.High = left(control, runs[c])
		o.Verdict = t.verdict(&o)
		r.Changed = append(r.Changed, o)
	}
	r.Verdict = together(r.Changed)
}

// foundIn is 1 where a search of a run finds the cause anew: the same pattern of the same measure. A change over time need not be at the
// same moment.
func (t *Trial) foundIn(ctx context.Context, table *cause.Table) (int, error) {
	report, err := cause.Search(ctx, table, cause.Limits{})
	if err != nil {
		return 0, err
	}
	for i := range report.Findings {
		f := &report.Findings[i]
		time := func(m cause.Measure) bool { return m == cause.ServiceTime || m == cause.Latency }
		if f.Pattern == t.Finding.Pattern && (f.Measure == t.Finding.Measure || time(f.Measure) && time(t.Finding.Measure)) {
			return 1, nil
		}
	}
	return 0, nil
}

// again is what it says that a cause was found anew in some runs of all.
func again(found, all int) Verdict {
	switch {
	case all > 0 && found == all:
		return Confirmed
	case found == 0:
		return NotSeen
	}
	return CannotTell
}

// seenAgain is the part of the first run's effect that the control has to show.
const seenAgain = 0.25

// half is what part of an effect that is left says that it stays, and that it went away.
const half = 0.5

// verdict says what a change tells.
func (t *Trial) verdict(o *Outcome) Verdict {
	away, stays := o.High < half, o.Low > half
	if t.Stays {
		away, stays = stays, away
	}
	switch {
	case away:
		return Confirmed
	case stays:
		return Refuted
	}
	return CannotTell
}

// together is confirmed where one change is enough to make the effect go, and refuted where none is.
func together(all []Outcome) Verdict {
	is := func(v Verdict) bool { return slices.ContainsFunc(all, func(o Outcome) bool { return o.Verdict == v }) }
	switch {
	case is(Confirmed):
		return Confirmed
	case is(CannotTell):
		return CannotTell
	}
	return Refuted
}

func (x *first) isTime() bool { return x.measure != cause.Failing && x.measure != cause.NeverCompleted }

// outcome sums runs up.
func (x *first) outcome(c Change, runs []run) Outcome {
	o := Outcome{Change: c}
	side := func(of func(*run) []cause.Micros) (s Side) {
		var all []cause.Micros
		for i := range runs {
			all = append(all, of(&runs[i])...)
		}
		slow := 0
		for _, v := range all {
			if v > x.slower {
				slow++
			}
		}
		if s.Requests = int64(len(all)); s.Requests == 0 {
			return s
		}
		s.Slow = float64(slow) / float64(len(all))
		if x.isTime() {
			slices.Sort(all)
			at := func(q float64) time.Duration {
				v := all[int(math.Ceil(q*float64(len(all))))-1]
				if v == never {
					return -1
				}
				return v.Duration()
			}
			s.Times = cause.Quantiles{P50: at(0.5), P90: at(0.9), P99: at(0.99)}
		}
		return s
	}
	o.Hit, o.Rest = side(func(r *run) []cause.Micros { return r.hit }), side(func(r *run) []cause.Micros { return r.rest })
	return o
}
