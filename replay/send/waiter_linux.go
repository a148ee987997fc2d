package send

import (
	"context"
	"runtime"
	"time"

	"reprise/replay"
)

// waiter waits to the microsecond: Go's own timers sleep in whole milliseconds.
type waiter struct {
	poll *poller
	spin time.Duration
}

// newWaiter returns nil where there can be none, and what releases it.
func newWaiter(pacing Pacing) (w replay.Waiter, release func()) {
	p, err := newPoller()
	if err != nil {
		return nil, func() {}
	}
	own := &waiter{poll: p}
	if pacing == Precise {
		own.spin = spin
	}
	return own, p.close
}

// Wait polls where little is left: what wakes it is seen at once.
func (w *waiter) Wait(d time.Duration) {
	events := w.poll.poll
	if d > w.spin {
		events = func() []event { return w.poll.wait(d - w.spin) }
	}
	if len(events()) > 0 {
		w.poll.calm()
	}
}

func (w *waiter) Wake() { w.poll.wake() }

// Play sends on a thread of its own; see replay.Player.
func (e *Portable) Play(ctx context.Context, start time.Time, lanes []*replay.Lane) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1))
	claimThread()
	defer runtime.UnlockOSThread()
	return e.Player.Play(ctx, start, lanes)
}
