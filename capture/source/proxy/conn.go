package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

// conn is a client's connection, of which the requests of HTTP/1 are read a second time as their bytes come: their heads as they were
// sent, and when each began. net/http reads them too, and alone decides what is passed on.
type conn struct {
	net.Conn
	p      *Proxy
	secure bool
	hosts  [2]string // its own address, and its name in TLS

	before      []byte    // what a relay has read and not passed on
	beforeBegan time.Time // when that began to come

	mu     sync.Mutex
	off    bool      // nothing is read a second time any more
	wrong  string    // why, where it is for what came; it counts where net/http refuses it, too
	buf    []byte    // a head that is not whole yet
	from   int       // where in buf to search on
	began  time.Time // when that head began
	heads  []head    // those that no handler has taken yet
	inBody bool
	body   framing
	closed bool
}

// head is a request without its body.
type head struct {
	rec    capture.Record
	size   int64
	reason string // why it is not to be recorded
}

func newConn(p *Proxy, c net.Conn) *conn {
	k := &conn{Conn: c, p: p}
	k.hosts[0] = hostOf(c.LocalAddr())
	if t, ok := c.(*tls.Conn); ok {
		k.secure, k.hosts[1] = true, t.ConnectionState().ServerName
	}
	return k
}

// hostOf is an address as a host; "" for loopback, which is nobody's.
func hostOf(a net.Addr) string {
	if a == nil {
		return ""
	}
	at, err := netip.ParseAddrPort(a.String())
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return ""
	}
	return at.Addr().Unmap().WithZone("").String()
}

type connKey struct{}

// connContext lets the handlers of a connection's requests find it.
func connContext(ctx context.Context, c net.Conn) context.Context {
	if k, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, k)
	}
	return ctx
}

func connOf(r *http.Request) (*conn, bool) {
	c, ok := r.Context().Value(connKey{}).(*conn)
	return c, ok
}

// NetConn returns the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }

// CloseWrite ends one direction, as the other protocol of an upgraded connection may.
func (c *conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	var n int
	var err error
	if len(c.before) > 0 {
		n = copy(b, c.before)
		if c.before = c.before[n:]; len(c.before) == 0 {
			c.before = nil
		}
	} else {
		n, err = c.Conn.Read(b)
	}
	if n > 0 {
		c.mu.Lock()
		c.see(b[:n])
		c.mu.Unlock()
	}
	return n, err
}

// see reads what has come.
func (c *conn) see(b []byte) {
	for len(b) > 0 && !c.off {
		if c.inBody {
			b = c.skipBody(b)
		} else {
			b = c.readHead(b)
		}
	}
}

// stop reads no more, for that reason.
func (c *conn) stop(reason string) {
	c.off, c.wrong = true, reason
	c.buf = nil
}

// readHead takes a head, or a part of it, and returns what follows.
func (c *conn) readHead(b []byte) []byte {
	if len(c.buf) == 0 {
		if c.began, c.beforeBegan = c.beforeBegan, (time.Time{}); c.began.IsZero() {
			c.began = time.Now()
		}
		if size, _ := http1.HeadEnd(b, 0); size > 0 && size <= http1.MaxHead {
			c.parse(b[:size])
			return b[size:]
		}
	}
	before := len(c.buf)
	c.buf = append(c.buf, b...)
	size, from := http1.HeadEnd(c.buf, c.from)
	switch {
	case size > http1.MaxHead || size == 0 && len(c.buf) > http1.MaxHead:
		c.stop(http1.ReasonHeadSize)
		return nil
	case size == 0:
		c.from = from
		return nil
	}
	whole := c.buf[:size]
	c.buf, c.from = nil, 0
	c.parse(whole)
	return b[size-before:]
}

// parse takes a whole head in.
func (c *conn) parse(b []byte) {
	h := head{size: int64(len(b))}
	parsed, ok := http1.ParseRequest(b, &h.rec)
	if !ok {
		if bytes.HasPrefix(b, []byte("PRI * HTTP/2.0\r\n")) {
			c.stop("")
			return
		}
		c.stop(reasonRefused)
		return
	}
	h.rec.Time, h.reason = c.began.UTC(), parsed.Reason
	c.heads = append(c.heads, h)
	if parsed.Adrift {
		c.stop("")
		return
	}
	c.body = framing{body: http1.Body{Mode: parsed.Mode, Left: parsed.Length, Strict: true}}
	c.inBody = parsed.Mode != http1.BodyNone
}

// skipBody passes over a body, or a part of it, and returns what follows.
func (c *conn) skipBody(b []byte) []byte {
	n, done := c.body.pass(b)
	if c.body.wrong {
		c.stop("") // net/http finds it out, too, and the body's reader with it
		return nil
	}
	c.inBody = !done
	return b[n:]
}

// take gives the head of the request that net/http read as that; ok is false where it was not read a second time.
func (c *conn) take(method, target string) (h head, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heads) == 0 {
		c.wrong = "" // net/http does not mind
		return h, false
	}
	h = c.heads[0]
	c.heads[0] = head{}
	if c.heads = c.heads[1:]; len(c.heads) == 0 {
		c.heads = nil
	}
	if h.rec.Method != method || h.rec.URL != target { // two readings of one connection: net/http's is the one that is passed on
		c.stop("")
		c.heads = nil
		return h, false
	}
	return h, true
}

// leave says that what comes now is another protocol's.
func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop("")
	c.heads = nil
}

// Close implements net.Conn. It counts what was sent and not passed on.
func (c *conn) Close() error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		for _, h := range c.heads {
			reason := h.reason
			if reason == "" {
				reason = reasonLeft
			}
			c.p.queue.drop(reason)
		}
		switch {
		case c.wrong != "":
			c.p.queue.drop(c.wrong)
		case len(c.buf) > 0 && http1.BeginsRequest(c.buf):
			c.p.queue.drop(http1.ReasonCut)
		case len(c.buf) > 0:
			c.p.queue.drop(reasonRefused)
		}
		c.heads, c.buf = nil, nil
	}
	c.mu.Unlock()
	c.p.conns.forget(c)
	return c.Conn.Close()
}

// connSet knows the connections that net/http does not end by itself: those on which nothing was asked yet, and those that were
// taken over by another protocol.
type connSet struct {
	mu    sync.Mutex
	fresh map[net.Conn]struct{}
	taken map[net.Conn]struct{}
}

// state is told by net/http what a connection does.
func (s *connSet) state(c net.Conn, now http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch now {
	case http.StateNew:
		if s.fresh == nil {
			s.fresh, s.taken = make(map[net.Conn]struct{}), make(map[net.Conn]struct{})
		}
		s.fresh[c] = struct{}{}
	case http.StateHijacked:
		delete(s.fresh, c)
		s.taken[c] = struct{}{}
	default:
		delete(s.fresh, c)
	}
}

func (s *connSet) forget(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.taken, c)
}

// closeUnused ends the connections on which nothing was asked.
func (s *connSet) closeUnused() { s.close(&s.fresh) }

// closeTaken ends those of other protocols.
func (s *connSet) closeTaken() { s.close(&s.taken) }

func (s *connSet) close(which *map[net.Conn]struct{}) {
	s.mu.Lock()
	var all []net.Conn
	for c := range *which {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
}
