package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/fixtures/senders"
	"reprise/replay/session"
)

// sendersOptions are the flags of fixtures senders.
type sendersOptions struct {
	out           string
	force, asJSON bool
	volume        float64
	messages      string
	seed          uint64
	flags         *pflag.FlagSet
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

With --volume N and --seed S it also lists the new people whom reprise replay --volume N --seed S sends as, with what they send; with
--messages N and --seed S those of replay --messages N --seed S. The people of a greater volume are those of a smaller one and more: for a
--shape, give its greatest volume. Without a seed new people differ in every run, so that none can be listed.

The table is CSV, or with --json an object: people, opted_in, messages, receipts and the list as senders.`,
		Examples: [2]string{"reprise fixtures senders safe.rpz -o senders.csv", "reprise fixtures senders safe.rpz --volume 3 --seed 1 -o senders.csv"},
		Codes:    []exit.Code{exit.Refused, exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args[0]) })
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "-", "write the table to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.asJSON, "json", false, "write JSON instead of CSV")
	f.Float64Var(&o.volume, "volume", 1, "list also the new people of a replay of `N` times the messages; give its --seed too")
	f.StringVar(&o.messages, "messages", "", "list also the new people of a replay of exactly `N` messages; give its --seed too")
	f.Uint64Var(&o.seed, "seed", 0, "that of the replay: its new people follow from this `N`")
	o.flags = f
	return cmd
}

func (o *sendersOptions) run(ctx context.Context, s Streams, in string) error {
	tempo, err := o.tempo()
	if err != nil {
		return err
	}
	path := in
	if tempo != nil { // it is read more than once
		spooled, done, err := inputs.Spool(ctx, in, s.In, s.Err)
		if err != nil {
			return err
		}
		defer done()
		path = spooled
	}
	r, closer, err := inputs.Corpus(ctx, path, s.In)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := r.Header().CheckSafe(); err != nil {
		return inputs.RawRefused(err, "numbers")
	}
	var list senders.Lister
	if err := list.Read(ctx, r.Columns(time.Time{}, true)); err != nil {
		return err
	}
	if tempo != nil {
		if err := o.addNew(ctx, &list, path, *tempo); err != nil {
			return err
		}
	}
	write := senders.WriteCSV
	if o.asJSON {
		write = senders.WriteJSON
	}
	err = outputs.Write(s.Out, o.out, o.force, func(w io.Writer) error { return write(w, list.List()) })
	return errors.Join(err, inputs.SayDamage(s.Err, in, r.Damage()))
}

// tempo is that of the replay whose new people are listed; nil for none.
func (o *sendersOptions) tempo() (*session.Tempo, error) {
	t := session.Tempo{Volume: o.volume}
	switch seed, volume, messages := o.flags.Changed("seed"), o.flags.Changed("volume"), o.flags.Changed("messages"); {
	case !volume && !messages && !seed:
		return nil, nil
	case !volume && !messages:
		return nil, exit.Misuse("--seed decides who the new people of a replay are: give its --volume or --messages too")
	case !seed:
		return nil, exit.Misuse("--seed: new people differ in every run without it: give the same to reprise replay and here")
	case !(o.volume > 0):
		return nil, exit.Misuse("--volume must be above 0")
	case messages:
		var err error
		if t.Messages, t.ByPeople, err = session.ParseMessages(o.messages); err != nil {
			return nil, exit.Misuse("--messages: %w", err)
		}
	}
	return &t, nil
}

// addNew adds the people whom a replay sends as and who are not in the corpus.
func (o *sendersOptions) addNew(ctx context.Context, list *senders.Lister, path string, t session.Tempo) error {
	run, err := session.Open(ctx, path, "", session.Options{Tempo: t, Identity: session.Identity{Seed: &o.seed}, OptionName: flagOf})
	if err != nil {
		return sendersError(err)
	}
	defer run.Close()
	if _, err := run.Plan(ctx); err != nil {
		if errors.Is(err, session.ErrNothing) {
			return nil
		}
		return sendersError(err)
	}
	return run.EachNew(ctx, list.Hear)
}

// sendersError says of an option of a replay that it was misused.
func sendersError(err error) error {
	if e, ok := errors.AsType[*session.OptionError](err); ok {
		return optionError(e)
	}
	return err
}
