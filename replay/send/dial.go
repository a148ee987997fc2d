package send

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// dialer opens connections to one target, or gives out one that was opened before.
type dialer struct {
	address string // host:port
	tls     *tls.Config
	net     net.Dialer
	timeout time.Duration
	mu      struct {
		sync.Mutex
		warm   []net.Conn
		closed bool
	}
}

func newDialer(target *url.URL, o Options) *dialer {
	host := target.Hostname()
	d := &dialer{address: net.JoinHostPort(host, port(target)), timeout: o.Timeout}
	if target.Scheme == "https" {
		d.tls = o.tls(host)
	}
	d.net = net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second}
	d.net.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return o.Guard.checkAddress(host, address)
	}
	return d
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// dial is the transport's; the arguments say what the dialer knows. A connection that was warmed comes first.
func (d *dialer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	for c := d.take(); c != nil; c = d.take() {
		if alive(c) {
			return c, nil
		}
		c.Close()
	}
	return d.open(ctx)
}

func (d *dialer) take() net.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(d.mu.warm)
	if n == 0 {
		return nil
	}
	c := d.mu.warm[n-1]
	d.mu.warm = d.mu.warm[:n-1]
	return c
}

func (d *dialer) open(ctx context.Context) (net.Conn, error) {
	c, err := d.net.DialContext(ctx, "tcp", d.address)
	if err != nil || d.tls == nil {
		return c, err
	}
	if p, ok := ctx.Value(progressKey{}).(*progress); ok {
		p.greeted.Store(true)
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	t := tls.Client(c, d.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, &handshakeError{err}
	}
	return t, nil
}

// handshakeError says that a TLS session could not be made.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "tls: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// warmAtOnce bounds the connections that are being opened at one time, so that a target's queue of those it has not yet
// accepted is not overrun.
const warmAtOnce = 32

func (d *dialer) warm(ctx context.Context, n int) (int, error) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, warmAtOnce)
	errs := make([]error, n)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			c, err := d.open(ctx)
			if errs[i] = err; err == nil {
				d.put(c)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	stand := 0
	for _, err := range errs {
		if err == nil {
			stand++
		}
	}
	if stand > 0 || n == 0 {
		return stand, nil
	}
	if errors.Is(errs[0], ErrRefused) {
		return 0, errs[0]
	}
	return 0, fmt.Errorf("%w: %v", ErrUnreachable, errs[0])
}

func (d *dialer) put(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mu.closed {
		c.Close()
		return
	}
	d.mu.warm = append(d.mu.warm, c)
}

func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mu.closed = true
	for _, c := range d.mu.warm {
		c.Close()
	}
	d.mu.warm = nil
}
