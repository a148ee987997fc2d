package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"reprise/capture/output"
	"reprise/replay"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
)

// Hooks are what looks at a run while it goes on, and steers it. The zero value is nothing.
type Hooks struct {
	// Results take each result too, in the order in which they became known, from one goroutine.
	Results []replay.Recorder
	// Control steers the run.
	Control *replay.Control
	// Progress is called twice a second, from the goroutine that Results are called from, with the sums so far.
	Progress func(replay.Progress, *results.Accumulator)
	// Watched is asked after the run, of which begun is the start, for the figures of the platform's own that were taken meanwhile. They are
	// kept in the run's file.
	Watched func(begun time.Time) []results.Watched
}

// Play sends what was planned and returns the run when every request has its result. With an error the run is nil where nothing
// was sent; else it says what became of each request, and its file is whole: replay.ErrAborted where StopOn ended it, ctx's cause
// where that ended.
func (s *Session) Play(ctx context.Context, h Hooks) (*results.Run, error) {
	if err := s.ready(planned, true); err != nil {
		return nil, err
	}
	s.stage = played
	if err := s.numbers.Err(); err != nil {
		return nil, err
	}
	var src replay.Stream // of a search each pass opens its own
	if s.o.Shape.Search == nil {
		opened, err := s.played()
		if err != nil {
			return nil, err
		}
		src = opened
		defer src.Close()
	}
	if err := s.warm(ctx); err != nil {
		return nil, err
	}
	if err := s.carryOver(ctx); err != nil { // nothing was sent, and what there was is where it was
		return nil, err
	}
	if h.Control == nil {
		h.Control = new(replay.Control)
	}
	end, found, err := s.send(ctx, h, src)
	if err != nil && end.Started.IsZero() && end.Ledger.Kinds == nil {
		return nil, err
	}
	could := s.renderer.Stats()
	end.Stats.Shortcomings = replay.Shortcomings{
		Unread: could.Unread, Unsigned: could.Keyless, SamePeople: could.SamePeople, Unstamped: could.Unstamped, Unsendable: could.Unsendable,
	}
	end.Stats.Engine, end.Stats.Connections = s.engine.Name(), s.engine.Stats().Opened
	if s.earlier != nil {
		s.earlier.added.Plus(end.Stats.AddedIn)
		end.Stats.AddedIn = s.earlier.added
		end.Stats.Skips = append(slices.Clone(s.earlier.skips), end.Stats.Skips...)
	}
	end.Stats.Notes = replay.JoinNotes(s.earlier.notesBefore(), end.Stats.Notes)
	watched := s.earlier.watchedBefore()
	if h.Watched != nil && !end.Started.IsZero() {
		watched = results.JoinWatched(watched, h.Watched(end.Started))
	}
	err = joined(err, s.file.Watched(watched))
	err = joined(err, s.file.Answers(s.kept.Shapes()))
	err = joined(err, s.file.Capacity(found))
	err = joined(err, s.finish(end))
	sum := s.file.Summary(&end)
	sum.Searched(found)
	return &results.Run{
		Header: s.run, Footer: &results.Footer{Outcome: end}, Summary: sum, Windows: s.file.Windows(len(end.Stats.Changes) > 0), Watched: watched,
	}, err
}

// warm opens connections, and finds out meanwhile what people are hashed under.
func (s *Session) warm(ctx context.Context) error {
	found := make(chan error, 1) // one: the goroutine's only word
	go func() {
		key, err := s.key(ctx)
		if err == nil {
			s.renderer.KeyHashes(key)
		}
		found <- err
	}()
	_, err := s.engine.Warm(ctx)
	keyErr := <-found
	if err != nil {
		return reachError(err)
	}
	return keyErr
}

// send sends the plan out of a stream, or the steps of a search, of which found is the answer.
func (s *Session) send(ctx context.Context, h Hooks, src replay.Stream) (end replay.Outcome, found *results.Capacity, err error) {
	if s.o.Shape.Search != nil {
		return s.searching(ctx, h)
	}
	end, err = replay.Run(ctx, src, s.schedule, s.renderer, s.engine, s.recorder(h), s.runOptions(h))
	return end, nil, err
}

func (s *Session) runOptions(h Hooks) replay.Options {
	o := &s.o
	options := replay.Options{
		Keep: s.keep(), Factor: newFactors(o.Factors).function(), Again: func(context.Context) (replay.Stream, error) { return s.source() },
		Outside:  s.outside(s.leavesOut(false)),
		KeepHeld: s.keep(), FactorHeld: newFactors(o.Factors).function(),
		Plan: s.plan.Plan, MaxInFlight: o.Engine.MaxInFlight, Late: o.Late, Serialize: o.PerSender == Serial, Think: o.PerSender == Think,
		BySender: o.Engine.Affinity == send.AffinitySender, Resume: s.earlier.resume(), Drain: o.Engine.Timeout,
		Breaker: results.NewBreaker(o.StopOn), Share: o.Share, Start: o.Start, Control: h.Control, Grow: s.grow,
	}
	if h.Progress != nil {
		options.Progress = func(p replay.Progress) { h.Progress(p, s.file.Accumulator) }
	}
	if o.Retries == RetriesVendor {
		options.Retry = s.o.Table.RetrySchedule
	}
	return options
}

// finish gives the run file its name. Then it holds what the file that was gone on with held.
func (s *Session) finish(end replay.Outcome) error {
	err := s.file.Finish(end)
	if err == nil && s.o.Resume != "" && s.o.Temp == nil && output.PartialOf(s.o.Resume, s.o.File) {
		err = output.Consume(s.o.Resume, s.o.File)
		s.consumed = err == nil
	}
	return err
}

// Consumed says that the file of the run that was gone on with was an unfinished one of the same name: the whole run's file holds
// what was in it, and it is removed.
func (s *Session) Consumed() bool { return s.consumed }

// Sums are the sums of the results so far, none before Plan. After Play they are those of the run.
func (s *Session) Sums() *results.Accumulator {
	if s.file == nil {
		return results.NewAccumulator(nil)
	}
	return s.file.Accumulator
}

// Shortcomings count what was sent otherwise than asked for. They are known after Play.
func (s *Session) Shortcomings() render.Stats {
	if s.renderer == nil {
		return render.Stats{}
	}
	return s.renderer.Stats()
}

// joined is both errors, or one alone where it holds the other.
func joined(first, second error) error {
	switch {
	case first == nil || errors.Is(second, first):
		return second
	case second == nil || errors.Is(first, second):
		return first
	}
	return errors.Join(first, second)
}

// recorder is the run's file, and what takes its results beside it.
func (s *Session) recorder(h Hooks) replay.Recorder {
	if len(h.Results) == 0 {
		return s.file
	}
	return tee{s.file, h.Results}
}

// tee hands each result to the others too.
type tee struct {
	*results.File
	others []replay.Recorder
}

// Record gives the result to all.
func (t tee) Record(res *replay.Result) error {
	err := t.File.Record(res)
	for _, r := range t.others {
		err = errors.Join(err, r.Record(res))
	}
	return err
}

// Disturbed tells the file what disturbed the run, and those of the others that want to know.
func (t tee) Disturbed(d *replay.Disturbances) error {
	err := t.File.Disturbed(d)
	for _, r := range t.others {
		if to, ok := r.(replay.DisturbanceRecorder); ok {
			err = errors.Join(err, to.Disturbed(d))
		}
	}
	return err
}
