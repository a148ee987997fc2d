package replay

import "time"

// Fuse ends a run of which too much fails.
type Fuse struct {
	// Share of the results in Window that may fail, from 0 to 1: one more and the run is aborted.
	Share float64
	// Window is how long it looks back; nothing blows before a run is that old.
	Window time.Duration
}

// DefaultFuse aborts a run when more than half of what ended in 10 s failed.
func DefaultFuse() Fuse { return Fuse{Share: 0.5, Window: 10 * time.Second} }

// fuseParts is how many steps the window moves in.
const fuseParts = 20

// fuse is a Fuse at work.
type fuse struct {
	Fuse
	first  time.Duration
	begun  bool
	newest int64
	parts  [fuseParts]struct{ all, failed int64 }
	spent  bool
}

// fresh returns a fuse at its beginning, nil of nil.
func (f *Fuse) fresh() *fuse {
	if f == nil || f.Window < fuseParts {
		return nil
	}
	return &fuse{Fuse: *f}
}

// blown adds a result and says, once, that the fuse has blown. A nil fuse never does.
func (f *fuse) blown(res *Result) bool {
	if f == nil || f.spent || res.Error == ReasonShed {
		return false
	}
	at := max(res.Done, res.Sent, res.Intended)
	if !f.begun {
		f.begun, f.first, f.newest = true, at, f.step(at)
	}
	f.turn(f.step(at))
	part := &f.parts[f.newest%fuseParts]
	part.all++
	if !res.OK() {
		part.failed++
	}
	if at-f.first < f.Window {
		return false
	}
	var all, failed int64
	for _, p := range f.parts {
		all += p.all
		failed += p.failed
	}
	f.spent = float64(failed) > f.Share*float64(all)
	return f.spent
}

func (f *fuse) step(at time.Duration) int64 { return int64(at / (f.Window / fuseParts)) }

// turn moves on to a step and forgets those that leave the window. A result that comes late counts with the newest.
func (f *fuse) turn(step int64) {
	for n := min(step-f.newest, fuseParts); n > 0; n-- {
		f.parts[(step-n+1)%fuseParts] = struct{ all, failed int64 }{}
	}
	f.newest = max(f.newest, step)
}
