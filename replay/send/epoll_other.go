//go:build !linux

package send

import (
	"net/url"

	"reprise/replay"
)

// newEpoll says that this platform has no engine of its own.
func newEpoll(*url.URL, Options) Engine { return nil }

// newWaiter says that there is nothing better than Go's timers.
func newWaiter() (w replay.Waiter, release func()) { return nil, func() {} }
