package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	anonymized "reprise/anonymize/report"
	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/capture/report"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	runreport "reprise/replay/report"
)

func inspectVerb(s Streams) *cobra.Command {
	var asJSON, verify bool
	var step time.Duration
	cmd := help.Verb(help.Page{
		Use: "inspect FILE", Short: "Say what a corpus or a run file holds",
		Long: `Reads a corpus once and counts its records, kinds, vendors and senders, or sums up a run file.
An unfinished file (NAME.partial) is read as far as it goes.`,
		Examples: [2]string{"reprise inspect friday.rpz", "reprise inspect friday.rpz --json --curve 1m"},
		Codes:    []exit.Code{exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if step == 0 && cmd.Flags().Changed("curve") {
			return exit.Misuse("--curve: %v is no stretch of time", step)
		}
		if isRun, err := inputs.IsRun(args[0]); err != nil {
			return err
		} else if isRun {
			return inspectRun(cmd.Context(), s, args[0], asJSON)
		}
		r, closer, err := inputs.Corpus(cmd.Context(), args[0], s.In)
		if err != nil {
			return err
		}
		defer closer.Close()
		if verify {
			r.Verify()
		}
		vendors, err := all.With(r.Header().Dialects)
		if err != nil { // what is counted needs no dialect
			vendors = all.Table()
		}
		r.NameHeaders(vendors.ListsHeader)
		in, err := corpus.Inspect(cmd.Context(), r, step)
		if errors.Is(err, corpus.ErrCurve) {
			return exit.Misuse("--curve: %s has more than %d stretches of %v: give a longer one", args[0], corpus.MaxCurve, step)
		}
		if err != nil {
			return err
		}
		if asJSON {
			err = printJSON(s.Out, in)
		} else {
			err = report.WriteInspection(s.Out, in)
		}
		anonymized.WriteOldPaths(s.Err, args[0], r.Header())
		if err == nil && verify && in.DamagedBlocks == 0 && !slices.ContainsFunc(r.Damage(), func(d corpus.Damage) bool { return d.Line > 0 }) {
			fmt.Fprintf(s.Err, "verified: every record of %s is as it was written\n", args[0])
		}
		return errors.Join(err, inputs.SayLooked(s.Err, args[0], r.Damage()))
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&verify, "verify", false, "say so when every record is as it was written")
	cmd.Flags().DurationVar(&step, "curve", 0, "count the records of each stretch of this `DURATION`")
	return cmd
}

// inspectRun sums up a run file.
func inspectRun(ctx context.Context, s Streams, name string, asJSON bool) error {
	if asJSON { // which tells no causes
		run, err := inputs.ReadRun(ctx, name)
		if err != nil {
			return err
		}
		return errors.Join(runreport.WriteInspection(s.Out, runreport.JSON, &run, nil), inputs.SayLooked(s.Err, name, run.Damage))
	}
	var done completionFlags
	found, err := done.explained(ctx, s.Err, name, true, false, new(figureFlags))
	if err != nil {
		return err
	}
	err = runreport.WriteInspection(s.Out, runreport.Text, &found.Run, whyOf(found, name, ""))
	return errors.Join(err, inputs.SayLooked(s.Err, name, found.Run.Damage))
}
