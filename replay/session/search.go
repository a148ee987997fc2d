package session

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"reprise/capture"
	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
)

const (
	// clearing is how long a step's backlog may take to be gone, before the next step begins.
	clearing = 60 * time.Second
	// stepLead is how long before a step's first deadline its start is fixed.
	stepLead = 250 * time.Millisecond
	// mostSpoiled is how often in a row a step is played once more because the tool was late in it.
	mostSpoiled = 2
)

// SearchError says that a search ended without an answer that held twice.
type SearchError struct{ Ended results.SearchEnd }

func (e *SearchError) Error() string {
	if e.Ended == results.SearchFirstBroke {
		return "the first step of the search broke already"
	}
	return "the search found no tempo that held twice"
}

// search is a search under way: it plays step after step by runs of their own, and makes one run of them.
type search struct {
	*Session
	h         Hooks
	next      *pace.Bisection
	start     time.Time // of the first step
	found     results.Capacity
	end       replay.Outcome
	sum       [capture.KindCount]replay.Tally // what became of the requests of all steps
	first     [capture.KindCount]int64        // the records that the longest step came to
	firstCopy int
	good      int64         // good answers while a backlog stood
	stood     time.Duration // and how long it did
	spoiled   int           // how often in a row the tool was late
	refused   refusal       // of the last step
}

// playedStep is one step that was played.
type playedStep struct {
	number int
	again  bool
	tempo  float64
	plan   *replay.Plan
	start  time.Time
	offset time.Duration // of start, since that of the first step
	took   time.Duration
	end    replay.Outcome
	doubt  *replay.Broken // a condition that was met by the tool's lateness alone, and did not end it
	sums   *results.Accumulator
	load   results.StepLoad
}

// searching plays the steps of a search; the error is a *SearchError where no answer held twice.
func (s *Session) searching(ctx context.Context, h Hooks) (replay.Outcome, *results.Capacity, error) {
	x := &search{Session: s, h: h, next: pace.NewBisection(s.o.TimeScale), found: results.Capacity{Steps: []results.CapacityStep{}}}
	x.end.State = replay.Complete
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	end := h.Control.Series(stop)
	ended, err := x.run(ctx)
	end(&x.end.Stats)
	if errors.Is(err, replay.ErrStopped) {
		err = nil
	}
	x.tell(ended)
	x.end.Ledger = x.ledger()
	return x.end, &x.found, errors.Join(err, x.end.Ledger.Check())
}

// run plays until the search is over.
func (x *search) run(ctx context.Context) (results.SearchEnd, error) {
	for number := 1; ; number++ {
		tempo, ok := x.next.Next()
		if !ok {
			return x.over()
		}
		if x.tooFast(tempo) {
			x.found.Says = fmt.Sprintf("At time-scale %s a step has more than %s requests a second, which one machine does not send.", factor(tempo), wording.Number(mostSearched))
			return results.SearchUnbroken, &SearchError{results.SearchUnbroken}
		}
		plan, o, err := x.planStep(ctx, tempo)
		if err != nil {
			return ended(ctx, err)
		}
		if x.tooShort(plan) {
			x.found.Advice = x.Session.o.longerPass(plan.Duration)
			x.found.Says = fmt.Sprintf("A pass at time-scale %s takes %s, and no condition looks back so little: %s.", factor(tempo), wording.Duration(plan.Duration), x.found.Advice)
			return results.SearchShort, &SearchError{results.SearchShort}
		}
		p := &playedStep{number: number, tempo: tempo, again: x.next.Confirming(), plan: plan, sums: results.NewAccumulator(plan)}
		err = x.play(ctx, p, o)
		said := x.judge(p, err)
		x.found.Steps = append(x.found.Steps, said)
		if said.Broke != "" && p.end.Stopped == nil {
			p.end.Stopped = &replay.Broken{Condition: said.Broke, Value: said.Value, At: p.took}
		}
		if p.end.Stopped != nil || p.end.Ledger.Unsent > 0 {
			err = joined(err, x.told(p))
		}
		switch {
		case err != nil && !errors.Is(err, replay.ErrAborted) || ctx.Err() != nil:
			return ended(ctx, err)
		case said.NotJudged != "" && x.spoiled > mostSpoiled:
			x.found.Says = fmt.Sprintf("The tool was the limit, not the target: at time-scale %s %s", factor(tempo), said.NotJudged)
			return results.SearchTool, &SearchError{results.SearchTool}
		case said.NotJudged == "":
			x.next.Took(said.Held)
		}
		if err := x.keep(); err != nil {
			return results.SearchFailed, err
		}
		if _, more := x.next.Next(); more {
			if end, err := x.clear(ctx, p, said); end != "" {
				return end, err
			}
		}
	}
}

