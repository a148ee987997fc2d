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
	"os"
	"slices"
	"strings"
	"time"
)

// The bounds on what a client may take.
const (
	headerTime  = 5 * time.Second
	idleTime    = time.Minute
	headerBytes = 16 << 10
	maxConns    = 256
)

// Serve answers with h on l until ctx ends, and returns when nothing of it is running: answers under way get a second to come
// to their end, and their requests' contexts outlast ctx by as much.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	return serve(ctx, l, h, headerTime)
}

// serve is Serve with the time that a header may take.
func serve(ctx context.Context, l net.Listener, h http.Handler, header time.Duration) error {
	answering, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: header, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		BaseContext: func(net.Listener) context.Context { return answering }, ErrorLog: log.New(io.Discard, "", 0),
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if s.Shutdown(end) != nil {
			abandon()
			_ = s.Close()
		}
	})
	room := newCrowd(l, maxConns)
	s.ConnState = room.state
	err := s.Serve(room)
	if !stop() {
		<-ended
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Own answers with h the requests that name this server by its address, as localhost, by this machine's own name or by one
// of the given ones, and not by a name that somebody's DNS gave it: a page of another site cannot reach it then (DNS
// rebinding). at is where it listens.
func Own(h http.Handler, at net.Addr, names ...string) http.Handler {
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	port := portOf(at)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(r, port, names...) {
			http.Error(w, "this is not the name of this server: ask by its address, or have it listen at that name", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// ownHost says whether a request names this server, which listens on a port, by its address, as localhost or by a name of its
// own.
func ownHost(r *http.Request, port string, names ...string) bool {
	host, p, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, p = strings.Trim(r.Host, "[]"), "80" // which clients leave out
	}
	if p != port || host == "" {
		return false
	}
	_, err = netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost") ||
		slices.ContainsFunc(names, func(n string) bool { return n != "" && strings.EqualFold(n, host) })
}

// portOf is the port that a listener listens on.
func portOf(l net.Addr) string {
	_, port, err := net.SplitHostPort(l.String())
	if err != nil {
		return ""
	}
	return port
}
