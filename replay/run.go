package replay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// Renderer makes the request that a playing of a record sends. Render is called from one goroutine, Refresh and
// Again from others at the same time, for requests that Render is done with.
type Renderer interface {
	// Render fills in Person, Wire, Parts, Stamped, Timed and Unfit of q for one play of r, to be sent at the given time; Run has
	// set the rest. Wire may be appended to from its beginning. It keeps neither r nor its slices, nor may q share them.
	// An error ends the run: what can be sent in some way is sent.
	Render(r *capture.Record, p pace.Play, at time.Time, q *Request) error
	// Refresh makes a Timed request anew for another time.
	Refresh(q *Request, at time.Time)
	// Again makes what tells one attempt from another anew, in a request whose Copy has changed: it is sent once more.
	Again(q *Request)
}

// Options shape a run. The zero value plays everything with at most 512 requests in flight.
type Options struct {
	// Keep says which records are played; nil plays all.
	Keep func(*capture.Record) bool
	// Factor, where set, is the factor of a record that is played on the volume, at most pace.Options.MostFactor.
	Factor func(*capture.Record) float64
	// KeepHeld and FactorHeld are a Keep and a Factor of their own for the second reading that outages make; nil where those have no state.
	KeepHeld   func(*capture.Record) bool
	FactorHeld func(*capture.Record) float64
	// Outside are those records that the source leaves out.
	Outside Outside
	// Again opens the source anew, for each loop after the first, and for what outages hold.
	Again func(ctx context.Context) (Stream, error)
	// Plan is what Scan said of the same source, schedule and Keep. With it, a run that stops early knows what it left
	// unsent without reading on; without it, records that were not yet read are not accounted for.
	Plan *Plan
	// MaxInFlight bounds the requests on their way at once, over all lanes; 0 means 512.
	MaxInFlight int
	// Late says what becomes of a request that finds MaxInFlight others on their way.
	Late Late
	// Serialize holds a sender's request back until the one before it is answered.
	Serialize bool
	// Think also lets a sender pause after each answer as they did in the recording.
	Think bool
	// BySender gives each sender's requests to one lane, where there are several. Serialize and Think do so too.
	BySender bool
	// Retry returns the delays after which a vendor sends again what failed; nil for no retries.
	Retry func(vendor string) []time.Duration
	// Resume, where set, goes on with a run that was stopped.
	Resume *Resume
	// Drain bounds the wait for answers after the run was stopped; 0 means 10 s.
	Drain time.Duration
	// Breaker, where set, ends the run when it goes wrong. It is for one run.
	Breaker Breaker
	// Share is the part of the plan that is played here; the zero value is all of it. What others play counts as filtered.
	Share Share
	// Start is the wall-clock moment of deadline 0; zero is as soon as the first requests are ready. What is due before now is
	// sent late.
	Start time.Time
	// Step is the number of the step of a search that this run is, from 1; 0 for a run that is none. Results have it, in place of their
	// plays' own.
	Step int
	// FirstCopy is added to the number of each copy, so that several runs of one source are one to those who receive and compare.
	FirstCopy int
	// Grow, where set, finds new people for a volume above the plan's, and returns how many times the planned ones they are at most. It is
	// called once or more, while the run goes on, by one goroutine.
	Grow func(ctx context.Context) (times float64, err error)
	// Control, where set, can steer the run while it is going.
	Control *Control
	// Progress, where set, is called every ProgressEvery (0 means 500 ms) from one goroutine.
	Progress      func(Progress)
	ProgressEvery time.Duration
}

// Resume says where a run was stopped.
type Resume struct {
	// Done says whether a play has its result already: it is left out.
	Done func(seq int64, play int) bool
	// Position is the deadline at which the run goes on; plays before it that are not Done are sent at once.
	Position time.Duration
	// Skips were jumped over, and are not played.
	Skips []Skip
	// Book counts the results that there are already.
	Book *Book
}

// Progress says how far a run is.
type Progress struct {
	// Elapsed is the time since the run's start; negative before it. Position is how far the schedule is.
	Elapsed  time.Duration
	Position time.Duration
	OK       int64
	Failed   int64
	Shed     int64
	InFlight int
	// Lag is that of the last request whose answer came.
	Lag time.Duration
	// Retries is how many requests a vendor's schedule has had sent again or will, and Retrying how many of them still wait for their time. RetriesLeft is
	// how far off the last attempt is that they may come to, in the schedule: all of them fail until then.
	Retries     int64
	Retrying    int64
	RetriesLeft time.Duration
	// Step is the step of a search that is under way, and Tempo its time-scale; 0 where there is none.
	Step  int
	Tempo float64
}

// lead is how long before the first deadline the run's start is fixed, so that the first requests are ready.
const lead = 5 * time.Millisecond

