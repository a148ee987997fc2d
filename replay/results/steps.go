package results

import (
	"cmp"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// MaxSteps is how many steps of a run are summed up each by itself; what is of a later one is in the whole alone.
const MaxSteps = replay.MaxSteps

// steps are the sums of a shaped run's steps, and what is told of those that no plan knew before.
type steps struct {
	sums   [MaxSteps + 1]*stepSums // by number
	played []PlayedStep            // by number, without gaps where the run is whole
}

// stepSums are what is counted of a step. What is sent again stays in its step; its moments do not make the step longer.
type stepSums struct {
	sums
	any bool
	// first and last are the intended moments of its first request and of its last, lastSent when the last was sent.
	first, last, lastSent time.Duration
	// again counts those that were sent again, which no plan knows.
	again [capture.KindCount]int64
}

func (a *steps) add(res *replay.Result, plan *replay.Plan) {
	if res.Step == 0 || int(res.Step) > MaxSteps {
		return
	}
	s := a.sums[res.Step]
	if s == nil {
		s = new(stepSums)
		a.sums[res.Step] = s
	}
	s.add(res, phase(plan, int(res.Step)))
}

// phase is where in a second the seconds of a step begin: with the step, where a plan knows when that is. It does not depend on the order in
// which results come.
func phase(plan *replay.Plan, number int) time.Duration {
	if p := plannedStep(plan, number); p != nil {
		return p.Start%time.Second - time.Second
	}
	return 0
}

// plannedStep is what a plan says of a step; nil where it says nothing.
func plannedStep(plan *replay.Plan, number int) *replay.PlannedStep {
	if plan == nil || number < 1 || number > len(plan.Steps) {
		return nil
	}
	return &plan.Steps[number-1]
}

func (s *stepSums) add(res *replay.Result, from time.Duration) {
	s.sums.add(res, from)
	t := s.book.Of(res.Kind)
	if res.Copy == 0 {
		t.Recorded++
	} else {
		t.Added++
	}
	if res.Known && res.Attempt > 0 {
		s.again[res.Kind]++
		return
	}
	if !s.any {
		s.any, s.first = true, res.Intended
	}
	s.first, s.last = min(s.first, res.Intended), max(s.last, res.Intended)
	if res.Attempted() {
		s.lastSent = max(s.lastSent, res.Sent)
	}
}

// stepSums returns the steps of a run: those of its plan, those that were told of while it went on, and those that its requests name.
func (a *Accumulator) stepSums(end *replay.Outcome) []Step {
	count := 0
	if a.plan != nil {
		count = min(len(a.plan.Steps), MaxSteps)
	}
	for number, s := range a.steps.sums {
		if s != nil {
			count = max(count, number)
		}
	}
	for _, p := range a.steps.played {
		count = max(count, p.Number)
	}
	var list []Step
	for number := 1; number <= count; number++ {
		list = append(list, a.step(number, end))
	}
	return list
}

// step sums up one of them.
func (a *Accumulator) step(number int, end *replay.Outcome) Step {
	step := Step{Number: number}
	s := a.steps.sums[number]
	if s == nil {
		s = new(stepSums)
	}
	planned := plannedStep(a.plan, number)
	if planned != nil {
		step.Name, step.Text, step.TimeScale, step.Volume = planned.Name, planned.Text, planned.TimeScale, planned.Volume
	}
	length := a.place(&step, s, planned, end)
	if p := a.steps.told(number); p != nil {
		step.Name, step.Text, step.Start = cmp.Or(p.Name, step.Name), cmp.Or(p.Text, step.Text), p.Start
		step.TimeScale, step.Volume, step.Broke = p.TimeScale, p.Volume, p.Broke
		if len(p.Unsent) > 0 { // its last requests have no rows, and were due later than all that have
			length = max(length, p.Planned)
		}
	}
	f := figures{ledger: s.ledger(number, planned, a.steps.told(number), end), planned: length, duration: max(s.lastSent-step.Start, 0)}
	if f.ledger.Unsent == 0 && planned != nil {
		f.duration = max(f.duration, length) // a step goes on after its last request
	}
	f.plannedPeak, f.achievedPeak = s.busiest(planned)
	f.quiet, f.busy = a.windows.growthIn(step.Start, step.Start+f.duration)
	if end != nil {
		f.state, f.stats = end.State, statsIn(&end.Stats, step.Start, step.Start+f.duration)
		if f.ledger.Unsent == 0 {
			f.state = replay.Complete
		} else {
			f.stopped = end.Stopped
		}
	}
	step.Summary = s.summary(&f)
	return step
}

// place finds when a step began, and how long it was meant to be: as planned, or what its requests say where they were not sent as planned.
func (a *Accumulator) place(step *Step, s *stepSums, planned *replay.PlannedStep, end *replay.Outcome) (length time.Duration) {
	if planned != nil && (!s.any || s.follows(planned, end)) {
		step.Start = planned.Start
		return planned.Duration
	}
	step.Start = s.first
	return s.last - s.first
}

// follows says whether the requests of a step were due when they were planned: nobody paused the run or changed its tempo.
func (s *stepSums) follows(planned *replay.PlannedStep, end *replay.Outcome) bool {
	if end != nil && len(end.Stats.Changes) > 0 {
		return false
	}
	return s.first >= planned.Start && s.last <= planned.Start+planned.Duration
}

// ledger is what became of a step's requests. Filtered is of the whole run alone: which step a record that is not played would be in is
// nothing that anybody could say. What is planned and has no result was not sent, or is missing from a damaged file: the run's end tells which.
func (s *stepSums) ledger(number int, planned *replay.PlannedStep, told *PlayedStep, end *replay.Outcome) replay.Ledger {
	book := s.book
	var added map[string]int64
	if end != nil {
		added = end.Stats.AddedIn.Of(number)
	}
	for _, k := range capture.Kinds() {
		t, missing := book.Of(k), int64(0)
		switch {
		case planned != nil:
			missing = planned.Kinds[k.String()] + added[k.String()] + s.again[k] - (t.OK + t.Failed + t.Shed + t.Unsent)
		case told != nil:
			missing = told.Unsent[k.String()] - t.Unsent
		}
		if end != nil && end.Ledger.Kinds != nil {
			missing = min(missing, end.Ledger.Kinds[k.String()].Unsent)
		}
		if missing > 0 {
			t.Recorded, t.Unsent = t.Recorded+missing, t.Unsent+missing
		}
	}
	return book.Ledger()
}

func (s *stepSums) busiest(planned *replay.PlannedStep) (plannedPeak, achievedPeak float64) {
	due, sent := s.seconds.peaks()
	if planned != nil && planned.Peak > 0 {
		due = planned.Peak
	}
	return float64(due), float64(sent)
}

// statsIn are what a run says of itself, for a part of it: what was done by hand is that part's alone.
func statsIn(all *replay.Stats, from, to time.Duration) replay.Stats {
	st := *all
	st.Changes, st.Paused = nil, 0
	began := time.Duration(-1)
	for _, c := range all.Changes {
		if c.At >= from && c.At <= to {
			st.Changes = append(st.Changes, c)
		}
		switch {
		case c.What == "pause" && began < 0:
			began = c.At
		case c.What == "resume" && began >= 0:
			st.Paused += max(min(c.At, to)-max(began, from), 0)
			began = -1
		}
	}
	return st
}

// told is what was told of a step while the run went on.
func (a *steps) told(number int) *PlayedStep {
	i, ok := slices.BinarySearchFunc(a.played, number, func(p PlayedStep, n int) int { return cmp.Compare(p.Number, n) })
	if !ok {
		return nil
	}
	return &a.played[i]
}
