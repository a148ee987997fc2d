package replay

import (
	"sync"
	"time"
)

// Disturbances are what kept the tool itself from running, so that a stretch of a run that they spoiled can be told later. Moments
// are since the run's start.
type Disturbances struct {
	// Stops are the stretches in which a lane did not run although it was to, or was busy otherwise: of each lane the longest of every
	// StopWindow that is ShortestStop at least. A lane looks at the clock every 10 ms at least while requests are in flight, so up to
	// 10 ms of a stop are not seen.
	Stops []Stop
	// Waits are how long this process's threads could run and had no processor, summed over threads, in about one second each; those
	// with none are left out. Only Linux tells.
	Waits []Stop
	// Steals are how long this machine's processors had work and the host ran something else on them, summed over processors, in about one
	// second each; those with none are left out. Only Linux tells, of a virtual machine whose host does.
	Steals []Stop
	// ClockStep is the largest step of the wall clock against the monotonic one, as seen every 200 ms: above 0 where it was set forward.
	ClockStep time.Duration
}

// Stop is a time for which the tool, or a part of it, did not run. It began at At; of a wait for processors and of what the host took, the
// second in which it was does.
type Stop struct{ At, For time.Duration }

const (
	// StopWindow is how many stops are kept: the longest of each such stretch, by their beginning.
	StopWindow = 100 * time.Millisecond
	// ShortestStop is how long a stop is at least.
	ShortestStop = time.Millisecond
)

// DisturbanceRecorder is a Recorder that keeps what disturbed the run. Disturbed is called from where Record is, with what is new
// since the call before; ClockStep is that of the run so far. It is called once at least, when the run is over.
type DisturbanceRecorder interface {
	Disturbed(d *Disturbances) error
}

// pulse is how long a lane with requests in flight sleeps at most, so that it sees when it did not run.
const pulse = 10 * time.Millisecond

// heartbeat is how long a lane sleeps at most that has nothing to wait for, so that it sees when all of the process stood still.
const heartbeat = 500 * time.Millisecond

// awake finds out when a lane does not run.
type awake struct {
	watched bool          // the consumer says when it sleeps
	open    bool          // nothing was to be done until then
	until   time.Duration // when the lane is to run again
	mu      sync.Mutex
	stops   []Stop // since they were taken
}

// at says that the lane runs at a moment, and returns how long it did not though it was to.
func (a *awake) at(now time.Duration) (stop time.Duration) {
	if !a.watched {
		return 0
	}
	if a.until <= now-ShortestStop {
		if stop = now - a.until; !a.open {
			a.note(Stop{a.until, stop})
		}
	}
	a.until, a.open = now, false
	return stop
}

// note keeps the longest stop of each window.
func (a *awake) note(s Stop) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.stops); n > 0 && a.stops[n-1].At/StopWindow == s.At/StopWindow {
		if s.For > a.stops[n-1].For {
			a.stops[n-1] = s
		}
		return
	}
	a.stops = append(a.stops, s)
}

// take appends the stops since the last call.
func (a *awake) take(to []Stop) []Stop {
	a.mu.Lock()
	defer a.mu.Unlock()
	to = append(to, a.stops...)
	a.stops = a.stops[:0]
	return to
}

// Nap is told by a consumer how long it will not ask, as Next said, 0 where it goes on at once, and returns how long it may sleep:
// shorter while requests are in flight, or where there is no end. A consumer that does not call it gets no stops.
func (l *Lane) Nap(wait time.Duration) time.Duration {
	l.awake.watched = true
	if l.flying > 0 {
		wait = min(wait, pulse)
	}
	if l.awake.open = wait >= Forever-max(l.now, 0); l.awake.open {
		wait = heartbeat
	}
	l.awake.until = l.now + wait
	return wait
}

// watch gathers what disturbs a run.
type watch struct {
	*run
	to     DisturbanceRecorder // nil for none
	first  time.Time           // when it began
	new    Disturbances
	offset time.Duration // of the wall clock against the monotonic one
	waited time.Duration // cpuWait at the last look
	stolen time.Duration // cpuSteal at the last look
	looked time.Duration // when that was
	slept  time.Duration // asleep at the last look
	ticks  int
}

// waitsEvery is how many ticks (of FlushEvery) there are from one look at the waits for processors to the next.
const waitsEvery = 5

func newWatch(r *run) *watch {
	w := &watch{run: r, first: time.Now(), waited: cpuWait(), stolen: cpuSteal(), slept: asleep()}
	w.to, _ = r.rec.(DisturbanceRecorder)
	return w
}

// tick looks at everything; last says that the run is over.
func (w *watch) tick(last bool) {
	if w.to == nil {
		return
	}
	w.clocks(time.Now())
	w.sleeps(asleep())
	if w.ticks++; w.ticks%waitsEvery != 0 && !last {
		return
	}
	select {
	case <-w.begun:
	default:
		return
	}
	if !w.start.IsZero() {
		w.processors(w.now())
	}
	for _, l := range w.lanes {
		w.new.Stops = l.awake.take(w.new.Stops)
	}
	if w.recErr == nil && (last || len(w.new.Stops)+len(w.new.Waits)+len(w.new.Steals) > 0) {
		if w.recErr = w.to.Disturbed(&w.new); w.recErr != nil {
			w.stop(w.recErr)
		}
	}
	w.new.Stops, w.new.Waits, w.new.Steals = w.new.Stops[:0], w.new.Waits[:0], w.new.Steals[:0]
}

// clocks compares the two clocks.
func (w *watch) clocks(now time.Time) {
	offset := now.Round(0).Sub(w.first.Round(0)) - now.Sub(w.first)
	if step := offset - w.offset; step.Abs() > w.new.ClockStep.Abs() {
		w.new.ClockStep = step
	}
	w.offset = offset
}

// processors takes down how long threads waited for processors since the last look, and what the host took of these.
func (w *watch) processors(now time.Duration) {
	waited, stolen := cpuWait(), cpuSteal()
	if d := waited - w.waited; d >= ShortestStop {
		w.new.Waits = append(w.new.Waits, Stop{max(w.looked, 0), d})
	}
	if d := stolen - w.stolen; d >= ShortestStop {
		w.new.Steals = append(w.new.Steals, Stop{max(w.looked, 0), d})
	}
	w.waited, w.stolen, w.looked = waited, stolen, now
}
