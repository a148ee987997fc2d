package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

// exchange is a request under way and its answer. It stands between net/http and the reverse proxy: as the request's body, whose bytes
// it copies, and as the writer of the answer.
type exchange struct {
	p      *Proxy
	w      http.ResponseWriter
	body   io.ReadCloser
	length int64 // of the body, -1 where it is not known before its end
	total  int   // bytes that a relay passes on

	order inFlight // its place among those under way, the queue's

	reading sync.Mutex // one reads the body at a time
	conn    *conn      // nil of HTTP/2 in TLS

	mu       sync.Mutex // the upstream may be answering while its body is still being read
	rec      capture.Record
	head     int64 // bytes that the record's head takes
	held     int64 // bytes taken of the queue's room
	whole    bool  // all of the body has come
	ended    bool  // nothing is copied any more
	gone     bool  // the client did not wait for the answer
	reason   string
	noted    []string
	hosts    [2]string // the server's address and its name in TLS, as the client knew it
	answerAt time.Time
	status   int
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

// handle passes on one request.
func (p *Proxy) handle(w http.ResponseWriter, r *http.Request) {
	x := &exchange{p: p, w: w, body: r.Body, length: r.ContentLength}
	x.begin(r)
	defer x.end()
	if r.Method == http.MethodConnect { // it asks for a tunnel, which an upstream behind a proxy has no use for
		x.reason = reasonConnect
		http.Error(x, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	if x.length != 0 {
		r.Body = x
		_ = http.NewResponseController(w).EnableFullDuplex() // the answer may begin before the body ends; in HTTP/2 it may anyway
	}
	p.reverse.ServeHTTP(x, r)
}

// begin notes what is known of a request before it is passed on.
func (x *exchange) begin(r *http.Request) {
	if x.conn, _ = connOf(r); x.conn != nil {
		x.hosts = x.conn.hosts
		if r.ProtoMajor == 1 {
			if h, ok := x.conn.take(r.Method, r.RequestURI); ok {
				x.rec, x.head, x.reason = h.rec, h.size, h.reason
			}
		}
	} else {
		at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		x.hosts[0] = hostOf(at)
		if r.TLS != nil {
			x.hosts[1] = r.TLS.ServerName
		}
	}
	if x.rec.Method == "" {
		x.rec, x.head = recordOf(r)
		x.noted = append(x.noted, noteHeaders)
	}
	if len(r.Trailer) > 0 {
		x.noted = append(x.noted, http1.ReasonTrailers)
	}
	x.whole = x.length == 0
	if x.reason == "" && x.length > x.p.o.MaxBody {
		x.reason = http1.ReasonBodySize
	}
	x.enter()
}

// enter counts the request among those under way.
func (x *exchange) enter() {
	x.order.since = x.rec.Time
	x.p.queue.begin(&x.order)
	x.hold(x.head + recordSize + int64(cap(x.rec.Body)))
}

// leave notes that the client did not wait.
func (x *exchange) leave() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gone = true
}

// recordSize is about what a record takes besides its texts.
const recordSize = 512

// recordOf is a request as net/http has it: headers by name, in canonical case.
func recordOf(r *http.Request) (rec capture.Record, size int64) {
	rec = capture.Record{Time: time.Now().UTC(), Method: r.Method, URL: r.RequestURI, Host: r.Host}
	if r.Host != "" {
		rec.Headers = append(rec.Headers, capture.Header{Name: "Host", Value: r.Host})
	}
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			rec.Headers = append(rec.Headers, capture.Header{Name: name, Value: value})
			size += int64(len(name) + len(value))
		}
	}
	if _, ok := r.Header["Content-Length"]; !ok && r.ContentLength > 0 {
		rec.Headers = append(rec.Headers, capture.Header{Name: "Content-Length", Value: strconv.FormatInt(r.ContentLength, 10)})
	}
	return rec, size + int64(len(r.RequestURI)+len(r.Host))
}

