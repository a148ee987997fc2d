package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/corpus"
)

func mergeVerb(s Streams) *cobra.Command {
	var out string
	var force, quiet bool
	cmd := newVerb(page{
		use: "merge A.rpz B.rpz... -o OUT.rpz", short: "Join corpora into one, in time order",
		long: `Joins corpora by time. They must be of one state (raw, anonymized or synthetic), one policy and one key, so that
nobody takes the result for safer than its parts.`,
		examples: [2]string{"reprise merge friday.rpz monday.rpz -o weekend.rpz", "reprise merge a.rpz b.rpz -o - | reprise inspect -"},
		codes:    []exitCode{exitDamaged},
	}, cobra.MinimumNArgs(2), func(cmd *cobra.Command, args []string) error {
		n, err := merge(cmd.Context(), s, args, out, force)
		if err == nil || codeOf(err) == int(exitDamaged) {
			if !quiet && out != "-" {
				fmt.Fprintf(s.Out, "merged %s from %d files\n", plural(n, "record"), len(args))
			}
		}
		return err
	})
	f := cmd.Flags()
	f.StringVarP(&out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	writes(f, "output", wholeFile)
	f.BoolVar(&force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&quiet, "quiet", false, "print nothing")
	return cmd
}

func merge(ctx context.Context, s Streams, names []string, outName string, force bool) (n int64, err error) {
	readers := make([]*corpus.Reader, len(names))
	sources := make([]capture.Source, len(names))
	for i, name := range names {
		r, closer, err := openCorpus(name, s)
		if err != nil {
			return 0, err
		}
		defer closer.Close()
		if err := alike(readers[0], r, names[0], name); i > 0 && err != nil {
			return 0, err
		}
		readers[i], sources[i] = r, r
	}
	header := readers[0].Header()
	for _, r := range readers {
		header.PathRule = min(header.PathRule, r.Header().PathRule) // of all that it holds
		header.Unaudited = header.Unaudited || r.Header().Unaudited
	}
	out, err := createCorpus(outName, s, header, force)
	if err != nil {
		return 0, err
	}
	rest := out.CarryHosts(readers...)
	n, err = capture.Copy(ctx, out, corpus.Merge(sources...))
	rest()
	if err := out.end(ctx, err); err != nil {
		for i, r := range readers {
			err = unreadable(s.Err, names[i], r.Damage(), err, errNothingKept)
		}
		return n, err
	}
	for i, r := range readers {
		err = errors.Join(err, sayDamage(s.Err, names[i], r.Damage()))
	}
	return n, err
}

// alike says whether two corpora may become one.
func alike(a, b *corpus.Reader, nameA, nameB string) error {
	if a == nil {
		return nil
	}
	x, y := a.Header(), b.Header()
	switch {
	case x.State != y.State:
		return misuse("%s is %s and %s is %s", nameA, x.State, nameB, y.State)
	case x.Policy != y.Policy:
		return misuse("%s and %s were anonymized by different policies", nameA, nameB)
	case x.KeyFingerprint != y.KeyFingerprint:
		return withHint(misuse("%s and %s were anonymized with different keys: two people could share one number", nameA, nameB),
			"merge the raw corpora and anonymize the result")
	}
	return nil
}
