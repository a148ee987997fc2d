package send

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"reprise/replay"
)

const (
	// spin is how long before a deadline the loop stops sleeping and polls: the time that this kernel takes to wake a
	// thread is spent looking for answers instead.
	spin = 40 * time.Microsecond
	// burst is how many requests are sent before the loop looks for answers, so that these are not found late.
	burst = 16
	// readSize is the buffer that all answers of a loop are read into.
	readSize = 64 << 10
	// readsAtOnce is how often the buffer is filled from one connection before others are looked at and what is due is sent.
	readsAtOnce = 4
	// stampEvery is how many answers that are found together share one reading of the clock.
	stampEvery = 4
)

// loop is one thread that sends what its lane hands out and reads the answers: an epoll set, the sockets in it, and no
// lock. What other goroutines have for it they leave in opened and wake it.
type loop struct {
	e      *Epoll
	lane   *replay.Lane
	start  time.Time
	work   work
	poll   *poller
	rester *rester // nil where the loop has no processor of its own
	spin   time.Duration
	cut    atomic.Bool // give up what is on its way

	// now is the clock as it was last read: before each request, and for answers as run says.
	now     time.Duration
	conns   []*conn // by number of the socket
	gen     int32
	idle    queue[*conn]
	line    queue[waiting] // requests that wait for a connection
	slots   []slot         // under affinity
	open    int
	opening int
	check   time.Duration     // when the next timeout can be over
	unread  []unix.EpollEvent // of sockets of which TLS may hold more that has come, which the kernel does not tell
	buffer  []byte
	dialing sync.WaitGroup
	dialCtx context.Context

	opened struct {
		sync.Mutex
		list []opened
	}
	stats Stats
}

// work is what a loop does with requests and with what happens at sockets: over HTTP/1.1, loop itself, where a request has a
// connection to itself; over HTTP/2, mux.
type work interface {
	take(q *replay.Request) // sends a request, or puts it in line
	flush()                 // writes what take and handle left to be written at once
	handle(ev unix.EpollEvent)
	expire()
	giveUp()
	close()
}

// waiting is a request for which a connection is being opened.
type waiting struct {
	q     *replay.Request
	since time.Duration
	tries int // over HTTP/2, how often the target has sent it back
}

// slot is the connection that some senders share, and their requests that wait for it.
type slot struct {
	conn    *conn
	opening bool
	line    queue[waiting]
}

// opened is what became of opening a connection.
type opened struct {
	conn   *conn
	slot   int
	reason replay.Reason
}

// run sends until the lane is over.
//
// Answers are stamped with the moment at which the kernel was asked for them, not with that at which they are read one after another: they
// had come by then. The clock is read again after every stampEvery of them and after a request that is written between them, so that what
// comes late of an answer, and is read with its beginning, is stamped at most the reading of stampEvery answers too early: 15 µs in clear.
func (l *loop) run() {
	if l.rester == nil {
		runtime.LockOSThread()
		exactThread()
	} else {
		l.rester.claim()
		defer l.rester.release()
	}
	l.now = time.Since(l.start)
	for _, ev := range l.poll.poll() { // what the target has closed since it was warmed is no connection any more
		l.work.handle(ev)
	}
	for {
		l.now = time.Since(l.start)
		wait, busy := l.send()
		if l.cut.Load() {
			l.work.giveUp()
		}
		l.work.flush()
		if !busy && wait > l.spin && l.lane.Over() {
			break
		}
		events := l.await(wait, busy || len(l.unread) > 0)
		l.now = time.Since(l.start)
		for i, ev := range events {
			if i > 0 && i%stampEvery == 0 {
				l.now = time.Since(l.start)
			}
			l.work.handle(ev)
		}
		for n := len(l.unread); n > 0; n-- {
			ev := l.unread[0]
			l.unread = append(l.unread[:0], l.unread[1:]...)
			l.work.handle(ev)
		}
		if l.now >= l.check {
			l.work.expire()
		}
	}
	l.dialing.Wait()
	l.work.close()
}

