package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// listener gives net/http the clients' connections: those of HTTP/1 so that they can be read a second time, in clear or out of TLS, and
// those of HTTP/2 in TLS as they are.
type listener struct {
	net.Listener
	p   *Proxy
	tls *tls.Config // nil in clear

	once  sync.Once
	ready chan net.Conn // whose handshake is done; without room: a handshake's goroutine waits until net/http takes its connection
	ended chan struct{} // closed by stop
	end   context.CancelFunc
	wait  sync.WaitGroup
	err   error // of the listener below, once ready is closed
}

func newListener(p *Proxy, l net.Listener) *listener {
	return &listener{Listener: l, p: p, ready: make(chan net.Conn), ended: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	if l.tls == nil {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		return newConn(l.p, c), nil
	}
	l.once.Do(l.handshakes)
	c, ok := <-l.ready
	if !ok {
		return nil, l.err
	}
	return c, nil
}

// handshakes begins to accept connections of TLS.
func (l *listener) handshakes() {
	ctx, cancel := context.WithCancel(context.Background())
	l.end = cancel
	go func() {
		for {
			c, err := l.Listener.Accept()
			if err != nil {
				cancel()
				l.wait.Wait()
				l.err = err
				close(l.ready)
				return
			}
			l.wait.Go(func() { l.handshake(ctx, tls.Server(c, l.tls)) })
		}
	}()
}

// handshake hands a connection on whose client speaks TLS.
func (l *listener) handshake(ctx context.Context, c *tls.Conn) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if c.HandshakeContext(ctx) != nil {
		_ = c.NetConn().Close()
		return
	}
	var out net.Conn = c
	if c.ConnectionState().NegotiatedProtocol != "h2" {
		out = newConn(l.p, c)
	}
	select {
	case l.ready <- out:
	case <-l.ended:
		_ = out.Close()
	}
}

// stop takes no more connections.
func (l *listener) stop() {
	_ = l.Listener.Close()
	close(l.ended)
}
