package send

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	// restFrom is the wait from which on a loop with nothing in flight rests, and restSpare how long before its end the rest is over: Go's
	// timers are right to about a millisecond.
	restFrom  = 5 * time.Millisecond
	restSpare = 2 * time.Millisecond
)

// rester is how a loop with a processor of its own waits. It sleeps in the kernel and keeps the processor. Of a sleep that Go's scheduler
// knows of, it looks every 20 µs whether the processor is to be taken away: at 2,000 requests/s that was half a wake-up a request. Nor is the
// goroutine tied to its thread: what it stops for, every 20 ms and for each garbage collection, would go over another thread and back.
type rester struct {
	thread int           // the last that was made exact
	rouse  chan struct{} // signalled, without blocking, when a rest is to end; one slot
}

func newRester() *rester { return &rester{rouse: make(chan struct{}, 1)} }

// claim makes the thread exact that the goroutine is on now.
func (r *rester) claim() {
	if id := unix.Gettid(); id != r.thread {
		r.thread = id
		exactThread()
	}
}

// release makes the goroutine's thread an ordinary one.
func (r *rester) release() {
	if r != nil && unix.Gettid() == r.thread {
		ordinaryThread()
	}
}

// sleep waits, at most for a time, until there is something to say of sockets.
func (l *loop) sleep(wait time.Duration) []event {
	r := l.rester
	if r == nil {
		return l.poll.wait(wait)
	}
	defer r.claim()
	if wait < restFrom || l.opening > 0 || l.lane.InFlight() > 0 {
		return l.poll.hold(wait)
	}
	r.rest(wait - restSpare)
	return l.poll.poll()
}

// rest waits without a thread and a processor.
func (r *rester) rest(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.rouse:
	}
}

// wake ends a wait, from any thread.
func (l *loop) wake() {
	l.poll.wake()
	if l.rester == nil {
		return
	}
	select {
	case l.rester.rouse <- struct{}{}:
	default:
	}
}
