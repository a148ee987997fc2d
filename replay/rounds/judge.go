package rounds

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"reprise/capture/yamldoc"
	"reprise/replay/compare"
	"reprise/replay/completed"
	"reprise/replay/explain"
	"reprise/replay/results"
)

// Judge says how run files are judged; the zero value compares answers and latency.
type Judge struct {
	compare.Options
	// WarmUp is how much of each run's beginning is left out where several pairs are judged.
	WarmUp WarmUp
	// Base and Candidate tell when the work on each request was done; both or neither have files. Where they have none, what all run files
	// hold of completions is compared.
	Base, Candidate completed.Files
	// Completed, where set, is called for each run with what files tell was finished of it; an error ends the judging.
	Completed func(name string, run *completed.Run) error
	// OneSided, where set, is called where no files are given, and one run holds completions and another none: they are not compared.
	OneSided func(with, without string)
}

// RunError says which run file cannot be opened.
type RunError struct {
	Path string
	Err  error
}

// Error is Err's, which names the file.
func (e *RunError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RunError) Unwrap() error { return e.Err }

// Files judges pairs of run files, base first: one pair by coarse floors, several by what differs from round to round.
func (j *Judge) Files(ctx context.Context, names []string) (*compare.Comparison, error) {
	if len(names) == 0 || len(names)%2 != 0 {
		return nil, errors.New("run files are compared in pairs, base and candidate in turn")
	}
	if len(names) == 2 {
		return j.pair(ctx, names)
	}
	return j.Rounds(ctx, names)
}

// meet tells the completions of which runs their files may hold lines.
func (j *Judge) meet(names []string) error {
	if len(j.Base.Paths) == 0 {
		return nil
	}
	kin, err := runIDs(names)
	j.Base.Kin, j.Candidate.Kin = kin, kin
	return err
}

// pair judges one pair.
func (j *Judge) pair(ctx context.Context, names []string) (c *compare.Comparison, err error) {
	if err := j.meet(names); err != nil {
		return nil, err
	}
	opt := j.Options
	opt.BaseName, opt.CandidateName = names[0], names[1]
	err = withRuns(names, func(runs []compare.Source) (err error) {
		c, err = compare.Runs(ctx, runs[0], runs[1], opt)
		return err
	})
	if err == nil {
		err = j.causes(ctx, c, names, 0)
	}
	if err != nil {
		return c, err
	}
	if known, err := j.knowsCompletions(names); err != nil || !known {
		return c, err
	}
	return c, j.completed(ctx, names, func(sides []side) error {
		done, err := compare.Runs(ctx, sides[0].source, sides[1].source, compare.Options{BaseName: names[0], CandidateName: names[1]})
		if err != nil {
			return err
		}
		c.Base.Summary.Completion, c.Candidate.Summary.Completion = sides[0].completion, sides[1].completion
		c.AddCompletions(done)
		return nil
	})
}

// Rounds judges pairs of run files as rounds, also where there is one.
func (j *Judge) Rounds(ctx context.Context, names []string) (*compare.Comparison, error) {
	return (&Series{Judge: j}).pairs(ctx, names)
}

// causes adds for whom the candidate was slower, where the runs can be compared: of the requests as the run files tell of them, and as
// the corpus does where it is known.
func (j *Judge) causes(ctx context.Context, c *compare.Comparison, names []string, warmUp time.Duration) (err error) {
	if c.Verdict == compare.Invalid {
		return nil
	}
	c.Causes, err = explain.Pairs(ctx, names, explain.Options{Corpus: j.Candidate.Corpus, WarmUp: warmUp})
	return err
}

// Learn reads run files of one good build and says how those of them vary that are good runs. With fewer than compare.MinProfile of these
// the error is a *compare.TooFewError. names are what people call the runs; nil for the names of the files.
func (j *Judge) Learn(ctx context.Context, files, names []string, now time.Time) (p *compare.Profile, err error) {
	if names == nil {
		names = files
	}
	err = withRuns(files, func(runs []compare.Source) (err error) {
		opt := j.Options
		opt.Names, opt.WarmUp = names, j.WarmUp.of(compare.UsualPlan(runs))
		p, err = compare.Calibrate(ctx, runs, opt, now)
		return err
	})
	return p, err
}

