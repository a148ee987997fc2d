package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/cmd/internal/terminal"
	"reprise/fixtures/report"
	"reprise/fixtures/sample"
)

// sampleOptions are the flags of fixtures sample.
type sampleOptions struct {
	sample.Options
	out                  string
	force, quiet, asJSON bool
}

func sampleVerb(s Streams) *cobra.Command {
	var o sampleOptions
	cmd := help.Verb(help.Page{
		Use: "sample IN.rpz --count N -o OUT.rpz", Short: "Choose a small corpus that keeps the mix of kinds and covers every combination",
		Long: `Chooses N records of an anonymized or synthetic corpus, with their own times, headers and bodies. What it keeps, what comes
first winning:

  1. the mix of kinds, exactly (largest remainders; every kind has at least one record)
  2. every combination of vendor, kind, encoding, segments, event state, response status and set of fields, as far as the
     kind's count goes, the most frequent first; headers that serve HTTP itself (lengths, connection, Accept…) do not count
  3. real gaps: most records come in some twenty stretches of consecutive ones, the busiest among them; 1 and 2 add single
     records and leave some out, and the account says what share of the gaps is real
  4. the mix of vendors, nearly; 5. the spread over the whole recording

It says what N was too small for, and which N is not. The same seed gives the same file, byte for byte. The input is read three
times; one that is piped in goes through a temporary file.

--by-sender chooses people instead of records: whoever is in the sample is there with every message that the recording has of
them, and every receipt of a message to them. Then the count and the mix are met as nearly as whole people allow (the account
says both), combinations are covered where that costs neither, and few gaps are real.`,
		Examples: [2]string{"reprise fixtures sample safe.rpz --count 500 -o fixture.rpz", "reprise fixtures sample safe.rpz --count 50 --by-sender --seed 7 -o small.rpz"},
		Codes:    []exit.Code{exit.Refused, exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args[0]) })
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.Int64Var(&o.Count, "count", 0, "how many records to choose")
	f.Uint64Var(&o.Seed, "seed", 1, "the same seed chooses the same records")
	f.BoolVar(&o.BySender, "by-sender", false, "choose people, with all their records")
	f.StringSliceVar(&o.Vendors, "vendors", nil, "choose from the records of these `VENDORS` alone: "+selection.VendorList()+", or others that the corpus has")
	f.BoolVar(&o.asJSON, "json", false, "print the account as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
	return cmd
}

func (o *sampleOptions) run(ctx context.Context, s Streams, in string) error {
	garbage.Little()
	if o.Count == 0 {
		return exit.Misuse("--count: say how many records to choose")
	}
	to, err := outputs.Corpus(s.Out, o.out, o.force)
	if err != nil {
		return err
	}
	path, done, err := inputs.Spool(ctx, in, s.In, s.Err)
	if err != nil {
		return err
	}
	defer done()
	p := terminal.Start(s.Err, "sample", o.quiet)
	defer p.End()
	o.Vendors, o.Progress = selection.Trimmed(o.Vendors), p.Count.Store
	sampled, err := sample.File(ctx, path, to, o.Options)
	if err != nil {
		return inputs.Unreadable(s.Err, in, sampled.Damage, o.explain(err, in), sample.ErrNoRecords)
	}
	return errors.Join(o.print(s, sampled), inputs.SayDamage(s.Err, in, sampled.Damage))
}

// explain says by which flag too much was asked for.
func (o *sampleOptions) explain(err error, in string) error {
	if few, ok := errors.AsType[*sample.TooFewError](err); ok {
		return exit.Misuse("--count: %s", report.TooFew(few, in, &o.Options))
	}
	return outputs.Explain(selection.Explain(inputs.RawRefused(err, "numbers")))
}

// print writes the account to stdout, or to stderr where the corpus goes to stdout.
func (o *sampleOptions) print(s Streams, a sample.Account) error {
	w := s.Out
	if o.out == "-" {
		w = s.Err
	}
	switch {
	case o.quiet:
		return nil
	case o.asJSON:
		return printJSON(w, a)
	}
	return report.Sampled(w, &a, &o.Options)
}