// send sends what is due; busy says that there may be more.
func (l *loop) send() (wait time.Duration, busy bool) {
	for range burst {
		q, wait := l.lane.Next(l.now)
		if q == nil {
			return wait, false
		}
		l.work.take(q)
		l.now = time.Since(l.start)
	}
	return 0, true
}

// await returns the sockets of which there is something to say, waiting until the next deadline if there is none. It
// sleeps until shortly before, and polls then: what is answered meanwhile is found at once.
func (l *loop) await(wait time.Duration, busy bool) []unix.EpollEvent {
	if busy {
		wait = 0
	}
	if wait = min(l.lane.Nap(wait), l.check-l.now); busy || wait <= l.spin {
		return l.poll.poll()
	}
	return l.sleep(wait - l.spin)
}

func (l *loop) flush() {} // a connection's one request is written when it is begun

// take gives a request to a connection, or puts it in line for one.
func (l *loop) take(q *replay.Request) {
	if l.slots != nil {
		s := &l.slots[q.Person%uint64(len(l.slots))]
		s.line.push(waiting{q: q, since: l.now})
		l.serveSlot(int(q.Person % uint64(len(l.slots))))
		return
	}
	if c := l.freeConn(); c != nil {
		l.begin(c, q, l.now)
		return
	}
	l.line.push(waiting{q: q, since: l.now})
	if l.opening < l.line.len() && l.open+l.opening < l.e.o.MaxInFlight {
		l.dial(0)
	}
}

func (l *loop) freeConn() *conn {
	for l.idle.len() > 0 {
		if c := l.idle.pop(); c.fd >= 0 { // those closed meanwhile are passed over
			return c
		}
	}
	return nil
}

// begin starts a request on an idle connection. Where the other side had closed it, and nothing was taken, another one is
// used instead.
func (l *loop) begin(c *conn, q *replay.Request, since time.Duration) {
	ok, reason := c.start(q, since, &l.e.o, l.e.dialer.route)
	switch {
	case !ok && c.used && reason == replay.ReasonReset:
		c.q = nil
		l.drop(c)
		l.stats.Reconnected++
		l.retake(waiting{q: q, since: since}, c.slot)
		return
	case reason != "":
		l.now = time.Since(l.start)
		l.finish(c, reason)
		return
	}
	l.watch(c)
	l.expiry(l.limit(c))
}

// retake puts a request back at its place for another connection.
func (l *loop) retake(w waiting, at int) {
	if l.slots != nil {
		s := &l.slots[at]
		s.line.items = append([]waiting{w}, s.line.items[s.line.head:]...)
		s.line.head = 0
		l.serveSlot(at)
		return
	}
	if c := l.freeConn(); c != nil {
		l.begin(c, w.q, w.since)
		return
	}
	l.line.push(w)
	l.dial(0)
}

func (l *loop) serveSlot(i int) {
	s := &l.slots[i]
	switch {
	case s.line.len() == 0 || s.opening:
	case s.conn == nil:
		s.opening = true
		l.dial(i)
	case s.conn.q == nil:
		w := s.line.pop()
		if s.conn.used { // it waited for another request's answer, which is no part of its own
			w.since = time.Since(l.start)
		}
		l.begin(s.conn, w.q, w.since)
		l.now = time.Since(l.start)
	}
}

// watch has the socket watched for room while there is something left to write.
func (l *loop) watch(c *conn) {
	want := !c.sent()
	if !want && c.phase == toWrite {
		c.phase, c.since = toAnswer, l.now
	}
	if want == c.writing {
		return
	}
	c.writing = want
	events := uint32(unix.EPOLLIN | unix.EPOLLRDHUP)
	if want {
		events |= unix.EPOLLOUT
	}
	l.poll.change(c.fd, c.gen, events)
}

