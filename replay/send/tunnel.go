package send

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/proxy"

	"reprise/capture/wire"
)

// route is the way through a proxy to one target.
type route struct {
	*Proxy
	target   string      // host and port
	tls      *tls.Config // of an https proxy
	absolute string      // what stands before the path where requests are in absolute form; empty in a tunnel
}

// newRoute returns nil without a proxy.
func newRoute(target *url.URL, o *Options) *route {
	if o.Proxy == nil {
		return nil
	}
	r := &route{Proxy: o.Proxy, target: net.JoinHostPort(target.Hostname(), port(target))}
	if o.Proxy.scheme == "https" {
		// The client certificate and HTTP/2 are the target's, and Insecure is asked for the target's certificate.
		r.tls = &tls.Config{ServerName: o.Proxy.host, RootCAs: o.RootCAs, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	}
	if o.Proxy.Rewrites(target, o.HTTP2) {
		r.absolute = "http://" + target.Host
	}
	return r
}

// pass makes a connection to the proxy one to the target; where it fails the connection is closed.
func (r *route) pass(ctx context.Context, c net.Conn, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	through, err := r.enter(ctx, c)
	if err != nil {
		c.Close()
		return nil, err
	}
	return through, nil
}

func (r *route) enter(ctx context.Context, c net.Conn) (net.Conn, error) {
	if r.tls != nil {
		t := tls.Client(c, r.tls)
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, r.fault(&handshakeError{err}, "made no TLS session")
		}
		c = t
	}
	switch {
	case r.absolute != "":
		return c, nil
	case strings.HasPrefix(r.scheme, "socks"):
		return c, r.socks(ctx, c)
	}
	return c, r.connect(ctx, c)
}

// fault says that the proxy did something wrong.
func (r *route) fault(err error, what string) error {
	return &ProxyError{Proxy: r.String(), text: what + ": " + plainCause(err), cause: err}
}

// connect asks an HTTP proxy for a tunnel (RFC 9110, section 9.3.6).
func (r *route) connect(ctx context.Context, c net.Conn) error {
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	head := "CONNECT " + r.target + " HTTP/1.1\r\nHost: " + r.target + "\r\n"
	if a := r.authorization(); a != "" {
		head += "Proxy-Authorization: " + a + "\r\n"
	}
	if _, err := c.Write([]byte(head + "\r\n")); err != nil {
		return r.fault(err, "did not take CONNECT")
	}
	status, err := readTunnel(c)
	switch {
	case ctx.Err() != nil:
		return r.fault(ctx.Err(), "did not answer CONNECT")
	case err != nil:
		return r.fault(err, "did not answer CONNECT")
	case status < 200 || status > 299:
		return &ProxyError{
			Proxy: r.String(), Status: status,
			text: "refused CONNECT: " + strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status)),
		}
	}
	return nil
}

var errNoTunnel = errors.New("its answer is no HTTP")

// readTunnel reads the answer to CONNECT, byte for byte: what comes after it is the target's.
func readTunnel(c net.Conn) (status int, err error) {
	var answer response
	answer.begin(true, 0)
	for one := make([]byte, 1); !answer.done; {
		n, err := c.Read(one)
		if n == 0 && err != nil {
			return 0, err
		}
		if _, reason := answer.feed(one[:n]); reason != "" {
			return 0, errNoTunnel
		}
	}
	return answer.status, nil
}

// socks asks a SOCKS5 proxy for the target, by name.
func (r *route) socks(ctx context.Context, c net.Conn) error {
	var auth *proxy.Auth
	if r.known {
		auth = &proxy.Auth{User: r.user, Password: r.password}
	}
	d, err := proxy.SOCKS5("tcp", net.JoinHostPort(r.host, r.port), auth, proxy.Direct)
	if err != nil {
		return r.fault(err, "cannot be used")
	}
	over, ok := d.(interface {
		DialWithConn(ctx context.Context, c net.Conn, network, address string) (net.Addr, error)
	})
	if !ok {
		panic("send: internal error: the SOCKS5 dialer takes no connection")
	}
	if _, err := over.DialWithConn(ctx, c, "tcp", r.target); err != nil {
		text := strings.TrimPrefix(plainCause(err), "unknown error ")
		return &ProxyError{Proxy: r.String(), text: "did not reach the target: " + text, cause: err}
	}
	return c.SetDeadline(time.Time{})
}

// absoluteForm appends a rendered request as a proxy reads it: the target stands before the path, and the proxy's credentials
// at the end of the headers.
func (r *route) absoluteForm(dst, message []byte, p *wire.Parts) ([]byte, error) {
	target, _ := p.Target()
	head := p.Head - len("\r\n") // before the empty line
	if target <= 1 || target > head || head > len(message) {
		return nil, wire.ErrParts
	}
	dst = append(dst, message[:target]...)
	dst = append(dst, r.absolute...)
	dst = append(dst, message[target:head]...)
	if a := r.authorization(); a != "" {
		dst = fmt.Appendf(dst, "Proxy-Authorization: %s\r\n", a)
	}
	return append(dst, message[head:]...), nil
}
