package send

import (
	"time"

	"golang.org/x/sys/unix"

	"reprise/replay"
)

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
		l.wake()
	})
}

// news returns what became of the connections that were being opened.
func (l *loop) news() []opened {
	l.opened.Lock()
	defer l.opened.Unlock()
	list := l.opened.list
	l.opened.list = nil
	l.now = time.Since(l.start)
	l.opening -= len(list)
	return list
}

// collect takes the connections that stand, and ends the requests for which there is none.
func (l *loop) collect() {
	for _, o := range l.news() {
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
