package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"reprise/capture/output"
	"reprise/replay"
	"reprise/replay/results"
)

// earlier is a run that was stopped and is gone on with.
type earlier struct {
	path     string
	header   results.Header
	done     *results.DoneSet
	book     *replay.Book
	position time.Duration
	rows     int64 // that are carried over
	damage   []results.Damage
	ended    bool // by itself or by hand, and not by a kill
}

// say tells what there is to know before a run is gone on with.
func (e *earlier) say(w io.Writer, target string) {
	if e == nil {
		return
	}
	if !e.ended {
		fmt.Fprintf(w, "reprise: replay: %s has no end: what had no answer when it was killed, or was answered in the last %d ms before, is sent again\n",
			e.path, replay.FlushEvery.Milliseconds())
	}
	if e.header.Target != "" && e.header.Target != target {
		fmt.Fprintf(w, "reprise: replay: %s was sent to %s, and the rest goes to %s: the whole run is of two targets\n", e.path, shown(e.header.Target), shown(target))
	}
}

// takeUp reads the run of --resume and takes its seed and its id over, so that what is left is sent as it would have been;
// nil without one.
func (o *replayOptions) takeUp(ctx context.Context, p *plan) (*earlier, error) {
	if o.resume == "" {
		return nil, nil
	}
	if o.out == "" {
		return nil, misuse("--resume: say where the whole run goes: -o FILE.rpr")
	}
	if output.Busy(o.resume) {
		return nil, withHint(fmt.Errorf("--resume %s: %w", o.resume, output.ErrBusy), "wait for its end, or stop it: reprise ctl stop")
	}
	run, err := openRun(o.resume)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	h := run.Header()
	if h.Rebuilt == results.FromNothing {
		return nil, withHint(misuse("--resume %s: its header was damaged and is lost, so that it is not known what it played", o.resume),
			"repair the damaged file again with --like RUN.rpr, a run of the same plan")
	}
	if h.Corpus != p.corpusHash || h.PlanHash != p.hash(o) {
		return nil, withHint(misuse("--resume %s: it played another corpus or another plan", o.resume),
			"give the flags of the first run again; reprise inspect shows them")
	}
	if seed, err := strconv.ParseUint(h.Settings["seed"], 10, 64); err == nil {
		o.seed = seed
	}
	o.settings = o.shape()
	e := &earlier{path: o.resume, header: h, book: new(replay.Book), done: new(results.DoneSet)}
	var res replay.Result
	for {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		switch err := run.Next(&res); {
		case errors.Is(err, io.EOF):
			e.damage = run.Damage()
			_, e.ended = run.Footer()
			return e, nil
		case err != nil:
			return nil, err
		}
		if res.Error == replay.ReasonUnsent {
			continue
		}
		e.rows++
		e.done.Add(res.Seq, res.Copy)
		e.book.Of(res.Kind).Count(&res)
		e.position = max(e.position, res.Intended)
	}
}

// copyInto writes the rows that there are already into the file of the whole run.
func (e *earlier) copyInto(ctx context.Context, f *results.File) error {
	if e == nil {
		return nil
	}
	run, err := openRun(e.path)
	if err != nil {
		return err
	}
	defer run.Close()
	var res replay.Result
	for carried := int64(0); ; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		switch err := run.Next(&res); {
		case errors.Is(err, io.EOF) && carried != e.rows:
			return fmt.Errorf("--resume %s: it had %s, and %d could be carried over: it changed meanwhile", e.path, plural(e.rows, "result"), carried)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if res.Error == replay.ReasonUnsent {
			continue
		}
		carried++
		if err := f.Record(&res); err != nil {
			return err
		}
	}
}

// sayDamage tells what of the earlier run could not be read; what is missing of it was sent again.
func (e *earlier) sayDamage(w io.Writer) error {
	if e == nil {
		return nil
	}
	return sayRunDamage(w, e.path, e.damage)
}

// resume is what Run is told of it.
func (e *earlier) resume() *replay.Resume {
	if e == nil {
		return nil
	}
	return &replay.Resume{Done: e.done.Has, Position: e.position, Book: e.book}
}
