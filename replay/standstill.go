package replay

import (
	"sync"
	"sync/atomic"
	"time"
)

// LongStop is the length from which on a stop of the tool is caught up slowly: what is overdue then is sent at no more than
// CatchUp times the planned peak, and not in a burst that nobody recorded.
const (
	LongStop = time.Second
	CatchUp  = 2
)

// Standstills say how long the tool itself stood still: its process was stopped, had no processor, or was busy otherwise.
type Standstills struct {
	// Count counts those of LongStop at least, Longest is the longest, which began at At, and Total the sum.
	Count   int64         `json:"count"`
	Longest time.Duration `json:"longest_ns"`
	At      time.Duration `json:"at_ns"`
	Total   time.Duration `json:"total_ns"`
	// Sent counts the requests that were overdue then and were sent one by one, and Rate is how many of them in a second at most; 0
	// where no peak was known, and nothing held them back.
	Sent int64   `json:"sent"`
	Rate float64 `json:"rate"`
}

const (
	// catchUpMargin keeps what is sent in any stretch of time below what is allowed, with catchUpSlack on top.
	catchUpMargin = 0.95
	// catchUpSlack is how far a lane that wakes late may be behind the rate and make up for it.
	catchUpSlack = 5 * time.Millisecond
)

// standstill is what the lanes of a run share about stops: one rate holds for all of them together.
type standstill struct {
	// peak is the number of requests in the busiest second that is planned, 0 where it is not known.
	peak atomic.Int64
	// behind counts the lanes that have something overdue since a stop.
	behind atomic.Int32
	// next is when the next request may be sent, since the run's start.
	next atomic.Int64

	mu    sync.Mutex
	stats Standstills
	end   time.Duration // of the newest stop
}

// note takes a stop down. Several lanes tell of the same one.
func (s *standstill) note(stop Stop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := stop.At + stop.For
	if s.stats.Count > 0 && stop.At < s.end {
		if end <= s.end {
			return
		}
		s.stats.Total += end - s.end
	} else {
		s.stats.Count++
		s.stats.Total += stop.For
	}
	if stop.For > s.stats.Longest {
		s.stats.Longest, s.stats.At = stop.For, stop.At
	}
	s.end = end
	if s.behind.Load() == 0 {
		s.next.Store(int64(end)) // no credit from before
	}
}

// reserve takes the place of one request at a rate in requests a second; 0 is no limit. One that may wait is told how long, and has
// no place yet.
func (s *standstill) reserve(now time.Duration, rate float64, mayWait bool) (wait time.Duration) {
	if rate <= 0 {
		return 0
	}
	step := int64(float64(time.Second) / rate)
	for {
		next := s.next.Load()
		if mayWait && next > int64(now) {
			return time.Duration(next) - now
		}
		if s.next.CompareAndSwap(next, max(next, int64(now-catchUpSlack))+step) {
			return 0
		}
	}
}

// rate is how many requests a second all lanes may send while one of them is behind.
func (s *standstill) rate(tempo float64) float64 {
	return CatchUp * catchUpMargin * float64(s.peak.Load()) * tempo
}

// told returns what is to be said of stops.
func (s *standstill) told() Standstills {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// recovery is what a lane knows of the stop that it has not caught up with.
type recovery struct {
	stop Stop // For is 0 where there is none
	sent int64
	rate float64 // the highest that held
}

// stoodStill takes down that the lane did not run; what was overdue then is sent slowly after a LongStop alone.
func (l *Lane) stoodStill(stop Stop) {
	l.stops.note(stop)
	l.overdue.stopped(stop)
	if stop.For < LongStop {
		return
	}
	l.halt.note(stop)
	if l.recovery.stop.For == 0 {
		l.halt.behind.Add(1)
	}
	l.recovery.stop = stop
}

// catchUp says how long a request that is due has to wait so that nothing is sent in a burst after a stop; 0 lets it go. It is asked
// while a lane of the run is behind.
func (l *Lane) catchUp(q *Request, now, due time.Duration) (wait time.Duration) {
	o := &l.recovery
	if o.stop.For > 0 && o.over(q, now, due) {
		o.stop.For = 0
		l.halt.behind.Add(-1)
	}
	rate := l.halt.rate(l.clock.Rate())
	if wait = l.halt.reserve(now, rate, o.stop.For > 0); wait == 0 && o.stop.For > 0 {
		o.sent++
		o.rate = max(o.rate, rate)
	}
	return wait
}

// over says that the lane has caught up: a request of the line is on time again, or is late by something else, as it was due so
// long after the stop that all of it was sent meanwhile.
func (o *recovery) over(q *Request, now, due time.Duration) bool {
	end := o.stop.At + o.stop.For
	onTime := q.attempt == 0 && q.held == heldByNothing && now-due <= LateFrom
	return onTime || due > end+CatchUp*o.stop.For
}
