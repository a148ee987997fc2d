// Package send holds the engine that sends requests over HTTP/1.1, in clear or under TLS: it is given a rendered request,
// sends it at once and reports what came back. It computes neither deadlines nor content.
//
// It stands on net/http's Transport, used so that nothing is sent that was not asked for: no redirect is followed, no
// proxy is read from the environment, no compression is asked for, no header is added, and no request is sent twice but
// when net/http knows that not a byte of it was written. Header names keep their case; their order on the wire is
// net/http's: Host, User-Agent and the framing first, the rest sorted by name. An Engine may be used by many goroutines.
package send

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"reprise/replay"
)

// Name is what a run file calls this engine.
const Name = "net/http"

// Options shape an engine. The zero value works.
type Options struct {
	// Connections is how many Warm opens; 0 means 64.
	Connections int
	// MaxInFlight is how many are kept open at most; 0 means 512. Whoever calls Send bounds how many are on their way.
	MaxInFlight int
	// Timeout bounds a request from its sending to the last byte of its answer; 0 means 10 s.
	Timeout time.Duration
	// MaxBody bounds an answer's body: more is an invalid response. 0 means 32 MiB.
	MaxBody int64
	// RootCAs, where set, replaces the system's certificate authorities. Insecure asks for no certificate at all.
	RootCAs  *x509.CertPool
	Insecure bool
	// Guard is asked about every address before it is connected to.
	Guard Guard
}

// maxHeader bounds an answer's header.
const maxHeader = 256 << 10

// Engine sends requests to one target. It is a replay.Sender.
type Engine struct {
	target    *url.URL
	o         Options
	dialer    *dialer
	transport *http.Transport
}

// New returns an engine for a target as ParseTarget returns it. Only the target's scheme, host and port are used; the
// path to ask for is in each request.
func New(target *url.URL, o Options) (*Engine, error) {
	if target.Scheme != "http" && target.Scheme != "https" || target.Host == "" {
		return nil, errTarget
	}
	if o.Connections <= 0 {
		o.Connections = 64
	}
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = 512
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 32 << 20
	}
	d := newDialer(target, o)
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	t := &http.Transport{
		DialContext: d.dial, DialTLSContext: d.dial,
		DisableCompression: true, Protocols: &protocols,
		MaxIdleConns: o.MaxInFlight, MaxIdleConnsPerHost: o.MaxInFlight,
		MaxResponseHeaderBytes: maxHeader, ReadBufferSize: 4 << 10, WriteBufferSize: 8 << 10,
	}
	return &Engine{target: target, o: o, dialer: d, transport: t}, nil
}

// Warm opens Options.Connections connections, TLS included, for the requests to come, and returns how many stand. It
// fails only where none does.
func (e *Engine) Warm(ctx context.Context) (int, error) { return e.dialer.warm(ctx, e.o.Connections) }

// Close closes every connection that is not in use.
func (e *Engine) Close() {
	e.dialer.close()
	e.transport.CloseIdleConnections()
}

// Send sends one request and reports; see replay.Sender. Sent is the moment before the connection is chosen: opening
// one is part of the service time.
func (e *Engine) Send(ctx context.Context, start time.Time, q *replay.Request, res *replay.Result) {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	var p progress
	ctx = context.WithValue(httptrace.WithClientTrace(ctx, p.trace(start)), progressKey{}, &p)
	req := e.request(ctx, q)
	res.Sent = time.Since(start)
	err := e.exchange(req, res)
	res.Done = time.Since(start)
	if first := time.Duration(p.firstByte.Load()); first > 0 {
		res.FirstByte = min(first, res.Done)
	}
	if err != nil {
		res.Error = reason(err, &p)
	}
}

// progress is how far a request got. Its hooks may still be called after the request was given up, hence the atomics.
type progress struct {
	greeted   atomic.Bool // TCP stands, the TLS handshake has begun
	connected atomic.Bool
	firstByte atomic.Int64
}

// progressKey is the context's key for the *progress of the request that a connection is opened for.
type progressKey struct{}

func (p *progress) trace(start time.Time) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { p.connected.Store(true) },
		GotFirstResponseByte: func() { p.firstByte.Store(int64(time.Since(start))) },
	}
}

var (
	errTooLong  = errors.New("send: the answer's body is too long")
	errSwitched = errors.New("send: the target wants to switch protocols")
)

// exchange sends and reads the answer whole.
func (e *Engine) exchange(req *http.Request, res *replay.Result) error {
	resp, err := e.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	res.Status = resp.StatusCode
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return errSwitched
	}
	res.Bytes, err = io.Copy(io.Discard, io.LimitReader(resp.Body, e.o.MaxBody+1))
	if err == nil && res.Bytes > e.o.MaxBody {
		return errTooLong
	}
	return err
}

// request makes net/http's request of ours.
func (e *Engine) request(ctx context.Context, q *replay.Request) *http.Request {
	header := make(http.Header, len(q.Headers)+1)
	for _, h := range q.Headers {
		if !written(h.Name) {
			header[h.Name] = append(header[h.Name], h.Value)
		}
	}
	if _, ok := header["User-Agent"]; !ok {
		header["User-Agent"] = nil // none was recorded, and net/http would name itself
	}
	req := &http.Request{
		Method: q.Method, URL: e.url(q.URL), Host: q.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	content(req, q)
	return req.WithContext(ctx)
}

// content gives a request its body. GetBody lets net/http send again what it could not write a byte of. It is withheld,
// and even an empty body is a body, where net/http would also send again what may have arrived: GET and its like, and
// requests with an Idempotency-Key.
func content(req *http.Request, q *replay.Request) {
	repeats := q.Method == "GET" || q.Method == "HEAD" || q.Method == "OPTIONS" || q.Method == "TRACE"
	for name := range req.Header {
		repeats = repeats || strings.EqualFold(name, "Idempotency-Key") || strings.EqualFold(name, "X-Idempotency-Key")
	}
	body := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(q.Body)), nil }
	switch {
	case q.Chunked:
		req.ContentLength = -1
	case len(q.Body) == 0 && !repeats:
		req.Body = http.NoBody
		return
	default:
		req.ContentLength = int64(len(q.Body))
	}
	req.Body, _ = body()
	if !repeats {
		req.GetBody = body
	}
}

// written says which headers net/http writes itself, from the request.
func written(name string) bool {
	return strings.EqualFold(name, "Host") || strings.EqualFold(name, "Content-Length") ||
		strings.EqualFold(name, "Transfer-Encoding") || strings.EqualFold(name, "Trailer")
}

// url makes a URL that goes onto the wire as it stands in q. Opaque is written as it is, but where it begins with two
// slashes, which would be read as an authority.
func (e *Engine) url(pathAndQuery string) *url.URL {
	u := &url.URL{Scheme: e.target.Scheme, Host: e.target.Host}
	path, query, found := strings.Cut(pathAndQuery, "?")
	u.RawQuery, u.ForceQuery = query, found && query == ""
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

// LoadCAs returns a pool of the certificates in a PEM file's content.
func LoadCAs(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no PEM certificate in it")
	}
	return pool, nil
}

func (o *Options) tls(host string) *tls.Config {
	return &tls.Config{
		ServerName: host, RootCAs: o.RootCAs, InsecureSkipVerify: o.Insecure, //nolint:gosec // --insecure asks for it
		NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
	}
}
