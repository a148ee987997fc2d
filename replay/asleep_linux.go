package replay

import (
	"time"

	"golang.org/x/sys/unix"
)

// asleep is how long this machine has slept since it was started: CLOCK_BOOTTIME goes on meanwhile, CLOCK_MONOTONIC does not
// (clock_gettime(2)). It is read once more where this thread had no processor in between.
func asleep() (d time.Duration) {
	for range 10 {
		var before, all, after unix.Timespec
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &before) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &all) != nil ||
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &after) != nil {
			return 0
		}
		d = time.Duration(all.Nano() - after.Nano())
		if after.Nano()-before.Nano() < int64(time.Millisecond) {
			break
		}
	}
	return max(d, 0)
}
