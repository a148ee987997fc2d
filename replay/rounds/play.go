// Package rounds is the front door of compare for files: it plays a corpus several times, and judges pairs of run files, or one run
// by a baseline of good ones. Begin with [Files] and its Play, or with [Judge] where the runs are there already.
package rounds

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"reprise/capture/output"
	"reprise/replay/compare"
	"reprise/replay/completed"
	"reprise/replay/completions"
	"reprise/replay/results"
	"reprise/replay/session"
)

// Play is one playing of a corpus.
type Play struct {
	// Name is that of the run's file, where runs are kept.
	Name string
	// Target is where it is played, as session.Open takes it.
	Target string
	// Options shape it; where its results go is decided by Files.
	Options session.Options
	// Which says which of several it is: "round 1, base"; "" where there is nothing to tell.
	Which string
	// Done is where the target's system tells what it finishes, which is waited for after the run.
	Done completed.Files
}

// Turn is one run of several at two targets.
type Turn struct {
	// Round counts from 0.
	Round     int
	Candidate bool
}

// Role is "base" or "candidate".
func (t Turn) Role() string {
	if t.Candidate {
		return "candidate"
	}
	return "base"
}

// Name is that of the run's file.
func (t Turn) Name() string { return fmt.Sprintf("round%d-%s.rpr", t.Round+1, t.Role()) }

// Turns are the runs of so many rounds in the order in which they are played, ABBAAB and so on: what grows or falls over time,
// such as a machine's heat, is shared by both.
func Turns(rounds int) []Turn {
	var list []Turn
	for i := range rounds {
		list = append(list, Turn{i, i%2 == 1}, Turn{i, i%2 == 0})
	}
	return list
}

// Interleaved are so many rounds at two targets, in the order of Turns. It names the plays.
func Interleaved(rounds int, base, candidate Play) (plays []Play) {
	for _, t := range Turns(rounds) {
		p := base
		if t.Candidate {
			p = candidate
		}
		p.Name, p.Which = t.Name(), fmt.Sprintf("round %d, %s", t.Round+1, t.Role())
		plays = append(plays, p)
	}
	return plays
}

// Planned are the plays of as many rounds as looks are planned for, in the order of Turns. How many of them are played is told by
// Series.Enough. It names the plays.
func Planned(looks compare.Looks, base, candidate Play) []Play {
	plays := Interleaved(looks.Most, base, candidate)
	for i, t := range Turns(looks.Most) {
		plays[i].Which = fmt.Sprintf("round %d of up to %d, %s", t.Round+1, looks.Most, t.Role())
	}
	return plays
}

// Repeated is one play so many times, to learn how runs vary. It names the plays.
func Repeated(times int, p Play) (plays []Play) {
	for i := range times {
		p.Name = fmt.Sprintf("run%d.rpr", i+1)
		plays = append(plays, p)
	}
	return plays
}

// Pairs puts the files of Turns into pairs, base first, as Judge takes them.
func Pairs(paths []string) []string {
	sorted := make([]string, len(paths))
	for i, t := range Turns(len(paths) / 2) {
		at := 2 * t.Round
		if t.Candidate {
			at++
		}
		sorted[at] = paths[i]
	}
	return sorted
}

// Hooks look at what Files.Play does. Each may be nil.
type Hooks struct {
	// Checked is called for the session of each play of which a target was asked for, before the first is played.
	Checked func(s *session.Session)
	// Enough is asked before each play but the first, with the files until then. Yes ends all in order, as an error does in disorder.
	Enough func(ctx context.Context, paths []string) (bool, error)
	// Begin is called before the play of an index, Planned when it was planned. An error ends all.
	Begin   func(i int)
	Planned func(s *session.Session) error
	// Watch gives what looks at a run.
	Watch func(s *session.Session) session.Hooks
	// Completed is called with what was finished of a run, where its play's Done names files. Its error is the play's.
	Completed func(set *completions.Set, c *results.Completion) error
	// Played is called after each with its run and its file, also where that ended early with an error. What it returns ends all.
	Played func(ctx context.Context, i int, s *session.Session, run *results.Run, file string, err error) error
}

// TargetError says at which target a corpus cannot be played.
type TargetError struct {
	Target string
	Err    error
}

