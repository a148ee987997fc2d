package replay

import (
	"context"
	"sync"
	"time"
)

// What bounds the requests that wait in a lane, and how far ahead of their time they are made.
const (
	aheadRequests = 1024
	aheadBytes    = 16 << 20
	// Where the line is late, requests are made to be sent at once, and no deadline needs so many beforehand: fewer of them are still in the
	// processor's cache when they are sent.
	aheadLate = aheadRequests / 2
	horizon   = time.Second
	// What a lane has sent makes room for more in portions, and what is not to be made yet is waited for in portions, so that few
	// wake-ups serve many requests.
	roomRequests = aheadRequests / 8
	roomBytes    = aheadBytes / 16
	portion      = horizon / 16
)

// credit is what a lane gives back: places and bytes in line, and requests whose buffers can be filled again.
type credit struct {
	slots, bytes int
	used         []*Request
}

// inbox is where the one who makes requests and the lane that sends them meet.
type inbox struct {
	mu    sync.Mutex
	ready []*Request
	ended bool
	// hungry says that the lane found nothing and is to be woken.
	hungry bool
	wake   func()
	credit credit
	// room is signalled, without blocking, when credit is given back; one slot, since one goroutine waits.
	room chan struct{}
}

func (b *inbox) onWake(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wake = f
}

// put appends requests that were ready at a moment of the run.
func (b *inbox) put(qs []*Request, now time.Duration) {
	for _, q := range qs {
		q.queued = now
	}
	b.mu.Lock()
	b.ready = append(b.ready, qs...)
	b.unlockAndWake(b.hungry)
}

// end says that no request follows.
func (b *inbox) end() {
	b.mu.Lock()
	b.ended = true
	b.unlockAndWake(true)
}

func (b *inbox) unlockAndWake(wanted bool) {
	wake := b.wake
	b.hungry = false
	b.mu.Unlock()
	if wanted && wake != nil {
		wake()
	}
}

// rouse wakes the lane because something else has changed.
func (b *inbox) rouse() {
	b.mu.Lock()
	b.unlockAndWake(true)
}

// swap takes what is ready and leaves an empty slice to fill.
func (b *inbox) swap(empty []*Request) []*Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		b.hungry = !b.ended
		return empty
	}
	full := b.ready
	b.ready = empty
	return full
}

// starving says whether the lane waits for requests.
func (b *inbox) starving() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.hungry
}

func (b *inbox) over() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended && len(b.ready) == 0
}

// give hands back what the lane has taken out of the line and done with, once that is a portion; all of it where the lane
// has nothing left.
func (b *inbox) give(c *credit, all bool) {
	if c.slots < roomRequests && c.bytes < roomBytes && (!all || c.slots == 0 && len(c.used) == 0) {
		return
	}
	b.mu.Lock()
	b.credit.slots += c.slots
	b.credit.bytes += c.bytes
	b.credit.used = append(b.credit.used, c.used...)
	room := b.room
	b.mu.Unlock()
	clear(c.used)
	*c = credit{used: c.used[:0]}
	select {
	case room <- struct{}{}:
	default:
	}
}

// collect takes the credit.
func (b *inbox) collect(into *credit) {
	b.mu.Lock()
	defer b.mu.Unlock()
	into.slots += b.credit.slots
	into.bytes += b.credit.bytes
	into.used = append(into.used, b.credit.used...)
	clear(b.credit.used)
	b.credit = credit{used: b.credit.used[:0]}
}

// maker fills a lane's inbox from the other side, in batches, within its bounds.
type maker struct {
	lane   *Lane
	batch  []*Request
	credit credit // free places and bytes, and requests to use again
	spare  int    // places that stay free, since what was last put in line was late
}

// handOver is how many requests go into the inbox at once when sending is not waiting for them.
const handOver = 32

func newMaker(l *Lane) *maker {
	m := &maker{lane: l, credit: credit{slots: aheadRequests, bytes: aheadBytes}}
	l.inbox.room = make(chan struct{}, 1)
	return m
}

// request returns a request to fill.
func (m *maker) request() *Request {
	if len(m.credit.used) == 0 {
		m.lane.inbox.collect(&m.credit)
	}
	n := len(m.credit.used)
	if n == 0 {
		return new(Request)
	}
	q := m.credit.used[n-1]
	m.credit.used = m.credit.used[:n-1]
	*q = Request{Wire: q.Wire[:0], Parts: q.Parts.Reuse(), Made: Made{Places: q.Made.Places[:0]}}
	return q
}

// push puts a request in line, waiting for room. now tells the run's time.
func (m *maker) push(ctx context.Context, q *Request, now func() time.Duration) error {
	size := q.size()
	for m.credit.slots < 1+m.spare || m.credit.bytes < size && m.credit.slots < aheadRequests {
		if err := m.wait(ctx, now); err != nil {
			return err
		}
	}
	m.credit.slots--
	m.credit.bytes -= size
	m.batch = append(m.batch, q)
	if len(m.batch) >= handOver {
		m.flush(now())
	}
	return nil
}

func (m *maker) wait(ctx context.Context, now func() time.Duration) error {
	m.flush(now())
	select {
	case <-m.lane.inbox.room:
		m.lane.inbox.collect(&m.credit)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m *maker) flush(now time.Duration) {
	n := len(m.batch)
	if n == 0 {
		return
	}
	m.spare = 0
	if m.lane.clock.Due(m.batch[n-1].Deadline) <= now {
		m.spare = aheadRequests - aheadLate
	}
	m.lane.inbox.put(m.batch, now)
	clear(m.batch)
	m.batch = m.batch[:0]
}
