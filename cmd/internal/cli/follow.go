package cli

import (
	"context"
	"sync"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/completed"
	"reprise/replay/live"
	"reprise/replay/results"
)

// following reads files of completions while a run goes on and is shown. A nil one does nothing.
type following struct {
	follower *completed.Follower
	show     *live.Show // set before the first result
	end      context.CancelFunc
	running  sync.WaitGroup
}

// follow prepares it; nil where nobody looks, or nothing is told.
func (o *replayOptions) follow(run string) *following {
	if len(o.done.Paths) == 0 || o.watching.dashboard == "" && o.watching.metrics == "" {
		return nil
	}
	f := new(following)
	f.follower = o.done.Files.Follow(run, func(kind capture.Kind, took time.Duration, failed bool) { f.show.Completed(kind, took, failed) })
	return f
}

// counts is what a Show asks; nil where there is nothing to ask.
func (f *following) counts() func() live.CompletionCounts {
	if f == nil {
		return nil
	}
	return func() live.CompletionCounts { return live.CompletionCounts(f.follower.Counts()) }
}

// begin starts to read, and returns what takes the run's results for it.
func (f *following) begin(ctx context.Context, show *live.Show) []replay.Recorder {
	if f == nil {
		return nil
	}
	f.show = show
	ctx, f.end = context.WithCancel(context.WithoutCancel(ctx)) // an interrupt ends the run first
	f.running.Go(func() { f.follower.Run(ctx) })
	return []replay.Recorder{f.follower}
}

// progress tells when the run began.
func (f *following) progress(elapsed time.Duration) {
	if f != nil && elapsed > 0 {
		f.follower.Began(time.Now().Add(-elapsed))
	}
}

// began tells when a run began that has ended: a short one shows no progress.
func (f *following) began(run *results.Run) {
	if f != nil && run != nil {
		f.follower.Began(run.Start())
	}
}

// stop ends the reading, after all that is there. It may be called more than once.
func (f *following) stop() {
	if f != nil && f.end != nil {
		f.end()
		f.running.Wait()
	}
}
