package replay

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// dispatch hands out requests at their deadlines, until there is none left or the run is stopped; from then on it only
// counts what it takes from the line.
func (r *run) dispatch(running, sending context.Context) {
	defer close(r.work)
	for {
		q, starved := r.nextInLine()
		if q == nil {
			return
		}
		r.budget.give(size(q))
		if starved && time.Since(r.start) > q.Deadline+time.Millisecond {
			r.stats.LateRender++
		}
		if !until(running, r.start.Add(q.Deadline)) || !r.hand(running, sending, q) {
			r.handBook.Of(q.Kind).Unsent++
		}
	}
}

// nextInLine takes the next request in line, nil after the last; starved says that it had to be waited for.
func (r *run) nextInLine() (q *Request, starved bool) {
	select {
	case q = <-r.ahead:
		return q, false
	default:
		return <-r.ahead, true
	}
}

// until sleeps until a moment; false when the run was stopped.
func until(ctx context.Context, t time.Time) bool {
	if ctx.Err() != nil {
		return false
	}
	wait := time.Until(t)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// hand gives a request to a worker: a waiting one, a new one, or by the policy for late requests. It is false when the
// run was stopped first.
func (r *run) hand(running, sending context.Context, q *Request) bool {
	select {
	case r.work <- q:
		return true
	default:
	}
	if r.size < r.o.MaxInFlight {
		r.size++
		r.workers.Go(func() { r.serve(sending, q) })
		return true
	}
	r.stats.AtCap++
	if r.o.Late == LateDrop {
		r.results <- Result{Seq: q.Seq, Copy: q.Copy, Kind: q.Kind, Intended: q.Deadline, Error: ReasonShed}
		return true
	}
	began := time.Now()
	defer func() { r.stats.CapWait += time.Since(began) }()
	select {
	case r.work <- q:
		return true
	case <-running.Done():
		return false
	}
}

// serve is a worker: it sends one request after another until dispatch is done.
func (r *run) serve(ctx context.Context, q *Request) {
	for ok := true; ok; q, ok = <-r.work {
		r.flight.enter()
		res := Result{Seq: q.Seq, Copy: q.Copy, Kind: q.Kind, Intended: q.Deadline}
		r.sender.Send(ctx, r.start, q, &res)
		r.flight.leave()
		r.results <- res
	}
}

// flight counts the requests on their way.
type flight struct {
	count, top atomic.Int64
}

func (f *flight) enter() {
	n := f.count.Add(1)
	for top := f.top.Load(); n > top && !f.top.CompareAndSwap(top, n); top = f.top.Load() {
	}
}

func (f *flight) leave()    { f.count.Add(-1) }
func (f *flight) now() int  { return int(f.count.Load()) }
func (f *flight) peak() int { return int(f.top.Load()) }

// budget bounds the bytes that wait in line.
type budget struct {
	limit int
	mu    struct {
		sync.Mutex
		used int
	}
	// room is signalled, without blocking, when bytes are given back; one slot, since one goroutine waits.
	room chan struct{}
}

func newBudget(limit int) *budget {
	return &budget{limit: limit, room: make(chan struct{}, 1)}
}

// take waits until n bytes fit, or nothing else is in line.
func (b *budget) take(ctx context.Context, n int) error {
	for {
		b.mu.Lock()
		if b.mu.used == 0 || b.mu.used+n <= b.limit {
			b.mu.used += n
			b.mu.Unlock()
			return nil
		}
		b.mu.Unlock()
		select {
		case <-b.room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *budget) give(n int) {
	b.mu.Lock()
	b.mu.used -= n
	b.mu.Unlock()
	select {
	case b.room <- struct{}{}:
	default:
	}
}
