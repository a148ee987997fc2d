package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"reprise/replay/compare"
	"reprise/replay/report"
	"reprise/replay/results"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	report    reportOptions
	runs      runsOptions
	failOn    string
	base      string
	candidate string
	times     int
	profile   string
	noise     string
	learn     string

	doneBase, doneCandidate []string
	done                    completionFlags

	known *compare.Noise
}

func compareVerb(s Streams) *cobra.Command {
	var o compareOptions
	cmd := newVerb(page{
		use: "compare BASE.rpr CANDIDATE.rpr... | CORPUS.rpz --base URL --candidate URL", short: "Say whether one run is slower or fails more than another",
		long: `Joins runs of one plan request by request and judges each kind's latency and failures: regressed, improved, equivalent or
inconclusive. One pair of runs cannot see run-to-run noise: a kind counts as regressed only where its p50, p90 or p95 is beyond
25 % and 5 ms (or its failures beyond 1 percentage point) with at least 200 requests and an interval (block bootstrap) that
lies beyond that floor whole; p99 is shown. Several pairs of files, or a corpus with --base and --candidate, which plays both
in turn (ABBAAB), are judged at 5 % and 1 ms (p99: 10 % and 5 ms; failures: 0.1 points): what differs from round to round shows
how runs vary. With --profile, one run is held against a profile that reprise calibrate made. Runs of different plans, or whose
tool fell short, are invalid: they are not judged. With -o, the verdict alone is printed, unless --format asks for more. With a
corpus, every flag of reprise replay that shapes a run is taken too.` + mapHelp,
		examples: [2]string{
			"reprise compare base.rpr candidate.rpr -o pr.md -o junit.xml --fail-on none",
			"reprise compare safe.rpz --base http://127.0.0.1:3000 --candidate http://127.0.0.1:3001 --rounds 3 --time-scale 20",
		},
		codes: []exitCode{exitUnmet, exitRefused, exitUnreachable, exitDamaged},
		unmet: "the candidate regressed, or the runs cannot be compared: the verdict, also in --json, says which",
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	f := cmd.Flags()
	f.StringVar(&o.failOn, "fail-on", "regression", "what ends with code 3, `regression|difference|none`: a regression or runs that cannot be compared, also a difference in answers, or nothing")
	f.StringVar(&o.base, "base", "", "`URL` of the build to measure against, where a corpus is given")
	f.StringVar(&o.candidate, "candidate", "", "`URL` of the build to judge, where a corpus is given")
	f.IntVar(&o.times, "rounds", 3, "play the corpus `N` times at each")
	f.StringVar(&o.profile, "profile", "", "hold the one run against the profile in `FILE`")
	f.StringVar(&o.noise, "noise", "", "`FILE` of paths in answers that differ anyway, or are to be ignored or held strictly")
	f.StringVar(&o.learn, "learn-noise", "", "write what the answers of these runs, of one build, differ by into `FILE`")
	writes(f, "learn-noise", wholeFile)
	f.StringArrayVar(&o.doneBase, "completions-base", nil, "`FILE` in which the base's system says what it has finished")
	f.StringArrayVar(&o.doneCandidate, "completions-candidate", nil, "`FILE` in which the candidate's system says what it has finished")
	o.done.add(f)
	o.done.addCorpus(f)
	o.done.addWait(f)
	o.report.add(cmd, report.Formats())
	o.runs.add(cmd)
	return cmd
}

func (o *compareOptions) run(ctx context.Context, s Streams, args []string) error {
	if !slices.Contains([]string{"regression", "difference", "none"}, o.failOn) {
		return misuse("--fail-on: %q is none of regression, difference, none", o.failOn)
	}
	if err := o.readNoise(); err != nil {
		return err
	}
	if err := errors.Join(o.check(args), o.done.parse()); err != nil {
		return err
	}
	if err := o.report.check(); err != nil { // before an hour of playing
		return err
	}
	c, err := o.compare(ctx, s, args)
	if err != nil {
		return err
	}
	if err := o.report.writeFiles(s, func(w io.Writer, f report.Format) error { return report.WriteComparison(w, f, c) }); err != nil {
		return err
	}
	if err := o.print(s.Out, c); err != nil {
		return err
	}
	if err := o.writeNoise(s, c); err != nil {
		return err
	}
	damage := errors.Join(sayRunDamage(s.Err, c.Base.Name, c.Base.Damage), sayRunDamage(s.Err, c.Candidate.Name, c.Candidate.Damage))
	return errors.Join(judge(c, o.failOn), damage)
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

// check says which of the three ways to compare is meant, and what does not go with it.
func (o *compareOptions) check(args []string) error {
	flag, played := o.runs.replayed()
	switch plays := o.base != "" || o.candidate != ""; {
	case plays && (o.base == "" || o.candidate == ""):
		return misuse("a corpus is played at two targets: give both --base and --candidate")
	case plays && (len(args) != 1 || o.profile != ""):
		return misuse("--base and --candidate take one corpus, and no profile")
	case !plays && played:
		return misuse("--%s is for a corpus that is played: give --base and --candidate", flag)
	case (len(o.doneBase) > 0) != (len(o.doneCandidate) > 0):
		return misuse("give both --completions-base and --completions-candidate")
	case o.done.waiting > 0 && (!plays || len(o.doneBase) == 0):
		return misuse("--completions-wait is for a corpus that is played, with --completions-base and --completions-candidate")
	case len(o.doneBase) > 0 && o.profile != "":
		return misuse("a profile knows no completions: give pairs of run files, or a corpus that is played")
	case o.profile != "" && len(args) != 1:
		return misuse("--profile judges one run file")
	case !plays && o.profile == "" && len(args)%2 != 0:
		return misuse("give pairs of run files, base and candidate in turn")
	}
	return nil
}

func (o *compareOptions) compare(ctx context.Context, s Streams, args []string) (*compare.Comparison, error) {
	switch {
	case o.base != "":
		return o.rounds(ctx, s, args[0])
	case o.profile != "":
		return againstProfile(ctx, o.profile, args[0])
	case len(args) > 2:
		return o.files(ctx, s, args, compare.Options{Noise: o.known})
	}
	c, err := compareFiles(ctx, args[0], args[1], o.known)
	if err != nil || len(o.doneBase) == 0 {
		return c, err
	}
	if o.done.kin, err = runIDs(args); err != nil {
		return nil, err
	}
	return c, o.completed(ctx, &onlyOnce{to: s.Err}, args, func(sides []completedSide) error {
		done, err := compare.Runs(ctx, sides[0].source, sides[1].source, compare.Options{BaseName: args[0], CandidateName: args[1]})
		if err != nil {
			return err
		}
		c.Base.Summary.Completion, c.Candidate.Summary.Completion = sides[0].completion, sides[1].completion
		c.AddCompletions(done)
		return nil
	})
}

// completedSide is a run read as if each request had been answered when the work on it was done.
type completedSide struct {
	source     compare.Source
	completion *results.Completion
}

// completed opens a pair of run files, base first, together with what was completed, for as long as do takes.
func (o *compareOptions) completed(ctx context.Context, w io.Writer, names []string, do func([]completedSide) error) error {
	var sides []completedSide
	for i, files := range [][]string{o.doneBase, o.doneCandidate} {
		run, set, err := o.done.completedRun(ctx, w, names[i], files)
		if err != nil {
			return err
		}
		r, err := openRun(names[i])
		if err != nil {
			return err
		}
		defer r.Close()
		sides = append(sides, completedSide{results.NewCompletedRun(r, o.done.of(set), &run), run.Summary.Completion})
	}
	return do(sides)
}

func (o *compareOptions) readNoise() error {
	if o.noise == "" {
		return nil
	}
	f, err := os.Open(o.noise)
	if err != nil {
		return misuse("--noise: %v", err)
	}
	defer f.Close()
	if o.known, err = compare.ReadNoise(f); err != nil {
		return misuse("--noise %s: %v", o.noise, err)
	}
	return nil
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
	return writeOutput(s, o.learn, o.report.force, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(c.Answers.Learn(o.known))
	})
}

// judge is the comparison as an exit code.
func judge(c *compare.Comparison, failOn string) error {
	if failOn == "none" {
		return nil
	}
	switch c.Verdict {
	case compare.Regressed:
		return withCode(exitUnmet, errors.New("the candidate regressed"))
	case compare.Invalid:
		return withCode(exitUnmet, errors.New("the runs cannot be compared"))
	}
	if failOn == "difference" && c.Answers.Changed() {
		return withCode(exitUnmet, errors.New("the candidate's answers differ"))
	}
	return nil
}

func compareFiles(ctx context.Context, base, candidate string, noise *compare.Noise) (*compare.Comparison, error) {
	b, err := openRun(base)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	c, err := openRun(candidate)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return compare.Runs(ctx, b, c, compare.Options{BaseName: base, CandidateName: candidate, Noise: noise})
}
