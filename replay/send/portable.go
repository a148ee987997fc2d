package send

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"reprise/capture/wire"
	"reprise/replay"
)

// Portable is the engine that stands on net/http's Transport: a goroutine for every request on its way. Header names keep
// their case over HTTP/1.1; their order is net/http's: Host, User-Agent and the framing first, the rest sorted by name.
type Portable struct {
	replay.Player
	target    *url.URL
	o         Options
	dialer    *dialer
	transport *http.Transport
	release   func()
	buffers   sync.Pool // of *[]byte, for bodies on their way to the checksum
}

func newPortable(target *url.URL, o Options) *Portable {
	d := newDialer(target, o)
	var protocols http.Protocols
	protocols.SetHTTP1(!o.HTTP2)
	protocols.SetHTTP2(o.HTTP2)
	protocols.SetUnencryptedHTTP2(o.HTTP2 && target.Scheme == "http")
	t := &http.Transport{
		DialContext: d.dial, DialTLSContext: d.dial,
		DisableCompression: true, Protocols: &protocols,
		MaxIdleConns: o.MaxInFlight, MaxIdleConnsPerHost: o.MaxInFlight, ResponseHeaderTimeout: o.Timeouts.FirstByte,
		MaxResponseHeaderBytes: maxHeader, ReadBufferSize: 4 << 10, WriteBufferSize: 8 << 10,
	}
	e := &Portable{target: target, o: o, dialer: d, transport: t}
	e.buffers.New = func() any {
		b := make([]byte, 8<<10)
		return &b
	}
	w, release := newWaiter()
	e.release = release
	e.Player = replay.NewPool(e, replay.PoolOptions{Waiter: w})
	return e
}

// Name is what a run file calls this engine.
func (e *Portable) Name() string {
	if e.o.HTTP2 {
		return "net/http h2" + e.o.Proxy.kind()
	}
	return "net/http" + e.o.Proxy.kind()
}

// Warm opens connections, TLS included, for the requests to come: Options.Connections, or one over HTTP/2, where requests
// share it. It fails only where none stands.
func (e *Portable) Warm(ctx context.Context) (int, error) {
	n := e.o.Connections
	if e.o.HTTP2 {
		n = 1
	}
	return e.dialer.warm(ctx, n)
}

// Close closes every connection that is not in use.
func (e *Portable) Close() {
	e.release()
	e.dialer.close()
	e.transport.CloseIdleConnections()
}

// Stats returns what the engine has done so far.
func (e *Portable) Stats() Stats { return Stats{Opened: int(e.dialer.opened.Load())} }

// Send sends one request and reports; see replay.Sender. Sent is the moment before the connection is chosen: opening
// one is part of the service time.
func (e *Portable) Send(ctx context.Context, start time.Time, q *replay.Request, res *replay.Result) {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	var p progress
	ctx = context.WithValue(httptrace.WithClientTrace(ctx, p.trace(start)), progressKey{}, &p)
	res.Sent = time.Since(start)
	var m wire.Request
	err := m.Load(q.Wire, &q.Parts)
	if err == nil {
		err = e.exchange(e.request(ctx, &m), res, cancel, &p)
	}
	res.Done = time.Since(start)
	q.Wire = p.free(q.Wire)
	if first := time.Duration(p.firstByte.Load()); first > 0 {
		res.FirstByte = min(first, res.Done)
	}
	res.NewConnection = p.opened.Load() && p.fresh.Load()
	if err != nil {
		res.Error = reason(err, &p)
	}
}

// progress is how far a request got. Its hooks may still be called after the request was given up, hence the atomics.
type progress struct {
	opened    atomic.Bool // a connection was opened for it
	greeted   atomic.Bool // TCP stands, the TLS handshake has begun
	fresh     atomic.Bool // the connection that was chosen had no request before
	connected atomic.Bool
	wrote     atomic.Bool
	writing   atomic.Int32 // connections that were chosen, less those on which writing is over; 0 is when nobody reads the body
	firstByte atomic.Int64
	bodyLate  atomic.Bool // the answer did not end in time
}

// progressKey is the context's key for the *progress of the request that a connection is opened for.
type progressKey struct{}

func (p *progress) trace(start time.Time) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) {
			p.fresh.Store(!i.Reused)
			p.writing.Add(1)
			p.connected.Store(true)
		},
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			p.wrote.Store(i.Err == nil)
			p.writing.Add(-1)
		},
		GotFirstResponseByte: func() { p.firstByte.Store(int64(time.Since(start))) },
	}
}

// free returns a message in memory that may be used again: in a copy, where net/http may read its body for a while yet.
func (p *progress) free(message []byte) []byte {
	if p.writing.Load() == 0 {
		return message
	}
	return bytes.Clone(message)
}

