package replay

import (
	"sync/atomic"
	"time"
)

// retrying counts the requests of a lane that wait to be sent again by their vendor's schedule. The lane writes it, and anybody reads
// what is atomic.
type retrying struct {
	made    atomic.Int64 // so far, whether they wait or not
	waiting atomic.Int64
	until   atomic.Int64 // when the last attempt of those that wait is due if all before it fail, in the schedule
	// levels are the requests that wait by how long the attempts after the next one take: one entry a vendor and attempt.
	levels map[time.Duration]*retryLevel
}

// retryLevel is how many wait, and when the next attempt of the last of them is due.
type retryLevel struct {
	waiting int64
	last    time.Duration
}

// wait counts a request that will be sent again at a moment of the schedule, and has those delays left after that.
func (r *retrying) wait(at time.Duration, after []time.Duration) {
	if r.levels == nil {
		r.levels = make(map[time.Duration]*retryLevel)
	}
	rest := sumOf(after)
	level := r.levels[rest]
	if level == nil {
		level = new(retryLevel)
		r.levels[rest] = level
	}
	level.waiting++
	level.last = max(level.last, at)
	r.made.Add(1)
	r.publish()
}

// leave counts a request that waits no longer.
func (r *retrying) leave(after []time.Duration) {
	rest := sumOf(after)
	if level := r.levels[rest]; level != nil {
		if level.waiting--; level.waiting == 0 {
			delete(r.levels, rest)
		}
	}
	r.publish()
}

// none counts that nothing waits any more.
func (r *retrying) none() {
	clear(r.levels)
	r.publish()
}

func (r *retrying) publish() {
	waiting, until := int64(0), time.Duration(0)
	for rest, level := range r.levels {
		waiting += level.waiting
		until = max(until, level.last+rest)
	}
	r.until.Store(int64(until))
	r.waiting.Store(waiting)
}

func sumOf(delays []time.Duration) (sum time.Duration) {
	for _, d := range delays {
		sum += d
	}
	return sum
}

// retry schedules a retry, if the vendor would make one.
func (l *Lane) retry(q *Request, res *Result) bool {
	if l.o.Retry == nil || res.OK() || l.stop.Load() {
		return false
	}
	delays := l.o.Retry(q.Vendor)
	if int(q.attempt) >= len(delays) {
		return false
	}
	q.Deadline = l.clock.Position(max(res.Done, res.Sent)) + delays[q.attempt]
	q.attempt++
	q.Copy += max(l.o.Stride, 1)
	if l.o.Again != nil {
		l.o.Again(q)
	}
	q.held, q.queued, q.turn, q.moved = heldByNothing, 0, false, false
	q.retried = true
	l.again.wait(q.Deadline, delays[q.attempt:])
	l.retries.push(q)
	l.book.Again(q.Kind)
	l.stats.Retries++
	return true
}

// sentAgain counts that a request's vendor has waited long enough.
func (l *Lane) sentAgain(q *Request) {
	if q.retried {
		q.retried = false
		l.again.leave(l.o.Retry(q.Vendor)[q.attempt:])
	}
}

// retriesOf puts into a progress what its lanes wait for.
func (p *Progress) retriesOf(lanes []*Lane) {
	for _, l := range lanes {
		p.Retries += l.again.made.Load()
		if waiting := l.again.waiting.Load(); waiting > 0 {
			p.Retrying += waiting
			p.RetriesLeft = max(p.RetriesLeft, time.Duration(l.again.until.Load())-p.Position)
		}
	}
}
