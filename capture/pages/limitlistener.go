package pages

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// limitListener has so many connections at once. Beyond that, a new one takes the place of the one that has been
// silent for longest, which sent no whole head of a request yet or waits between two: so that many slow clients keep nobody
// out. Where all have requests under way, the new one is closed.
type limitListener struct {
	net.Listener
	most int

	mu      sync.Mutex
	members int
	silent  list.List // of *member, the longest first
}

// member is a connection of a limitListener. Its fields are guarded by the limitListener's mutex.
type member struct {
	net.Conn
	of     *limitListener
	place  *list.Element // among the silent; nil while a request is under way
	closed bool
}

// Limit has at most so many connections of a listener open at once: a further one takes the place of the one that has been silent for
// longest. The server that serves them tells by state what they do (http.Server.ConnState).
func Limit(l net.Listener, most int) (limited net.Listener, state func(net.Conn, http.ConnState)) {
	room := newLimitListener(l, most)
	return room, room.state
}

func newLimitListener(l net.Listener, most int) *limitListener {
	return &limitListener{Listener: l, most: most}
}

// Accept returns the next connection for which there is room.
func (l *limitListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		m := &member{Conn: c, of: l}
		if out := l.admit(m); out != m {
			if out != nil {
				_ = out.Close()
			}
			return m, nil
		}
		_ = c.Close()
	}
}

// admit takes a connection in, and returns the one that has to leave for it, if any.
func (l *limitListener) admit(m *member) (out *member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.members >= l.most {
		oldest := l.silent.Front()
		if oldest == nil {
			return m
		}
		out = oldest.Value.(*member)
	}
	l.members++
	m.place = l.silent.PushBack(m)
	return out
}

// state is told by the server what a connection does.
func (l *limitListener) state(c net.Conn, now http.ConnState) {
	m, ok := c.(*member)
	for !ok { // it stands below what was put around it
		around, below := c.(interface{ NetConn() net.Conn })
		if !below {
			return
		}
		c = around.NetConn()
		m, ok = c.(*member)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.place != nil && now == http.StateActive {
		l.silent.Remove(m.place)
		m.place = nil
	}
	if m.place == nil && now == http.StateIdle && !m.closed {
		m.place = l.silent.PushBack(m)
	}
}

// Close closes the connection, and makes room.
func (m *member) Close() error {
	m.of.mu.Lock()
	if !m.closed {
		m.closed = true
		m.of.members--
	}
	if m.place != nil {
		m.of.silent.Remove(m.place)
		m.place = nil
	}
	m.of.mu.Unlock()
	return m.Conn.Close()
}

// CloseWrite ends one direction of a TCP connection.
func (m *member) CloseWrite() error {
	if w, ok := m.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}
