package cli

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/fixtures/export"
	"reprise/replay/results"
)

// catOptions say which records or results to show.
type catOptions struct {
	selection.Choice
	picked selection.Picked
	out    string
	force  bool
}

func (o *catOptions) add(f *pflag.FlagSet) {
	o.Choice.Add(f)
	o.picked.Add(f)
	f.StringVarP(&o.out, "output", "o", "", "write a corpus to `FILE` instead of JSON lines")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
}

func catVerb(s Streams) *cobra.Command {
	var o catOptions
	cmd := help.Verb(help.Page{
		Use: "cat FILE", Short: "Print the records of a corpus, or the results of a run, one JSON object a line",
		Long: `Prints a corpus in time order, or a run in the order in which its requests ended. With -o the chosen records
become a corpus of their own; --skip-record and --skip-path leave out what an audit named. A raw corpus prints what people wrote: mind where it goes.`,
		Examples: [2]string{
			`reprise cat friday.rpz --kinds reaction --limit 10`,
			`reprise cat friday.rpz --from "2022-11-25 13:00" --to "2022-11-25 14:00" --tz America/New_York -o hour.rpz`,
		},
		Codes: []exit.Code{exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if isRun, err := inputs.IsRun(args[0]); err != nil {
			return err
		} else if isRun {
			return o.catRun(cmd.Context(), s, args[0])
		}
		return o.catCorpus(cmd.Context(), s, args[0])
	})
	o.add(cmd.Flags())
	return cmd
}

func (o *catOptions) catCorpus(ctx context.Context, s Streams, name string) error {
	garbage.Little()
	r, closer, err := inputs.Corpus(ctx, name, s.In)
	if err != nil {
		return err
	}
	defer closer.Close()
	sel, err := o.Selection()
	if err == nil {
		err = o.picked.Into(&sel)
	}
	if err != nil {
		return err
	}
	vendors, err := all.With(r.Header().Dialects)
	if err != nil {
		return exit.With(exit.Damaged, err)
	}
	src, err := corpus.Choose(ctx, r, name, sel, vendors.Names())
	if err != nil {
		return selection.Explain(err)
	}
	if o.out != "" {
		_, err = outputs.Transfer(ctx, s.Out, o.out, o.force, r.Header(), src, r)
	} else {
		err = export.WriteLines(ctx, s.Out, src)
	}
	if err != nil {
		return inputs.Unreadable(s.Err, name, r.Damage(), selection.Explain(err), corpus.ErrEmpty)
	}
	return inputs.SayLooked(s.Err, name, r.Damage())
}

func (o *catOptions) catRun(ctx context.Context, s Streams, name string) error {
	if o.out != "" || o.Window.From != "" || o.Window.To != "" || len(o.Vendors) > 0 || !o.picked.None() {
		return exit.Misuse("-o, --from, --to, --vendors, --path and --record are for a corpus; of a run, --kinds and --limit choose")
	}
	kinds, err := selection.Kinds("--kinds", o.Kinds)
	if err != nil {
		return err
	}
	run, err := inputs.Run(name)
	if err != nil {
		return err
	}
	defer run.Close()
	if err := results.WriteLines(ctx, s.Out, run, kinds, o.Limit); err != nil {
		return err
	}
	return inputs.SayLooked(s.Err, name, run.Damage())
}
