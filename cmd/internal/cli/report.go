package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay/report"
)

// reportOptions say where a report goes and how it is written.
type reportOptions struct {
	formats []report.Format // those that there are

	out    []string
	format string
	force  bool
	asJSON bool
	quiet  bool
	// intervals says that a log of intervals can be written, too.
	intervals bool
}

func reportVerb(s Streams) *cobra.Command {
	o := reportOptions{intervals: true}
	var done completionFlags
	var figures figureFlags
	var expect string
	var details bool
	cmd := help.Verb(help.Page{
		Use: "report RUN.rpr", Short: "Write what a run did, as a page, a comment or data",
		Long: `Writes the summary of a run with its curves: planned against achieved rate, lag, latency and answers over time.
It says why requests were slow, where that can be told (see reprise why); with --corpus it knows more of each. Text is 12 lines at most:
--details has every sentence and table. An HTML report is one file that needs no network. With -o nothing is printed. --completions joins what your system says it has
finished, line by line with the request's Reprise-Record header and a time: a receiver that answers 200 and falls behind is
seen there alone.`,
		Files:    mapHelp,
		Examples: [2]string{"reprise report run.rpr -o report.html", "reprise report run.rpr --format markdown"},
		Codes:    []exit.Code{exit.Unmet, exit.Damaged, exit.Unjudged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := errors.Join(o.check(), done.parse(), figures.parse()); err != nil {
			return err
		}
		targets, err := parseExpect(cmd.Flags().Changed("expect"), expect)
		if err != nil {
			return err
		}
		logs := o.takeIntervals()
		found, err := done.explained(cmd.Context(), s.Err, args[0], o.quiet, false, &figures)
		if err != nil {
			return err
		}
		run, why := &found.Run, whyOf(found, args[0], done.Corpus, append(done.given(), figures.given()...)...)
		write := func(w io.Writer, f report.Format) error {
			switch {
			case f == report.Text && !details:
				return report.WriteBrief(w, run, why, report.Next{Run: args[0], Named: flagOf})
			case f == report.Text:
				return errors.Join(report.WriteRun(w, f, run, why), report.WriteRequests(w, run))
			}
			return report.WriteRun(w, f, run, why)
		}
		if err := errors.Join(o.writeFiles(s, write), writeIntervals(cmd.Context(), s, logs, o.force, args[0], run.Start())); err != nil {
			return err
		}
		if !o.quiet && len(o.out)+len(logs) == 0 {
			if err := write(s.Out, o.stdout()); err != nil {
				return err
			}
		}
		return errors.Join(inputs.SayDamage(s.Err, args[0], run.Damage), judgeRun(s.Err, "report", o.quiet, targets, &run.Summary))
	})
	o.add(cmd, report.RunFormats())
	detailsFlag(cmd.Flags(), &details)
	cmd.Flags().StringVar(&expect, "expect", "", "end with exit code 3 unless all of this `LIST` holds: 'faithful,p99<250ms,completion.p99<30s'")
	done.addFiles(cmd.Flags())
	done.addCorpus(cmd.Flags())
	figures.add(cmd.Flags())
	return cmd
}

func (o *reportOptions) add(cmd *cobra.Command, formats []report.Format) {
	o.formats = formats
	names, suffixes := o.names()
	f := cmd.Flags()
	f.StringArrayVarP(&o.out, "output", "o", nil, "write to `FILE`, in the format that its name ends in ("+strings.Join(suffixes, " ")+"); may be repeated")
	outputs.Declare(f, "output", outputs.Whole)
	f.StringVar(&o.format, "format", "", "format of stdout, and of files whose name says none, `"+strings.Join(names, "|")+"`")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.asJSON, "json", false, "print JSON, like --format json")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
}

// detailsFlag asks for the tables of a run.
func detailsFlag(f *pflag.FlagSet, details *bool) {
	f.BoolVar(details, "details", false, "print every sentence and table in place of the 12 lines at most that a run is summed up in")
}

// names are the formats' names, and what files in them end in.
func (o *reportOptions) names() (names, suffixes []string) {
	for _, f := range o.formats {
		names, suffixes = append(names, string(f)), append(suffixes, f.Suffix())
	}
	if o.intervals {
		suffixes = append(suffixes, intervalSuffix)
	}
	return names, suffixes
}

// orList writes "a, b or c".
func orList(list []string) string {
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// check finds out what is wrong with the formats and the files before there is anything to write.
func (o *reportOptions) check() error {
	names, suffixes := o.names()
	if o.format != "" {
		f, err := report.ParseFormat(o.format)
		if err != nil {
			return exit.Misuse("--format: %v", err)
		}
		if !slices.Contains(o.formats, f) {
			return exit.Misuse("--format: no report of this kind is written as %s: choose %s", f, orList(names))
		}
	}
	for _, name := range o.out {
		f, ok := report.FormatOf(name)
		switch {
		case o.intervals && isIntervals(name):
		case !ok && o.format == "" && !o.asJSON:
			return exit.Misuse("-o %s: the name says no format: end it in %s, or say --format", name, orList(suffixes))
		case ok && !slices.Contains(o.formats, f):
			return exit.Misuse("-o %s: no report of this kind is written as %s: end the name in %s", name, f, orList(suffixes))
		}
	}
	return nil
}

// stdout is the format of what is printed.
func (o *reportOptions) stdout() report.Format {
	switch {
	case o.format != "":
		return report.Format(o.format)
	case o.asJSON:
		return report.JSON
	}
	return report.Text
}

// writeFiles writes the files.
func (o *reportOptions) writeFiles(s Streams, to func(io.Writer, report.Format) error) error {
	for _, name := range o.out {
		if err := o.writeFile(s, name, o.stdout(), to); err != nil {
			return err
		}
	}
	return nil
}

func (o *reportOptions) writeFile(s Streams, name string, format report.Format, to func(io.Writer, report.Format) error) error {
	if f, ok := report.FormatOf(name); ok {
		format = f
	}
	return outputs.Write(s.Out, name, o.force, func(w io.Writer) error {
		if err := to(w, format); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}
