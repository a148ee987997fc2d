package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
	"reprise/capture/wire"
)

const (
	// relayMost is how many bytes a request has at most, with its head, that a relay takes: so much each client can have it hold.
	relayMost  = 16 << 10
	relayStart = 2 << 10
	// soon is how long a relay waits for the rest of a body. What takes longer is passed on as it comes, by net/http.
	soon = 20 * time.Millisecond
	// slowly is how long an answer may take before the relay looks whether the client is still there.
	slowly = 250 * time.Millisecond
	// answerHead is how large the head of an answer may be.
	answerHead = 1 << 20
)

// relay passes on the plain requests of one connection of HTTP/1: those that are whole at once, and of whose headers none is about the
// connection. It does so byte for byte, in one goroutine, and over one connection to the upstream that no other client's requests share: so what
// two servers might read differently reaches no other client. Whatever is not plain, net/http gets, with the rest of the connection.
type relay struct {
	p     *Proxy
	c     net.Conn
	of    *relays
	state atomic.Int32
	hosts [2]string

	in    []byte    // what has come and is not passed on yet
	began time.Time // when in began to come

	up     net.Conn // nil before the first request
	upIdle time.Time
	out    []byte // where answers begin
}

// The states of a relay.
const (
	relayIdle   = iota // between two requests
	relayBusy          // a request is under way
	relayClosed        // by the end of the proxy
)

// plain says whether requests can be passed on byte for byte at all.
func (o *Options) plain() bool {
	return o.Upstream.Scheme == "http" && strings.Trim(o.Upstream.EscapedPath(), "/") == "" && !o.Forwarded && !o.HTTP2
}

// serve passes on requests until the connection ends; handOver says that it goes on with net/http, from what is in r.in.
func (r *relay) serve(ctx context.Context) (handOver bool) {
	defer r.closeUp()
	r.in = make([]byte, 0, relayStart)
	for {
		size, ok := r.readHead()
		if !ok {
			return false
		}
		x := &exchange{p: r.p, hosts: r.hosts, length: -1}
		if size == 0 || !r.read(size, x) {
			return true
		}
		if !r.pass(ctx, x) {
			return false
		}
	}
}

// more reads what comes next. What it reads belongs behind what is there.
func (r *relay) more() error {
	if len(r.in) == cap(r.in) {
		r.in = append(make([]byte, 0, min(2*cap(r.in), relayMost)), r.in...)
	}
	n, err := r.c.Read(r.in[len(r.in):cap(r.in)])
	r.in = r.in[:len(r.in)+n]
	if n > 0 {
		return nil
	}
	return err
}

// readHead waits for a head. size is 0 where it is for net/http to read it; ok is false where the connection is over.
func (r *relay) readHead() (size int, ok bool) {
	if len(r.in) == 0 {
		if !r.state.CompareAndSwap(relayBusy, relayIdle) {
			return 0, false
		}
		if r.of.ending.Load() {
			return 0, false
		}
		r.of.watch(r.c, http.StateIdle)
		_ = r.c.SetReadDeadline(time.Now().Add(idleTime))
		if r.more() != nil || !r.state.CompareAndSwap(relayIdle, relayBusy) {
			return 0, false
		}
		r.of.watch(r.c, http.StateActive)
	}
	r.began = time.Now()
	for from := 0; ; {
		if size, from = http1.HeadEnd(r.in, from); size > 0 {
			return size, true
		}
		if len(r.in) >= relayMost || r.in[0] < 'A' { // which begins no method that anybody uses
			return 0, true
		}
		_ = r.c.SetReadDeadline(r.began.Add(headTime))
		if err := r.more(); err != nil {
			r.drop()
			return 0, false
		}
	}
}

// drop counts what came of a request that is not whole.
func (r *relay) drop() {
	reason := http1.ReasonCut
	if !http1.BeginsRequest(r.in) {
		reason = reasonRefused
	}
	r.p.queue.drop(reason)
}

// read reads the head into x and waits for the body; it says whether the request is plain, and whole at once.
func (r *relay) read(size int, x *exchange) bool {
	h, ok := http1.ParseRequest(r.in[:size], &x.rec)
	if !ok || h.Reason != "" || !isPlain(&x.rec, r.in[:size]) {
		return false
	}
	total, ok := size, true
	switch h.Mode {
	case http1.BodyLength:
		if h.Length > int64(relayMost-size) {
			return false
		}
		if total += int(h.Length); !r.wait(func() bool { return len(r.in) >= total }) {
			return false
		}
		x.rec.Body = bytes.Clone(r.in[size:total])
	case http1.BodyChunked:
		f := framing{body: http1.Body{Mode: h.Mode, Strict: true}, keep: true}
		ok = r.wait(func() bool {
			n, done := f.pass(r.in[total:])
			total += n
			return done || f.wrong
		})
		if !ok || f.wrong {
			return false
		}
		x.rec.Body = f.content
		if f.body.Trailers > 0 {
			x.noted = append(x.noted, http1.ReasonTrailers)
		}
	}
	x.rec.Time, x.head, x.whole = r.began.UTC(), int64(size), true
	x.total = total
	return true
}

// wait reads until it is enough, which comes soon or not at all.
func (r *relay) wait(enough func() bool) bool {
	for first := true; !enough(); first = false {
		if len(r.in) >= relayMost {
			return false
		}
		if first {
			_ = r.c.SetReadDeadline(time.Now().Add(soon))
		}
		if r.more() != nil {
			return false
		}
	}
	return true
}

