// Package pages serves what people and scrapers look at while something else is at work: within bounds on what a client may take,
// and to nobody who came by another site's name.
package pages

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

// The bounds on what a client may take. MaxConnections is how many connections are open at once: beyond it, the one that has been
// silent for longest makes room.
const (
	MaxConnections = 256

	headTime  = 5 * time.Second
	idleTime  = time.Minute
	headBytes = 16 << 10
)

// Serve answers with h on l until ctx ends, and returns when nothing of it is running: answers under way get a second to come
// to their end, and their requests' contexts outlast ctx by as much.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	return ServeWithin(ctx, l, h, headTime)
}

// ServeWithin is Serve with another time that the head of a request may take.
func ServeWithin(ctx context.Context, l net.Listener, h http.Handler, head time.Duration) error {
	answering, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: head, IdleTimeout: idleTime, MaxHeaderBytes: headBytes,
		BaseContext: func(net.Listener) context.Context { return answering }, ErrorLog: log.New(io.Discard, "", 0),
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		if !shutDown(ctx, s) {
			abandon()
			_ = s.Close()
		}
	})
	room := newLimitListener(l, MaxConnections)
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

// shutDown says whether the answers under way came to their end in a second. It is counted in steps, of which one has passed where this
// process had no processor for longer: a machine that stands still gives nobody the time to answer.
func shutDown(ctx context.Context, s *http.Server) bool {
	const step = 20 * time.Millisecond
	end, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan bool, 1) // room for the only word
	go func() { over <- s.Shutdown(end) == nil }()
	t := time.NewTicker(step)
	defer t.Stop()
	for range time.Second / step {
		select {
		case all := <-over:
			giveUp()
			return all
		case <-t.C:
		}
	}
	giveUp()
	return <-over
}

// Own answers with h the requests that name this server by its address, as localhost, by this machine's own name or by one
// of the given ones, and not by a name that somebody's DNS gave it: a page of another site cannot reach it then (DNS
// rebinding). at is where it listens.
func Own(h http.Handler, at net.Addr, names ...string) http.Handler {
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	port := Port(at)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Names(r, port, names...) {
			http.Error(w, "this is not the name of this server: ask by its address, or have it listen at that name", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Names says whether a request names this server, which listens on a port, by its address, as localhost or by a name of its own.
func Names(r *http.Request, port string, names ...string) bool {
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

// HostOf is the host of an address to listen at, as Own takes it: "" where it names none.
func HostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}

// Port is the port that a listener listens on.
func Port(l net.Addr) string {
	_, port, err := net.SplitHostPort(l.String())
	if err != nil {
		return ""
	}
	return port
}
