package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/inputs"
	"reprise/replay/completed"
	"reprise/replay/experiment"
	"reprise/replay/explain"
	"reprise/replay/report"
	"reprise/replay/results"
)

// whyTest are the flags of why that play an experiment. Replay's own say how, where the run file does not tell it.
type whyTest struct {
	on     bool
	runs   runsOptions
	target string
	cause  int
	times  int
	flags  *pflag.FlagSet
}

func (o *whyTest) add(cmd *cobra.Command) {
	f := cmd.Flags()
	o.flags = f
	f.BoolVar(&o.on, "test", false, "play the run again at --target, as it was and with one thing changed, and say whether the effect goes away")
	f.StringVar(&o.target, "target", "", "`URL` to play the test at")
	f.IntVar(&o.cause, "cause", 1, "test the cause number `N`")
	f.IntVar(&o.times, "rounds", 2, "play each run of the test `N` times")
	o.runs.addTo(f)
}

// check says what does not go together.
func (o *whyTest) check(done *completed.Files) error {
	corpus := done.Corpus
	name, replayed := o.runs.replayed()
	switch {
	case !o.on && (o.target != "" || o.runs.keep != "" || done.Wait > 0):
		return exit.Misuse("--target, --keep-runs and --completions-wait are for --test")
	case !o.on && (o.flags.Changed("cause") || o.flags.Changed("rounds")):
		return exit.Misuse("--cause and --rounds are for --test")
	case !o.on && replayed:
		return exit.Misuse("--%s is for --test", name)
	case !o.on:
		return nil
	case o.target == "":
		return exit.Misuse("--test sends requests: say where, with --target")
	case corpus == "" || corpus == "-":
		return exit.Misuse("--test plays the run again: give its corpus as a file, --corpus FILE.rpz")
	case o.cause < 1 || o.times < 1:
		return exit.Misuse("--cause and --rounds must be at least 1")
	}
	return nil
}

// run plays the experiment of a cause.
func (o *whyTest) run(ctx context.Context, s Streams, found *explain.Why, done completed.Files, quiet bool) (*report.Tested, error) {
	at, told := report.CauseAt(found.Findings, o.cause)
	if at < 0 {
		return nil, exit.With(exit.Unmet, fmt.Errorf("there is no cause %d to test: %s found", o.cause, wording.Count(int64(told), "cause")+" "+wording.Choose(int64(told), "was", "were")))
	}
	path, remove, err := inputs.Spool(ctx, done.Corpus, s.In, s.Err)
	if err != nil {
		return nil, err
	}
	defer remove()
	if err := o.asItWas(&found.Run); err != nil {
		return nil, err
	}
	play, err := o.runs.at(ctx, path, "--target", o.target, done)
	if err != nil {
		return nil, err
	}
	t, err := experiment.Design(ctx, found, &found.Findings[at], experiment.Options{
		Corpus: path, Target: o.target, Session: play.Options, Completions: done, Rounds: o.times,
	})
	if err != nil {
		return nil, o.designError(report.ByHand(&found.Findings[at], flagOf), err)
	}
	if !quiet {
		requests := t.Limit
		if requests == 0 {
			requests = int64(found.Table.Len())
		}
		fmt.Fprintf(s.Err, "test of cause %d: %d runs of %s, about %s in all\n", o.cause, len(t.Plays), wording.Count(requests, "request"), wording.Duration(max(t.Lasts, time.Second).Round(time.Second)))
	}
	files, err := o.runs.play(ctx, s, path, t.Plays, quiet)
	defer func() { files.Close() }()
	if errors.Is(err, fs.ErrExist) { // there is no --force here
		return nil, exit.Hint(errors.New(err.Error()), "give --keep-runs another folder")
	}
	if err != nil {
		return nil, err
	}
	r, err := t.Judge(ctx, files.Paths)
	if err != nil {
		return nil, completionError(&done, "", err)
	}
	return &report.Tested{Cause: at, Trial: t, Result: r}, nil
}

// designError says why an experiment cannot be played, and what to do; byHand is what, where no run of the tool would tell.
func (o *whyTest) designError(byHand string, err error) error {
	hint := map[error]string{
		experiment.ErrByHand:        byHand,
		experiment.ErrNoOthers:      "play another corpus, with more senders, recipients or ids",
		experiment.ErrNoCompletions: "give the files in which your system tells what it finished: --completions FILE",
		experiment.ErrTooFew:        "play a longer run first",
		experiment.ErrNothingToTry:  "look at the requests themselves: reprise report lists the slowest of them",
	}[err]
	if hint == "" {
		return o.runs.replay.explain(err, nil)
	}
	return exit.With(exit.Unmet, exit.Hint(fmt.Errorf("cause %d cannot be tested: %w", o.cause, err), hint))
}

// judge ends with a code where a test did not confirm the cause.
func (o *whyTest) judge(t *report.Tested) error {
	if t == nil || t.Result.Verdict == experiment.Confirmed {
		return nil
	}
	return exit.With(exit.Unmet, fmt.Errorf("the test did not confirm cause %d: %s", o.cause, t.Result.Verdict))
}

// asItWas sets the flags of replay as the run file says that they were. What it does not hold has to be given again: secrets, files of
// numbers, and what allows a target.
func (o *whyTest) asItWas(run *results.Run) error {
	if run.Header.Rebuilt == results.FromNothing {
		return exit.Misuse("--test: the header of the run was damaged and is lost, so that it is not known how it was played")
	}
	flags, settings := o.runs.replay.flags, settingsAgain(run)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		base, _, _ := strings.Cut(name, " ") // "sign" of a vendor, "header" of a name
		f := flags.Lookup(base)
		switch {
		case f == nil || f.Changed || base == "dry-run" || base == "allow-raw":
		case givenAgain(base):
			return exit.Misuse("the run was played with --%s, which its file does not hold whole: give it again", base)
		case !isSetting(base): // nor is what no run file holds
		default:
			if err := setAgain(f, settings[name]); err != nil {
				return exit.Misuse("the run was played with --%s %s, which cannot be set: %w", base, settings[name], err)
			}
		}
	}
	return nil
}

// givenAgain says of which flags a run file holds that they were set, and not to what.
func givenAgain(name string) bool {
	return slices.Contains([]string{"senders", "recipients", "sign", "header", "proxy", "cert"}, name)
}

// setAgain sets a flag to what its String was.
func setAgain(f *pflag.Flag, value string) error {
	list, isList := f.Value.(pflag.SliceValue)
	if !isList {
		return f.Value.Set(value)
	}
	values, err := csv.NewReader(strings.NewReader(strings.TrimSuffix(strings.TrimPrefix(value, "["), "]"))).Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return list.Replace(values)
}
