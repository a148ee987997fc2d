package packet

import (
	"math"
	"slices"

	"reprise/capture"
)

// maxWaiting is how many requests of a connection may wait for their responses.
const maxWaiting = 256

// overhead is what an exchange takes beside its bytes, roughly.
const overhead = 512

// exchange is a request and what is known of its response.
type exchange struct {
	record capture.Record
	off    int64 // of the request's first byte
	start  mark  // of the request's first byte
	held   int   // bytes charged to the connection

	complete bool // the request is whole, or will never be
	skipped  bool // the request is counted as skipped; it only keeps its place
	answered bool // the final response has begun
	done     bool // the response is whole

	// lost says that this stands for an unknown number of requests that the recording does not hold. They were
	// answered at floor or later; floor is known once they are the next to be answered.
	lost, floored bool
	floor         int64
	least, had    int64 // how many requests it stands for at least, and how many responses to such there were
}

// queue pairs requests with responses. As long as no byte is missing that is a matter of order alone. Beyond that
// every packet says how much its sender had received: a response is to a request that had arrived when the response
// was sent, and follows whatever its client had received when it sent the request. After a gap this tells, without
// guessing, which request the next response is to, unless the client pipelines: then the responses wait (shift.go).
type queue struct {
	waiting []*exchange // in the order of the requests
	lastAck int64       // of the request pushed last; -1 after a gap
	// pipelines says that this client has sent a request before it had the response to the one before.
	pipelines bool
	overtaken int
	shift     shift
}

func (q *queue) push(c *conn, e *exchange) {
	if len(q.waiting) >= maxWaiting && !q.shift.on || len(q.waiting) >= maxPostponed {
		q.shed(c)
	}
	if len(q.waiting) > 0 && e.start.ack >= 0 && (e.start.ack == q.lastAck || q.overtakes(c, e)) {
		q.pipelines = true
	}
	q.lastAck = e.start.ack
	q.waiting = append(q.waiting, e)
}

// overtakes says whether a request was sent although the one before it was not answered: all that its client had received was
// read, and holds no answer to that.
func (q *queue) overtakes(c *conn, e *exchange) bool {
	last := q.waiting[len(q.waiting)-1]
	r := &c.responses
	if last.answered || r.uncertain || r.state != readStart || e.start.ack != r.lastEnd || e.start.ack != c.server.next ||
		slices.ContainsFunc(q.waiting, func(e *exchange) bool { return e.lost }) {
		return false
	}
	q.overtaken++
	return q.overtaken > 1 // once, a damaged number may be why there was no answer
}

// pushLost takes note that there may have been more requests here, and at least so many.
func (q *queue) pushLost(c *conn, off, least int64) {
	if q.shift.on {
		q.shift.min, q.shift.requests, q.shift.from = math.MinInt32, -1, -1
		return
	}
	if n := len(q.waiting); n > 0 && q.waiting[n-1].lost {
		q.waiting[n-1].floored, q.lastAck = false, -1
		q.waiting[n-1].least += least
		return
	}
	e := c.table.newLost(off)
	e.least = least
	q.push(c, e)
}

func (t *table) newLost(off int64) *exchange {
	e := t.newExchange()
	e.off, e.start.ack, e.lost, e.complete, e.skipped = off, -1, true, true, true
	return e
}

// shed gives the oldest request without its response; a mark stays in its place.
func (q *queue) shed(c *conn) {
	i := 0
	if q.waiting[0].lost {
		i = 1
	}
	e := q.waiting[i]
	if !e.complete {
		return
	}
	if q.shift.on && !e.answered {
		q.shift.move(-1)
	}
	if i == 1 || q.shift.on {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	} else {
		q.waiting[0] = c.table.newLost(e.off)
	}
	if c.responses.current == e {
		c.responses.current = nil
	}
	if !e.answered {
		c.debt.excused++
	}
	q.give(c, e)
}

// match finds the request of the final response that begins at off, whose server had received the requests' bytes up
// to ack (-1: not known). It returns nil where there is none, or where it is not known yet.
func (q *queue) match(c *conn, off, ack int64, status int) *exchange {
	i := slices.IndexFunc(q.waiting, func(e *exchange) bool { return !e.answered })
	first := i
	known := true // that no request of the recording is meant
	switch {
	case q.shift.on, i >= 0 && q.pipelines && (q.waiting[i].lost || c.responses.uncertain):
		e, _ := q.postpone(c, off, ack, status)
		return e
	case i >= 0 && (q.waiting[i].lost || c.responses.uncertain):
		i, known = q.search(c, i, off, ack)
		if i < 0 && q.pipelines {
			e, _ := q.postpone(c, off, ack, status)
			return e
		}
	case i >= 0 && !q.waiting[i].mayBeAnswered(off, ack) && !q.waiting[i].contradicts(off, ack):
		i = -1
	}
	if i < 0 {
		q.toMissing(c, first, ack)
		c.unpaired(known)
		return nil
	}
	e := q.waiting[i]
	for _, unanswered := range q.waiting[:i] {
		q.give(c, unanswered)
	}
	q.waiting = slices.Delete(q.waiting, 0, i)
	c.responses.uncertain = false
	return e
}

