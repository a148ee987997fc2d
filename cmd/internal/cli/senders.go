package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/partial"
	"reprise/fixtures"
)

func sendersVerb(s Streams) *cobra.Command {
	var out string
	var force bool
	cmd := newVerb(page{
		use: "senders IN.rpz -o SENDERS.csv", short: "List who sends, how often, and who must be opted in beforehand",
		long: `Writes a CSV table of the people who text in a corpus: number, messages, opted_in (yes or no: before their first message) and
the moment of the first. A test environment that is seeded with it answers as production did: somebody whose first word on the
matter is START was not opted in, everybody else was. A raw corpus is refused, as its numbers are real.`,
		examples: [2]string{"reprise fixtures senders safe.rpz -o senders.csv", "reprise fixtures senders safe.rpz -o -"},
		codes:    []exitCode{exitRefused, exitDamaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return senders(cmd.Context(), s, args[0], out, force) })
	f := cmd.Flags()
	f.StringVarP(&out, "output", "o", "-", "write the table to `FILE`, or to stdout with -")
	f.BoolVar(&force, "force", false, "overwrite FILE if it exists")
	return cmd
}

func senders(ctx context.Context, s Streams, in, out string, force bool) error {
	path, done, err := spool(ctx, in, s)
	if err != nil {
		return err
	}
	defer done()
	r, err := corpus.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := refuseRaw(r.Header()); err != nil {
		return err
	}
	list, err := fixtures.Senders(ctx, r)
	if err != nil {
		return err
	}
	if out == "-" {
		err = writeSenders(s.Out, list)
		return errors.Join(err, sayDamage(s.Err, in, r.Damage()))
	}
	f, err := partial.Create(out, force)
	if err != nil {
		return outputError(err)
	}
	if err := writeSenders(f, list); err != nil {
		return errors.Join(err, f.Discard())
	}
	return errors.Join(f.Commit(), sayDamage(s.Err, in, r.Damage()))
}

func writeSenders(w io.Writer, list []fixtures.Sender) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"number", "messages", "opted_in", "first"}) // Error tells
	for _, s := range list {
		opted := "no"
		if s.OptedIn {
			opted = "yes"
		}
		_ = c.Write([]string{s.Number, strconv.FormatInt(s.Messages, 10), opted, s.First.UTC().Format(time.RFC3339Nano)})
	}
	c.Flush()
	return c.Error()
}