// isPlain says whether a request can be passed on byte for byte.
func isPlain(rec *capture.Record, head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	if rec.Host == "" || !strings.HasPrefix(rec.URL, "/") || !bytes.HasSuffix(line, []byte(" HTTP/1.1")) {
		return false
	}
	for i := range rec.Headers {
		switch h := &rec.Headers[i]; wire.RoleOf(h.Name) {
		case wire.RoleHop, wire.RoleInvalid:
			return false
		case wire.RoleConnection:
			if !strings.EqualFold(h.Value, "keep-alive") && !strings.EqualFold(h.Value, "close") {
				return false
			}
		}
	}
	return true
}

// pass passes a request on, and its answer back; it says whether the connection goes on.
func (r *relay) pass(ctx context.Context, x *exchange) (goesOn bool) {
	request, method := r.in[:x.total], x.rec.Method
	defer func() { r.passed(x.total) }()
	connection, _ := x.rec.Header("Connection")
	last := strings.EqualFold(connection, "close")
	x.enter()
	defer x.end()
	if err := r.send(ctx, request); err != nil {
		return r.refuse(method) && !last
	}
	a := answer{relay: r, x: x, head: method == http.MethodHead, method: method}
	return a.pass() && !last && !r.of.ending.Load()
}

// passed takes off what has been passed on, and gives back the memory of a large request.
func (r *relay) passed(n int) {
	to, rest := r.in[:0], r.in[n:]
	if cap(r.in) > 2*relayStart && len(rest) <= relayStart {
		to = make([]byte, 0, relayStart)
	}
	r.in = append(to, rest...)
}

// send writes a request to the upstream. A connection that the upstream has closed meanwhile is not used again.
func (r *relay) send(ctx context.Context, request []byte) (err error) {
	if r.up != nil && !alive(r.up, r.upIdle) {
		r.closeUp()
	}
	if r.up == nil {
		if r.up, err = r.p.dial(ctx); err != nil {
			r.up = nil
			return err
		}
		r.of.setUp(r)
	}
	if _, err = r.up.Write(request); err != nil {
		r.closeUp()
	}
	return err
}

func (r *relay) closeUp() {
	if r.up != nil {
		_ = r.up.Close()
		r.up = nil
	}
}

// answerBuffer is where an answer begins.
func (r *relay) answerBuffer() []byte {
	if r.out == nil {
		r.out = make([]byte, 0, firstAnswer)
	}
	return r.out[:0]
}

// refuse answers for an upstream that did not.
func (r *relay) refuse(method string) bool {
	text := "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 12\r\n\r\n"
	if method != http.MethodHead {
		text += "Bad Gateway\n"
	}
	_, err := io.WriteString(r.c, text)
	return err == nil
}

// relays are those of a proxy.
type relays struct {
	watch  func(net.Conn, http.ConnState) // tells the bound on connections what they do
	ending atomic.Bool
	wait   sync.WaitGroup

	mu   sync.Mutex
	open map[*relay]net.Conn // with its connection to the upstream
}

func (s *relays) add(r *relay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = make(map[*relay]net.Conn)
	}
	s.open[r] = nil
}

func (s *relays) setUp(r *relay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[r] = r.up
}

func (s *relays) remove(r *relay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, r)
}

// stop ends those that are idle, and waits until ctx ends for the others, which end with their answer; then it ends them, too. cut ends the
// context that they serve in.
func (s *relays) stop(ctx context.Context, cut func()) {
	s.ending.Store(true)
	s.each(func(r *relay, _ net.Conn) {
		if r.state.CompareAndSwap(relayIdle, relayClosed) {
			_ = r.c.Close()
		}
	})
	gone := make(chan struct{}) // closed by the goroutine below
	go func() {
		s.wait.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return
	case <-ctx.Done():
	}
	cut()
	s.each(func(r *relay, up net.Conn) {
		_ = r.c.Close()
		if up != nil {
			_ = up.Close()
		}
	})
	<-gone
}

func (s *relays) each(f func(r *relay, up net.Conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r, up := range s.open {
		f(r, up)
	}
}

// dial opens a connection to the upstream.
func (p *Proxy) dial(ctx context.Context) (net.Conn, error) {
	host := p.o.Upstream.Host
	if p.o.Upstream.Port() == "" {
		host = net.JoinHostPort(p.o.Upstream.Hostname(), "80")
	}
	return (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", host)
}

// framing finds the end of a content that comes in pieces.
type framing struct {
	body    http1.Body
	keep    bool   // the content is wanted
	content []byte // where it is
	line    []byte // of chunks, not whole yet
	wrong   bool
}

// pass takes a piece, and returns how much of it belongs to the message.
func (f *framing) pass(b []byte) (n int, done bool) {
	rest, carried := b, len(f.line)
	if carried > 0 {
		rest = append(f.line, b...)
		f.line = nil
	}
	all := len(rest)
	for {
		data, used, done, ok := f.body.Next(rest)
		if !ok {
			f.wrong = true
			return len(b), false
		}
		if f.keep {
			f.content = append(f.content, data...)
		}
		rest = rest[used:]
		switch {
		case done:
			return all - len(rest) - carried, true
		case len(rest) == 0:
			return len(b), false
		case used == 0:
			f.line = bytes.Clone(rest)
			return len(b), false
		}
	}
}

// timedOut says whether a read ended by its deadline.
func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
