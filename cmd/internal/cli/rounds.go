package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/output"
	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// runsOptions are the flags of a verb that plays a corpus several times, and replay's own, which every run is given.
type runsOptions struct {
	replay replayOptions
	warmUp time.Duration
	keep   string
}

// ownFlags are replay's flags that a verb which plays several runs does not take: it sets them itself, or they are of one
// run alone.
func ownFlags() []string {
	return []string{
		"target", "output", "force", "dry-run", "expect", "resume", "control", "json", "quiet", "progress",
		"dashboard", "metrics", "print-grafana", "completions", "completions-map", "completions-offset", "completions-wait",
	}
}

// warmUp is a duration, or autoWarmUp: as long as the runs suggest.
type warmUp time.Duration

const autoWarmUp = -1

func (w *warmUp) String() string {
	if *w == autoWarmUp {
		return "auto"
	}
	return time.Duration(*w).String()
}

func (w *warmUp) Type() string { return "duration" }

func (w *warmUp) Set(text string) error {
	if text == "auto" {
		*w = autoWarmUp
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("neither auto nor a duration from 0 up")
	}
	*w = warmUp(d)
	return nil
}

func (o *runsOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	o.warmUp = autoWarmUp
	f.Var((*warmUp)(&o.warmUp), "warm-up", "leave out each run's first `DURATION`; auto is a tenth of the run, 30 s at most")
	f.StringVar(&o.keep, "keep-runs", "", "keep the run files in this `FOLDER`")
	writes(f, "keep-runs", wholeFolder)
	o.replay.notes = new(notes)
	theirs := pflag.NewFlagSet("replay", pflag.ContinueOnError)
	o.replay.add(theirs)
	theirs.VisitAll(func(flag *pflag.Flag) {
		if slices.Contains(ownFlags(), flag.Name) || f.Lookup(flag.Name) != nil {
			return
		}
		flag.Hidden = true
		f.AddFlag(flag)
	})
}

// replayed says whether any of replay's flags was given.
func (o *runsOptions) replayed() (name string, any bool) {
	o.replay.flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			name, any = f.Name, true
		}
	})
	return name, any
}

// keptRuns are the run files of a verb that plays several.
type keptRuns struct {
	folder string // "" where nothing is to be kept
	temps  []*output.Temp
}

// runFiles is where run files go; close lets go of those that are not to be kept. Names that are to be kept must be free,
// before the first of an hour's runs is played.
func (o *runsOptions) runFiles(names []string) (*keptRuns, error) {
	k := &keptRuns{folder: o.keep}
	if k.folder == "" {
		return k, nil
	}
	for _, name := range names {
		if err := output.Check(filepath.Join(k.folder, name), false); err != nil {
			return nil, outputError(err)
		}
	}
	return k, os.MkdirAll(k.folder, 0o755)
}

// next is where the next run goes: a file by its name, or one that goes with this process.
func (k *keptRuns) next(name string) (path string, temp *output.Temp, err error) {
	if k.folder != "" {
		return filepath.Join(k.folder, name), nil, nil
	}
	if temp, err = output.NewTemp("", "reprise-*.rpr"); err != nil {
		return "", nil, err
	}
	k.temps = append(k.temps, temp)
	return temp.Path(), temp, nil
}

func (k *keptRuns) close() {
	for _, t := range k.temps {
		t.Close()
	}
}

// play plays the corpus once, and waits for what is to be completed. A run that gave up because too much failed is a run too.
// It returns the run's file.
func (o *runsOptions) play(ctx context.Context, s Streams, corpus, target, name string, k *keptRuns, done completionFlags, quiet bool) (string, error) {
	out, temp, err := k.next(name)
	if err != nil {
		return "", err
	}
	one := o.replay
	one.target, one.out, one.kept, one.done, one.quiet, one.progress = target, out, temp, done, quiet, "none"
	one.oldPathsSaid = true
	err = one.run(ctx, Streams{In: s.In, Out: io.Discard, Err: s.Err}, corpus)
	if errors.Is(err, replay.ErrAborted) {
		fmt.Fprintf(s.Err, "reprise: %v\n", err)
		return out, nil
	}
	return out, err
}

// turn is one run of several.
type turn struct {
	round     int
	candidate bool
}

// name is that of the run's file.
func (t turn) name() string { return fmt.Sprintf("round%d-%s.rpr", t.round+1, role(t.candidate)) }

// turns are the runs in the order in which they are played, ABBAAB and so on: what grows or falls over time, such as a
// machine's heat, is shared by both.
func turns(rounds int) []turn {
	var list []turn
	for i := range rounds {
		list = append(list, turn{i, i%2 == 1}, turn{i, i%2 == 0})
	}
	return list
}

