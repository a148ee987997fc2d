package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/fixtures/senders"
)

// sendersOptions are the flags of fixtures senders.
type sendersOptions struct {
	out           string
	force, asJSON bool
}

func sendersVerb(s Streams) *cobra.Command {
	var o sendersOptions
	cmd := help.Verb(help.Page{
		Use: "senders IN.rpz -o SENDERS.csv", Short: "List who sends, how often, and who must be opted in beforehand",
		Long: `Writes a table of the people whom a test environment hears from when it is played the corpus: number, messages (inbound), opted_in
(yes or no: before their first message), first (when they are first heard of), receipts (of messages to them) and address
(e164, short code, alphanumeric or none). One person through two vendors, with and without plus, is one row.

An environment that is seeded with it answers as production did: somebody whose first word on the matter is START was not opted
in, everybody else was. Whoever appears only as the recipient of a receipt was written to, and so was opted in. Of numbers that are
short codes or names, decide yourself: they are seldom people. A raw corpus is refused, as its numbers are real.

The table is CSV, or with --json an object: people, opted_in, messages, receipts and the list as senders.`,
		Examples: [2]string{"reprise fixtures senders safe.rpz -o senders.csv", "reprise fixtures senders safe.rpz --json -o -"},
		Codes:    []exit.Code{exit.Refused, exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args[0]) })
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "-", "write the table to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.asJSON, "json", false, "write JSON instead of CSV")
	return cmd
}

func (o *sendersOptions) run(ctx context.Context, s Streams, in string) error {
	r, closer, err := inputs.Corpus(ctx, in, s.In)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := r.Header().CheckSafe(); err != nil {
		return inputs.RawRefused(err, "numbers")
	}
	list, err := senders.List(ctx, r)
	if err != nil {
		return err
	}
	write := senders.WriteCSV
	if o.asJSON {
		write = senders.WriteJSON
	}
	err = outputs.Write(s.Out, o.out, o.force, func(w io.Writer) error { return write(w, list) })
	return errors.Join(err, inputs.SayDamage(s.Err, in, r.Damage()))
}
