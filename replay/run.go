package replay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// Renderer makes the request that a playing of a record sends. It is called from one goroutine.
type Renderer interface {
	// Render fills in the method, URL, host, headers, body and framing of q for playing number play of r, to be sent at
	// the given time; Run has set the rest. It keeps neither r nor its slices, nor may q share them. An error ends the
	// run: what can be sent in some way is sent.
	Render(r *capture.Record, play int, at time.Time, q *Request) error
}

// Options shape a run. The zero value plays everything with at most 512 requests in flight.
type Options struct {
	// Keep says which records are played; nil plays all.
	Keep func(*capture.Record) bool
	// Plan is what Scan said of the same source, schedule and Keep. With it, a run that stops early knows what it left
	// unsent without reading on; without it, records that were not yet read are not accounted for.
	Plan *Plan
	// MaxInFlight bounds the requests on their way at once; 0 means 512.
	MaxInFlight int
	// Late says what becomes of a request that finds MaxInFlight others on their way.
	Late Late
	// Drain bounds the wait for answers after the run was stopped; 0 means 10 s.
	Drain time.Duration
	// AbortOn ends the run when too much fails; nil never does.
	AbortOn *Fuse
	// Progress, where set, is called every ProgressEvery (0 means 500 ms) from one goroutine.
	Progress      func(Progress)
	ProgressEvery time.Duration
}

// Late is what becomes of a request that is due when every in-flight slot is taken.
type Late uint8

// The policies.
const (
	LateSend Late = iota // it waits, and the wait counts as lag
	LateDrop             // it is shed
)

// Progress says how far a run is.
type Progress struct {
	// Elapsed is the time since the run's start; negative before it.
	Elapsed  time.Duration
	OK       int64
	Failed   int64
	Shed     int64
	InFlight int
	// Lag is that of the last request whose answer came.
	Lag time.Duration
}

// ErrAborted is wrapped by what Run returns when the fuse blew.
var ErrAborted = errors.New("replay: too many requests failed")

// What bounds the requests that are rendered ahead of their time, and how long before the first deadline the run's start
// is fixed, so that they are.
const (
	aheadRequests = 1024
	aheadBytes    = 16 << 20
	lead          = 50 * time.Millisecond
)

// Run plays src by the schedule and returns when every request has its result and rec has taken it. Nothing is left
// running. The ledger of the outcome balances, also with an error: context.Cause(ctx) when ctx was cancelled, after which
// no further request is sent and those on their way get Options.Drain to finish; ErrAborted when the fuse blew; else what
// src, render or rec returned.
func Run(ctx context.Context, src capture.Source, schedule *pace.Schedule, render Renderer, sender Sender, rec Recorder, o Options) (Outcome, error) {
	r := newRun(render, sender, rec, o)
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()

	var feeding, recording, draining sync.WaitGroup
	feeding.Go(func() { r.feed(running, src, schedule) })
	recording.Go(r.collect)
	finished := make(chan struct{})
	draining.Go(func() { drain(running, finished, r.o.Drain, cut) })

	r.dispatch(running, sending)
	feeding.Wait()
	r.workers.Wait()
	close(r.results)
	recording.Wait()
	close(finished)
	draining.Wait()
	return r.outcome(ctx, running)
}

// run is the state of one Run. Fields are grouped by the goroutine that owns them.
type run struct {
	o      Options
	render Renderer
	sender Sender
	rec    Recorder
	stop   context.CancelCauseFunc

	// ahead holds requests in order of their deadlines; feed closes it. Its capacity bounds what is rendered ahead.
	ahead  chan *Request
	budget *budget
	// work hands a request to a waiting worker; dispatch closes it. It has no buffer: a hand-over is a send.
	work    chan *Request
	workers sync.WaitGroup
	flight  flight
	// results is closed when no worker is left. Its capacity is the recorder's slack.
	results chan Result

	// Fixed by feed before the first request enters ahead.
	start time.Time

	feedBook Book // feed
	feedErr  error
	planned  time.Duration

	handBook Book // dispatch
	size     int
	stats    Stats

	resultBook Book // collect
	recErr     error
}

func newRun(render Renderer, sender Sender, rec Recorder, o Options) *run {
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = 512
	}
	if o.Drain <= 0 {
		o.Drain = 10 * time.Second
	}
	if o.ProgressEvery <= 0 {
		o.ProgressEvery = 500 * time.Millisecond
	}
	return &run{
		o: o, render: render, sender: sender, rec: rec,
		ahead: make(chan *Request, aheadRequests), budget: newBudget(aheadBytes),
		work: make(chan *Request), results: make(chan Result, aheadRequests),
		stats: Stats{MaxInFlight: o.MaxInFlight},
	}
}

