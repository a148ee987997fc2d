package send

import (
	"context"
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
)

// loop is one thread that sends what its lane hands out and reads the answers: an epoll set, the sockets in it, and no
// lock. What other goroutines have for it they leave in opened and wake it.
type loop struct {
	e     *Epoll
	lane  *replay.Lane
	start time.Time
	poll  *poller
	spin  time.Duration
	cut   atomic.Bool // give up what is on its way

	now     time.Duration
	conns   []*conn // by number of the socket
	gen     int32
	idle    queue[*conn]
	line    queue[waiting] // requests that wait for a connection
	slots   []slot         // under affinity
	open    int
	opening int
	check   time.Duration // when the next timeout can be over
	buffer  []byte
	dialing sync.WaitGroup
	dialCtx context.Context

	opened struct {
		sync.Mutex
		list []opened
	}
	stats Stats
}

// waiting is a request for which a connection is being opened.
type waiting struct {
	q     *replay.Request
	since time.Duration
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

// queue is first in, first out, without allocation once it has grown.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) len() int { return len(q.items) - q.head }
func (q *queue[T]) push(v T) { q.items = append(q.items, v) }

func (q *queue[T]) pop() T {
	v := q.items[q.head]
	var none T
	q.items[q.head] = none
	if q.head++; q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	} else if q.head >= 1024 && 2*q.head >= len(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return v
}

// run sends until the lane is over.
func (l *loop) run() {
	claimThread()
	for {
		l.now = time.Since(l.start)
		wait, busy := l.send()
		if l.cut.Load() {
			l.giveUp()
		}
		if !busy && wait > l.spin && l.lane.Over() {
			break
		}
		for _, ev := range l.await(wait, busy) {
			l.handle(ev)
		}
		if l.now = time.Since(l.start); l.now >= l.check {
			l.expire()
		}
	}
	l.dialing.Wait()
	l.close()
}

// send sends what is due; busy says that there may be more.
func (l *loop) send() (wait time.Duration, busy bool) {
	for range burst {
		q, wait := l.lane.Next(l.now)
		if q == nil {
			return wait, false
		}
		l.take(q)
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
	return l.poll.wait(wait - l.spin)
}

// take gives a request to a connection, or puts it in line for one.
func (l *loop) take(q *replay.Request) {
	if l.slots != nil {
		s := &l.slots[q.Person%uint64(len(l.slots))]
		s.line.push(waiting{q, l.now})
		l.serveSlot(int(q.Person % uint64(len(l.slots))))
		return
	}
	if c := l.freeConn(); c != nil {
		l.begin(c, q, l.now)
		return
	}
	l.line.push(waiting{q, l.now})
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
		l.retake(waiting{q, since}, c.slot)
		return
	case reason != "":
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
	}
	if ev.Events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		l.read(c)
	}
}

