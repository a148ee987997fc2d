package send

import (
	"context"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"reprise/replay"
)

// A loop that has nothing in flight rests until shortly before the next request is due, and ends a rest at once when it is woken.
func TestLoopRests(t *testing.T) {
	w := listen(t, say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"))
	e := engine(t, w.addr, Options{Processors: new(Processors)})
	var qs []*replay.Request
	for i := range 5 {
		q := post("x")
		q.Deadline = time.Duration(i) * 4 * restFrom
		qs = append(qs, q)
	}
	for i, res := range play(t.Context(), t, e, qs...) {
		if res.Error != "" || res.Sent < res.Intended {
			t.Errorf("request %d: %q, sent %v after the start and due after %v", i, res.Error, res.Sent, res.Intended)
		}
	}
}

func TestRestEndsWhenWoken(t *testing.T) {
	p, err := newPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	l := &loop{poll: p, rester: newRester()}
	l.wake()
	l.rester.rest(time.Hour) // or the test's time is over
	if len(p.poll()) != 1 {
		t.Error("the loop does not hear of what it was woken for")
	}
}

// A run that is stopped while its loop rests does not wait for the next request.
func TestRestEndsWithTheRun(t *testing.T) {
	w := listen(t, say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"))
	e := engine(t, w.addr, Options{Processors: new(Processors)})
	ctx, cancel := context.WithCancel(t.Context())
	q := post("x")
	go func() { <-w.got; cancel() }()
	if res := play(ctx, t, e, q)[0]; res.Error != "" && res.Error != replay.ReasonTimeout {
		t.Errorf("%q", res.Error)
	}
}

// Connections that the target closes between Warm and Play cost no request: where a run begins late, net/http has closed those over which
// nothing was said.
func TestClosedBeforePlay(t *testing.T) {
	for name, o := range map[string]Options{"HTTP/1": {Connections: 3}, "HTTP/2": {HTTP2: true}} {
		s, closeAll := closing(t)
		e := engine(t, s.URL, o).(*Epoll)
		warmed, err := e.Warm(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		closeAll(warmed)
		eventually(t, func() bool {
			return !slices.ContainsFunc(e.warm, func(c *conn) bool {
				_, _, err := unix.Recvfrom(c.fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
				return err == unix.EAGAIN //nolint:errorlint // it is what the kernel says
			})
		})
		if res := send(t, e, post("x")); res.Status != 404 {
			t.Errorf("%s: %+v", name, res)
		}
		e.Close()
	}
}
