// Package proxy is a reverse proxy that records: it passes every request on to an upstream server and its answer back, and
// gives what it has passed on as a capture.Source.
//
// The traffic comes first. A request is recorded after it was answered, from a copy that is bounded in memory; where there is no
// room for it, or nobody takes the records, it is counted as not recorded, and passed on all the same. [Proxy.Serve] may run beside
// [Source.Next], each in a goroutine of its own; a Source is for one goroutine at a time.
//
// A plain request of HTTP/1 and its answer are passed on byte for byte by a relay, which takes a third of the time that net/http takes. All
// else net/http passes on, which sorts headers and writes their names in one way. The records do not: of HTTP/1 the bytes of a
// connection are read a second time as they come, so that a record has the headers as they were sent.
package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"reprise/capture/internal/http1"
	"reprise/capture/pages"
)

// Options say what a Proxy passes on, and how much it holds. All but Upstream may be left out.
type Options struct {
	// Upstream is the server that answers: a URL of http or https, with a path that is put before every other, or without.
	Upstream *url.URL
	// UpstreamTLS is how an upstream of https is spoken to; nil is the system's way.
	UpstreamTLS *tls.Config
	// HTTP2 speaks HTTP/2 alone to the upstream, also in clear. Without it an upstream of https chooses, and one of http gets HTTP/1.1.
	HTTP2 bool
	// TLS serves HTTPS; nil serves HTTP. HTTP/2 is served where a client asks for it, in clear too.
	TLS *tls.Config
	// Forwarded adds the client's address, Host and scheme as X-Forwarded-For, -Host and -Proto. Without it nothing is added.
	Forwarded bool

	// Memory is how many bytes of requests wait to be recorded; 0 is 32 MiB. Requests beyond it are passed on and not recorded.
	Memory int64
	// MaxBody is how many bytes the body of a request may have that is recorded; 0 is 16 MiB, which is the most.
	MaxBody int64
	// Connections is how many may be open at once; 0 is 10,000, or what MostConnections allows. A further one takes the place of the one that has
	// been silent for longest.
	Connections int
	// Grace is how long requests under way may take after the end was asked for; 0 is 5 s.
	Grace time.Duration
}

const (
	defaultMemory      = 32 << 20
	defaultConnections = 10_000
	defaultGrace       = 5 * time.Second

	// What a client may take. Bodies may take any time: what is slow is the upstream's business.
	headTime      = time.Minute
	idleTime      = 3 * time.Minute
	handshakeTime = 30 * time.Second

	// dialTime is what an upstream may take to be connected to, as for Go's own client: one that is busy may take long.
	dialTime = 30 * time.Second
	// restTime is what the rest of a request may take whose upstream did not answer.
	restTime = 10 * time.Second
	// idleUpstream is how long a connection to the upstream waits for its next request. Servers close theirs after two seconds and
	// more; a request that crosses with that would fail, which it would not without the proxy.
	idleUpstream = 1500 * time.Millisecond
	// continueTime is how long a client that sent "Expect: 100-continue" waits for an upstream that knows nothing of it.
	continueTime = time.Second
)

// errEnding is why requests end that the grace was too short for.
var errEnding = errors.New("proxy: ending")

// Proxy is a recording reverse proxy. It serves once.
type Proxy struct {
	o         Options
	reverse   *httputil.ReverseProxy
	transport *http.Transport
	queue     *queue
	conns     connSet
	buffers   buffers
}

// New returns a proxy. An error is one of the options'.
func New(o Options) (*Proxy, error) {
	switch u := o.Upstream; {
	case u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Opaque != "":
		return nil, errors.New("the upstream is a URL of http or https, with a host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL of the upstream has a scheme, a host and at most a path")
	case o.MaxBody < 0 || o.MaxBody > http1.MaxBody:
		return nil, fmt.Errorf("a recorded body has at most %d bytes", http1.MaxBody)
	case o.Memory < 0 || o.Connections < 0 || o.Grace < 0:
		return nil, errors.New("a limit is below 0")
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.MaxBody == 0 {
		o.MaxBody = http1.MaxBody
	}
	if o.Connections == 0 {
		o.Connections = min(defaultConnections, MostConnections())
	}
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	p := &Proxy{o: o, queue: newQueue(o.Memory)}
	p.transport = newTransport(o)
	p.reverse = p.newReverse()
	return p, nil
}

// MostConnections is how many connections may be open at once with the files that this process may have open: each takes one, and
// another one to the upstream.
func MostConnections() int {
	const others = 100 // files, listeners, and connections that are just ending
	return max(1, (openFiles()-others)/2)
}

// Serve passes on what comes to the listener until ctx ends, which is the ordinary way to stop and no error. It then takes no more
// connections and lets the requests under way come to their end, for Options.Grace at most. After it has returned, Source ends
// with the last record. An error is the listener's.
func (p *Proxy) Serve(ctx context.Context, l net.Listener) error {
	base, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	room, watch := pages.Limit(l, p.o.Connections)
	in := newListener(p, room, watch)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Handler: http.HandlerFunc(p.handle), Protocols: protocols, DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout: headTime, IdleTimeout: idleTime,
		BaseContext: func(net.Listener) context.Context { return base },
		ConnContext: connContext,
		ConnState: func(c net.Conn, s http.ConnState) {
			p.conns.state(c, s)
			watch(c, s)
		},
		ErrorLog: log.New(io.Discard, "", 0), // it would name clients; what matters is counted
	}
	if p.o.TLS != nil {
		server.TLSConfig = p.o.TLS.Clone()
		server.TLSConfig.NextProtos = []string{"h2", "http/1.1"}
		in.tls = server.TLSConfig
	}
	go in.run(base)
	served := make(chan error, 1) // owned by the goroutine below, which sends once
	go func() { served <- server.Serve(in) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.o.Grace)
	defer cancel()
	in.stop()
	<-in.down
	p.conns.closeUnused()
	if in.relays != nil {
		in.relays.stop(end, func() { cut(errEnding) })
	}
	if server.Shutdown(end) != nil {
		cut(errEnding)
		_ = server.Close()
	}
	cut(errEnding)
	p.conns.closeTaken()
	p.queue.drain()
	p.transport.CloseIdleConnections()
	p.queue.close()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}
