package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/capture/report"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay/completed"
	"reprise/replay/results"
)

// mergeOptions are the flags of merge.
type mergeOptions struct {
	out          string
	force, quiet bool
	done         completionFlags
}

func mergeVerb(s Streams) *cobra.Command {
	var o mergeOptions
	cmd := help.Verb(help.Page{
		Use: "merge A.rpz [B.rpz...] | RUN.rpr --completions FILE", Short: "Join corpora into one, in time order, pack one, or join completions to a run",
		Long: `Joins corpora by time. They must be of one state (raw, anonymized or synthetic), one policy and one key, so that
nobody takes the result for safer than its parts. One corpus alone is packed: what capture writes as it comes takes half the room then.
Of one run file it makes another, which holds what --completions tells: report, compare, history and
why then have it without being told again. What the file held of completions before is replaced.` + mapHelp,
		Examples: [2]string{"reprise merge friday.rpz monday.rpz -o weekend.rpz", "reprise merge run.rpr --completions done.ndjson -o whole.rpr"},
		Codes:    []exit.Code{exit.Unmet, exit.Damaged},
		Unmet:    "no completion fits a request of the run",
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the corpus or the run to `FILE`; a corpus to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
	o.done.addFiles(f)
	o.done.addCorpus(f)
	f.Lookup("corpus").Usage = "the corpus `FILE.rpz` that was played, where completions name messages by their ids alone"
	return cmd
}

func (o *mergeOptions) run(ctx context.Context, s Streams, args []string) error {
	garbage.Little()
	if err := o.done.parse(); err != nil {
		return err
	}
	if len(args) == 1 {
		isRun, err := inputs.IsRun(args[0])
		switch {
		case err != nil:
			return err
		case isRun:
			return o.mergeRun(ctx, s, args[0])
		}
	}
	switch {
	case len(o.done.Paths) > 0 || o.done.Corpus != "":
		return exit.Misuse("--completions and --corpus are for one run file")
	}
	for i, name := range args {
		if at := slices.IndexFunc(args[:i], func(before string) bool { return output.SameFile(before, name) }); at >= 0 {
			fmt.Fprintf(s.Err, "reprise: merge: %s and %s are one file: each of its records comes twice\n", args[at], name)
		}
	}
	n, err := merge(ctx, s, args, o.out, o.force)
	if written := err == nil || exit.CodeOf(err) == exit.Damaged && n > 0; written && !o.quiet && o.out != "-" {
		o.say(s, n, args)
	}
	return err
}

// say tells what became of the corpora; of one, how small it is now.
func (o *mergeOptions) say(s Streams, n int64, args []string) {
	if len(args) > 1 {
		fmt.Fprintf(s.Out, "merged %s from %d files\n", wording.Count(n, "record"), len(args))
		return
	}
	fmt.Fprintf(s.Out, "packed %s%s\n", wording.Count(n, "record"), sizes(args[0], o.out))
}

// sizes says how large two files are.
func sizes(from, to string) string {
	a, err := os.Stat(from)
	b, err2 := os.Stat(to)
	if err != nil || err2 != nil || !a.Mode().IsRegular() {
		return ""
	}
	return fmt.Sprintf(": %d bytes, from %d", b.Size(), a.Size())
}

// mergeRun joins completions to a run.
func (o *mergeOptions) mergeRun(ctx context.Context, s Streams, name string) error {
	switch {
	case len(o.done.Paths) == 0:
		return exit.Misuse("%s is a run file: say what its system has finished, with --completions FILE", name)
	case o.out == "":
		return exit.Misuse("say where the run goes: -o FILE.rpr")
	case o.out == "-":
		return exit.Misuse("-o -: a run goes to a file: -o FILE.rpr")
	}
	run, err := o.done.JoinInto(ctx, name, o.out, o.force)
	switch {
	case errors.Is(err, completed.ErrNoneFits):
		return sayCompletions(s.Err, nil, run.Set, run.Summary.Completion)
	case errors.Is(err, results.ErrDamaged):
		return exit.With(exit.Damaged, exit.Hint(fmt.Errorf("%s: %w", name, err), "reprise repair "+name+" -o whole.rpr, then merge that"))
	case err != nil:
		return outputs.Explain(completionError(&o.done.Files, name, err))
	}
	sayReplaced(s.Err, nil, name, &run.Run)
	err = sayCompletions(s.Err, nil, run.Set, run.Summary.Completion)
	if !o.quiet {
		c := run.Summary.Completion
		fmt.Fprintf(s.Out, "joined %s to %s\n", wording.Count(c.Joined, "completion"), wording.Count(c.Joined+c.Never, "answered request"))
	}
	return err
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
