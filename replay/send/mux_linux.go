package send

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"reprise/capture/wire"
	"reprise/replay"
)

// mux is what a loop does over HTTP/2 (RFC 9113): requests share connections, each a stream of its own. What is sent and
// acknowledged in one round of the loop is written at once.
type mux struct {
	*loop
	secure   bool
	sessions []*session
	dirty    []*session // with something to write
	free     []*stream  // to be used again
	message  wire.Request
}

// maxTries is how often a request is sent that the target sends back without having looked at it.
const maxTries = 3

// take gives a request to a session, or puts it in line for one.
func (m *mux) take(q *replay.Request) { m.place(waiting{q: q, since: m.now}) }

func (m *mux) place(w waiting) {
	for _, s := range m.sessions {
		if s.room() {
			m.start(s, w)
			return
		}
	}
	m.line.push(w)
	m.more()
}

// more opens a session if requests wait for one: one at a time, since it takes many of them.
func (m *mux) more() {
	if m.line.len() > 0 && m.opening == 0 && m.loop.open < m.e.o.MaxInFlight {
		m.dial(0)
	}
}

// drain gives the requests that wait to sessions with room.
func (m *mux) drain() {
	for _, s := range m.sessions {
		for m.line.len() > 0 && s.room() {
			m.start(s, m.line.pop())
		}
	}
}

// start puts a request in line for being written in this round.
func (m *mux) start(s *session, w waiting) {
	if m.message.Load(w.q.Wire, &w.q.Parts) != nil {
		m.refuse(w, replay.ReasonLocal)
		return
	}
	st := m.stream()
	st.q, st.tries, st.phase, st.since, st.length = w.q, w.tries, toWrite, m.now, -1
	st.res = replay.Result{Sent: w.since, NewConnection: s.fresh}
	s.fresh = false
	st.answer.wants = m.e.o.Answers != nil
	st.answer.begin(m.message.Method == "HEAD", m.e.o.MaxBody)
	s.request(st, &m.message, m.secure)
	m.touch(s)
	m.expiry(m.e.o.limit(&st.res, st.phase, st.since))
}

// stream returns one that was used before, or a new one.
func (m *mux) stream() *stream {
	n := len(m.free)
	if n == 0 {
		return new(stream)
	}
	st := m.free[n-1]
	m.free = m.free[:n-1]
	*st = stream{answer: response{line: st.answer.line, body: st.answer.body}}
	return st
}

// touch has a session written in this round.
func (m *mux) touch(s *session) {
	if !s.dirty {
		s.dirty = true
		m.dirty = append(m.dirty, s)
	}
}

// flush writes what this round left to be written. A session that is lost may leave requests to others.
func (m *mux) flush() {
	for i := 0; i < len(m.dirty); i++ {
		m.dirty[i].dirty = false
		m.write(m.dirty[i])
	}
	clear(m.dirty)
	m.dirty = m.dirty[:0]
}

func (m *mux) write(s *session) {
	for s.fd >= 0 {
		done, reason := s.write()
		if reason != "" {
			m.lose(s, reason)
			return
		}
		if first := m.e.o.Timeouts.FirstByte; s.written(m.now) && first > 0 {
			m.expiry(m.now + first)
		}
		m.watchRoom(s, !done)
		if !done || !s.fillAll() {
			return
		}
	}
}

// watchRoom has the socket watched for room while there is something left to write.
func (m *mux) watchRoom(s *session, want bool) {
	if want == s.writing {
		return
	}
	s.writing = want
	events := uint32(unix.EPOLLIN | unix.EPOLLRDHUP)
	if want {
		events |= unix.EPOLLOUT
	}
	m.poll.change(s.fd, s.gen, events)
}

// handle deals with what happened at one socket.
func (m *mux) handle(ev unix.EpollEvent) {
	if int(ev.Fd) == m.poll.wakeFD {
		m.poll.calm()
		m.collect()
		return
	}
	i := slices.IndexFunc(m.sessions, func(s *session) bool { return s.fd == int(ev.Fd) && s.gen == ev.Pad })
	if i < 0 {
		return // closed in this round
	}
	s := m.sessions[i]
	m.now = time.Since(m.loop.start)
	if ev.Events&unix.EPOLLOUT != 0 {
		m.write(s)
	}
	if ev.Events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		m.read(s)
	}
}

