// Package explain is the front door of package cause for runs: it puts together what a run file, the corpus that was played and what
// the target's system says it finished tell of each request, and has it searched for why some were slow.
//
// Begin with [File] for a run file, or with a [Collector] for a run that is still to be played.
//
// Without the corpus the run's own attributes are searched alone, and the rest is missing; a corpus that the run did not play is refused with
// a completed.CorpusError. Nothing that comes out names a person, a number or a text.
package explain

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"time"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/completed"
	"reprise/replay/completions"
	"reprise/replay/results"
)

// MaxRequests is how many requests of a run are looked at: those that were answered first. They take some 250 MB.
const MaxRequests = 3_000_000

// Options say what there is beside the run. The zero value is nothing.
type Options struct {
	// Corpus is the path of the corpus that was played, "" where there is none; see stored.Open.
	Corpus string
	// Completions are the files in which the system tells what it finished. They take the place of what the run's file holds.
	Completions completed.Files
	// Watched, where set, gives further figures of the platform's own, of a run that began then; see results.Run.Watched.
	Watched func(begun time.Time) ([]results.Watched, error)
	// Limits say how much is searched.
	Limits cause.Limits
	// Read, where set, is called for each request that was read of a run file.
	Read func()
	// Search, where set, is called when all is read, and the search of so many requests begins.
	Search func(requests int)
	// Records has the table tell of which record each row is.
	Records bool
	// WarmUp is how much of each run's beginning Pairs leaves out.
	WarmUp time.Duration
}

// Why is a run and why requests of it were slow.
type Why struct {
	*cause.Report
	Run results.Run
	// Table is what was searched.
	Table *cause.Table
	// Left counts the requests beyond MaxRequests.
	Left int64
	// Completions are those that were joined, nil where none were given: then those that the run's file holds are used.
	Completions *completions.Set
}

// File explains a run file. Errors are those of results.Open, of completed.Files.Join and, for the corpus, a *completed.CorpusError.
func File(ctx context.Context, path string, o Options) (*Why, error) {
	defer sparing()()
	w, err := table(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if o.Search != nil {
		o.Search(w.Table.Len())
	}
	w.Report, err = cause.Search(ctx, w.Table, o.Limits)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Table is what File searches, and the run summed up.
func Table(ctx context.Context, path string, o Options) (*cause.Table, results.Run, error) {
	defer sparing()()
	w, err := table(ctx, path, o)
	if err != nil {
		return nil, results.Run{}, err
	}
	return w.Table, w.Run, nil
}

// table fills all but the report.
func table(ctx context.Context, path string, o Options) (*Why, error) {
	w := new(Why)
	c, err := w.collect(ctx, path, o)
	if err != nil {
		return nil, err
	}
	w.Left = c.left
	w.Table, err = c.table(ctx, &w.Run, o)
	return w, err
}

// garbage is how much garbage there may be beside what is in use, in percent: columns hold no pointers, so that collecting it more often
// than usual costs little, and a large run would double them.
const garbage = 40

// enough is what memory the collector tries to keep to: the search of MaxRequests requests is within it, and a run whose header does not tell
// how many they are, so that columns grow, needs more only at moments.
const enough = 340 << 20

// sparing has memory collected more often until what it returns is called. A lower limit that the user set stays.
func sparing() (usual func()) {
	percent, limit := debug.SetGCPercent(garbage), debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, enough))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// collect reads the rows of a run file, with what was finished of them.
func (w *Why) collect(ctx context.Context, path string, o Options) (*Collector, error) {
	if len(o.Completions.Paths) == 0 {
		r, err := results.Open(path)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		c := newCollector(r.Header(), o.Records)
		c.read = o.Read
		if stored := r.Completions(); stored != nil {
			if w.Run, err = results.Summarize(ctx, r); err != nil {
				return nil, err
			}
			return c, c.addCompleted(ctx, path, stored.Completions(), &w.Run)
		}
		w.Run, err = results.Summarize(ctx, r, c)
		return c, errors.Join(err, c.disturbed(r))
	}
	files := o.Completions
	files.Corpus = o.Corpus
	joined, err := files.Join(ctx, path)
	if err != nil {
		return nil, err
	}
	w.Run, w.Completions = joined.Run, joined.Set
	c := newCollector(joined.Header, o.Records)
	c.read = o.Read
	return c, c.addCompleted(ctx, path, files.Of(joined.Set), &joined.Run)
}

// disturbed takes what a run file that was read says of the tool.
func (c *Collector) disturbed(r *results.Reader) error {
	if d, known := r.Disturbances(); known {
		return c.Disturbed(&d)
	}
	return nil
}

// addCompleted reads a run file together with when its requests were completed.
func (c *Collector) addCompleted(ctx context.Context, path string, of results.Completions, run *results.Run) error {
	r, err := results.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	again, err := results.Open(path)
	if err != nil {
		return err
	}
	defer again.Close()
	completed := results.NewCompletedRun(again, of, run)
	var res, done replay.Result
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		switch err := r.Next(&res); {
		case errors.Is(err, io.EOF):
			return c.disturbed(r)
		case err != nil:
			return err
		}
		if !res.OK() {
			c.add(&res, nil)
			continue
		}
		if err := completed.Next(&done); err != nil {
			return err
		}
		c.add(&res, &done)
	}
}