// Run plays src by the schedule and returns when every request has its result and rec has taken it. Nothing is left
// running. The ledger of the outcome balances, also with an error: context.Cause(ctx) when ctx was cancelled, after which
// no further request is sent and those on their way get Options.Drain to finish; a *StoppedError, which is an ErrAborted, when the breaker ended the run; else what
// src, render, player or rec returned.
func Run(ctx context.Context, src capture.Source, schedule *pace.Schedule, render Renderer, player Player, rec Recorder, o Options) (Outcome, error) {
	r := newRun(render, player, rec, o)
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()

	var feeding, recording, draining sync.WaitGroup
	recorded := make(chan struct{})
	feeding.Go(func() { r.feed(running, src, schedule) })
	recording.Go(func() { r.collect(recorded) })
	finished := make(chan struct{})
	draining.Go(func() { r.drain(running, finished, cut) })

	growing, grown := context.WithCancel(running)
	defer grown()
	var finding sync.WaitGroup
	if o.Grow != nil && o.Control != nil {
		finding.Go(func() { r.grow(growing) })
	}
	if <-r.begun; !r.start.IsZero() {
		r.play(sending, schedule)
	}
	feeding.Wait()
	grown()
	finding.Wait()
	for _, l := range r.lanes {
		l.refuse() // what feed made after the lane was stopped
		l.flush()
	}
	close(recorded)
	recording.Wait()
	close(finished)
	draining.Wait()
	return r.outcome(ctx, running)
}

// run is the state of one Run. Fields are grouped by the goroutine that owns them.
type run struct {
	o      Options
	render Renderer
	player Player
	rec    Recorder
	stop   context.CancelCauseFunc
	halted atomic.Bool

	lanes    []*Lane
	inFlight atomic.Int64 // requests on their way, of all lanes
	clock    *Clock
	shelf    *shelf
	halt     standstill
	times    atomic.Uint64 // the bits of how many times the planned volume is played; 0 is the plan's
	wanted   chan struct{} // signalled when new people are asked for; one slot
	// begun is closed by feed when start is fixed, or there is nothing to start.
	begun chan struct{}
	start time.Time
	usage usage

	feedBook Book // feed
	feedErr  error
	planned  time.Duration
	thinned  int64         // left out by a volume below the plan's
	addedIn  AddedIn       // by a volume above the plan's
	source   time.Duration // how long the source kept a hungry lane waiting

	resultBook Book // collect
	recErr     error
	stopped    *Broken
	overdue    *overdue // nil where nobody asks what waits
	looks      looks
	asleep     Asleep

	shown struct { // what progress tells
		sync.Mutex
		tally Tally
		lag   time.Duration
	}
}

func newRun(render Renderer, player Player, rec Recorder, o Options) *run {
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = 512
	}
	if o.Drain <= 0 {
		o.Drain = 10 * time.Second
	}
	if o.ProgressEvery <= 0 {
		o.ProgressEvery = 500 * time.Millisecond
	}
	r := &run{o: o, render: render, player: player, rec: rec, shelf: newShelf(), begun: make(chan struct{}), wanted: make(chan struct{}, 1)}
	if o.Breaker != nil && o.Breaker.Waits() {
		r.overdue = newOverdue()
	}
	var position time.Duration
	if o.Resume != nil {
		position = o.Resume.Position
		r.resultBook.Add(o.Resume.Book)
	}
	r.clock = newClock(position, position)
	if o.Plan != nil {
		r.halt.peak.Store(o.Plan.Peak)
	}
	return r
}

// stride is what tells the copy numbers of one attempt from those of the next, and maxAttempts is more than a request has.
func stride(s *pace.Schedule) int { return s.Copies() * max(s.Options().Loops, 1) }

const maxAttempts = 256

func (f *feeder) stride() int { return stride(f.schedule) }

// makeLanes is called when the start is known.
func (r *run) makeLanes(schedule *pace.Schedule) {
	n := max(r.player.Lanes(), 1)
	for i := range n {
		o := LaneOptions{
			MaxInFlight: max(r.o.MaxInFlight/n, 1), Late: r.o.Late, Serialize: r.o.Serialize, Think: r.o.Think, Retry: r.o.Retry,
			Stride: stride(schedule), Refresh: r.render.Refresh, Again: r.render.Again, Start: r.start,
		}
		l := newLane(o, r.clock, i, &r.halted, r.shelf, &r.inFlight, &r.halt)
		l.overdue = r.overdue
		r.lanes = append(r.lanes, l)
	}
}

// play sends.
func (r *run) play(sending context.Context, schedule *pace.Schedule) {
	if r.o.Control != nil {
		r.o.Control.attach(r, schedule.Options())
	}
	r.usage = usageNow()
	if err := r.player.Play(sending, r.start, r.lanes); err != nil {
		r.stop(err)
	}
	r.usage = usageNow().since(r.usage)
}

// now is the time since the run's start.
func (r *run) now() time.Duration { return time.Since(r.start) }

