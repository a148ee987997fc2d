package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"reprise/capture"
	"reprise/capture/output"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
)

// Earlier is a run that was stopped and is gone on with.
type Earlier struct {
	// Path is its file and Header what that says of it.
	Path   string
	Header results.Header
	// Results counts those that are carried over, and Damage is what of the file could not be read: it is sent again.
	Results int64
	Damage  []results.Damage
	// Ended says that it ended by itself or by hand, and not by a kill: then what had no answer yet, or was answered in the last
	// replay.FlushEvery, is sent again.
	Ended bool

	done     *results.DoneSet
	book     *replay.Book
	position time.Duration
	watched  []results.Watched
	notes    []replay.Note
	skips    []replay.Skip
	added    replay.AddedIn // of what was sent
}

// watchedBefore are the figures that its part of the run took; none without one.
func (e *Earlier) watchedBefore() []results.Watched {
	if e == nil {
		return nil
	}
	return e.watched
}

// notesBefore are the notes on its part of the run; none without one.
func (e *Earlier) notesBefore() []replay.Note {
	if e == nil {
		return nil
	}
	return e.notes
}

// takeUp reads the run of Resume and takes its seed and its id over, so that what is left is sent as it would have been; nil
// without one.
func (s *Session) takeUp(ctx context.Context) (*Earlier, error) {
	path := s.o.Resume
	if path == "" {
		return nil, nil
	}
	if output.Busy(path) {
		return nil, s.o.badFile("Resume", path, output.ErrBusy)
	}
	run, err := results.Open(path)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	h := run.Header()
	switch {
	case h.Rebuilt == results.FromNothing:
		return nil, s.o.badFile("Resume", path, ErrHeaderLost)
	case h.Corpus != "" && capture.HashRule(h.Corpus) != capture.HashRule(s.plan.corpusHash):
		return nil, s.o.badFile("Resume", path, ErrOtherRule)
	case h.Corpus != s.plan.corpusHash || h.PlanHash != s.hash():
		return nil, s.o.badFile("Resume", path, ErrOtherPlan)
	case h.Rebuilt == "" && h.Settings["share"] != s.settings()["share"]: // which the hash leaves out, and a lost header takes with it
		return nil, s.o.badFile("Resume", path, ErrOtherShare)
	}
	if seed, err := strconv.ParseUint(h.Settings["seed"], 10, 64); err == nil {
		s.seed = seed
	}
	schedule, err := pace.New(s.plan.pace)
	if err != nil {
		return nil, &OptionError{Err: err}
	}
	stride := schedule.Copies() * max(schedule.Options().Loops, 1) // what has more was added to the plan while the run went on
	e := &Earlier{Path: path, Header: h, book: new(replay.Book), done: new(results.DoneSet)}
	err = eachSent(ctx, run, func(res *replay.Result) error {
		e.Results++
		e.done.Add(res.Seq, res.Copy)
		e.book.Of(res.Kind).Count(res)
		if res.Copy >= stride {
			e.book.Again(res.Kind)
			if res.Known && res.Attempt == 0 {
				e.added.Count(int(res.Step), res.Kind.String(), 1)
			}
		}
		e.position = max(e.position, res.Intended)
		return nil
	})
	e.Damage = run.Damage()
	var end results.Footer
	if end, e.Ended = run.Footer(); e.Ended {
		e.notes, e.skips = end.Stats.Notes, end.Stats.Skips
	}
	return e, err
}

// eachSent gives out the results of a run, but for those of requests that were not sent.
func eachSent(ctx context.Context, run *results.Reader, do func(*replay.Result) error) error {
	var res replay.Result
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		switch err := run.Next(&res); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if res.Error == replay.ReasonUnsent {
			continue
		}
		if err := do(&res); err != nil {
			return err
		}
	}
}

// carryOver writes the results that there are already into the file of the whole run.
func (s *Session) carryOver(ctx context.Context) error {
	e := s.earlier
	if e == nil {
		return nil
	}
	run, err := results.Open(e.Path)
	if err != nil {
		return err
	}
	defer run.Close()
	carried := int64(0)
	err = eachSent(ctx, run, func(res *replay.Result) error {
		carried++
		return s.file.Record(res)
	})
	if d, known := run.Disturbances(); err == nil && known {
		err = s.file.Disturbed(&d)
	}
	for _, p := range run.Played() {
		if err == nil {
			err = s.file.PlayStep(p)
		}
	}
	e.watched = run.Watched()
	if err == nil && carried != e.Results {
		return fmt.Errorf("%s %s: it had %d results, and %d could be carried over: it changed meanwhile", s.o.name("Resume"), e.Path, e.Results, carried)
	}
	return err
}

// resume is what Run is told of it.
func (e *Earlier) resume() *replay.Resume {
	if e == nil {
		return nil
	}
	return &replay.Resume{Done: e.done.Has, Position: e.position, Skips: e.skips, Book: e.book}
}
