// Package live shows a run while it is going: a dashboard for people, drawn by the same script as a report, and metrics
// for Prometheus.
//
// Both are told of the run and never ask it: what they are told is immutable, and a client that is slow or hostile costs
// the run nothing. Both listen where they are told to and answer nobody who came by another site's name.
package live

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// The bounds on what a client may take.
const (
	headerTime  = 5 * time.Second
	idleTime    = time.Minute
	headerBytes = 16 << 10
	maxConns    = 256
)

// Serve answers with h on l until ctx ends, and returns when nothing of it is running.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	return serve(ctx, l, h, headerTime)
}

// serve is Serve with the time that a header may take.
func serve(ctx context.Context, l net.Listener, h http.Handler, header time.Duration) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: header, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: log.New(io.Discard, "", 0),
	}
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if s.Shutdown(end) != nil {
			_ = s.Close()
		}
	})
	defer stop()
	if err := s.Serve(bounded(l, maxConns)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ownHost says whether a request names this server by its address, or as localhost, and not by a name that somebody's
// DNS gave it: a page of another site cannot reach it then (DNS rebinding).
func ownHost(r *http.Request, port string) bool {
	host, p, err := net.SplitHostPort(r.Host)
	if err != nil || p != port {
		return false
	}
	_, err = netip.ParseAddr(host)
	return err == nil || host == "localhost"
}

// portOf is the port that a listener listens on.
func portOf(l net.Addr) string {
	_, port, err := net.SplitHostPort(l.String())
	if err != nil {
		return ""
	}
	return port
}

// bounded lets a listener have so many connections at once; further ones wait to be accepted.
func bounded(l net.Listener, most int) net.Listener {
	return &boundedListener{Listener: l, room: make(chan struct{}, most), closed: make(chan struct{})}
}

type boundedListener struct {
	net.Listener
	room   chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (l *boundedListener) Accept() (net.Conn, error) {
	select {
	case l.room <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &boundedConn{Conn: c, leave: sync.OnceFunc(func() { <-l.room })}, nil
}

func (l *boundedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type boundedConn struct {
	net.Conn
	leave func()
}

func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