func (r *run) rouse() {
	for _, l := range r.lanes {
		l.inbox.rouse()
	}
}

func (r *run) stopBy(cause error) { r.stop(cause) }

// drain makes every lane refuse what it holds when the run is stopped, gives the requests on their way a bounded time, and
// then cuts them off.
func (r *run) drain(running context.Context, finished <-chan struct{}, cut func()) {
	select {
	case <-finished:
		return
	case <-running.Done():
	}
	r.halted.Store(true)
	<-r.begun
	r.rouse()
	timer := time.NewTimer(r.o.Drain)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
		cut()
	}
}

// FlushEvery is how often a recorder that can write out what it holds back is asked to.
const FlushEvery = 200 * time.Millisecond

// collect takes the results, one after another.
func (r *run) collect(recorded <-chan struct{}) {
	ticker := time.NewTicker(r.o.ProgressEvery)
	defer ticker.Stop()
	flusher, _ := r.rec.(interface{ Flush() error })
	watch := newWatch(r)
	flush := time.NewTicker(FlushEvery)
	defer flush.Stop()
	for last := false; !last; {
		select {
		case <-flush.C:
			watch.tick(false)
			r.look()
			if flusher != nil && r.recErr == nil {
				if r.recErr = flusher.Flush(); r.recErr != nil {
					r.stop(r.recErr)
				}
			}
			continue
		case <-r.shelf.filled:
		case <-recorded:
			last = true
		case <-ticker.C:
			if r.o.Progress != nil {
				r.o.Progress(r.progress())
			}
			continue
		}
		batches := r.shelf.take()
		for _, b := range batches {
			for i := range b {
				r.take(&b[i])
			}
			r.show(b)
		}
		r.shelf.give(batches)
	}
	watch.tick(true)
}

func (r *run) take(res *Result) {
	r.resultBook.Of(res.Kind).Count(res)
	if r.recErr == nil {
		if r.recErr = r.rec.Record(res); r.recErr != nil {
			r.stop(r.recErr)
		}
	}
	r.overdue.done(res)
	if r.o.Breaker != nil && r.stopped == nil {
		r.broke(r.o.Breaker.Record(res))
	}
}

func (r *run) show(batch []Result) {
	if len(batch) == 0 {
		return
	}
	last := &batch[len(batch)-1]
	r.shown.Lock()
	defer r.shown.Unlock()
	r.shown.tally = r.resultBook.Ledger().Tally
	r.shown.lag = max(last.Sent-last.Intended, 0)
}

// progress may be asked from any goroutine.
func (r *run) progress() Progress {
	r.shown.Lock()
	t, lag := r.shown.tally, r.shown.lag
	r.shown.Unlock()
	p := Progress{OK: t.OK, Failed: t.Failed, Shed: t.Shed, Lag: lag, Step: r.o.Step}
	select {
	case <-r.begun:
	default:
		return p
	}
	if !r.start.IsZero() {
		p.Elapsed = r.now()
		p.Position = r.clock.Position(p.Elapsed)
		p.retriesOf(r.lanes)
	}
	p.InFlight = int(r.inFlight.Load())
	return p
}

// outcome is made when every goroutine has ended.
func (r *run) outcome(ctx, running context.Context) (Outcome, error) {
	out := Outcome{State: Complete, Planned: r.planned, Started: r.start, Stats: r.stats(), Stopped: r.stopped}
	var counted Book
	counted.Add(&r.feedBook)
	counted.Add(&r.resultBook)
	for _, l := range r.lanes {
		counted.Add(&l.book)
	}
	cause := context.Cause(running)
	err := r.feedErr
	switch {
	case ctx.Err() != nil && (r.feedErr != nil || counted.Ledger().Unsent > 0):
		out.State, err = Interrupted, context.Cause(ctx)
	case errors.Is(cause, ErrStopped) && ctx.Err() == nil:
		out.State, err = Interrupted, nil
	case cause != nil:
		out.State, err = Aborted, cause
	case err != nil:
		out.State = Aborted
	}
	out.Ledger = settle(&counted, r.o.Plan, out.State)
	return out, errors.Join(err, out.Ledger.Check())
}

// settle makes the ledger. Where there is a plan it knows the records that were never read; if the source was not what
// the plan said, what was counted stands. Retries are added to what the plan knew.
func settle(counted *Book, plan *Plan, state EndState) Ledger {
	own := counted.Ledger()
	if plan == nil {
		return own
	}
	book := plan.Ledger.Book()
	for _, k := range capture.Kinds() {
		t, c := book.Of(k), counted.Of(k)
		t.OK, t.Failed, t.Shed = c.OK, c.Failed, c.Shed
		t.Added += counted.retried[k]
		t.Unsent = t.Scheduled() - t.OK - t.Failed - t.Shed
		if t.Unsent < 0 || state == Complete && t.Unsent != c.Unsent {
			return own
		}
	}
	return book.Ledger()
}