// drain gives the requests on their way a bounded time after the run was stopped, then cuts them off.
func drain(running context.Context, finished <-chan struct{}, bound time.Duration, cut func()) {
	select {
	case <-finished:
		return
	case <-running.Done():
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
		cut()
	}
}

// feed reads, schedules and renders ahead of time.
func (r *run) feed(ctx context.Context, src capture.Source, schedule *pace.Schedule) {
	defer close(r.ahead)
	w := walk{src: src, schedule: schedule, keep: r.o.Keep}
	w.visit = func(rec *capture.Record, plays []pace.Play) error {
		if r.start.IsZero() {
			r.start = time.Now().Add(lead)
		}
		for i := range plays {
			if err := r.push(ctx, rec, plays[i]); err != nil {
				r.feedBook.Of(rec.Kind).Unsent += int64(len(plays) - i)
				return err
			}
		}
		return nil
	}
	r.feedErr = w.run(ctx)
	r.feedBook.Add(&w.book)
}

// push renders one playing and puts it in line, waiting for room.
func (r *run) push(ctx context.Context, rec *capture.Record, p pace.Play) error {
	q := &Request{Seq: rec.Seq, Copy: p.Copy, Kind: rec.Kind, Deadline: p.Deadline}
	if err := r.render.Render(rec, p.Copy, r.start.Add(p.Deadline), q); err != nil {
		return fmt.Errorf("render record %d: %w", rec.Seq, err)
	}
	if err := r.budget.take(ctx, size(q)); err != nil {
		return err
	}
	select {
	case r.ahead <- q:
		r.planned = p.Deadline
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// size is roughly the memory that a request holds.
func size(q *Request) int {
	return 256 + len(q.URL) + len(q.Body) + 64*len(q.Headers)
}

// collect takes the results, one after another.
func (r *run) collect() {
	fuse := r.o.AbortOn.fresh()
	ticker := time.NewTicker(r.o.ProgressEvery)
	defer ticker.Stop()
	var lag time.Duration
	for {
		select {
		case res, ok := <-r.results:
			if !ok {
				return
			}
			lag = max(res.Sent-res.Intended, 0)
			r.take(&res, fuse)
		case <-ticker.C:
			r.progress(lag)
		}
	}
}

func (r *run) take(res *Result, fuse *fuse) {
	r.resultBook.Of(res.Kind).Count(res)
	if r.recErr == nil {
		if r.recErr = r.rec.Record(res); r.recErr != nil {
			r.stop(r.recErr)
		}
	}
	if fuse.blown(res) {
		r.stop(fmt.Errorf("%w: more than %v%% in %v", ErrAborted, r.o.AbortOn.Share*100, r.o.AbortOn.Window))
	}
}

func (r *run) progress(lag time.Duration) {
	if r.o.Progress == nil {
		return
	}
	t := r.resultBook.Ledger().Tally
	p := Progress{OK: t.OK, Failed: t.Failed, Shed: t.Shed, InFlight: r.flight.now(), Lag: lag}
	if t.OK+t.Failed+t.Shed > 0 { // a result came by way of dispatch, after feed fixed the start
		p.Elapsed = time.Since(r.start)
	}
	r.o.Progress(p)
}

// outcome is made when every goroutine has ended.
func (r *run) outcome(ctx, running context.Context) (Outcome, error) {
	out := Outcome{State: Complete, Planned: r.planned, Started: r.start, Stats: r.stats}
	out.Stats.PeakInFlight = r.flight.peak()
	cause := context.Cause(running)
	err := r.feedErr
	switch {
	case ctx.Err() != nil && (r.feedErr != nil || r.handBook.Ledger().Unsent > 0):
		out.State, err = Interrupted, context.Cause(ctx)
	case cause != nil:
		out.State, err = Aborted, cause
	case err != nil:
		out.State = Aborted
	}
	var counted Book
	counted.Add(&r.feedBook)
	counted.Add(&r.handBook)
	counted.Add(&r.resultBook)
	out.Ledger = settle(&counted, r.o.Plan, out.State)
	return out, errors.Join(err, out.Ledger.Check())
}

// settle makes the ledger. Where there is a plan it knows the records that were never read; if the source was not what
// the plan said, what was counted stands.
func settle(counted *Book, plan *Plan, state EndState) Ledger {
	own := counted.Ledger()
	if plan == nil {
		return own
	}
	book := plan.Ledger.Book()
	for _, k := range capture.Kinds() {
		t, c := book.Of(k), counted.Of(k)
		t.OK, t.Failed, t.Shed = c.OK, c.Failed, c.Shed
		t.Unsent = t.Scheduled() - t.OK - t.Failed - t.Shed
		if t.Unsent < 0 || state == Complete && t.Unsent != c.Unsent {
			return own
		}
	}
	return book.Ledger()
}