// read takes in what has come, which ends the request if it is the end of the answer.
func (l *loop) read(c *conn) {
	for more := true; more; {
		var b []byte
		var gone bool
		var reason replay.Reason
		b, more, gone, reason = c.read(l.buffer)
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
			c.res.FirstByte = max(time.Since(l.start), 1)
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
	res.Done = time.Since(l.start)
	res.Error = reason
	res.Bytes, res.Hash = c.answer.bytes, c.answer.hash
	if c.answer.headed {
		res.Status, res.RetryAfter = c.answer.status, c.answer.retryAfter
	}
	if n := c.answer.bytes; c.answer.wants && reason == "" && n > 0 && n <= AnswerBytes {
		l.e.o.Answers(c.answer.hash, c.answer.body)
	}
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

// rest gives a connection that is free the next request that waits for one.
func (l *loop) rest(c *conn) {
	if l.slots != nil {
		l.serveSlot(c.slot)
		return
	}
	if l.line.len() > 0 {
		w := l.line.pop()
		l.begin(c, w.q, w.since)
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

// add puts an open connection into the set.
func (l *loop) add(c *conn) bool {
	for c.fd >= len(l.conns) {
		l.conns = append(l.conns, make([]*conn, max(64, len(l.conns)))...)
	}
	l.gen++
	c.gen = l.gen
	if l.poll.add(c.fd, c.gen, unix.EPOLLIN|unix.EPOLLRDHUP) != nil {
		unix.Close(c.fd)
		return false
	}
	l.conns[c.fd] = c
	l.open++
	l.stats.Peak = max(l.stats.Peak, l.open)
	if l.slots != nil {
		l.slots[c.slot].conn = c
	}
	return true
}

// drop closes a connection.
func (l *loop) drop(c *conn) {
	if c.fd < 0 {
		return
	}
	l.conns[c.fd] = nil
	unix.Close(c.fd) // which takes it out of the set
	c.fd = -1
	l.open--
	if l.slots != nil && l.slots[c.slot].conn == c {
		l.slots[c.slot].conn = nil
	}
}

func (l *loop) close() {
	for _, c := range l.conns {
		if c != nil {
			l.drop(c)
		}
	}
	l.opened.Lock()
	defer l.opened.Unlock()
	for _, o := range l.opened.list {
		if o.conn != nil {
			unix.Close(o.conn.fd)
		}
	}
	l.opened.list = nil
}

// dial opens a connection in a goroutine of its own, which wakes the loop when it stands or cannot be had.
func (l *loop) dial(at int) {
	l.opening++
	l.dialing.Go(func() {
		c, reason := l.e.dial(l.dialCtx)
		l.opened.Lock()
		l.opened.list = append(l.opened.list, opened{c, at, reason})
		l.opened.Unlock()
		l.poll.wake()
	})
}

// collect takes the connections that stand, and ends the requests for which there is none.
func (l *loop) collect() {
	l.opened.Lock()
	list := l.opened.list
	l.opened.list = nil
	l.opened.Unlock()
	l.now = time.Since(l.start)
	for _, o := range list {
		l.opening--
		if l.slots != nil {
			l.slots[o.slot].opening = false
		}
		if o.conn != nil {
			o.conn.slot = o.slot
			if l.add(o.conn) {
				l.stats.Opened++
				o.conn.fresh = true
				l.rest(o.conn)
				o.conn.fresh = false
				continue
			}
			o.reason = replay.ReasonLocal
		}
		line := &l.line
		if l.slots != nil {
			line = &l.slots[o.slot].line
		}
		if line.len() > 0 {
			l.refuse(line.pop(), o.reason)
		}
		l.replace(o.slot)
	}
}

// refuse ends a request that got no connection.
func (l *loop) refuse(w waiting, reason replay.Reason) {
	l.lane.Done(w.q, &replay.Result{Sent: w.since, Done: time.Since(l.start), Error: reason})
}

// limit is when what a request waits for is too late.
func (l *loop) limit(c *conn) time.Duration {
	o := &l.e.o
	own := [...]time.Duration{toWrite: o.Timeouts.Write, toAnswer: o.Timeouts.FirstByte, toEnd: o.Timeouts.Body}[c.phase]
	end := c.res.Sent + o.Timeout
	if own > 0 {
		end = min(end, c.since+own)
	}
	return end
}

func (l *loop) expiry(at time.Duration) { l.check = min(l.check, at) }

// expire ends the requests that have waited too long, and finds out when the next one will have.
func (l *loop) expire() {
	l.check = l.now + time.Hour
	for _, c := range l.conns {
		if c == nil || c.q == nil {
			continue
		}
		if end := l.limit(c); end > l.now {
			l.expiry(end)
			continue
		}
		reason := replay.ReasonTimeout
		switch own := &l.e.o.Timeouts; {
		case c.phase == toWrite:
			reason = replay.ReasonWriteTimeout
		case c.phase == toEnd && own.Body > 0 && l.now >= c.since+own.Body:
			reason = replay.ReasonBodyTimeout
		}
		l.finish(c, reason)
	}
	l.expireLines()
}

// expireLines ends requests that have waited for a connection for the time of all of it.
func (l *loop) expireLines() {
	lines := []*queue[waiting]{&l.line}
	for i := range l.slots {
		lines = append(lines, &l.slots[i].line)
	}
	for _, line := range lines {
		for line.len() > 0 && line.items[line.head].since+l.e.o.Timeout <= l.now {
			l.refuse(line.pop(), replay.ReasonConnectTimeout)
		}
		if line.len() > 0 {
			l.expiry(line.items[line.head].since + l.e.o.Timeout)
		}
	}
}

// giveUp ends everything that is on its way.
func (l *loop) giveUp() {
	for _, c := range l.conns {
		if c != nil && c.q != nil {
			l.finish(c, replay.ReasonTimeout)
		}
	}
	for l.line.len() > 0 {
		l.refuse(l.line.pop(), replay.ReasonConnectTimeout)
	}
	for i := range l.slots {
		for line := &l.slots[i].line; line.len() > 0; {
			l.refuse(line.pop(), replay.ReasonConnectTimeout)
		}
	}
}
