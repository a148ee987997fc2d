package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay/compare"
	"reprise/replay/completed"
	"reprise/replay/report"
	"reprise/replay/rounds"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	report    reportOptions
	runs      runsOptions
	failOn    []string
	base      string
	candidate string
	times     int
	confirm   int
	baseline  []string
	noise     string
	learn     string

	doneBase, doneCandidate []string
	done                    completionFlags

	known *compare.Noise
}

func compareVerb(s Streams) *cobra.Command {
	var o compareOptions
	cmd := help.Verb(help.Page{
		Use: "compare BASE.rpr CANDIDATE.rpr... | RUN.rpr --baseline GOOD.rpr,... | CORPUS.rpz --base URL --candidate URL", Short: "Say whether one run is slower or fails more than another",
		Long: `Joins runs of one plan request by request and judges each kind's latency and failures: regressed, improved, equivalent or
inconclusive. One pair of runs cannot see run-to-run noise: a kind counts as regressed only where its p50, p90 or p95 is beyond
25 % and 5 ms (or its failures beyond 1 percentage point) with at least 200 requests and an interval (block bootstrap) that
lies beyond that floor whole; p99 is shown. Several pairs of files, or a corpus with --base and --candidate, which plays both
in turn (ABBAAB), are judged at 5 % and 1 ms (p99: 10 % and 5 ms; failures: 0.1 points): what differs from round to round shows
how runs vary. With --confirm, up to N more rounds are played, one at a time, while the verdict is inconclusive; each look may spend a
part of the false alarms that are accepted, so that looking again raises no more of them. With --baseline, one run is held at those floors against three or more runs of a build that is known to be good:
their files, or the one file that --baseline with -o and without a run wrote of them. --baseline URL with a corpus plays it there
--rounds times and writes that file. It holds counts, times and flags alone and can be kept with the code; it is good for one corpus,
plan, kind of machine and version of reprise, and for 30 days. Runs of different plans, or whose tool fell short, are invalid:
they are not judged. A gate fails on a regression (exit code 3) and on runs that cannot be compared (7). What --fail-on lists is
added to these: difference (3), inconclusive (7) and unfaithful (7); a list takes nothing away, and only none lets all pass. Where
both codes apply, it is 3. With -o, the verdict alone is printed, unless --format asks for more. With a corpus, every flag of reprise
replay that shapes a run is taken too.`,
		Files: mapHelp,
		Examples: [2]string{
			"reprise compare base.rpr candidate.rpr -o pr.md -o junit.xml --fail-on none",
			"reprise compare safe.rpz --base http://127.0.0.1:3000 --candidate http://127.0.0.1:3001 --rounds 3 --time-scale 20",
		},
		Codes: []exit.Code{exit.Unmet, exit.Refused, exit.Unreachable, exit.Damaged, exit.Unjudged},
		Unmet: "the candidate regressed; with --fail-on difference also: its answers differ",
	}, o.arguments, func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	f := cmd.Flags()
	f.StringSliceVar(&o.failOn, "fail-on", []string{"regression"}, "what fails beside a regression (3) and runs that cannot be compared (7), a `LIST` of difference (3), inconclusive (7), unfaithful (7); none: nothing fails")
	f.StringVar(&o.base, "base", "", "`URL` of the build to measure against, where a corpus is given")
	f.StringVar(&o.candidate, "candidate", "", "`URL` of the build to judge, where a corpus is given")
	f.IntVar(&o.times, "rounds", 3, "play the corpus `N` times at each")
	f.IntVar(&o.confirm, "confirm", 0, "play up to `N` more rounds while the verdict is inconclusive, without more false alarms; with --base and --candidate")
	f.StringSliceVar(&o.baseline, "baseline", nil, "hold the one run against these `FILES`: runs of a good build, or the file made of them; without a run, -o is that file")
	f.StringVar(&o.noise, "noise", "", "`FILE` of paths in answers that differ anyway, or are to be ignored or held strictly")
	f.StringVar(&o.learn, "learn-noise", "", "write what the answers of these runs, of one build, differ by into `FILE`")
	outputs.Declare(f, "learn-noise", outputs.Whole)
	f.StringArrayVar(&o.doneBase, "completions-base", nil, "`FILE` in which the base's system says what it has finished")
	f.StringArrayVar(&o.doneCandidate, "completions-candidate", nil, "`FILE` in which the candidate's system says what it has finished")
	o.done.add(f)
	o.done.addCorpus(f)
	f.Lookup("corpus").Usage = "the corpus `FILE.rpz` that was played: it tells more of each request, and where completions name messages by their ids alone which those are"
	o.done.addWait(f)
	o.report.add(cmd, report.Formats())
	o.runs.add(cmd)
	return cmd
}

// arguments are run files, or none where a baseline is only to be written.
func (o *compareOptions) arguments(cmd *cobra.Command, args []string) error {
	if len(o.baseline) > 0 {
		return nil
	}
	return cobra.MinimumNArgs(1)(cmd, args)
}

func (o *compareOptions) run(ctx context.Context, s Streams, args []string) error {
	failOn, err := compare.ParseFailOn(o.failOn)
	if err != nil {
		return exit.Misuse("--fail-on: %w", err)
	}
	if o.known, err = rounds.ReadNoise(o.noise); err != nil {
		return fileError("--noise", err)
	}
	if err := errors.Join(o.check(args), o.done.parse()); err != nil {
		return err
	}
	o.runs.force = o.report.force
	if o.learnsBaseline(args) {
		return o.writeBaseline(ctx, s, args)
	}
	if err := o.report.check(); err != nil { // before an hour of playing
		return err
	}
	c, err := o.compare(ctx, s, args)
	if err != nil {
		return err
	}
	c.FailOn = failOn
	if err := o.report.writeFiles(s, func(w io.Writer, f report.Format) error { return report.WriteComparison(w, f, c) }); err != nil {
		return err
	}
	if err := o.print(s.Out, c); err != nil {
		return err
	}
	if err := o.writeNoise(s, c); err != nil {
		return err
	}
	damage := errors.Join(inputs.SayDamage(s.Err, c.Base.Name, c.Base.Damage), inputs.SayDamage(s.Err, c.Candidate.Name, c.Candidate.Damage))
	return alsoDamaged(judgeFails(c), damage)
}

// alsoDamaged tells of both in one line; the exit code is that of what was judged, where it fails.
func alsoDamaged(judged, damage error) error {
	if judged == nil || damage == nil {
		return errors.Join(judged, damage)
	}
	return fmt.Errorf("%w; %s", judged, strings.ReplaceAll(damage.Error(), "\n", "; "))
}

// learnsBaseline says whether a baseline is to be written, and no run judged.
func (o *compareOptions) learnsBaseline(args []string) bool {
	return len(o.baseline) > 0 && (len(args) == 0 || isURL(o.baseline))
}

// writeBaseline writes what good runs have in common, which may be played for it.
func (o *compareOptions) writeBaseline(ctx context.Context, s Streams, args []string) error {
	return outputs.Write(s.Out, o.report.out[0], o.report.force, func(w io.Writer) error { // begun before an hour of playing
		files, names := o.baseline, o.baseline
		if isURL(files) {
			good, err := o.runs.at(ctx, args[0], "--baseline", files[0], completed.Files{})
			if err != nil {
				return err
			}
			played, err := o.runs.play(ctx, s, args[0], rounds.Repeated(o.times, good), o.report.quiet)
			defer func() { played.Close() }() // also after an error, which leaves what was played until then
			if err != nil {
				return err
			}
			if files, names = played.Paths, played.Paths; o.runs.keep == "" {
				names = make([]string, len(files)) // a file that goes with this process has no name to people
			}
		}
		p, err := (&rounds.Judge{WarmUp: o.runs.warmUp}).Learn(ctx, files, names, time.Now())
		if err != nil {
			return o.tooFew(judgeError(err))
		}
		if !o.report.quiet {
			sayLines(s.Err, "compare", report.LeftOutNotes(p)...)
		}
		return p.Write(w)
	})
}

// tooFew says how to get on where too few good runs are left: what was played and kept is not played again.
func (o *compareOptions) tooFew(err error) error {
	if !errors.As(err, new(*compare.TooFewError)) {
		return err
	}
	hint := "a run is good where it was played to the end, of the same corpus and plan as the others, and faithful"
	switch {
	case !isURL(o.baseline):
	case o.runs.keep == "":
		hint = "--keep-runs FOLDER keeps the run files: then only what is missing has to be played again, into another folder, and --baseline takes the files of both"
	default:
		hint = fmt.Sprintf("the run files are kept: play what is missing with --keep-runs OTHER, then reprise compare --baseline %s,OTHER/… -o %s takes the files of both",
			filepath.Join(o.runs.keep, "…"), o.report.out[0])
	}
	return exit.With(exit.Unjudged, exit.Hint(err, hint))
}

// print prints the comparison: all of it, or, where files hold all of it and no format was asked for, what it comes to.
func (o *compareOptions) print(w io.Writer, c *compare.Comparison) error {
	switch r := &o.report; {
	case r.quiet || slices.Contains(r.out, "-"):
		return nil
	case len(r.out) > 0 && r.format == "" && !r.asJSON:
		return report.WriteVerdict(w, c)
	default:
		return report.WriteComparison(w, r.stdout(), c)
	}
}

// check says which of the ways to compare is meant, and what does not go with it.
func (o *compareOptions) check(args []string) error {
	flag, played := o.runs.replayed()
	plays := o.base != "" || o.candidate != ""
	switch {
	case o.confirm > compare.MostMoreRounds:
		return exit.Misuse("--confirm is a number of rounds from 0 to %d", compare.MostMoreRounds)
	case o.confirm > 0 && len(o.baseline) > 0:
		return exit.Misuse("--confirm plays more rounds, of which a baseline has none: give a corpus with --base and --candidate")
	case o.confirm > 0 && !plays:
		return exit.Misuse("--confirm plays more rounds, which saved runs cannot: give a corpus with --base and --candidate")
	}
	if len(o.baseline) > 0 {
		return o.checkBaseline(args, flag, played)
	}
	switch {
	case plays && (o.base == "" || o.candidate == ""):
		return exit.Misuse("a corpus is played at two targets: give both --base and --candidate")
	case plays && len(args) != 1:
		return exit.Misuse("--base and --candidate take one corpus")
	case plays && args[0] == "-":
		return exit.Misuse("rounds read the corpus several times: give a file")
	case plays && o.times < 1:
		return exit.Misuse("--rounds must be at least 1")
	case !plays && played:
		return exit.Misuse("--%s is for a corpus that is played: give --base and --candidate", flag)
	case (len(o.doneBase) > 0) != (len(o.doneCandidate) > 0):
		return exit.Misuse("give both --completions-base and --completions-candidate")
	case o.done.Wait > 0 && (!plays || len(o.doneBase) == 0):
		return exit.Misuse("--completions-wait is for a corpus that is played, with --completions-base and --completions-candidate")
	case !plays && len(args)%2 != 0:
		return exit.Misuse("give pairs of run files, base and candidate in turn")
	}
	return nil
}

// checkBaseline is check where a baseline is given; flag is one of replay's, if one was.
func (o *compareOptions) checkBaseline(args []string, flag string, played bool) error {
	switch url := isURL(o.baseline); {
	case o.base != "" || o.candidate != "":
		return exit.Misuse("--base and --candidate take one corpus, and no --baseline")
	case len(o.doneBase)+len(o.doneCandidate) > 0:
		return exit.Misuse("a baseline knows no completions: give pairs of run files, or a corpus that is played")
	case url && (len(args) != 1 || args[0] == "-"):
		return exit.Misuse("--baseline URL plays one corpus: give its file")
	case url && o.times < compare.MinProfile:
		return exit.Misuse("--rounds: a baseline takes %d runs at least", compare.MinProfile)
	case !url && played:
		return exit.Misuse("--%s is for a corpus that is played", flag)
	case len(args) > 1:
		return exit.Misuse("--baseline judges one run file")
	case len(args) == 1 && !url && isCorpus(args[0]):
		return exit.Misuse("a corpus is played for a baseline at a target: give --baseline URL")
	case o.learnsBaseline(args) && len(o.report.out) != 1:
		return exit.Misuse("say where the baseline goes: -o baseline.json")
	case !url && (len(o.baseline) > 1 || len(args) == 0) && len(o.baseline) < compare.MinProfile:
		return exit.Misuse("a baseline takes %d runs at least: give so many run files, or a corpus with --baseline URL", compare.MinProfile)
	}
	return nil
}

func (o *compareOptions) compare(ctx context.Context, s Streams, args []string) (c *compare.Comparison, err error) {
	var told notes // several runs say the same of one file
	j := &rounds.Judge{
		Options: compare.Options{Noise: o.known}, WarmUp: o.runs.warmUp, Base: o.done.Files, Candidate: o.done.Files,
		Completed: func(name string, run *completed.Run) error {
			if o.base == "" { // what was just played holds the same
				sayReplaced(s.Err, &told, name, &run.Run)
			}
			return sayCompletions(s.Err, &told, run.Set, run.Summary.Completion)
		},
		OneSided: func(with, without string) {
			says := fmt.Sprintf("completions are not compared: %s holds them and %s does not; give --completions-base and --completions-candidate", with, without)
			sayLines(s.Err, "compare", told.unsaid([]string{says})...)
		},
	}
	j.Base.Paths, j.Candidate.Paths = o.doneBase, o.doneCandidate
	switch {
	case len(o.baseline) > 0:
		c, err = j.Baseline(ctx, o.baseline, args[0], time.Now())
	case o.base == "":
		c, err = j.Files(ctx, args)
	default:
		c, err = o.playBoth(ctx, s, args[0], j)
	}
	return c, completionError(&o.done.Files, "the run", judgeError(err))
}

// playBoth plays a corpus at both targets in turn, and judges the runs.
func (o *compareOptions) playBoth(ctx context.Context, s Streams, name string, j *rounds.Judge) (*compare.Comparison, error) {
	sayMissing(s.Err, &j.Base)
	sayMissing(s.Err, &j.Candidate)
	base, err := o.runs.at(ctx, name, "--base", o.base, j.Base)
	if err != nil {
		return nil, err
	}
	candidate, err := o.runs.at(ctx, name, "--candidate", o.candidate, j.Candidate)
	if err != nil {
		return nil, err
	}
	j.Base.Corpus, j.Candidate.Corpus = name, name
	j.BaseName, j.CandidateName, j.InTurn = o.base, o.candidate, true
	if o.confirm > 0 {
		return o.playUntilDecided(ctx, s, name, j, base, candidate)
	}
	played, err := o.runs.play(ctx, s, name, rounds.Interleaved(o.times, base, candidate), o.report.quiet)
	defer func() { played.Close() }() // also after an error, which leaves what was played until then
	if err != nil {
		return nil, err
	}
	return j.Rounds(ctx, rounds.Pairs(played.Paths))
}

// playUntilDecided is playBoth with as many more rounds as are needed, up to --confirm.
func (o *compareOptions) playUntilDecided(ctx context.Context, s Streams, name string, j *rounds.Judge, base, candidate rounds.Play) (*compare.Comparison, error) {
	j.Looks = compare.Looks{First: o.times, Most: o.times + o.confirm}
	series := rounds.Series{Judge: j, Looked: func(c *compare.Comparison) {
		if !o.report.quiet {
			fmt.Fprintln(s.Err, report.LookedAt(c))
		}
	}}
	enough := func(ctx context.Context, paths []string) (bool, error) {
		yes, err := series.Enough(ctx, paths)
		return yes, completionError(&o.done.Files, "the run", judgeError(err))
	}
	played, err := o.runs.playUntil(ctx, s, name, rounds.Planned(j.Looks, base, candidate), enough, o.report.quiet)
	defer func() { played.Close() }() // also after an error, which leaves what was played until then
	if err != nil {
		return nil, err
	}
	return series.End(ctx, played.Paths)
}

// judgeError says of a file that cannot be judged what it is.
func judgeError(err error) error {
	run, isRun := errors.AsType[*rounds.RunError](err)
	baseline, isBaseline := errors.AsType[*rounds.BaselineError](err)
	switch {
	case isRun:
		return inputs.RunError(run.Path, run.Err)
	case isBaseline:
		return fileError("--baseline", baseline.Err)
	}
	return err
}

// writeNoise writes what was learned, with the rules that --noise gave.
func (o *compareOptions) writeNoise(s Streams, c *compare.Comparison) error {
	if o.learn == "" {
		return nil
	}
	if c.Verdict == compare.Regressed || c.Verdict == compare.Invalid {
		fmt.Fprintf(s.Err, "reprise: compare: --learn-noise: the runs are %s, which two runs of one build seldom are: what their answers differ by is taken for noise all the same; review %s\n",
			c.Verdict, o.learn)
	}
	return outputs.Write(s.Out, o.learn, o.report.force, c.Answers.Learn(o.known).Write)
}

// judgeFails is what a comparison fails on as an exit code: a candidate that is worse or answers otherwise is that also where something
// else could not be judged.
func judgeFails(c *compare.Comparison) error {
	code := exit.Unjudged
	var says []string
	for _, x := range c.Fails() {
		if x == compare.FailRegression || x == compare.FailDifference {
			code = exit.Unmet
		}
		says = append(says, report.FailSays(x))
	}
	if len(says) == 0 {
		return nil
	}
	return exit.With(code, errors.New(strings.Join(says, "; ")))
}