var (
	errTooLong  = errors.New("send: the answer's body is too long")
	errSwitched = errors.New("send: the target wants to switch protocols")
)

// exchange sends and reads the answer whole.
func (e *Portable) exchange(req *http.Request, res *replay.Result, cancel func(), p *progress) error {
	resp, err := e.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if d := e.o.Timeouts.Body; d > 0 {
		late := time.AfterFunc(d, func() {
			p.bodyLate.Store(true)
			cancel()
		})
		defer late.Stop()
	}
	res.Status = resp.StatusCode
	if asksToWait(res.Status) {
		res.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return errSwitched
	}
	if resp.ContentLength > e.o.MaxBody {
		return errTooLong
	}
	sum := digest{wants: e.o.Answers != nil}
	buffer := e.buffers.Get().(*[]byte)
	defer e.buffers.Put(buffer)
	res.Bytes, err = io.CopyBuffer(&sum, io.LimitReader(resp.Body, e.o.MaxBody+1), *buffer)
	res.Hash = sum.sum
	if err == nil && res.Bytes > e.o.MaxBody {
		return errTooLong
	}
	if err == nil && sum.wants && res.Bytes > 0 {
		e.o.Answers(sum.sum, sum.body)
	}
	return err
}

// digest is the CRC-32C of what is written to it, and keeps it while it is short and wanted.
type digest struct {
	sum   uint32
	wants bool
	body  []byte
}

func (d *digest) Write(b []byte) (int, error) {
	d.sum = crc32.Update(d.sum, table, b)
	if d.wants = d.wants && len(d.body)+len(b) <= AnswerBytes; d.wants {
		d.body = append(d.body, b...)
	}
	return len(b), nil
}

// request makes net/http's request of a message.
func (e *Portable) request(ctx context.Context, m *wire.Request) *http.Request {
	header := make(http.Header, len(m.Headers)+1)
	for _, h := range m.Headers {
		if !written(h.Name) {
			header[h.Name] = append(header[h.Name], h.Value)
		}
	}
	if _, ok := header["User-Agent"]; !ok {
		header["User-Agent"] = nil // none was recorded, and net/http would name itself
	}
	if r := e.dialer.route; r != nil && r.absolute != "" && r.known {
		header["Proxy-Authorization"] = []string{r.authorization()}
	}
	req := &http.Request{
		Method: m.Method, URL: e.url(m.URL), Host: m.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	content(req, m)
	return req.WithContext(ctx)
}

// content gives a request its body. GetBody lets net/http send again what it could not write a byte of. It is withheld,
// and even an empty body is a body, where net/http would also send again what may have arrived: GET and its like, and
// requests with an Idempotency-Key.
func content(req *http.Request, m *wire.Request) {
	repeats := m.Method == "GET" || m.Method == "HEAD" || m.Method == "OPTIONS" || m.Method == "TRACE"
	for name := range req.Header {
		repeats = repeats || strings.EqualFold(name, "Idempotency-Key") || strings.EqualFold(name, "X-Idempotency-Key")
	}
	body := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.Body)), nil }
	switch {
	case m.Chunked:
		req.ContentLength = -1
	case len(m.Body) == 0 && !repeats:
		req.Body = http.NoBody
		return
	default:
		req.ContentLength = int64(len(m.Body))
	}
	req.Body, _ = body()
	if !repeats {
		req.GetBody = body
	}
}

// written says which headers net/http writes itself, from the request.
func written(name string) bool {
	switch wire.RoleOf(name) {
	case wire.RoleHost, wire.RoleLength, wire.RoleTransfer:
		return true
	}
	return strings.EqualFold(name, "Trailer")
}

// url makes a URL that goes onto the wire as it stands in the message. Opaque is written as it is, but where it begins with two
// slashes, which would be read as an authority.
func (e *Portable) url(pathAndQuery string) *url.URL {
	u := &url.URL{Scheme: e.target.Scheme, Host: e.target.Host}
	path, query, found := strings.Cut(pathAndQuery, "?")
	u.RawQuery, u.ForceQuery = query, found && query == ""
	if r := e.dialer.route; r != nil && r.absolute != "" { // net/http writes the scheme before what begins with two slashes
		u.Opaque = strings.TrimPrefix(r.absolute, "http:") + path
		return u
	}
	if !strings.HasPrefix(path, "//") {
		u.Opaque = path
		return u
	}
	u.RawPath = path
	if u.Path = path; strings.Contains(path, "%") {
		if decoded, err := url.PathUnescape(path); err == nil {
			u.Path = decoded
		}
	}
	return u
}
