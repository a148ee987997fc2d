package ingest

import (
	"sync"
	"time"

	"reprise/capture"
)

// queue hands items to a goroutine of its own, in their order: while one reads, the other annotates, sorts and writes what was read. Its
// methods are for one goroutine at a time.
type queue struct {
	do     func(*item) error // what becomes of an item; after its first error it is called no more
	late   *time.Timer       // ends the wait of few items
	ended  chan struct{}     // closed by the goroutine
	enough sync.Cond         // there is something to take, or nothing more will come
	room   sync.Cond         // there is room again, or nothing is left to do

	mu struct {
		sync.Mutex
		waiting []item
		bytes   int  // of waiting
		due     bool // what waits is to be taken, however little it is
		busy    bool // items are being worked on
		closed  bool
		err     error // the first one of do
	}
}

// item is a record, a host that traffic was captured from, or a problem that a source has met.
type item struct {
	record *capture.Record // nil of others
	host   string
	place  capture.Problem // of the record; or the problem
	whole  bool            // of the record's time the second is known alone
}

const (
	// queueFew is how many items are worth waking a goroutine for, and queueWait how long fewer wait.
	queueFew  = 128
	queueWait = 10 * time.Millisecond
	// queueItems and queueBytes are how much waits before put does. As much again is being worked on.
	queueItems = 4096
	queueBytes = 2 << 20
)

func newQueue(do func(*item) error) *queue {
	q := &queue{do: do, ended: make(chan struct{})}
	q.enough.L, q.room.L = &q.mu, &q.mu
	q.late = time.AfterFunc(time.Hour, q.hurry)
	q.late.Stop()
	go q.run()
	return q
}

// put appends an item of so many bytes and returns what do said of an earlier one.
func (q *queue) put(it item, bytes int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.mu.err == nil && (q.mu.bytes >= queueBytes || len(q.mu.waiting) >= queueItems) {
		q.room.Wait()
	}
	q.mu.waiting = append(q.mu.waiting, it)
	q.mu.bytes += bytes
	switch {
	case q.worthwhile():
		q.enough.Signal()
	case len(q.mu.waiting) == 1:
		q.late.Reset(queueWait)
	}
	return q.mu.err
}

// worthwhile says whether so much waits that a goroutine is woken for it.
func (q *queue) worthwhile() bool { return len(q.mu.waiting) >= queueFew || q.mu.bytes >= queueBytes }

func (q *queue) hurry() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mu.due = true
	q.enough.Signal()
}

// settle waits until every item has been worked on and returns the first error of do.
func (q *queue) settle() error {
	q.hurry()
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.mu.waiting) > 0 || q.mu.busy {
		q.room.Wait()
	}
	return q.mu.err
}

// close is settle and ends the goroutine.
func (q *queue) close() error {
	q.mu.Lock()
	q.mu.closed = true
	q.mu.Unlock()
	q.enough.Signal()
	<-q.ended
	q.late.Stop()
	return q.mu.err
}

func (q *queue) run() {
	defer close(q.ended)
	var items []item
	for {
		var ok bool
		if items, ok = q.take(items); !ok {
			return
		}
		for i := range items {
			if err := q.do(&items[i]); err != nil {
				q.fail(err)
				break
			}
		}
	}
}

// fail notes the first error; nothing is done any more.
func (q *queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mu.err = err
	q.do = func(*item) error { return err }
}

// take waits for items that are worth it and returns them; false after the last. The memory of done is used again.
func (q *queue) take(done []item) (items []item, ok bool) {
	clear(done)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mu.busy = false
	q.room.Signal()
	for !q.mu.closed && !q.mu.due && !q.worthwhile() {
		q.enough.Wait()
	}
	items, q.mu.waiting, q.mu.bytes = q.mu.waiting, done[:0], 0
	q.mu.due, q.mu.busy = false, true
	q.room.Signal()
	return items, len(items) > 0 || !q.mu.closed
}
