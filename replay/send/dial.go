package send

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// dialer opens connections to one target, or gives out one that was opened before.
type dialer struct {
	host, port string // of the target, or of the proxy before it
	route      *route // nil without a proxy
	refused    error  // the guard does not let the target's name pass to a proxy
	tls        *tls.Config
	asked      atomic.Bool // the target wants a client certificate
	shown      bool        // there is one
	// wrap, where set, is put under every TLS session.
	wrap    func(net.Conn) net.Conn
	opened  atomic.Int64
	turn    atomic.Int64
	net     net.Dialer
	timeout time.Duration
	verdict time.Duration // how long a target may take to say that it does not take a certificate
	guard   Guard
	mu      struct {
		sync.Mutex
		warm   []net.Conn
		closed bool
		// addresses are those of the target's name, once it was looked up.
		addresses []string
	}
}

func newDialer(target *url.URL, o Options) *dialer {
	host := target.Hostname()
	d := &dialer{host: host, port: port(target), timeout: o.Timeout, verdict: o.verdict, guard: o.Guard}
	if o.Timeouts.Connect > 0 {
		d.timeout = min(d.timeout, o.Timeouts.Connect)
	}
	if target.Scheme == "https" {
		d.tls, d.shown = o.tls(host), o.Certificate != nil
		d.tls.GetClientCertificate = d.show(o.Certificate)
	}
	if d.route = newRoute(target, &o); d.route != nil {
		d.refused = o.Guard.checkBeyond(host)
		d.host, d.port = o.Proxy.host, o.Proxy.port
		host = d.host
	}
	d.net = net.Dialer{Timeout: d.timeout, KeepAlive: 30 * time.Second}
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

// open opens a connection to one of the target's addresses, each in its turn, or to another where that one cannot be had.
func (d *dialer) open(ctx context.Context) (net.Conn, error) {
	c, err := d.reach(ctx)
	if err != nil || d.tls == nil {
		return c, err
	}
	return d.greet(ctx, c)
}

// reach opens a connection to the target, through the proxy where there is one.
func (d *dialer) reach(ctx context.Context) (net.Conn, error) {
	if d.refused != nil {
		return nil, d.refused
	}
	c, err := d.connect(ctx)
	if err != nil {
		if d.route != nil && !errors.Is(err, ErrRefused) && ctx.Err() == nil {
			err = d.route.fault(err, "cannot be reached")
		}
		return nil, err
	}
	d.opened.Add(1)
	if p, ok := ctx.Value(progressKey{}).(*progress); ok {
		p.opened.Store(true)
	}
	if d.wrap != nil && (d.tls != nil || d.route != nil && d.route.tls != nil) {
		c = d.wrap(c)
	}
	if d.route != nil {
		return d.route.pass(ctx, c, d.timeout)
	}
	return c, nil
}

// connect opens a TCP connection.
func (d *dialer) connect(ctx context.Context) (net.Conn, error) {
	addresses, err := d.resolve(ctx)
	if err != nil {
		return nil, err
	}
	var c net.Conn
	for range addresses {
		at := addresses[int(d.turn.Add(1)-1)%len(addresses)]
		if c, err = d.net.DialContext(ctx, "tcp", at); err == nil || errors.Is(err, ErrRefused) || ctx.Err() != nil || isLocal(err) {
			break
		}
	}
	return c, err
}

// resolve looks the name up that is connected to, once it succeeds.
func (d *dialer) resolve(ctx context.Context) ([]string, error) {
	d.mu.Lock()
	known := d.mu.addresses
	d.mu.Unlock()
	if known != nil {
		return known, nil
	}
	found, err := d.guard.lookup(ctx, d.host)
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		known = append(known, net.JoinHostPort(a.Unmap().String(), d.port))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mu.addresses = known
	return known, nil
}

// greet makes a TLS session.
func (d *dialer) greet(ctx context.Context, c net.Conn) (net.Conn, error) {
	if p, ok := ctx.Value(progressKey{}).(*progress); ok {
		p.greeted.Store(true)
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	t := tls.Client(c, d.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, d.handshake(err)
	}
	if d.tls.NextProtos[0] == "h2" && t.ConnectionState().NegotiatedProtocol != "h2" {
		c.Close()
		return nil, &handshakeError{errNoHTTP2}
	}
	return t, nil
}

var errNoHTTP2 = errors.New("the target speaks no HTTP/2")

// handshakeError says that a TLS session could not be made.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "tls: " + strings.TrimPrefix(e.err.Error(), "tls: ") }
func (e *handshakeError) Unwrap() error { return e.err }

// warmAtOnce bounds the connections that are being opened at one time, so that a target's queue of those it has not yet
// accepted is not overrun.
const warmAtOnce = 32

// warm opens connections and keeps them for dial.
func (d *dialer) warm(ctx context.Context, n int) (int, error) {
	list, err := d.openMany(ctx, n)
	for _, c := range list {
		d.put(c)
	}
	return len(list), err
}

// openMany opens n connections and returns those that stand. It fails only where none does.
func (d *dialer) openMany(ctx context.Context, n int) (stand []net.Conn, err error) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, warmAtOnce)
	list, errs := make([]net.Conn, n), make([]error, n)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			list[i], errs[i] = d.open(ctx)
		})
	}
	wg.Wait()
	for i, c := range list {
		if errs[i] == nil {
			stand = append(stand, c)
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		for _, c := range stand {
			c.Close()
		}
		return nil, cause
	}
	if len(stand) > 0 {
		if err := d.accepted(ctx); err != nil {
			for _, c := range stand {
				c.Close()
			}
			return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
	}
	switch {
	case len(stand) > 0 || n == 0:
		return stand, nil
	case errors.Is(errs[0], ErrRefused):
		return nil, errs[0]
	}
	return nil, fmt.Errorf("%w: %w", ErrUnreachable, errs[0])
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
