package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
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
		if step < 0 {
			return exit.Misuse("--curve: %v is no stretch of time", step)
		}
		if isRun, err := isRunFile(args[0]); err != nil {
			return err
		} else if isRun {
			return inspectRun(cmd.Context(), s, args[0], asJSON)
		}
		r, closer, err := openCorpus(args[0], s)
		if err != nil {
			return err
		}
		defer closer.Close()
		in, err := corpus.Inspect(cmd.Context(), r, step)
		if err != nil {
			return err
		}
		if asJSON {
			err = printJSON(s.Out, in)
		} else {
			err = printInspection(s.Out, in)
		}
		sayOldPaths(s.Err, args[0], r.Header())
		if err == nil && verify && in.DamagedBlocks == 0 {
			fmt.Fprintf(s.Err, "verified: every block of %s is whole\n", args[0])
		}
		return errors.Join(err, sayDamage(s.Err, args[0], r.Damage()))
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&verify, "verify", false, "say so when every checksum holds")
	cmd.Flags().DurationVar(&step, "curve", 0, "count the records of each stretch of this `DURATION`")
	return cmd
}

func printInspection(w io.Writer, in *corpus.Inspection) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "state\t%s\n", in.State)
	if in.Unaudited {
		fmt.Fprintf(t, "audit\tno audit has passed: it may hold real people's numbers\n")
	}
	if in.Policy != "" {
		fmt.Fprintf(t, "policy\t%s (key %s)\n", shown(in.Policy), shown(in.KeyFingerprint))
	}
	fmt.Fprintf(t, "records\t%d\n", in.Records)
	if in.First != nil {
		fmt.Fprintf(t, "first\t%s\nlast\t%s\n", in.First.Format(time.RFC3339Nano), in.Last.Format(time.RFC3339Nano))
		fmt.Fprintf(t, "duration\t%v\n", in.Duration)
	}
	fmt.Fprintf(t, "senders\t%d\nbytes\t%d in %s\n", in.Senders, in.Bytes, plural(int64(in.Blocks), "block"))
	for _, k := range capture.Kinds() {
		if n := in.Kinds[k.String()]; n > 0 {
			fmt.Fprintf(t, "kind %v\t%d\n", k, n)
		}
	}
	for _, v := range slices.Sorted(maps.Keys(in.Vendors)) {
		fmt.Fprintf(t, "vendor %s\t%d\n", shown(v), in.Vendors[v])
	}
	for _, p := range in.Curve {
		fmt.Fprintf(t, "%s\t%d\n", p.Time.Format(time.RFC3339), p.Count)
	}
	if len(in.Extensions) > 0 {
		fmt.Fprintf(t, "passed over\tof a newer reprise: %s\n", strings.Join(in.Extensions, ", "))
	}
	if in.HostsIncomplete {
		fmt.Fprintf(t, "captured hosts\tnot all known: every host but this machine counts as one\n")
	}
	if in.DamagedBlocks > 0 {
		fmt.Fprintf(t, "damaged\t%s\n", plural(int64(in.DamagedBlocks), "block"))
	}
	return t.Flush()
}
