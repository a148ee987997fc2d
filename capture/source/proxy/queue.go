package proxy

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"reprise/capture"
)

// gather is how long records come together before they are taken, so that the traffic is not disturbed by each of them.
const gather = 10 * time.Millisecond

// item is a request to be recorded.
type item struct {
	rec   capture.Record
	held  int64
	hosts [2]string
	noted []string
}

// inFlight is a request's place among those under way, which are in the order in which they came.
type inFlight struct {
	since      time.Time
	prev, next *inFlight
}

// queue is what was passed on and is to be recorded. No more than room bytes wait in it.
type queue struct {
	room atomic.Int64 // bytes that are free

	mu      sync.Mutex
	items   []item
	dropped map[string]int64 // requests that are not recorded, by reason
	first   *inFlight        // of those under way
	last    *inFlight
	closed  bool
	idle    chan struct{} // closed when nothing is under way, where somebody waits for that

	came chan struct{} // room for 1: there is something in items or dropped, or it is closed
}

func newQueue(room int64) *queue {
	q := &queue{dropped: make(map[string]int64), came: make(chan struct{}, 1)}
	q.room.Store(room)
	return q
}

// hold takes n bytes of the room.
func (q *queue) hold(n int64) bool {
	if q.room.Add(-n) >= 0 {
		return true
	}
	q.room.Add(n)
	return false
}

func (q *queue) free(n int64) { q.room.Add(n) }

// begin notes that a request is under way.
func (q *queue) begin(f *inFlight) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if f.prev = q.last; f.prev != nil {
		f.prev.next = f
	} else {
		q.first = f
	}
	q.last = f
}

// end takes in a request that is not under way any more: to be recorded or, where there is a reason against it, to be counted.
func (q *queue) end(f *inFlight, reason string, i item) {
	q.mu.Lock()
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		q.first = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	} else {
		q.last = f.prev
	}
	f.prev, f.next = nil, nil
	if q.first == nil && q.idle != nil {
		close(q.idle)
		q.idle = nil
	}
	if reason == "" {
		q.items = append(q.items, i)
	} else {
		q.dropped[reason]++
	}
	q.mu.Unlock()
	q.wake()
}

// drop counts a request that never was under way.
func (q *queue) drop(reason string) {
	q.mu.Lock()
	q.dropped[reason]++
	q.mu.Unlock()
	q.wake()
}

// drain waits until nothing is under way.
func (q *queue) drain() {
	q.mu.Lock()
	if q.first == nil {
		q.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	q.idle = idle
	q.mu.Unlock()
	<-idle
}

// close says that nothing comes any more.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.came <- struct{}{}:
	default:
	}
}

// take gives what has come, in exchange for a slice to be used again.
func (q *queue) take(empty []item) (items []item, dropped map[string]int64, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	items, q.items = q.items, empty
	if len(q.dropped) > 0 {
		dropped, q.dropped = q.dropped, make(map[string]int64)
	}
	return items, dropped, q.closed
}

// oldest is when the request began that has been under way for longest; now where there is none.
func (q *queue) oldest(now time.Time) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == nil {
		return now
	}
	return q.first.since
}

// Source gives the requests that a proxy has passed on, in the order in which they were answered. It ends after Serve has returned.
type Source struct {
	q        *queue
	file     string
	account  *capture.Account
	onServer func(host string)
	upstream string // its host

	items  []item
	at     int
	held   int64 // of the record that was given last
	number int64
	closed bool
}

// Source returns the requests as a capture.Source, which counts in the account; there is one of a proxy. Name stands for the proxy in problems.
// onServer is told, with each record, the hosts under which the proxy was reached, and the upstream's.
func (p *Proxy) Source(name string, account *capture.Account, onServer func(host string)) *Source {
	return &Source{q: p.queue, file: name, account: account, onServer: onServer, upstream: p.o.Upstream.Hostname()}
}

// Settled returns a time before which no request began that is still to come.
func (s *Source) Settled() time.Time {
	t := s.q.oldest(time.Now())
	for i := s.at; i < len(s.items); i++ {
		if began := s.items[i].rec.Time; began.Before(t) {
			t = began
		}
	}
	return t
}

// Next implements capture.Source. Where ctx ends while it waits, nothing is lost: it may be called again.
func (s *Source) Next(ctx context.Context, r *capture.Record) error {
	s.q.free(s.held)
	s.held = 0
	for s.at == len(s.items) {
		if s.closed {
			return io.EOF
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
	i := &s.items[s.at]
	s.at++
	s.number++
	s.account.Read++
	for _, reason := range i.noted {
		p := s.Place()
		p.Reason = reason
		s.account.Note(p)
	}
	s.onServer(s.upstream)
	for _, host := range i.hosts {
		if host != "" {
			s.onServer(host)
		}
	}
	*r, s.held = i.rec, i.held
	*i = item{}
	return nil
}

// wait fills items.
func (s *Source) wait(ctx context.Context) error {
	select {
	case <-s.q.came:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-time.After(gather):
	case <-ctx.Done(): // what has come is taken all the same
	}
	var dropped map[string]int64
	s.items, dropped, s.closed = s.q.take(s.items[:0])
	s.at = 0
	for reason, n := range dropped {
		for range n {
			s.account.Read++
			s.account.Skip(capture.Problem{File: s.file, Reason: reason})
		}
	}
	return nil
}

// Place implements capture.Placed.
func (s *Source) Place() capture.Problem {
	return capture.Problem{File: s.file, Record: s.number, Unit: "request"}
}