// rounds plays a corpus at two targets in turn and judges them.
func (o *compareOptions) rounds(ctx context.Context, s Streams, name string) (*compare.Comparison, error) {
	if name == "-" {
		return nil, misuse("rounds read the corpus several times: give a file")
	}
	if o.times < 1 {
		return nil, misuse("--rounds is too small")
	}
	all := turns(o.times)
	var names []string
	for _, t := range all {
		names = append(names, t.name())
	}
	kept, err := o.runs.runFiles(names)
	if err != nil {
		return nil, err
	}
	defer kept.close()
	if err := o.runs.answer(ctx, s, name, map[string]string{"--base": o.base, "--candidate": o.candidate}); err != nil {
		return nil, err
	}
	o.done.sayMissing(s.Err, slices.Concat(o.doneBase, o.doneCandidate))
	paths := make(map[turn]string)
	for i, t := range all {
		target, completed := o.base, o.done
		completed.files, completed.mute = o.doneBase, true // what could not be used is told when the runs are judged
		if t.candidate {
			target, completed.files = o.candidate, o.doneCandidate
		}
		if !o.report.quiet {
			fmt.Fprintf(s.Err, "run %d of %d: round %d, %s at %s\n", i+1, len(all), t.round+1, role(t.candidate), target)
		}
		if paths[t], err = o.runs.play(ctx, s, name, target, t.name(), kept, completed, o.report.quiet); err != nil {
			return nil, err
		}
	}
	var files []string
	for i := range o.times {
		files = append(files, paths[turn{i, false}], paths[turn{i, true}])
	}
	o.done.corpus = name
	return o.files(ctx, s, files, compare.Options{BaseName: o.base, CandidateName: o.candidate, Noise: o.known})
}

// answer makes sure, before the first run is played, that the corpus may be played at every target and that each of them is
// there. targets are by the flag that names them.
func (o *runsOptions) answer(ctx context.Context, s Streams, name string, targets map[string]string) error {
	r, _, done, err := openSpooled(ctx, name, s)
	if err != nil {
		return err
	}
	defer done()
	header, hosts := r.Header(), r.Hosts()
	sayOldPaths(s.Err, name, header)
	for _, flag := range slices.Sorted(maps.Keys(targets)) {
		one := o.replay
		one.target = targets[flag]
		if err := one.parse(ctx); err != nil {
			return err
		}
		guard := one.guard(header, hosts, recordedHosts{})
		one.sayWarnings(s.Err)
		err := one.rawGuard(header)
		if err == nil {
			err = one.allowed(ctx, guard, hosts)
		}
		if err == nil {
			err = one.reach(ctx, guard, hosts)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
	}
	return nil
}

func role(candidate bool) string {
	if candidate {
		return "candidate"
	}
	return "base"
}

// files judges pairs of run files, base first, and when the work of each was done where that is told.
func (o *compareOptions) files(ctx context.Context, s Streams, names []string, opt compare.Options) (*compare.Comparison, error) {
	var all, done *compare.Rounds
	var told []completedSide // of the first round
	said := &onlyOnce{to: s.Err}
	if len(o.doneBase) > 0 {
		kin, err := runIDs(names)
		if err != nil {
			return nil, err
		}
		o.done.kin = kin
	}
	for i := 0; i < len(names); i += 2 {
		pair := names[i : i+2]
		err := withRuns(pair, func(runs []compare.Source) error {
			if all == nil {
				opt.WarmUp = o.runs.cut(runs[0].Header())
				all, done = compare.NewRounds(opt), compare.NewRounds(opt)
			}
			return all.Add(ctx, runs[0], runs[1])
		})
		if err == nil && len(o.doneBase) > 0 {
			err = o.completed(ctx, said, pair, func(sides []completedSide) error {
				if told == nil {
					told = sides
				}
				return done.Add(ctx, sides[0].source, sides[1].source)
			})
		}
		if err != nil {
			return nil, err
		}
	}
	c, err := all.Comparison()
	if err != nil || told == nil {
		return c, err
	}
	finished, err := done.Comparison()
	if err != nil {
		return nil, err
	}
	c.Base.Summary.Completion, c.Candidate.Summary.Completion = told[0].completion, told[1].completion
	c.AddCompletions(finished)
	return c, nil
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

// onlyOnce passes on what was not written before: several runs say the same of one file.
type onlyOnce struct {
	to   io.Writer
	seen []string
}

// Write passes on or drops the whole of p.
func (o *onlyOnce) Write(p []byte) (int, error) {
	if slices.Contains(o.seen, string(p)) {
		return len(p), nil
	}
	o.seen = append(o.seen, string(p))
	return o.to.Write(p)
}

// cut is how much of a run's beginning is left out.
func (o *runsOptions) cut(h results.Header) time.Duration {
	if o.warmUp != autoWarmUp {
		return o.warmUp
	}
	if h.Plan == nil {
		return 0
	}
	return min(h.Plan.Duration/10, 30*time.Second)
}

// withRuns opens run files for as long as do takes.
func withRuns(names []string, do func([]compare.Source) error) (err error) {
	var runs []compare.Source
	for _, name := range names {
		r, err := openRun(name)
		if err != nil {
			return err
		}
		defer r.Close()
		runs = append(runs, r)
	}
	return do(runs)
}
