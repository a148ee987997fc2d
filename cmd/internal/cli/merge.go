package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/report"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
)

func mergeVerb(s Streams) *cobra.Command {
	var out string
	var force, quiet bool
	cmd := help.Verb(help.Page{
		Use: "merge A.rpz B.rpz... -o OUT.rpz", Short: "Join corpora into one, in time order",
		Long: `Joins corpora by time. They must be of one state (raw, anonymized or synthetic), one policy and one key, so that
nobody takes the result for safer than its parts.`,
		Examples: [2]string{"reprise merge friday.rpz monday.rpz -o weekend.rpz", "reprise merge a.rpz b.rpz -o - | reprise inspect -"},
		Codes:    []exit.Code{exit.Damaged},
	}, cobra.MinimumNArgs(2), func(cmd *cobra.Command, args []string) error {
		n, err := merge(cmd.Context(), s, args, out, force)
		if err == nil || exit.CodeOf(err) == exit.Damaged {
			if !quiet && out != "-" {
				fmt.Fprintf(s.Out, "merged %s from %d files\n", wording.Count(n, "record"), len(args))
			}
		}
		return err
	})
	f := cmd.Flags()
	f.StringVarP(&out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&quiet, "quiet", false, "print nothing")
	return cmd
}

func merge(ctx context.Context, s Streams, names []string, outName string, force bool) (n int64, err error) {
	readers := make([]*corpus.Reader, len(names))
	for i, name := range names {
		r, closer, err := inputs.Corpus(ctx, name, s.In)
		if err != nil {
			return 0, err
		}
		defer closer.Close()
		readers[i] = r
	}
	header, src, err := corpus.Join(readers...)
	if mismatch, ok := errors.AsType[*corpus.MismatchError](err); ok {
		refusal, advice := report.Mismatch(mismatch, names)
		return 0, exit.Hint(exit.Misuse("%s", refusal), advice)
	} else if err != nil {
		return 0, err
	}
	if n, err = outputs.Transfer(ctx, s.Out, outName, force, header, src, readers...); err != nil {
		for i, r := range readers {
			err = inputs.Unreadable(s.Err, names[i], r.Damage(), err, corpus.ErrEmpty)
		}
		return n, err
	}
	for i, r := range readers {
		err = errors.Join(err, inputs.SayDamage(s.Err, names[i], r.Damage()))
	}
	return n, err
}
