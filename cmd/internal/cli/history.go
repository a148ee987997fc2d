package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/terminal"
	"reprise/replay/compare"
	"reprise/replay/report"
	"reprise/replay/rounds"
)

// historyOptions are the flags of history.
type historyOptions struct {
	report reportOptions
	failOn string
}

func historyVerb(s Streams) *cobra.Command {
	var o historyOptions
	cmd := help.Verb(help.Page{
		Use: "history RUN.rpr...", Short: "Put runs in a row and say from which on figures changed for good",
		Long: `Reads run files of one plan, in the order in which the runs began, and prints a row for each: its labels (reprise replay --label),
latency, failures, verdict and causes, and how much of how it was run is not as in the run before. It says from which run on p50,
p90, p99 or failures, of all or of a kind, are others, and what changed there: of one thing it may be the work, of several nobody
knows which. A single run that stands out is no change. Runs that are not faithful by the tool's own fault, or were cut short, are
rows and part of no figure that is compared, but for figures of which lag is a small part; runs of another plan are a series of
their own. -o history.csv is what Apache Otava
reads. With -o, what changed alone is printed, unless --format asks for more.
--fail-on change ends with code 3 where there is a change, for the worse or the better (to accept one, begin the list at a later
run), and with 7 where runs enough were given and too many of them cannot be used. The first few runs are no failure.`,
		Examples: [2]string{
			"reprise history runs/*.rpr -o history.html -o history.csv",
			"reprise history runs/*.rpr --fail-on change",
		},
		Codes: []exit.Code{exit.Unmet, exit.Damaged, exit.Unjudged},
		Unmet: "there is a change, with --fail-on change",
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	cmd.Flags().StringVar(&o.failOn, "fail-on", "none", "what ends with code 3, `change|none`: a change for the worse or the better, or nothing")
	o.report.add(cmd, report.HistoryFormats())
	return cmd
}

func (o *historyOptions) run(ctx context.Context, s Streams, args []string) error {
	if !slices.Contains([]string{"change", "none"}, o.failOn) {
		return exit.Misuse("--fail-on: %q is none of change, none", o.failOn)
	}
	if err := errors.Join(o.report.check(), noFolders(args)); err != nil {
		return err
	}
	h, err := o.read(ctx, s, args)
	if err != nil {
		return err
	}
	if err := o.report.writeFiles(s, func(w io.Writer, f report.Format) error { return report.WriteHistory(w, f, h) }); err != nil {
		return err
	}
	if err := o.print(s.Out, h); err != nil {
		return err
	}
	return errors.Join(o.judge(h), sayRunsDamage(s.Err, h))
}

// noFolders refuses folders: which of their files are runs is for whoever calls to say.
func noFolders(args []string) error {
	for _, name := range args {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return exit.Hint(exit.Misuse("%s is a folder: give run files", name), "reprise history "+filepath.Join(name, "*.rpr"))
		}
	}
	return nil
}

// read reads the runs, one after the other, and shows how far it is.
func (o *historyOptions) read(ctx context.Context, s Streams, args []string) (*compare.History, error) {
	show := terminal.Start(s.Err, "history", o.report.quiet)
	defer show.End()
	begun := 0
	h, err := rounds.History(ctx, args, rounds.HistoryOptions{
		Begin: func(string) {
			begun++
			show.Doing(fmt.Sprintf("reading run %d of %d", begun, len(args)))
		},
		Read: func() { show.Count.Add(1) },
	})
	return h, judgeError(err)
}

// print prints the history: all of it, or, where files hold all of it and no format was asked for, what it comes to.
func (o *historyOptions) print(w io.Writer, h *compare.History) error {
	switch r := &o.report; {
	case r.quiet || slices.Contains(r.out, "-"):
		return nil
	case len(r.out) > 0 && r.format == "" && !r.asJSON:
		return report.WriteHistoryVerdict(w, h)
	default:
		return report.WriteHistory(w, r.stdout(), h)
	}
}

// judge is the history as an exit code.
func (o *historyOptions) judge(h *compare.History) error {
	if o.failOn != "change" {
		return nil
	}
	var at []string
	for i := range h.Changes {
		run := &h.Runs[h.Changes[i].Run]
		of := filepath.Base(run.Name)
		if commit := run.Header.Labels["commit"]; commit != "" {
			of = "commit " + commit
		}
		at = append(at, fmt.Sprintf("run %d (%s)", h.Changes[i].Run+1, of))
	}
	if len(at) > 0 {
		return exit.With(exit.Unmet, fmt.Errorf("figures changed for good at %s", strings.Join(at, ", ")))
	}
	switch left, unjudged := h.Unjudged(); {
	case unjudged && left == 0:
		return exit.With(exit.Unjudged, errors.New("no change of latency can be told: too few answers in a run"))
	case unjudged:
		return exit.With(exit.Unjudged, fmt.Errorf("no change can be told: %d of %s cannot be used", left, wording.Count(len(h.Runs), "run")))
	}
	return nil
}

// sayRunsDamage tells what of each run could not be read.
func sayRunsDamage(w io.Writer, h *compare.History) (err error) {
	for i := range h.Runs {
		err = errors.Join(err, inputs.SayDamage(w, h.Runs[i].Name, h.Runs[i].Damage))
	}
	return err
}
