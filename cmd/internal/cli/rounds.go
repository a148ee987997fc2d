package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/corpus"
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
	warmUp time.Duration
	keep   string
}

// ownFlags are replay's flags that a verb which plays several runs does not take: it sets them itself, or they are of one
// run alone.
func ownFlags() []string {
	return []string{
		"target", "output", "force", "dry-run", "expect", "resume", "control", "json", "quiet", "progress",
		"dashboard", "metrics", "completions", "completions-map", "completions-offset", "completions-wait",
	}
}

// warmUp is a duration, or autoWarmUp: as long as the runs suggest.
type warmUp time.Duration

const autoWarmUp = -1

// String is auto or the duration.
func (w *warmUp) String() string {
	if *w == autoWarmUp {
		return "auto"
	}
	return time.Duration(*w).String()
}

// Type is what a help calls the value.
func (w *warmUp) Type() string { return "duration" }

// Set reads auto or a duration.
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

// cut is the warm-up that was asked for, nil for auto.
func (o *runsOptions) cut() *time.Duration {
	if o.warmUp == autoWarmUp {
		return nil
	}
	return &o.warmUp
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

// one is a playing of a corpus as a verb asks for it.
type one struct {
	rounds.Play
	flag, says string // the flag that names the target, and what is said before it is played
	done       completed.Files
}

// play plays a corpus, each run after the one before it, and waits for what each is to complete. A run that gave up because too
// much failed is a run too. The caller closes what it returns.
func (o *runsOptions) play(ctx context.Context, s Streams, name string, all []one, quiet bool) (*rounds.Files, error) {
	files := &rounds.Files{Folder: o.keep}
	o.replay.quiet, o.replay.progress = quiet, "none"
	path, remove, err := inputs.Spool(ctx, name, s.In, s.Err)
	if err != nil {
		return files, err
	}
	defer remove()
	var plays []rounds.Play
	options := make(map[string]session.Options)
	for _, p := range all {
		if _, known := options[p.Target]; !known {
			if options[p.Target], err = o.replay.options(ctx, p.Target); err != nil {
				return files, fmt.Errorf("%s: %w", p.flag, err)
			}
		}
		p.Options = options[p.Target]
		plays = append(plays, p.Play)
	}
	o.replay.sayWarnings(s.Err)
	if !quiet {
		signing.SayReadable(s.Err, "replay", signing.ToSign(o.replay.sign, nil))
	}
	err = files.Play(ctx, path, plays, o.hooks(s, name, path, all))
	if bad, ok := errors.AsType[*rounds.TargetError](err); ok {
		i := slices.IndexFunc(all, func(p one) bool { return p.Target == bad.Target })
		return files, fmt.Errorf("%s: %w", all[i].flag, o.replay.explain(bad.Err, nil))
	}
	return files, o.replay.explain(err, nil)
}

// hooks say what there is to say of runs, and judge their ends.
func (o *runsOptions) hooks(s Streams, name, path string, all []one) rounds.Hooks {
	r := &o.replay
	return rounds.Hooks{
		Checked: func(one *session.Session) { r.notes.sayOldPaths(s.Err, name, one.Corpus()) },
		Begin: func(i int) {
			if !r.quiet {
				fmt.Fprintln(s.Err, all[i].says)
			}
		},
		Planned: func(one *session.Session) error {
			r.notes.say(s.Err, report.NumberNotes(one.Numbers(), flagOf)...)
			return outsiders(one.Numbers())
		},
		Watch: func(*session.Session) session.Hooks {
			if r.quiet {
				return session.Hooks{}
			}
			return session.Hooks{Results: []replay.Recorder{sayRejections(s.Err)}}
		},
		Played: func(ctx context.Context, i int, one *session.Session, run *results.Run, file string, err error) error {
			sayLines(s.Err, "replay", report.ShortcomingNotes(one, flagOf)...)
			done := all[i].done
			done.Corpus = path
			err = errors.Join(r.explain(err, one), joinTo(ctx, io.Discard, done, file, run)) // what could not be used is told when the runs are judged
			if errors.Is(err, replay.ErrAborted) {
				fmt.Fprintf(s.Err, "reprise: %v\n", err)
				err = nil
			}
			return errors.Join(err, inputs.SayDamage(s.Err, name, one.Damage()))
		},
	}
}

// turns are the runs at two targets.
func (o *compareOptions) turns() []one {
	var all []one
	turns := rounds.Turns(o.times)
	for i, t := range turns {
		p := one{rounds.Play{Name: t.Name(), Target: o.base}, "--base", "", o.doneOf(o.doneBase)}
		if t.Candidate {
			p = one{rounds.Play{Name: t.Name(), Target: o.candidate}, "--candidate", "", o.doneOf(o.doneCandidate)}
		}
		p.says = fmt.Sprintf("run %d of %d: round %d, %s at %s", i+1, len(turns), t.Round+1, t.Role(), p.Target)
		all = append(all, p)
	}
	return all
}

// doneOf are the completions of one side.
func (o *compareOptions) doneOf(files []string) completed.Files {
	f := o.done.Files
	f.Paths = files
	return f
}

// goodRuns are the runs at the target of --baseline.
func (o *compareOptions) goodRuns() []one {
	var all []one
	for i := range o.times {
		all = append(all, one{
			rounds.Play{Name: fmt.Sprintf("run%d.rpr", i+1), Target: o.baseline[0]},
			"--baseline",
			fmt.Sprintf("run %d of %d at %s", i+1, o.times, o.baseline[0]),
			completed.Files{},
		})
	}
	return all
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
