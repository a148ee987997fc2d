package send

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"reprise/replay"
)

// Epoll is the engine of Linux, in clear and under TLS: sockets of its own on locked threads, each an event loop that keeps
// the deadlines too. Headers go out in the order and, over HTTP/1.1, the case in which they were rendered; over HTTP/1.1
// nothing is pipelined, over HTTP/2 requests share connections. No request is sent twice but where the other side had closed
// the connection before it took a byte, or says itself, over HTTP/2, that it did not look at it.
type Epoll struct {
	o      Options
	dialer *dialer
	warm   []*conn
	mu     struct {
		sync.Mutex
		stats Stats
	}
}

// newEpoll returns the engine of this platform.
func newEpoll(target *url.URL, o Options) Engine {
	e := &Epoll{o: o, dialer: newDialer(target, o)}
	e.dialer.wrap = wrapTLS
	return e
}

// Name is what a run file calls this engine.
func (e *Epoll) Name() string {
	name := "epoll"
	if e.dialer.tls != nil {
		name += " tls"
	}
	if e.o.HTTP2 {
		name += " h2"
	}
	return name + e.o.Proxy.kind()
}

// Lanes is the number of threads that send.
func (e *Epoll) Lanes() int { return e.o.Lanes }

// Warm opens Options.Connections connections, TLS included, or over HTTP/2, where requests share them, one for each lane. It
// returns how many stand, and fails only where none does.
func (e *Epoll) Warm(ctx context.Context) (int, error) {
	n := e.o.Connections
	if e.o.HTTP2 {
		n = e.o.Lanes
	}
	list, err := e.dialer.openMany(ctx, n)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		own, err := adopt(c)
		if err != nil {
			return len(e.warm), err
		}
		e.warm = append(e.warm, own)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mu.stats.Opened += len(list)
	return len(list), nil
}

// dial opens one connection.
func (e *Epoll) dial(ctx context.Context) (*conn, replay.Reason) {
	var p progress
	c, err := e.dialer.open(context.WithValue(ctx, progressKey{}, &p))
	if err != nil {
		return nil, reason(err, &p)
	}
	own, err := adopt(c)
	if err != nil {
		return nil, replay.ReasonLocal
	}
	return own, ""
}

// Play sends; see replay.Player. Each lane has a thread, which holds a processor of Go's scheduler while it spins:
// Options.Processors gives one more for each, so that the goroutines beside them are not held up.
func (e *Epoll) Play(ctx context.Context, start time.Time, lanes []*replay.Lane) error {
	defer e.o.Processors.add(len(lanes))()
	dialing, stop := context.WithCancel(ctx)
	defer stop()
	loops := make([]*loop, len(lanes))
	for i, lane := range lanes {
		l, err := e.newLoop(dialing, start, lane)
		if err != nil {
			for _, l := range loops[:i] {
				l.poll.close()
			}
			return err
		}
		loops[i] = l
	}
	e.share(loops)
	defer context.AfterFunc(ctx, func() {
		for _, l := range loops {
			l.cut.Store(true)
			l.wake()
		}
	})()
	var running sync.WaitGroup
	for _, l := range loops {
		running.Go(l.run)
	}
	running.Wait()
	for _, l := range loops {
		l.poll.close()
		e.count(l.stats)
	}
	return nil
}

func (e *Epoll) newLoop(dialing context.Context, start time.Time, lane *replay.Lane) (*loop, error) {
	p, err := newPoller()
	if err != nil {
		return nil, fmt.Errorf("make an event loop: %w", err)
	}
	l := &loop{e: e, lane: lane, start: start, poll: p, dialCtx: dialing, check: time.Hour, buffer: make([]byte, readSize)}
	if e.o.Pacing == Precise {
		l.spin = spin
	}
	l.work = l
	if e.o.HTTP2 {
		l.work = &mux{loop: l, secure: e.dialer.tls != nil}
	} else if e.o.Affinity == AffinitySender {
		l.slots = make([]slot, max(e.o.Connections/e.o.Lanes, 1))
	}
	if e.o.Processors != nil {
		l.rester = newRester()
	}
	lane.OnWake(l.wake)
	return l, nil
}

// share gives the loops the connections that were opened before.
func (e *Epoll) share(loops []*loop) {
	for i, c := range e.warm {
		l := loops[i%len(loops)]
		if m, ok := l.work.(*mux); ok {
			m.adopt(c, false)
			continue
		}
		c.slot = i / len(loops)
		if l.slots != nil && c.slot >= len(l.slots) {
			unix.Close(c.fd)
			continue
		}
		if l.add(c) && l.slots == nil {
			l.idle.push(c)
		}
	}
	e.warm = nil
}

func (e *Epoll) count(s Stats) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mu.stats.Opened += s.Opened
	e.mu.stats.Reconnected += s.Reconnected
	e.mu.stats.Peak += s.Peak
}

// Close closes the connections that Play did not take over.
func (e *Epoll) Close() {
	for _, c := range e.warm {
		unix.Close(c.fd)
	}
	e.warm = nil
}

// Stats returns what the engine has done so far.
func (e *Epoll) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mu.stats
}
