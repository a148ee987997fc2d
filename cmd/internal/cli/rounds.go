package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/signing"
	"reprise/replay"
	"reprise/replay/completed"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/rounds"
	"reprise/replay/send"
	"reprise/replay/session"
)

// runsOptions are the flags of a verb that plays a corpus several times, and replay's own, which every run is given.
type runsOptions struct {
	replay replayOptions
	warmUp rounds.WarmUp
	keep   string
	force  bool // overwrites files that keep would write
	// named is the flag that named each target.
	named map[string]string
}

// ownFlags are replay's flags that a verb which plays several runs does not take: it sets them itself, or they are of one
// run alone.
func ownFlags() []string {
	return []string{
		"target", "output", "force", "dry-run", "expect", "resume", "control", "json", "quiet", "progress",
		"dashboard", "metrics", "metrics-linger", "watch", "annotate", "completions", "completions-map", "completions-offset", "completions-wait",
	}
}

func (o *runsOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&o.warmUp, "warm-up", "leave out each run's first `DURATION`; auto is a tenth of the run, 30 s at most")
	o.addTo(f)
}

// addTo adds what every verb takes that plays several runs.
func (o *runsOptions) addTo(f *pflag.FlagSet) {
	f.StringVar(&o.keep, "keep-runs", "", "keep the run files in this `FOLDER`")
	outputs.Declare(f, "keep-runs", outputs.Folder)
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

// at is a corpus played at a target, which a flag names.
func (o *runsOptions) at(ctx context.Context, corpus, flag, target string, done completed.Files) (rounds.Play, error) {
	var err error
	if o.replay.known, err = o.replay.dialects.table(corpus); err != nil {
		return rounds.Play{}, err
	}
	options, err := o.replay.options(ctx, target)
	if err != nil {
		return rounds.Play{}, fmt.Errorf("%s: %w", flag, err)
	}
	if options.Shape.Search != nil {
		return rounds.Play{}, exit.Misuse("--shape: a search is a run of its own, and none of several: search with reprise replay, and compare the run files")
	}
	if o.named == nil {
		o.named = make(map[string]string)
	}
	if _, known := o.named[target]; !known {
		o.named[target] = flag
	}
	return rounds.Play{Target: target, Options: options, Done: done}, nil
}

// play plays a corpus, each run after the one before it, and waits for what each is to complete. A run that gave up because too
// much failed is a run too. The caller closes what it returns.
func (o *runsOptions) play(ctx context.Context, s Streams, name string, plays []rounds.Play, quiet bool) (*rounds.Files, error) {
	return o.playUntil(ctx, s, name, plays, nil, quiet)
}

// playUntil is play, ended before the last where enough says so.
func (o *runsOptions) playUntil(ctx context.Context, s Streams, name string, plays []rounds.Play, enough func(context.Context, []string) (bool, error), quiet bool) (*rounds.Files, error) {
	files := &rounds.Files{Folder: o.keep, Force: o.force}
	o.replay.quiet, o.replay.progress = quiet, "none"
	path, remove, err := inputs.Spool(ctx, name, s.In, s.Err)
	if err != nil {
		return files, err
	}
	defer remove()
	o.replay.sayWarnings(s.Err)
	if !quiet {
		signing.SayReadable(s.Err, "replay", signing.ToSign(o.replay.sign, nil))
	}
	hooks := o.hooks(s, name, plays, enough != nil)
	hooks.Enough = enough
	err = files.Play(ctx, path, plays, hooks)
	if bad, ok := errors.AsType[*rounds.TargetError](err); ok {
		return files, fmt.Errorf("%s: %w", o.named[bad.Target], o.replay.explain(bad.Err, nil))
	}
	return files, o.replay.explain(err, nil)
}

// hooks say what there is to say of runs, and judge their ends. Of an open end it is not said which run of how many one is.
func (o *runsOptions) hooks(s Streams, name string, plays []rounds.Play, openEnd bool) rounds.Hooks {
	r := &o.replay
	return rounds.Hooks{
		Checked: func(one *session.Session) { r.notes.sayCorpus(s.Err, name, one) },
		Begin: func(i int) {
			which := fmt.Sprintf("run %d of %d", i+1, len(plays))
			switch {
			case openEnd:
				which = plays[i].Which
			case plays[i].Which != "":
				which += ": " + plays[i].Which
			}
			if !r.quiet {
				fmt.Fprintf(s.Err, "%s at %s\n", which, plays[i].Target)
			}
		},
		Planned: func(one *session.Session) error {
			r.notes.say(s.Err, report.NumberNotes(one.Numbers(), flagOf)...)
			r.notes.say(s.Err, signing.SignNotes(one.Keys())...)
			r.notes.say(s.Err, report.ShapeNotes(one.Planned(), flagOf)...)
			return outsiders(one.Numbers())
		},
		Watch: func(*session.Session) session.Hooks {
			if r.quiet {
				return session.Hooks{}
			}
			return session.Hooks{Results: []replay.Recorder{sayRejections(s.Err)}}
		},
		Completed: refuseUnfit, // what could not be used is told when the runs are judged
		Played: func(_ context.Context, i int, one *session.Session, _ *results.Run, file string, err error) error {
			sayLines(s.Err, "replay", report.ShortcomingNotes(one, flagOf)...)
			err = awaitError(&plays[i].Done, file, r.explain(err, one))
			if errors.Is(err, replay.ErrAborted) {
				fmt.Fprintf(s.Err, "reprise: %v\n", err)
				err = nil
			}
			return errors.Join(err, inputs.SayDamage(s.Err, name, one.Damage()))
		},
	}
}

// isURL says whether the one value of --baseline is a target and no file.
func isURL(list []string) bool {
	if len(list) != 1 || !strings.Contains(list[0], "://") {
		return false
	}
	_, err := os.Stat(list[0])
	_, bad := send.ParseTarget(list[0])
	return err != nil && bad == nil
}

// isCorpus says whether a file is a corpus.
func isCorpus(name string) bool {
	r, err := corpus.Open(name)
	if err != nil {
		return false
	}
	r.Close()
	return true
}
