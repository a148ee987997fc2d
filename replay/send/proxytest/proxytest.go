// Package proxytest is a proxy for tests: HTTP in absolute form, CONNECT and SOCKS5 at one address, on loopback. It knows names that
// nobody else does, and keeps what it was asked for.
package proxytest

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// Options shape a proxy. The zero value lets everything pass.
type Options struct {
	// Names are hosts and the addresses (host:port) that they stand for, whatever port is asked for.
	Names map[string]string
	// User and Password, where set, are asked for.
	User, Password string
	// Refuse, where set, is answered to every HTTP request and to CONNECT; SOCKS5 then says that the host is unreachable.
	Refuse int
	// TLS, where set, is spoken by the proxy itself.
	TLS *tls.Config
}

// Proxy is one that runs.
type Proxy struct {
	o         Options
	listener  net.Listener
	transport *http.Transport
	serving   sync.WaitGroup
	mu        struct {
		sync.Mutex
		closed bool
		open   map[net.Conn]bool
		seen   []string
	}
}

// Start runs a proxy until Close.
func Start(o Options) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{o: o, listener: l}
	p.mu.open = make(map[net.Conn]bool)
	p.transport = &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return p.dial(ctx, address)
	}}
	p.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if p.o.TLS != nil {
				c = tls.Server(c, p.o.TLS)
			}
			if p.keep(c) {
				p.serving.Go(func() { p.serve(c) })
			}
		}
	})
	return p, nil
}

// Addr is where it listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Seen lists what it was asked for: "CONNECT host:port", "SOCKS5 host:port", or a method and a URL. Refused ones are among them.
func (p *Proxy) Seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.mu.seen...)
}

// Close ends it and every connection.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	p.mu.closed = true
	for c := range p.mu.open {
		c.Close()
	}
	p.mu.Unlock()
	p.transport.CloseIdleConnections()
	p.serving.Wait()
}

func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mu.closed {
		c.Close()
		return false
	}
	p.mu.open[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.mu.open, c)
	c.Close()
}

func (p *Proxy) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.seen = append(p.mu.seen, what)
}

func (p *Proxy) dial(ctx context.Context, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if at, ok := p.o.Names[host]; ok {
		address = at
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func (p *Proxy) serve(c net.Conn) {
	defer p.drop(c)
	r := bufio.NewReader(c)
	first, err := r.Peek(1)
	switch {
	case err != nil:
	case first[0] == 5:
		p.socks(c, r)
	default:
		for p.http(c, r) {
		}
	}
}

// http serves one request; more says that the connection goes on.
func (p *Proxy) http(c net.Conn, r *bufio.Reader) (more bool) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	if req.Method == http.MethodConnect {
		p.note("CONNECT " + req.Host)
	} else {
		p.note(req.Method + " " + req.URL.String())
	}
	code := p.o.Refuse
	if want := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.o.User+":"+p.o.Password)); p.o.User != "" && req.Header.Get("Proxy-Authorization") != want {
		code = http.StatusProxyAuthRequired
	}
	switch {
	case code != 0:
		_, _ = io.Copy(io.Discard, req.Body)
		_, err := fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n", code, http.StatusText(code))
		return err == nil && req.Method != http.MethodConnect
	case req.Method == http.MethodConnect:
		p.tunnel(c, r, req.Host, "HTTP/1.1 200 OK\r\nVia: proxytest\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return false
	}
	req.RequestURI, req.Host = "", req.URL.Host // as RFC 9112, section 3.2.2, asks of a proxy
	req.Header.Del("Proxy-Authorization")
	resp, err := p.transport.RoundTrip(req)
	if err != nil {
		_, err := io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return err == nil
	}
	defer resp.Body.Close()
	return resp.Write(c) == nil
}

// tunnel joins a connection to another.
func (p *Proxy) tunnel(c net.Conn, r *bufio.Reader, address, yes, no string) {
	far, err := p.dial(context.Background(), address)
	if err != nil || !p.keep(far) {
		_, _ = io.WriteString(c, no)
		return
	}
	defer p.drop(far)
	if _, err := io.WriteString(c, yes); err != nil {
		return
	}
	p.serving.Go(func() {
		_, _ = io.Copy(c, far)
		c.Close()
	})
	_, _ = io.Copy(far, r)
}

// socks serves one SOCKS5 connection (RFC 1928, RFC 1929).
func (p *Proxy) socks(c net.Conn, r *bufio.Reader) {
	if !p.welcome(c, r) {
		return
	}
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return
	}
	host, err := socksHost(r, head[3])
	if err != nil {
		return
	}
	var port [2]byte
	if _, err := io.ReadFull(r, port[:]); err != nil {
		return
	}
	address := net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port[:]))))
	p.note("SOCKS5 " + address)
	reply := func(code byte) string { return string([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0}) }
	if p.o.Refuse != 0 {
		_, _ = io.WriteString(c, reply(4))
		return
	}
	p.tunnel(c, r, address, reply(0), reply(5))
}

// welcome agrees on a way to authenticate.
func (p *Proxy) welcome(c net.Conn, r *bufio.Reader) bool {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return false
	}
	offered := make([]byte, head[1])
	if _, err := io.ReadFull(r, offered); err != nil {
		return false
	}
	want := byte(0)
	if p.o.User != "" {
		want = 2
	}
	ok := false
	for _, o := range offered {
		ok = ok || o == want
	}
	if !ok {
		_, _ = c.Write([]byte{5, 0xff})
		return false
	}
	_, _ = c.Write([]byte{5, want})
	if want == 0 {
		return true
	}
	user, err := socksText(r, 1)
	password, err2 := socksText(r, 0)
	if err != nil || err2 != nil || user != p.o.User || password != p.o.Password {
		_, _ = c.Write([]byte{1, 1})
		return false
	}
	_, err = c.Write([]byte{1, 0})
	return err == nil
}

// socksText reads a text behind its length, and skip bytes before it.
func socksText(r *bufio.Reader, skip int) (string, error) {
	if _, err := r.Discard(skip); err != nil {
		return "", err
	}
	n, err := r.ReadByte()
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return string(b), err
}

func socksHost(r *bufio.Reader, kind byte) (string, error) {
	switch kind {
	case 3:
		return socksText(r, 0)
	case 1, 4:
		b := make(net.IP, map[byte]int{1: 4, 4: 16}[kind])
		_, err := io.ReadFull(r, b)
		return b.String(), err
	}
	return "", fmt.Errorf("address of kind %d", kind)
}
