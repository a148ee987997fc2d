package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/source/open"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
	"reprise/replay/results"
)

// repairOptions are the flags of repair.
type repairOptions struct {
	out, like    string
	force, quiet bool
}

func repairVerb(s Streams) *cobra.Command {
	var o repairOptions
	cmd := help.Verb(help.Page{
		Use: "repair IN -o OUT", Short: "Write what is whole of a damaged or unfinished corpus or run file as a new one",
		Long: `Reads every whole block of a corpus or a run file, whatever is missing around it, and writes a new file. The input is
not changed, but for one case: NAME.partial, which a run left that did not end, goes when NAME was made of it and only its end
was missing. Where nothing can be kept there is no output (exit code 1).

A run file has its header twice. One of which both are damaged is read without it; in a file of an older reprise, which has one, a
wrong byte is found and put right. Beyond that, which corpus, plan and target it was is not known, and compare and replay
--resume refuse it, until --like names another run of the same plan: corpus, plan and settings are taken from there, if the
requests that are in both were planned at the same moments. A run that had no end (NAME.partial) still has none: inspect sums
it up, and replay --resume goes on with it.`,
		Examples: [2]string{"reprise repair friday.rpz.partial -o friday.rpz", "reprise repair damaged.rpr -o whole.rpr --like other.rpr"},
		Codes:    []exit.Code{exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args[0]) })
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the corpus or the run to `FILE`; a corpus to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.StringVar(&o.like, "like", "", "take what a damaged header said from `RUN.rpr`, which played the same plan")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
	return cmd
}

// run looks at the input's first bytes to know what it is.
func (o *repairOptions) run(ctx context.Context, s Streams, name string) error {
	in, err := open.Reader(name, s.In)
	if err != nil {
		return err
	}
	defer in.Close()
	content := bufio.NewReader(in)
	if start, _ := content.Peek(results.DetectLen); results.Detect(start) {
		return o.repairRun(ctx, s, name, content)
	}
	if o.like != "" {
		return exit.Misuse("--like is for a run file, and %s is none", name)
	}
	if name == "-" {
		s.In = content
	}
	return o.repairCorpus(ctx, s, name)
}

func (o *repairOptions) repairCorpus(ctx context.Context, s Streams, name string) error {
	r, closer, err := openCorpus(name, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	n, err := transfer(ctx, s, o.out, o.force, r.Header(), r, r)
	if err != nil {
		return unreadable(s.Err, name, r.Damage(), err, corpus.ErrEmpty)
	}
	if !o.quiet && o.out != "-" {
		fmt.Fprintf(s.Out, "kept %s\n", plural(n, "record"))
	}
	sayHosts(s.Err, name, r.Hosts())
	if n > 0 && corpus.EndsEarly(r.Damage()) {
		if err := outputs.Consume(s.Err, "repair", name, o.out); err != nil {
			return err
		}
	}
	return sayDamage(s.Err, name, r.Damage())
}

// repairRun keeps the rows of a run file.
func (o *repairOptions) repairRun(ctx context.Context, s Streams, name string, content io.Reader) error {
	switch o.out {
	case "":
		return exit.Misuse("say where the run goes: -o FILE.rpr")
	case "-":
		return exit.Misuse("-o -: a run goes to a file: -o FILE.rpr")
	}
	r, state, err := results.Salvage(content)
	if err != nil {
		return exit.With(exit.Damaged, fmt.Errorf("%s: %w", name, err))
	}
	defer r.Close()
	h, like, err := o.header(ctx, r, state)
	if err != nil {
		return err
	}
	kept, err := results.Repair(ctx, r, o.out, h, o.force, like.See, like.Check)
	if errors.Is(err, results.ErrNothing) {
		_ = sayDamage(s.Err, name, kept.Damage)
		return fmt.Errorf("%s: %w; no output was written", name, err)
	}
	if other := (*results.OtherPlanError)(nil); errors.As(err, &other) {
		return exit.Misuse("--like %s: it played another plan: of %s in both runs, %d were planned at the same moment", o.like,
			plural(other.Shared, "request"), other.Same)
	}
	if err != nil {
		return outputs.Explain(err)
	}
	if !o.quiet {
		o.sayKept(s.Out, state, &kept)
	}
	if state == results.HeaderWhole && results.EndsEarly(kept.Damage) {
		if err := outputs.Consume(s.Err, "repair", name, o.out); err != nil {
			return err
		}
	}
	if state == results.HeaderWhole && o.like != "" {
		fmt.Fprintf(s.Err, "reprise: repair: --like was not needed: the header of %s is whole\n", name)
	}
	return sayDamage(s.Err, name, kept.Damage)
}

// header is the one for the new file, and what its rows are held against where it is another run's.
func (o *repairOptions) header(ctx context.Context, r *results.Reader, state results.HeaderState) (results.Header, *results.Likeness, error) {
	switch {
	case state != results.HeaderLost:
		return r.Header(), nil, nil
	case o.like == "":
		return results.RebuiltHeader(nil), nil, nil
	}
	other, err := openRun(o.like)
	if err != nil {
		return results.Header{}, nil, fmt.Errorf("--like: %w", err)
	}
	defer other.Close()
	like, err := results.NewLikeness(ctx, other)
	switch {
	case errors.Is(err, results.ErrHeaderLost):
		return results.Header{}, nil, exit.Misuse("--like %s: %w", o.like, err)
	case err != nil:
		return results.Header{}, nil, err
	}
	return results.RebuiltHeader(&like.Header), like, nil
}

func (o *repairOptions) sayKept(w io.Writer, state results.HeaderState, kept *results.Salvaged) {
	fmt.Fprintf(w, "kept %s", plural(kept.Kept, "result"))
	switch {
	case kept.Lost > 0:
		fmt.Fprintf(w, ", %d lost", kept.Lost)
	case kept.Unknown:
		fmt.Fprint(w, "; it cannot be known how many are lost")
	}
	fmt.Fprintln(w)
	if !kept.Ended {
		fmt.Fprintf(w, "the run has no end: replay --resume %s goes on with it\n", o.out)
	}
	switch {
	case state == results.HeaderMended:
		fmt.Fprintln(w, "the header was damaged and could be put right")
	case state == results.HeaderLost && o.like == "":
		fmt.Fprintln(w, "the header is lost: corpus, plan, target and settings are not known; to compare it, repair it with --like RUN.rpr, a run of the same plan")
	case state == results.HeaderLost:
		fmt.Fprintf(w, "the header is lost: corpus, plan and settings are those of %s; run, target and machine are not known\n", o.like)
	}
}
