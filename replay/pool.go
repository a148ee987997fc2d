package replay

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// PoolOptions shape a pool. The zero value waits by Go's timers.
type PoolOptions struct {
	// Waiter waits for the pool; nil uses timers.
	Waiter Waiter
}

// Waiter lets one goroutine wait.
type Waiter interface {
	// Wait lasts for a time, or until Wake, also one that came before it.
	Wait(d time.Duration)
	// Wake ends a wait, or the next one; from any goroutine.
	Wake()
}

// NewPool returns a Player of one lane that has a goroutine for every request on its way.
func NewPool(s Sender, o PoolOptions) Player {
	if o.Waiter == nil {
		o.Waiter = make(timers, 1)
	}
	return &pool{Waiter: o.Waiter, sender: s}
}

// timers is the Waiter that stands on Go's timers: its one slot is a wake-up that is not yet seen.
type timers chan struct{}

func (t timers) Wait(d time.Duration) {
	if d == Forever {
		<-t
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t:
	}
}

func (t timers) Wake() { poke(t) }

type pool struct {
	Waiter
	sender Sender
}

func (*pool) Lanes() int { return 1 }

// answered is a request with its result, on the way back to the lane.
type answered struct {
	q   *Request
	res Result
}

func (p *pool) Play(ctx context.Context, start time.Time, lanes []*Lane) error {
	g := &game{
		pool: p, lane: lanes[0], start: start, work: make(chan *Request),
		// A worker that is done never waits: there is a place for each.
		done: make(chan answered, lanes[0].o.MaxInFlight),
	}
	g.lane.OnWake(p.Wake)
	g.run(ctx)
	close(g.work)
	g.workers.Wait()
	return nil
}

// game is one Play.
type game struct {
	*pool
	lane    *Lane
	start   time.Time
	work    chan *Request // hands a request to a waiting worker; no buffer: a hand-over is a send
	done    chan answered
	long    atomic.Bool // the wait under way is long: what is done ends it
	workers sync.WaitGroup
}

// soon is how long what is done may wait until the lane hears of it, where nothing else waits for it.
const soon = 20 * time.Millisecond

func (g *game) run(ctx context.Context) {
	for !g.lane.Over() {
		q, wait := g.lane.Next(time.Since(g.start))
		switch {
		case q != nil:
			g.hand(ctx, q)
		case !g.lane.Over():
			g.long.Store(wait > soon || g.lane.o.Serialize || g.lane.capFull >= 0)
			if wait = g.lane.Nap(wait); len(g.done) == 0 {
				g.Wait(wait)
			}
			g.long.Store(false)
		}
		g.collect()
	}
}

// hand gives a request to a waiting worker or a new one.
func (g *game) hand(ctx context.Context, q *Request) {
	select {
	case g.work <- q:
	default:
		g.workers.Go(func() { g.serve(ctx, q) })
	}
}

func (g *game) serve(ctx context.Context, q *Request) {
	for ok := true; ok; q, ok = <-g.work {
		a := answered{q: q}
		g.sender.Send(ctx, g.start, q, &a.res)
		g.done <- a
		if g.long.Load() {
			g.Wake()
		}
	}
}

// collect gives the lane the results that are there.
func (g *game) collect() {
	for {
		select {
		case a := <-g.done:
			g.lane.Done(a.q, &a.res)
		default:
			return
		}
	}
}
