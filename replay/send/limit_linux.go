package send

import (
	"time"

	"reprise/replay"
)

// limit is when what a request waits for is too late.
func (l *loop) limit(c *conn) time.Duration { return l.e.o.limit(&c.res, c.phase, c.since) }

// limit is when what a request waits for, since a moment, is too late.
func (o *Options) limit(res *replay.Result, p phase, since time.Duration) time.Duration {
	own := [...]time.Duration{toWrite: o.Timeouts.Write, toAnswer: o.Timeouts.FirstByte, toEnd: o.Timeouts.Body}[p]
	end := res.Sent + o.Timeout
	if own > 0 {
		end = min(end, since+own)
	}
	return end
}

// overdue is what it is called that a request was too late in a phase.
func (o *Options) overdue(p phase, since, now time.Duration) replay.Reason {
	switch {
	case p == toWrite:
		return replay.ReasonWriteTimeout
	case p == toEnd && o.Timeouts.Body > 0 && now >= since+o.Timeouts.Body:
		return replay.ReasonBodyTimeout
	}
	return replay.ReasonTimeout
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
		l.finish(c, l.e.o.overdue(c.phase, c.since, l.now))
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
