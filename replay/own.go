package replay

import (
	"sync/atomic"
	"time"
)

// ownStop is how long a stop of the tool is at least to be taken off the time of an answer.
const ownStop = 20 * time.Millisecond

// stops are the newest stops of the tool, those that touch as one.
type stops struct {
	list [8]Stop
	n    int
}

func (s *stops) note(stop Stop) {
	if stop.For < ownStop {
		return
	}
	if s.n > 0 {
		last := &s.list[(s.n-1)%len(s.list)]
		if end := last.At + last.For; stop.At < end {
			last.For = max(end, stop.At+stop.For) - min(last.At, stop.At)
			last.At = min(last.At, stop.At)
			return
		}
	}
	s.list[s.n%len(s.list)] = stop
	s.n++
}

// within is how long the tool stood still between two moments.
func (s *stops) within(from, until time.Duration) (sum time.Duration) {
	for _, stop := range s.list[:min(s.n, len(s.list))] {
		sum += overlap(stop, from, until)
	}
	return sum
}

func overlap(s Stop, from, until time.Duration) time.Duration {
	return max(min(s.At+s.For, until)-max(s.At, from), 0)
}

// fullness is since when every slot of a lane has been taken while requests waited for one; it lasts until none is due any more.
type fullness struct{ since atomic.Int64 }

func (f *fullness) begin(now time.Duration) {
	if f.since.Load() < 0 {
		f.since.Store(int64(max(now, 0)))
	}
}

func (f *fullness) end() {
	if f.since.Load() >= 0 {
		f.since.Store(-1)
	}
}

// waitsFrom is since when a request that is sent waits for the target: since it was due where it waited for an answer of its sender's, or for a
// slot; else since now, as nothing kept it but the tool.
func (l *Lane) waitsFrom(q *Request, now, due time.Duration) time.Duration {
	full := time.Duration(l.full.since.Load())
	switch {
	case q.held == heldBySender:
		return due
	case full >= 0 && (q.held == heldByCap || due <= l.capped):
		return min(max(due, full), now)
	}
	return now
}

// ownPart is how much of the time from when a request was due to its answer was the tool's doing. The lane may hear of the answer before
// it knows that it stood still.
func (l *Lane) ownPart(q *Request, res *Result) time.Duration {
	own := max(q.from-q.due, 0) + l.stops.within(q.from, res.Done)
	if a := &l.awake; a.watched && res.Done-a.until >= ownStop {
		own += overlap(Stop{a.until, res.Done - a.until}, q.from, res.Done)
	}
	return min(own, max(res.Done-q.due, 0))
}