// handle deals with what happened at one socket.
func (l *loop) handle(ev unix.EpollEvent) {
	fd := int(ev.Fd)
	if fd == l.poll.wakeFD {
		l.poll.calm()
		l.collect()
		return
	}
	if fd >= len(l.conns) || l.conns[fd] == nil || l.conns[fd].gen != ev.Pad {
		return // closed in this round
	}
	c := l.conns[fd]
	if ev.Events&unix.EPOLLOUT != 0 && c.q != nil {
		if reason := c.write(); reason != "" {
			l.finish(c, reason)
			return
		}
		l.watch(c)
		l.expiry(l.limit(c))
	}
	if ev.Events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		l.read(c)
	}
}

// later leaves the rest of what has come for the next round: other connections, and requests that are due, are not to wait for an answer
// that does not end. The kernel tells of what it holds again.
func (l *loop) later(c *socket) {
	if c.tls != nil {
		l.unread = append(l.unread, unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(c.fd), Pad: c.gen})
	}
}

// read takes in what has come, which ends the request if it is the end of the answer.
func (l *loop) read(c *conn) {
	c.look()
	for n, more := 0, true; more; {
		if n >= readsAtOnce*len(l.buffer) {
			l.later(&c.socket)
			return
		}
		if n > 0 { // there may be much to read
			l.now = time.Since(l.start)
		}
		var b []byte
		var gone bool
		var reason replay.Reason
		b, more, gone, reason = c.read(l.buffer)
		n += len(b)
		switch {
		case c.q == nil:
			if len(b) > 0 || gone { // an idle connection that is closed, or speaks unasked
				l.drop(c)
				return
			}
			continue
		case gone && reason == "":
			l.finish(c, c.answer.eof())
			return
		case gone:
			l.finish(c, reason)
			return
		case len(b) == 0:
			continue
		}
		if c.res.FirstByte == 0 {
			c.res.FirstByte = max(l.now, c.res.Sent, 1)
			c.phase, c.since = toEnd, c.res.FirstByte
			l.expiry(l.limit(c))
		}
		rest, reason := c.answer.feed(b)
		if reason != "" {
			l.finish(c, reason)
			return
		}
		if c.answer.done {
			c.answer.keepAlive = c.answer.keepAlive && len(rest) == 0 && c.sent()
			l.finish(c, "")
			return
		}
	}
}

// finish hands in the result and sees to what the connection does next.
func (l *loop) finish(c *conn, reason replay.Reason) {
	q, res := c.q, &c.res
	l.settle(res, &c.answer, reason)
	c.q, c.used = nil, true
	keep := reason == "" && c.answer.keepAlive
	if !keep {
		l.drop(c)
	}
	l.lane.Done(q, res)
	if keep {
		l.rest(c)
	} else {
		l.replace(c.slot)
	}
}

// settle fills in what is known when a request is over.
func (l *loop) settle(res *replay.Result, a *response, reason replay.Reason) {
	res.Done = max(l.now, res.Sent)
	res.Error = reason
	res.Bytes, res.Hash = a.bytes, a.hash
	if a.headed {
		res.Status, res.RetryAfter = a.status, a.retryAfter
	}
	if n := a.bytes; a.wants && reason == "" && n > 0 && n <= AnswerBytes {
		l.e.o.Answers(a.hash, a.body)
	}
}

// rest gives a connection that is free the next request that waits for one.
func (l *loop) rest(c *conn) {
	if l.slots != nil {
		l.serveSlot(c.slot)
		return
	}
	if l.line.len() > 0 {
		w := l.line.pop()
		l.begin(c, w.q, w.since)
		l.now = time.Since(l.start)
		return
	}
	l.idle.push(c)
}

// replace sees to it that requests that wait get a connection when one was lost.
func (l *loop) replace(at int) {
	if l.slots != nil {
		l.serveSlot(at)
		return
	}
	if l.opening < l.line.len() && l.open+l.opening < l.e.o.MaxInFlight {
		l.dial(0)
	}
}