// toMissing takes note of a response to a request that is missing, where that is known, or that may be to one.
func (q *queue) toMissing(c *conn, first int, ack int64) {
	for i, e := range q.waiting {
		switch {
		case !e.lost || ack >= 0 && e.off >= ack:
		case i == first && !c.responses.uncertain:
			e.had++
		default: // the others' responses may be missing, too
			e.had = max(e.had, e.least)
		}
	}
}

// mayBeAnswered says whether a response at off, sent after the requests' bytes up to ack had been received, can be to
// this request.
func (e *exchange) mayBeAnswered(off, ack int64) bool {
	return !e.lost && !e.answered && (ack < 0 || e.off < ack) && e.start.ack <= off
}

// contradicts says whether the response's packet acknowledges the request, and the request's packet the response: one
// of them is damaged, and order alone counts.
func (e *exchange) contradicts(off, ack int64) bool {
	return !e.lost && !e.answered && e.off < ack && e.start.ack > off
}

// search finds the request after a gap, of a client that does not pipeline: of those that may be meant, the one sent last, if it
// was the only one sent then or if nothing was received between it and the response. It returns -1 where it finds none, and
// whether that is because there is none. It may find that the client does pipeline.
func (q *queue) search(c *conn, from int, off, ack int64) (at int, none bool) {
	floor := int64(-1)
	for _, e := range q.waiting[from:] {
		if !e.lost {
			continue
		}
		if e == q.waiting[from] && !e.floored {
			e.floored, e.floor = true, c.responses.lastEnd
		}
		if e.floored {
			floor = max(floor, e.floor)
		}
	}
	best, others := -1, false // others: there is more that may be meant than the best
	for i, e := range q.waiting[from:] {
		switch {
		case e.lost:
			others = others || best >= 0 && (ack < 0 || e.off < ack)
		case !e.mayBeAnswered(off, ack):
		case e.start.ack == floor && q.waiting[from].lost && q.waiting[from].least <= q.waiting[from].had && i == 1 && best < 0 && !q.pipelines:
			best = from + i // the gap held no request: its client would have waited for the answer
		case e.start.ack <= floor:
			// One before it is lost, and was not answered when it was sent.
			q.pipelines = q.pipelines || e.start.ack >= 0 && i == 1 && !c.responses.uncertain && q.waiting[from].lost && q.waiting[from].least > q.waiting[from].had
		case best < 0 || e.start.ack > q.waiting[best].start.ack:
			best, others = from+i, false
		default:
			others = true
		}
	}
	if next := best + 1; best >= 0 && next < len(q.waiting) && !q.waiting[next].lost && q.waiting[next].off < ack {
		q.pipelines = true
	}
	switch {
	case q.pipelines:
		return -1, false
	case best < 0:
		return -1, true
	case others && q.waiting[best].start.ack != off:
		return -1, false
	}
	return best, false
}

// settle gives the exchange if both its sides are over.
func (q *queue) settle(c *conn, e *exchange) {
	if !e.complete || !e.done {
		return
	}
	if i := slices.Index(q.waiting, e); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.give(c, e)
	}
}

// flush gives everything that waits.
func (q *queue) flush(c *conn) {
	if q.shift.on {
		q.shift.forgetLater(c)
	}
	for _, e := range q.waiting {
		q.give(c, e)
	}
	clear(q.waiting)
	q.waiting = q.waiting[:0]
	c.responses.current = nil
}

// give hands the exchange over to the table, unless it only kept a place.
func (q *queue) give(c *conn, e *exchange) {
	c.hold(e, -e.held)
	if e.skipped || !e.complete {
		c.table.recycle(e)
		return
	}
	c.table.out = append(c.table.out, e)
}

// hold charges bytes to the connection on behalf of the exchange.
func (c *conn) hold(e *exchange, n int) {
	if n > 0 && e.held == 0 {
		n += overhead
	}
	e.held += n
	c.charge(n)
}
