package send

import (
	"context"
	"runtime"
	"time"

	"reprise/replay"
)

// waiter waits to the kernel's timers: Go's own sleep in whole milliseconds. It does not spin the rest away, since a goroutine
// takes over what is due, and how soon that runs is the larger part.
type waiter struct{ poll *poller }

// newWaiter returns nil where there can be none, and what releases it.
func newWaiter() (w replay.Waiter, release func()) {
	p, err := newPoller()
	if err != nil {
		return nil, func() {}
	}
	return &waiter{poll: p}, p.close
}

// Wait lasts until the time has passed, or Wake was called.
func (w *waiter) Wait(d time.Duration) {
	if len(w.poll.wait(max(d, 0))) > 0 {
		w.poll.calm()
	}
}

func (w *waiter) Wake() { w.poll.wake() }

// Play sends on a thread of its own; see replay.Player.
func (e *Portable) Play(ctx context.Context, start time.Time, lanes []*replay.Lane) error {
	defer e.o.Processors.add(1)()
	runtime.LockOSThread()
	exactThread()
	defer runtime.UnlockOSThread()
	return e.Player.Play(ctx, start, lanes)
}
