package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/capture/partial"
	"reprise/replay/compare"
	"reprise/replay/report"
	"reprise/replay/results"
)

// reportOptions say where a report goes and how it is written.
type reportOptions struct {
	out    []string
	format string
	force  bool
	asJSON bool
	quiet  bool
}

func compareVerb(s Streams) *cobra.Command {
	var o reportOptions
	var failOn string
	cmd := newVerb(page{
		use: "compare BASE.rpr CANDIDATE.rpr", short: "Say whether one run is slower or fails more than another",
		long: `Joins two runs of the same plan request by request and judges each kind's p95 latency and failures. One pair of runs
cannot see run-to-run noise: a kind counts as regressed only beyond 25 % and 5 ms (or 1 percentage point of failures), with
at least 200 requests and an interval (block bootstrap) that lies beyond that floor whole. Runs of different plans, or whose
tool fell short, are invalid: they are not judged.`,
		examples: [2]string{"reprise compare base.rpr candidate.rpr", "reprise compare base.rpr candidate.rpr -o pr.md -o junit.xml --fail-on none"},
		codes:    []exitCode{exitUnmet, exitDamaged},
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		if failOn != "regression" && failOn != "none" {
			return misuse("--fail-on: %q is neither regression nor none", failOn)
		}
		c, err := compareFiles(cmd.Context(), args[0], args[1])
		if err != nil {
			return err
		}
		if err := o.write(s, func(w io.Writer, f report.Format) error { return report.WriteComparison(w, f, c) }); err != nil {
			return err
		}
		damage := errors.Join(sayRunDamage(s.Err, args[0], c.Base.Damage), sayRunDamage(s.Err, args[1], c.Candidate.Damage))
		return errors.Join(judge(c, failOn), damage)
	})
	cmd.Flags().StringVar(&failOn, "fail-on", "regression", "end with code 3 on a `regression` (or runs that cannot be compared), or on none")
	o.add(cmd, "text, markdown, json, junit or html")
	return cmd
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
	return nil
}

func compareFiles(ctx context.Context, base, candidate string) (*compare.Comparison, error) {
	b, err := results.Open(base)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	c, err := results.Open(candidate)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return compare.Runs(ctx, b, c, compare.Options{BaseName: base, CandidateName: candidate})
}

func reportVerb(s Streams) *cobra.Command {
	var o reportOptions
	cmd := newVerb(page{
		use: "report RUN.rpr", short: "Write what a run did, as a page, a comment or data",
		long: `Writes the summary of a run with its curves: planned against achieved rate, lag, latency and answers over time.
An HTML report is one file that needs no network and runs no script. With -o nothing is printed.`,
		examples: [2]string{"reprise report run.rpr -o report.html", "reprise report run.rpr --format markdown"},
		codes:    []exitCode{exitDamaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		run, err := readRun(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		o.quiet = o.quiet || len(o.out) > 0
		if err := o.write(s, func(w io.Writer, f report.Format) error { return report.WriteRun(w, f, &run) }); err != nil {
			return err
		}
		return sayRunDamage(s.Err, args[0], run.Damage)
	})
	o.add(cmd, "text, markdown, json or html")
	return cmd
}

func (o *reportOptions) add(cmd *cobra.Command, formats string) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.out, "output", "o", nil, "write to `FILE`, in the format that its name ends in (.txt .md .json .xml .html); may be repeated")
	f.StringVar(&o.format, "format", "", "`FORMAT` of stdout, and of files whose name says none: "+formats)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.asJSON, "json", false, "print JSON, like --format json")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
}

// write writes the files, and to stdout unless that was asked not to be.
func (o *reportOptions) write(s Streams, to func(io.Writer, report.Format) error) error {
	format := report.Text
	if o.asJSON {
		format = report.JSON
	}
	if o.format != "" {
		f, err := report.ParseFormat(o.format)
		if err != nil {
			return misuse("--format: %v", err)
		}
		format = f
	}
	for _, name := range o.out {
		if err := o.writeFile(name, format, to); err != nil {
			return err
		}
	}
	if o.quiet {
		return nil
	}
	return to(s.Out, format)
}

func (o *reportOptions) writeFile(name string, format report.Format, to func(io.Writer, report.Format) error) error {
	if f, ok := report.FormatOf(name); ok {
		format = f
	} else if o.format == "" && !o.asJSON {
		return misuse("-o %s: the name says no format: end it in .txt, .md, .json, .xml or .html, or say --format", name)
	}
	f, err := partial.Create(name, o.force)
	if err != nil {
		return outputError(err)
	}
	if err := to(f, format); err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(err, f.Discard()))
	}
	return f.Commit()
}