// hold takes n bytes of the room for requests, or gives up recording this one.
func (x *exchange) hold(n int64) {
	if x.reason != "" {
		return
	}
	if !x.p.queue.hold(n) {
		x.drop(reasonFull)
		return
	}
	x.held += n
}

// drop gives up recording the request.
func (x *exchange) drop(reason string) {
	x.reason = reason
	x.rec.Body, x.rec.Headers = nil, nil
	x.p.queue.free(x.held)
	x.held = 0
}

// Read implements io.Reader: it reads the body, and copies it.
func (x *exchange) Read(b []byte) (int, error) {
	x.reading.Lock()
	defer x.reading.Unlock()
	n, err := x.body.Read(b)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return n, err
	}
	if n > 0 && x.reason == "" {
		x.copy(b[:n])
	}
	if errors.Is(err, io.EOF) {
		x.whole = true
	}
	return n, err
}

func (x *exchange) copy(b []byte) {
	have := len(x.rec.Body)
	switch {
	case int64(have+len(b)) > x.p.o.MaxBody:
		x.drop(http1.ReasonBodySize)
		return
	case have+len(b) <= cap(x.rec.Body):
	default:
		size := max(have+len(b), min(2*have, have+1<<20))
		if x.length > 0 && x.length <= int64(max(64<<10, size)) { // what a client says is believed up to what it has sent
			size = max(size, int(x.length))
		}
		if x.hold(int64(size - cap(x.rec.Body))); x.reason != "" {
			return
		}
		grown := make([]byte, have, size)
		copy(grown, x.rec.Body)
		x.rec.Body = grown
	}
	x.rec.Body = append(x.rec.Body, b...)
}

// Close implements io.Closer. It closes nothing: where the upstream does not answer, the rest of the body is still read.
func (x *exchange) Close() error { return nil }

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.w.Header() }

// Write implements http.ResponseWriter.
func (x *exchange) Write(b []byte) (int, error) { return x.w.Write(b) }

// WriteHeader implements http.ResponseWriter. It keeps net/http from adding what the upstream did not send. The upstream's 100 is not passed on
// here: it has the body read, at which net/http sends one by itself, and the two would race.
func (x *exchange) WriteHeader(status int) {
	if status == http.StatusContinue {
		return
	}
	if status >= 200 {
		h := x.w.Header()
		for _, name := range []string{"Date", "Content-Type"} {
			if _, ok := h[name]; !ok {
				h[name] = nil
			}
		}
	}
	x.w.WriteHeader(status)
}

// Unwrap gives http.ResponseController what it works on.
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

// answered notes the head of the upstream's answer.
func (x *exchange) answered(status int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status, x.answerAt = status, time.Now()
	if status == http.StatusSwitchingProtocols {
		x.drop(reasonUpgrade)
		if x.conn != nil {
			x.conn.leave()
		}
	}
	if x.whole || x.reason != "" {
		x.finish()
	}
}

// end is called when the answer has been passed on, or nothing more can be.
func (x *exchange) end() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.finish()
}

// finish hands the request over to be recorded, or counts why it is not.
func (x *exchange) finish() {
	if x.ended {
		return
	}
	x.ended = true
	if x.reason == "" && !x.whole && (x.length < 0 || int64(len(x.rec.Body)) < x.length) {
		reason := http1.ReasonCut
		if x.status > 0 {
			reason = reasonEarly
		}
		x.drop(reason)
	}
	switch {
	case x.reason != "":
		x.drop(x.reason)
	case x.status > 0:
		x.rec.Response = capture.Response{Status: x.status, Latency: x.answerAt.Sub(x.rec.Time)}
	case x.gone:
		x.noted = append(x.noted, noteGone)
	default:
		x.noted = append(x.noted, noteNoAnswer)
	}
	x.p.queue.end(&x.order, x.reason, item{rec: x.rec, held: x.held, hosts: x.hosts, noted: x.noted})
	x.rec = capture.Record{}
}
