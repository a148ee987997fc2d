package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// listener accepts the clients' connections. Those of HTTP/1, in clear or out of TLS, a relay has first, if there are any; it gives net/http the
// others.
type listener struct {
	net.Listener
	p      *Proxy
	tls    *tls.Config // nil in clear
	relays *relays     // nil where every request is for net/http

	ready chan net.Conn // for net/http; without room: who gives one waits until it is taken
	ended chan struct{} // closed by stop
	down  chan struct{} // closed by run, behind err
	wait  sync.WaitGroup
	err   error // of the listener below
}

func newListener(p *Proxy, l net.Listener, watch func(net.Conn, http.ConnState)) *listener {
	in := &listener{Listener: l, p: p, ready: make(chan net.Conn), ended: make(chan struct{}), down: make(chan struct{})}
	if p.o.plain() {
		in.relays = &relays{watch: watch}
	}
	return in
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.down:
		return nil, l.err
	}
}

// run accepts connections until the listener is closed. Their requests are passed on in the context.
func (l *listener) run(ctx context.Context) {
	handshakes, cancel := context.WithCancel(ctx)
	for {
		c, err := l.Listener.Accept()
		if t, ok := err.(interface{ Temporary() bool }); ok && t.Temporary() {
			time.Sleep(5 * time.Millisecond) // such as too many open files
			continue
		}
		if err != nil {
			cancel()
			l.err = err
			l.wait.Wait()
			close(l.down)
			return
		}
		l.wait.Go(func() { l.begin(ctx, handshakes, c) })
	}
}

// begin makes a connection ready for whoever is to have it.
func (l *listener) begin(ctx, handshakes context.Context, c net.Conn) {
	if l.tls != nil {
		secure := tls.Server(c, l.tls)
		end, cancel := context.WithTimeout(handshakes, handshakeTime)
		defer cancel()
		if secure.HandshakeContext(end) != nil {
			_ = c.Close()
			return
		}
		if c = secure; secure.ConnectionState().NegotiatedProtocol == "h2" {
			l.give(c)
			return
		}
	}
	if l.relays == nil {
		l.give(newConn(l.p, c))
		return
	}
	l.relays.wait.Add(1)
	go func() {
		defer l.relays.wait.Done()
		l.relay(ctx, newConn(l.p, c))
	}()
}

// relay has a relay pass on the requests of a connection, and net/http those that it leaves.
func (l *listener) relay(ctx context.Context, k *conn) {
	r := &relay{p: l.p, c: k.Conn, of: l.relays, hosts: k.hosts}
	r.state.Store(relayBusy)
	l.relays.add(r)
	handOver := r.serve(ctx)
	l.relays.remove(r)
	if !handOver {
		_ = k.Conn.Close()
		return
	}
	_ = k.Conn.SetReadDeadline(time.Time{})
	k.before, k.beforeBegan = r.in, r.began
	l.give(k)
}

// give hands a connection to net/http.
func (l *listener) give(c net.Conn) {
	select {
	case l.ready <- c:
	case <-l.ended:
		_ = c.Close()
	}
}

// stop takes no more connections.
func (l *listener) stop() {
	_ = l.Listener.Close()
	close(l.ended)
}