// Baseline judges one run by a baseline: the file that one was written to, or the run files of a good build.
func (j *Judge) Baseline(ctx context.Context, baseline []string, candidate string, now time.Time) (*compare.Comparison, error) {
	p, err := j.baseline(ctx, baseline, now)
	if err != nil && !errors.As(err, new(*compare.TooFewError)) { // of too few the comparison says so
		return nil, err
	}
	opt := compare.Options{BaseName: baseline[0], CandidateName: candidate}
	if len(baseline) > 1 {
		opt.BaseName = fmt.Sprintf("%d runs from %s on", len(baseline), baseline[0])
	}
	var c *compare.Comparison
	err = withRuns([]string{candidate}, func(runs []compare.Source) (err error) {
		c, err = p.Judge(ctx, runs[0], opt, now)
		return err
	})
	return c, err
}

func (j *Judge) baseline(ctx context.Context, names []string, now time.Time) (*compare.Profile, error) {
	if len(names) != 1 || isRun(names[0]) {
		return j.Learn(ctx, names, nil, now)
	}
	p, err := readFile(names[0], compare.ReadProfile)
	if err != nil {
		return nil, &BaselineError{err}
	}
	return p, nil
}

// BaselineError says that a baseline cannot be read: a *yamldoc.ContentError where that is its content.
type BaselineError struct{ Err error }

// Error is Err's.
func (e *BaselineError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *BaselineError) Unwrap() error { return e.Err }

// ReadNoise reads a noise file, for Judge.Noise; "" is none. What is wrong with its content is a *yamldoc.ContentError.
func ReadNoise(name string) (*compare.Noise, error) {
	if name == "" {
		return nil, nil
	}
	return readFile(name, compare.ReadNoise)
}

// readFile reads a file of settings.
func readFile[T any](name string, read func(io.Reader) (*T, error)) (*T, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v, err := read(f)
	if err != nil {
		return nil, &yamldoc.ContentError{Name: name, Err: err}
	}
	return v, nil
}

// isRun says whether a file begins as a run file does.
func isRun(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var start bytes.Buffer
	_, _ = io.Copy(&start, io.LimitReader(f, int64(results.DetectLen)))
	return results.Detect(start.Bytes())
}

// side is a run read as if each request had been answered when the work on it was done.
type side struct {
	source     compare.Source
	completion *results.Completion
}

// completed opens a pair of run files, base first, together with what was completed, for as long as do takes.
func (j *Judge) completed(ctx context.Context, names []string, do func([]side) error) error {
	var sides []side
	for i, files := range []*completed.Files{&j.Base, &j.Candidate} {
		of, run, err := j.joined(ctx, files, names[i])
		if err != nil {
			return err
		}
		r, err := results.Open(names[i])
		if err != nil {
			return &RunError{names[i], err}
		}
		defer r.Close()
		sides = append(sides, side{results.NewCompletedRun(r, of, run), run.Summary.Completion})
	}
	return do(sides)
}

// joined is a run with what was finished of it: as files tell, or its own file where there are none.
func (j *Judge) joined(ctx context.Context, files *completed.Files, name string) (of results.Completions, run *results.Run, err error) {
	if len(files.Paths) == 0 {
		r, err := results.Open(name)
		if err != nil {
			return of, nil, &RunError{name, err}
		}
		defer r.Close()
		whole, err := results.Summarize(ctx, r)
		if err == nil && whole.Stored == nil {
			err = &RunError{name, errors.New("its completions are gone")}
		}
		if err != nil {
			return of, nil, err
		}
		return whole.Stored.Completions(), &whole, nil
	}
	told, err := files.Join(ctx, name)
	if err == nil && j.Completed != nil {
		err = j.Completed(name, &told)
	}
	return files.Of(told.Set), &told.Run, err
}

// knowsCompletions says whether it is known of all these runs what was finished of them: by files that were given, or by their own.
func (j *Judge) knowsCompletions(names []string) (bool, error) {
	if len(j.Base.Paths) > 0 {
		return true, nil
	}
	var with, without string
	for _, name := range names {
		r, err := results.Open(name)
		if err != nil {
			return false, &RunError{name, err}
		}
		if r.Completions() != nil {
			with = name
		} else {
			without = name
		}
		if err := r.Close(); err != nil {
			return false, err
		}
	}
	if with != "" && without != "" && j.OneSided != nil {
		j.OneSided(with, without)
	}
	return without == "", nil
}

// runIDs are the runs in files.
func runIDs(names []string) (ids []string, err error) {
	err = withRuns(names, func(runs []compare.Source) error {
		for _, r := range runs {
			ids = append(ids, r.Header().Run)
		}
		return nil
	})
	return ids, err
}

// withRuns opens run files for as long as do takes.
func withRuns(names []string, do func([]compare.Source) error) error {
	var runs []compare.Source
	for _, name := range names {
		r, err := results.Open(name)
		if err != nil {
			return &RunError{name, err}
		}
		defer r.Close()
		runs = append(runs, r)
	}
	return do(runs)
}
