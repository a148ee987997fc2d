package replay

import "time"

// Asleep says how long the whole machine slept during a run. Its monotonic clock stood still meanwhile, and so did the schedule: the
// target saw a gap that was never recorded. Only Linux tells.
type Asleep struct {
	// Total is the time in all, and At when the run was interrupted by it first, since its start.
	Total time.Duration `json:"total_ns"`
	At    time.Duration `json:"at_ns"`
}

// shortestSleep is far below what a machine sleeps, and far above what reading two clocks can be wrong by.
const shortestSleep = 100 * time.Millisecond

// sleeps takes down what the machine slept since the last look; total is since it was started.
func (w *watch) sleeps(total time.Duration) {
	d := total - w.slept
	if d < shortestSleep {
		return
	}
	w.slept = total
	select {
	case <-w.begun:
	default:
		return
	}
	if w.start.IsZero() {
		return
	}
	if w.asleep.Total == 0 {
		w.asleep.At = max(w.now(), 0)
	}
	w.asleep.Total += d
}