// over says how a search ended that has no further step.
func (x *search) over() (results.SearchEnd, error) {
	switch b := x.next; {
	case b.Found():
		return results.SearchFound, nil
	case b.Low() == 0 && b.Lost() == 0:
		return results.SearchFirstBroke, &SearchError{results.SearchFirstBroke}
	case b.High() == 0:
		return results.SearchUnbroken, &SearchError{results.SearchUnbroken}
	}
	return results.SearchUnsettled, &SearchError{results.SearchUnsettled}
}

// ended says how a search ended that broke off.
func ended(ctx context.Context, err error) (results.SearchEnd, error) {
	if ctx.Err() != nil {
		return results.SearchInterrupted, context.Cause(ctx)
	}
	return results.SearchFailed, err
}

// planStep says what a step at a tempo holds: the selection from its start, so often that it lasts long enough.
func (s *Session) planStep(ctx context.Context, tempo float64) (*replay.Plan, pace.Options, error) {
	o := s.plan.pace
	o.TimeScale, o.Shape = tempo, pace.Shape{}
	if every := s.o.Shape.Search.Every; every > 0 {
		o.Until, o.Loops = every, s.loops(tempo, every)
	}
	src, r, err := s.scanned()
	if err != nil {
		return nil, o, err
	}
	defer r.Close()
	plan, err := replay.Scan(ctx, s.o.order(src), o, replay.ScanOptions{
		Outside: s.outside(s.leavesOut(s.readsAll())),
		Keep:    s.keep(), Factor: newFactors(s.o.Factors).function(), Part: true, Again: func(context.Context) (replay.Stream, error) { return s.source() },
	})
	return plan, o, err
}

// loops is how often the selection is played at least for a step of a length.
func (s *Session) loops(tempo float64, length time.Duration) int {
	recorded := float64(s.plan.Duration) * s.o.TimeScale
	if n := float64(s.plan.Requests()); recorded <= 0 {
		recorded = float64(time.Second) // as pace parts loops that have no length
	} else if n > 1 {
		recorded += recorded / (n - 1)
	}
	return int(min(math.Ceil(float64(length)*tempo/recorded)+1, pace.MaxLoops))
}

// tooShort says that a step is over before any condition has looked back far enough.
func (s *Session) tooShort(plan *replay.Plan) bool {
	if s.o.Shape.Search.Every > 0 {
		return false
	}
	for _, c := range s.o.StopOn {
		if c.Window < plan.Duration {
			return false
		}
	}
	return true
}

// play plays one step.
func (x *search) play(ctx context.Context, p *playedStep, o pace.Options) error {
	schedule, err := pace.New(o)
	if err != nil {
		return err
	}
	src, err := x.source()
	if err != nil {
		return err
	}
	defer src.Close()
	p.start = time.Now().Add(stepLead)
	if x.start.IsZero() {
		x.start, x.end.Started = p.start, p.start
	}
	p.offset = p.start.Sub(x.start)
	if err := x.told(p); err != nil {
		return err
	}
	run := x.runOptions(x.h)
	run.Plan, run.Resume, run.Step, run.FirstCopy, run.Start, run.Drain = p.plan, nil, p.number, x.firstCopy, p.start, clearing
	breaker := results.NewPatientBreaker(x.Session.o.StopOn)
	run.Breaker = breaker
	if x.h.Progress != nil {
		before := x.sent()
		run.Progress = func(g replay.Progress) {
			g.Elapsed, g.Tempo = g.Elapsed+p.offset, p.tempo
			g.OK, g.Failed, g.Shed = g.OK+before.OK, g.Failed+before.Failed, g.Shed+before.Shed
			x.h.Progress(g, x.file.Accumulator)
		}
	}
	p.end, err = replay.Run(ctx, src, schedule, x.renderer, x.engine, &stepRecorder{x.recorder(x.h), p}, run)
	p.took, p.doubt = max(time.Since(p.start), 0), breaker.Doubt()
	x.firstCopy += schedule.Copies() * schedule.Options().Loops
	x.end.Stats = x.end.Stats.Then(p.end.Stats)
	x.end.Planned = max(x.end.Planned, p.offset+p.end.Planned)
	x.add(p)
	return err
}

