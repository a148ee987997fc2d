package corpus

import (
	"errors"
	"sync"
	"time"

	"reprise/capture"
)

// Queue is a capture.Sink in front of a Sorter or a Live, which then works in a goroutine of its own: whoever makes records need not wait
// while others are put in order, encoded and written. Records arrive there in their order, within some milliseconds. Write and AddHost
// are for one goroutine at a time, and what is behind the queue is the queue's until Close.
type Queue struct {
	to     taker
	copies holder
	late   *time.Timer   // ends the wait of few records
	ended  chan struct{} // closed by the goroutine
	enough sync.Cond     // there is something to take, or nothing more will come
	room   sync.Cond     // there is room again

	mu struct {
		sync.Mutex
		waiting handful
		due     bool // what waits is to be taken, however little it is
		closed  bool
		err     error // of what is behind
	}
}

// taker is what can be behind a queue.
type taker interface {
	// take is Write for a record that was checked and that nobody changes any more.
	take(r *capture.Record) error
	AddHost(host string)
}

// handful is what is taken at a time: hosts, which come first, and records.
type handful struct {
	hosts   []string
	records []*capture.Record
	bytes   int
}

// enough says whether it is worth waking a goroutine.
func (h *handful) enough() bool {
	return len(h.records) >= handfulRecords || len(h.hosts) >= handfulRecords || h.bytes >= queueBytes
}

const (
	// handfulRecords is how many records, or hosts, are enough, and handfulWait how long fewer wait.
	handfulRecords = 128
	handfulWait    = 10 * time.Millisecond
	// queueBytes is how much waits before Write does. As much again is being taken.
	queueBytes = 2 << 20
)

// Queue returns a queue in front of s. The caller closes it before s.
func (s *Sorter) Queue() *Queue { return newQueue(s) }

// Queue returns a queue in front of l. The caller closes it before l ends.
func (l *Live) Queue() *Queue { return newQueue(l) }

func newQueue(to taker) *Queue {
	q := &Queue{to: to, ended: make(chan struct{})}
	q.enough.L, q.room.L = &q.mu, &q.mu
	q.late = time.AfterFunc(time.Hour, q.hurry)
	q.late.Stop()
	go q.run()
	return q
}

// Write takes a record, as Sorter.Write does. An error of what is behind comes with a later record, or from Close.
func (q *Queue) Write(r *capture.Record) error {
	size, err := checkRecord(r)
	if err != nil {
		return err
	}
	held := q.copies.hold(r)
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.mu.err == nil && q.mu.waiting.bytes >= queueBytes {
		q.room.Wait()
	}
	if q.mu.closed {
		return errors.New("corpus: write after close")
	}
	w := &q.mu.waiting
	w.records = append(w.records, held)
	w.bytes += size
	switch {
	case w.enough():
		q.enough.Signal()
	case len(w.records) == 1:
		q.late.Reset(handfulWait)
	}
	return q.mu.err
}

// AddHost remembers a host that records are captured from, as Writer.AddHost does: before the records that come after it.
func (q *Queue) AddHost(host string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.mu.waiting.hosts); n == 0 || q.mu.waiting.hosts[n-1] != host {
		q.mu.waiting.hosts = append(q.mu.waiting.hosts, host)
	}
	if q.mu.waiting.enough() {
		q.enough.Signal()
	}
}

func (q *Queue) hurry() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mu.due = true
	q.enough.Signal()
}

// Close waits until every record has been taken, and returns the first error of what is behind, which it does not close. Closing again
// does nothing.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.mu.closed = true
	q.mu.Unlock()
	q.enough.Signal()
	<-q.ended
	q.late.Stop()
	return q.mu.err
}

// run gives what comes to what is behind.
func (q *Queue) run() {
	defer close(q.ended)
	var h handful
	for q.take(&h) {
		if err := h.give(q.to); err != nil {
			q.mu.Lock()
			q.mu.err = err
			q.mu.Unlock()
		}
	}
}

// take waits for enough and puts it in h, whose memory is used again; false after the last.
func (q *Queue) take(h *handful) bool {
	clear(h.records)
	clear(h.hosts)
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.mu.closed && !q.mu.due && !q.mu.waiting.enough() {
		q.enough.Wait()
	}
	*h, q.mu.waiting = q.mu.waiting, handful{hosts: h.hosts[:0], records: h.records[:0]}
	q.mu.due = false
	q.room.Signal()
	return len(h.records)+len(h.hosts) > 0 || !q.mu.closed
}

func (h *handful) give(to taker) error {
	for _, host := range h.hosts {
		to.AddHost(host)
	}
	for _, r := range h.records {
		if err := to.take(r); err != nil {
			return err
		}
	}
	return nil
}
