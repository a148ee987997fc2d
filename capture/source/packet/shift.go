package packet

import (
	"math"
	"slices"
)

// maxPostponed is how many requests, and how many responses, may wait until it is known which belong together.
const maxPostponed = 1024

// fewSeen is how many messages of a direction must have been seen before their least size says how many a gap held.
const fewSeen = 3

// shift is what is known behind a gap of a client that pipelines. Requests and responses are still in one order each, but
// which response the first request belongs to is not known: response k is to request k+s of those that are not answered,
// for a whole number s that each response narrows down. A response is to a request that its server had; a gap held
// as many messages as fit in it. Until s is known the responses wait.
type shift struct {
	on       bool
	min, max int64
	// requests and answers are the sizes of the gaps, in bytes; -1 where not known. from is where the requests' one begins,
	// until its end is known, else -1.
	requests, answers, from int64
	had                     int64 // how many of the missing requests were answered before
	later                   []answer
}

// answer is a response whose request is not known yet.
type answer struct {
	status int
	time   int64
}

// seen is how many messages of one direction were read whole, and the size of the smallest.
type seen struct {
	count int
	least int64
}

func (s *seen) add(size int64) {
	if s.count++; s.count == 1 || size < s.least {
		s.least = size
	}
}

// most is how many of such messages fit into a gap.
func (s *seen) most(gap int64) int64 {
	if gap < 0 || s.count < fewSeen || s.least <= 0 {
		return math.MaxInt32
	}
	return gap / s.least
}

// postpone takes in a response whose request is not known, and returns that request if it is known now; known is false as
// long as it is not.
func (q *queue) postpone(c *conn, off, ack int64, status int) (e *exchange, known bool) {
	s := &q.shift
	if !s.on {
		q.beginShift(c)
	} else if c.responses.gap.on {
		s.again(c)
	}
	c.responses.gap = gap{}
	if len(s.later) == maxPostponed {
		s.forgetLater(c)
	}
	s.later = append(s.later, answer{status, c.responses.mark.time})
	q.narrow(c, off, ack)
	switch {
	case s.min == s.max:
		return q.resolve(c), true
	case s.min > s.max: // what the packets say cannot be
		s.forgetLater(c)
		s.min, s.max, s.requests, s.answers, s.from = math.MinInt32, math.MaxInt32, -1, -1, -1
	}
	return nil, false
}

// beginShift takes the marks of missing requests out of the queue.
func (q *queue) beginShift(c *conn) {
	s := &q.shift
	*s = shift{on: true, min: math.MinInt32, max: math.MaxInt32, requests: -1, answers: -1, from: -1, later: s.later[:0]}
	marks := 0
	q.waiting = slices.DeleteFunc(q.waiting, func(e *exchange) bool {
		if !e.lost {
			return false
		}
		marks++
		s.max, s.from, s.had = min(0, e.had-e.least), e.off, e.had
		c.table.recycle(e)
		return true
	})
	switch g := c.responses.gap; {
	case marks > 1 || marks == 1 && c.responses.uncertain:
		s.max, s.from = math.MaxInt32, -1
	case marks == 1:
	case g.on:
		s.min, s.answers = g.least, g.size
	}
}

// again deals with a gap among the responses before it is known what the one before it held.
func (s *shift) again(c *conn) {
	if s.min > math.MinInt32 {
		s.min += c.responses.gap.least
	}
	s.max, s.answers = math.MaxInt32, -1
	s.forgetLater(c)
}

// forgetLater gives up the responses that wait.
func (s *shift) forgetLater(c *conn) {
	n := int64(len(s.later))
	for range s.later {
		c.unpaired(false)
	}
	s.later = s.later[:0]
	s.move(n)
}

// move says that the responses, or with a negative n the requests, are counted from one that is n later.
func (s *shift) move(n int64) {
	if s.min > math.MinInt32 {
		s.min += n
	}
	if s.max < math.MaxInt32 {
		s.max += n
	}
}

// unanswered is where in the queue the requests without a response begin.
func (q *queue) unanswered() int {
	i := slices.IndexFunc(q.waiting, func(e *exchange) bool { return !e.answered })
	if i < 0 {
		return len(q.waiting)
	}
	return i
}

// narrow uses what the last response that came tells.
func (q *queue) narrow(c *conn, off, ack int64) {
	s := &q.shift
	open := q.waiting[q.unanswered():]
	if s.from >= 0 && len(open) > 0 {
		s.requests, s.from = open[0].off-s.from, -1
	}
	last := len(open) - 1
	for ack >= 0 && last >= 0 && !open[last].mayBeAnswered(off, ack) {
		last--
	}
	s.max = min(s.max, int64(last)-int64(len(s.later)-1))
	if s.answers >= 0 && s.min >= 0 {
		s.max = min(s.max, max(s.min, c.responses.seen.most(s.answers)))
	}
	if most := c.requests.seen.most(s.requests); most < math.MaxInt32 && s.max <= 0 {
		s.min = max(s.min, min(s.max, s.had-most))
	}
}

// resolve gives the responses that wait to their requests, and returns that of the last one, which is under way.
func (q *queue) resolve(c *conn) (current *exchange) {
	s := &q.shift
	first := q.unanswered()
	open := slices.Clone(q.waiting[first:])
	at := s.min
	for i, a := range s.later {
		switch {
		case at < 0:
			c.unpaired(true)
		case at >= int64(len(open)):
			c.unpaired(false)
		case i == len(s.later)-1:
			current = open[at]
		default:
			open[at].answer(a)
			open[at].done = true
		}
		at++
	}
	s.later = s.later[:0]
	s.min, s.max, s.requests, s.answers = at, at, -1, -1
	if at < 0 {
		return nil
	}
	s.on, c.responses.uncertain = false, false
	n := min(int(at), len(open))
	if current != nil {
		n--
	}
	q.waiting = slices.Delete(q.waiting, first, first+n)
	for _, e := range open[:n] {
		q.give(c, e)
	}
	return current
}

// answer takes note of a response.
func (e *exchange) answer(a answer) {
	e.answered = true
	e.record.Response.Status = a.status
	e.record.Response.Latency = latency(e.start.time, a.time)
}