// Error names the target, where there is one.
func (e *TargetError) Error() string {
	if e.Target == "" {
		return e.Err.Error()
	}
	return e.Target + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *TargetError) Unwrap() error { return e.Err }

// Files are the run files of several plays.
type Files struct {
	// Folder is where they are kept, "" where they go with this process.
	Folder string
	// Force overwrites files of Folder that there are.
	Force bool
	// Paths are those there are, in the order of the plays.
	Paths []string

	temps []*output.Temp
}

// Close lets go of files that are not kept.
func (f *Files) Close() {
	for _, t := range f.temps {
		t.Close()
	}
}

// Play plays a corpus, each play after the one before it. First it makes sure that every name is free and every target is there and
// may be played at, with a *TargetError. A play that fails ends it; one that was aborted (replay.ErrAborted) does where Played
// says so.
func (f *Files) Play(ctx context.Context, corpus string, plays []Play, h Hooks) error {
	for _, p := range plays {
		if f.Folder == "" {
			break
		}
		if err := output.Check(filepath.Join(f.Folder, p.Name), f.Force); err != nil {
			return err
		}
	}
	if err := checkTargets(ctx, corpus, plays, h.Checked); err != nil {
		return err
	}
	if f.Folder != "" {
		if err := os.MkdirAll(f.Folder, 0o755); err != nil {
			return err
		}
	}
	for i, p := range plays {
		if i > 0 && h.Enough != nil {
			if enough, err := h.Enough(ctx, f.Paths); err != nil || enough {
				return err
			}
		}
		if h.Begin != nil {
			h.Begin(i)
		}
		if err := f.one(ctx, corpus, i, p, h); err != nil {
			return err
		}
	}
	return nil
}

// checkTargets asks each target once.
func checkTargets(ctx context.Context, corpus string, plays []Play, checked func(*session.Session)) error {
	asked := make(map[string]bool)
	for _, p := range plays {
		if asked[p.Target] {
			continue
		}
		asked[p.Target] = true
		s, err := session.Open(ctx, corpus, p.Target, p.Options)
		if err == nil {
			if checked != nil {
				checked(s)
			}
			err = s.CheckTarget(ctx)
			s.Close()
		}
		if err != nil {
			return &TargetError{p.Target, err}
		}
	}
	return nil
}

// one plays once.
func (f *Files) one(ctx context.Context, corpus string, i int, p Play, h Hooks) error {
	path, err := f.next(&p)
	if err != nil {
		return err
	}
	s, err := session.Open(ctx, corpus, p.Target, p.Options)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Plan(ctx)
	if h.Planned != nil && (err == nil || s.Numbers() != nil) {
		if wrong := h.Planned(s); err == nil {
			err = wrong
		}
	}
	if err == nil {
		err = s.Probe(ctx)
	}
	if err != nil {
		return err
	}
	var watch session.Hooks
	if h.Watch != nil {
		watch = h.Watch(s)
	}
	run, err := s.Play(ctx, watch)
	if run == nil {
		return err
	}
	f.Paths = append(f.Paths, path)
	err = errors.Join(err, p.await(ctx, corpus, path, run, h))
	if h.Played != nil {
		return h.Played(ctx, i, s, run, path, err)
	}
	return err
}

// await puts into a run what its system finishes of it.
func (p *Play) await(ctx context.Context, corpus, path string, run *results.Run, h Hooks) error {
	if len(p.Done.Paths) == 0 {
		return nil
	}
	p.Done.Corpus = corpus
	set, err := p.Done.Await(ctx, path, run)
	if err == nil && h.Completed != nil {
		err = h.Completed(set, run.Summary.Completion)
	}
	if err != nil || p.Options.Output.File == "" { // a file that goes with this process is read with the same files of completions
		return err
	}
	return p.Done.Keep(ctx, path, set, run.Summary.Completion)
}

// next is where the next run goes: a file by its name, or one that goes with this process.
func (f *Files) next(p *Play) (path string, err error) {
	if f.Folder != "" {
		path = filepath.Join(f.Folder, p.Name)
		p.Options.Output = session.Output{File: path, Force: f.Force}
		return path, nil
	}
	temp, err := output.NewTemp("", "reprise-*.rpr")
	if err != nil {
		return "", err
	}
	f.temps = append(f.temps, temp)
	p.Options.Output = session.Output{Temp: temp}
	return temp.Path(), nil
}
