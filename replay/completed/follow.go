package completed

import (
	"context"
	"sync"
	"time"

	"reprise/capture"
	"reprise/capture/wire"
	"reprise/replay"
	"reprise/replay/completions"
	"reprise/replay/results"
)

const (
	// mostFollowed is how many answered requests are remembered until they are completed, mostEarly how many completions until their request's
	// answer is known: 80 bytes each.
	mostFollowed = 1 << 20
	mostEarly    = 1 << 16
	// earlyFor is how long that takes at most: a completion of a request that was completed before is as early.
	earlyFor = 10 * time.Second
)

// Follower counts what a system finishes of a run while it goes on, from files that grow; one that is not there yet is waited for. It is
// a replay.Recorder. What Join says when the run is over is the whole truth: meanwhile a guessed offset is not known, messages that are named by
// their ids alone are not counted, and of more than a million requests that wait the further ones are counted alone.
type Follower struct {
	files *Files
	tails []*completions.Tail
	each  func(kind capture.Kind, took time.Duration, failed bool)

	mu struct {
		sync.Mutex
		began   time.Time
		waiting map[uint64]answered
		early   map[uint64]finish
		counts  FollowCounts
	}
}

// FollowCounts count what a Follower has seen.
type FollowCounts struct {
	// Completed of the requests with a good answer, of those Failed, and Waiting of them.
	Completed, Failed, Waiting int64
}

type answered struct {
	intended time.Duration
	kind     capture.Kind
}

type finish struct {
	at     time.Time
	failed bool
	seen   time.Time
}

// Follow returns a Follower for a run; each, where set, is called for each request that is completed.
func (f *Files) Follow(run string, each func(kind capture.Kind, took time.Duration, failed bool)) *Follower {
	w := &Follower{files: f, each: each}
	w.mu.waiting, w.mu.early = make(map[uint64]answered), make(map[uint64]finish)
	for _, path := range f.Paths {
		w.tails = append(w.tails, completions.Follow(path, run, f.Map))
	}
	return w
}

// Began tells when the run's deadline 0 was. Before that nothing is read.
func (w *Follower) Began(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mu.began.IsZero() {
		w.mu.began = at
	}
}

// Counts are those so far.
func (w *Follower) Counts() FollowCounts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mu.counts
}

// Record takes one result. It never fails.
func (w *Follower) Record(res *replay.Result) error {
	key, fits := wire.Key(res.Seq, res.Copy)
	if !res.OK() || !fits {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mu.counts.Waiting++
	a := answered{res.Intended, res.Kind.Known()}
	if done, ok := w.mu.early[key]; ok {
		delete(w.mu.early, key)
		w.finished(a, done)
		return nil
	}
	if len(w.mu.waiting) < mostFollowed {
		w.mu.waiting[key] = a
	}
	return nil
}

// finished counts a request that is completed. The caller holds mu.
func (w *Follower) finished(a answered, done finish) {
	c := &w.mu.counts
	c.Completed++
	c.Waiting--
	if done.failed {
		c.Failed++
	}
	if w.each == nil {
		return
	}
	took := done.at.Sub(w.mu.began) - a.intended
	if w.files.Offset != nil {
		took += *w.files.Offset
	}
	w.each(a.kind, max(took, 0), done.failed)
}

// Run reads the files until ctx ends, and once more then.
func (w *Follower) Run(ctx context.Context) {
	defer func() {
		for _, t := range w.tails {
			_ = t.Close()
		}
	}()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		w.look(context.WithoutCancel(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.look(context.WithoutCancel(ctx))
			return
		}
	}
}

// look reads what is new.
func (w *Follower) look(ctx context.Context) {
	w.mu.Lock()
	begun := !w.mu.began.IsZero()
	now := time.Now()
	for key, e := range w.mu.early {
		if now.Sub(e.seen) > earlyFor {
			delete(w.mu.early, key)
		}
	}
	w.mu.Unlock()
	if !begun {
		return
	}
	of := results.Completions{Failures: w.files.Failures}
	for _, t := range w.tails {
		_, _ = t.Next(ctx, func(seq int64, replica int, at time.Time, outcome string) { // an error is told when the run is over
			w.take(seq, replica, finish{at, of.Failed(outcome), now})
		})
	}
}

// take takes in one completion.
func (w *Follower) take(seq int64, replica int, done finish) {
	key, fits := wire.Key(seq, replica)
	if !fits {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.mu.waiting[key]
	switch {
	case ok:
		delete(w.mu.waiting, key)
		w.finished(a, done)
	case len(w.mu.early) < mostEarly:
		w.mu.early[key] = done
	}
}