// read takes in what has come.
func (m *mux) read(s *session) {
	s.look()
	for n, more := 0, s.fd >= 0; more && s.fd >= 0; {
		if n >= readsAtOnce*len(m.buffer) {
			m.later(&s.socket)
			return
		}
		if n > 0 {
			m.now = time.Since(m.loop.start)
		}
		var b []byte
		var gone bool
		var reason replay.Reason
		b, more, gone, reason = s.read(m.buffer)
		n += len(b)
		if len(b) > 0 {
			if reason := m.feed(s, b); reason != "" {
				m.lose(s, reason)
				return
			}
		}
		if gone && s.fd >= 0 {
			m.lose(s, cmp.Or(reason, replay.ReasonReset))
			return
		}
	}
}

// adopt makes a session of an open connection.
func (m *mux) adopt(c *conn, fresh bool) bool {
	s := newSession(c.socket)
	m.gen++
	s.gen, s.fresh = m.gen, fresh
	if m.poll.add(s.fd, s.gen, unix.EPOLLIN|unix.EPOLLRDHUP) != nil {
		unix.Close(s.fd)
		return false
	}
	m.sessions = append(m.sessions, s)
	m.loop.open++
	m.stats.Peak = max(m.stats.Peak, m.loop.open)
	m.touch(s)
	return true
}

// collect takes the connections that stand. Where one cannot be had, all requests that wait for it have no other.
func (m *mux) collect() {
	for _, o := range m.news() {
		if o.conn != nil && m.adopt(o.conn, true) {
			m.stats.Opened++
			m.drain()
			continue
		}
		for m.line.len() > 0 {
			m.refuse(m.line.pop(), cmp.Or(o.reason, replay.ReasonLocal))
		}
	}
	m.more()
}

// discard closes a session.
func (m *mux) discard(s *session) {
	if s.fd < 0 {
		return
	}
	unix.Close(s.fd) // which takes it out of the set
	s.fd = -1
	m.sessions = slices.DeleteFunc(slices.Clone(m.sessions), func(other *session) bool { return other == s })
	m.loop.open--
}

// lose ends a session that came to nothing, and its requests but those of which the other side can have taken nothing.
func (m *mux) lose(s *session, reason replay.Reason) {
	m.discard(s)
	var again []waiting
	for _, id := range s.numbers() {
		st := s.streams[id]
		if s.used && st.from >= s.sent && reason == replay.ReasonReset {
			again = append(again, m.takeBack(s, st))
			continue
		}
		m.finish(s, st, reason)
	}
	m.placeAgain(again)
	m.more()
}

// takeBack takes a request off a session, to be sent on another one.
func (m *mux) takeBack(s *session, st *stream) waiting {
	s.remove(st)
	w := waiting{st.q, st.res.Sent, st.tries + 1}
	m.free = append(m.free, st)
	return w
}

// placeAgain sends requests again of which nothing was taken, unless that goes on.
func (m *mux) placeAgain(all []waiting) {
	for _, w := range all {
		if w.tries >= maxTries {
			m.refuse(w, replay.ReasonReset)
			continue
		}
		m.stats.Reconnected++
		m.place(w)
	}
}

// finish hands in a result, and gives the place to a request that waits.
func (m *mux) finish(s *session, st *stream, reason replay.Reason) {
	s.remove(st)
	if s.fd >= 0 && (reason != "" || !st.ended) {
		code := uint32(codeCancel)
		if reason == "" {
			code = codeNone
		}
		s.out = appendWord(s.out, frameReset, st.id, code)
		m.touch(s)
	}
	m.settle(&st.res, &st.answer, reason)
	m.lane.Done(st.q, &st.res)
	st.q, st.body = nil, nil
	m.free = append(m.free, st)
	if s.leaving && len(s.streams) == 0 {
		m.discard(s)
	}
	m.drain()
}

// expire ends the requests that have waited too long, and finds out when the next one will have.
func (m *mux) expire() {
	m.check = m.now + time.Hour
	for _, s := range m.sessions {
		for _, id := range s.numbers() {
			st := s.streams[id]
			if end := m.e.o.limit(&st.res, st.phase, st.since); end > m.now {
				m.expiry(end)
				continue
			}
			m.finish(s, st, m.e.o.overdue(st.phase, st.since, m.now))
		}
	}
	m.expireLines()
}

// giveUp ends everything that is on its way.
func (m *mux) giveUp() {
	for m.line.len() > 0 {
		m.refuse(m.line.pop(), replay.ReasonConnectTimeout)
	}
	for _, s := range m.sessions {
		for _, id := range s.numbers() {
			m.finish(s, s.streams[id], replay.ReasonTimeout)
		}
	}
}

func (m *mux) close() {
	for _, s := range m.sessions {
		m.discard(s)
	}
	m.loop.close()
}