// keep writes what the search has found so far: a file that is cut off tells that much.
func (x *search) keep() error {
	found := x.found
	x.tell(results.SearchUnfinished)
	err := x.file.Capacity(&x.found)
	x.found = found
	return err
}

// told tells the file of a step: when it begins, and again when it was ended before all of it was sent.
func (x *search) told(p *playedStep) error {
	told := results.PlayedStep{
		Number: p.number, Text: fmt.Sprintf("%v at %sx", x.Session.o.Shape.Search.Every, factor(p.tempo)), Start: p.offset, Planned: p.plan.Duration,
		TimeScale: [2]float64{p.tempo, p.tempo}, Volume: [2]float64{x.Session.o.Volume, x.Session.o.Volume},
	}
	if x.Session.o.Shape.Search.Every == 0 {
		told.Text = fmt.Sprintf("pass at %sx", factor(p.tempo))
	}
	if p.end.Stopped != nil {
		told.Broke = p.end.Stopped.Condition
	}
	for kind, t := range p.end.Ledger.Kinds {
		if t.Unsent > 0 {
			if told.Unsent == nil {
				told.Unsent = make(map[string]int64)
			}
			told.Unsent[kind] = t.Unsent
		}
	}
	return x.file.PlayStep(told)
}

// add adds up a step.
func (x *search) add(p *playedStep) {
	planned, took := p.plan.Ledger.Book(), p.end.Ledger.Book()
	for _, k := range capture.Kinds() {
		t, of := took.Of(k), planned.Of(k)
		x.sum[k] = x.sum[k].Plus(*t)
		x.first[k] = max(x.first[k], min(t.OK+t.Failed+t.Shed+t.Unsent, of.Recorded-of.Filtered))
	}
}

// sent is what became of the requests of all steps so far.
func (x *search) sent() (t replay.Tally) {
	for _, s := range x.sum {
		t = t.Plus(s)
	}
	return t
}

// ledger is that of all steps: a record counts once, and is filtered where no step came to it. Everything else that was sent of it is
// added.
func (x *search) ledger() replay.Ledger {
	all := x.plan.Ledger.Book()
	for _, k := range capture.Kinds() {
		t, s := all.Of(k), x.sum[k]
		n := min(x.first[k], t.Recorded)
		t.OK, t.Failed, t.Shed, t.Unsent = s.OK, s.Failed, s.Shed, s.Unsent
		t.Added, t.Filtered = s.OK+s.Failed+s.Shed+s.Unsent-n, t.Recorded-n
	}
	return all.Ledger()
}

// stepRecorder gives results their place in the whole run.
type stepRecorder struct {
	replay.Recorder
	step *playedStep
}

// Record implements replay.Recorder.
func (r *stepRecorder) Record(res *replay.Result) error {
	_ = r.step.sums.Record(res)
	_ = r.step.load.Record(res)
	moved := *res
	for _, at := range []*time.Duration{&moved.Intended, &moved.Sent, &moved.FirstByte, &moved.Done} {
		if *at != 0 || at == &moved.Intended {
			*at += r.step.offset
		}
	}
	return r.Recorder.Record(&moved)
}

// Flush writes what the file holds back.
func (r *stepRecorder) Flush() error {
	if f, ok := r.Recorder.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

// Disturbed implements replay.DisturbanceRecorder.
func (r *stepRecorder) Disturbed(d *replay.Disturbances) error {
	to, ok := r.Recorder.(replay.DisturbanceRecorder)
	if !ok {
		return nil
	}
	moved := *d
	for _, list := range []*[]replay.Stop{&moved.Stops, &moved.Waits, &moved.Steals} {
		shifted := make([]replay.Stop, len(*list))
		for i, s := range *list {
			shifted[i] = replay.Stop{At: s.At + r.step.offset, For: s.For}
		}
		*list = shifted
	}
	return to.Disturbed(&moved)
}
