package packet

import (
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
}

// queue pairs requests with responses. As long as no byte is missing that is a matter of order alone. Beyond that
// every packet says how much its sender had received: a response is to a request that had arrived when the response
// was sent, and follows whatever its client had received when it sent the request. After a gap this tells, without
// guessing, which request the next response is to; where it cannot (pipelined requests beside the gap), the requests
// are given without responses.
type queue struct {
	waiting []*exchange // in the order of the requests
	lastAck int64       // of the request pushed last; -1 after a gap
	// pipelines says that this client has sent a request before it had the response to the one before.
	pipelines bool
}

func (q *queue) push(c *conn, e *exchange) {
	if len(q.waiting) >= maxWaiting {
		q.shed(c)
	}
	if len(q.waiting) > 0 && e.start.ack >= 0 && e.start.ack == q.lastAck {
		q.pipelines = true
	}
	q.lastAck = e.start.ack
	q.waiting = append(q.waiting, e)
}

// pushLost takes note that there may have been more requests here.
func (q *queue) pushLost(c *conn, off int64) {
	if n := len(q.waiting); n > 0 && q.waiting[n-1].lost {
		q.waiting[n-1].floored, q.lastAck = false, -1
		return
	}
	q.push(c, c.table.newLost(off))
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
	if i == 1 {
		q.waiting = slices.Delete(q.waiting, 1, 2)
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
// to ack (-1: not known). It returns nil where there is none.
func (q *queue) match(c *conn, off, ack int64) *exchange {
	i := slices.IndexFunc(q.waiting, func(e *exchange) bool { return !e.answered })
	known := true // that no request of the recording is meant
	if i >= 0 && (q.waiting[i].lost || c.responses.uncertain) {
		i, known = q.search(c, i, off, ack)
	} else if i >= 0 && !q.waiting[i].mayBeAnswered(off, ack) && !q.waiting[i].contradicts(off, ack) {
		i = -1
	}
	if i < 0 {
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

// search finds the request after a gap: of those that may be meant, the one sent last, if it was the only one sent
// then or if nothing was received between it and the response. Where the client pipelines, the server must also have
// had all requests before that one when it sent what precedes the response. It returns -1 where it finds none, and
// whether that is because there is none.
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
		case !e.mayBeAnswered(off, ack) || e.start.ack <= floor:
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
	case best < 0:
		return -1, true
	case q.pipelines && c.responses.before < q.waiting[best].off,
		(q.pipelines || others) && q.waiting[best].start.ack != off:
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
