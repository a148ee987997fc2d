package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	captured "reprise/capture/report"
	"reprise/capture/source/open"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay/report"
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
	r, closer, err := inputs.Corpus(ctx, name, s.In)
	if err != nil {
		return err
	}
	defer closer.Close()
	n, err := outputs.Transfer(ctx, s.Out, o.out, o.force, r.Header(), r, r)
	if err != nil {
		return inputs.Unreadable(s.Err, name, r.Damage(), err, corpus.ErrEmpty)
	}
	if !o.quiet && o.out != "-" {
		fmt.Fprintf(s.Out, "kept %s\n", wording.Count(n, "record"))
	}
	captured.WriteHosts(s.Err, name, r.Hosts())
	if n > 0 && corpus.EndsEarly(r.Damage()) {
		if err := outputs.Consume(s.Err, "repair", name, o.out); err != nil {
			return err
		}
	}
	return inputs.SayDamage(s.Err, name, r.Damage())
}

// repairRun keeps the rows of a run file.
func (o *repairOptions) repairRun(ctx context.Context, s Streams, name string, content io.Reader) error {
	switch o.out {
	case "":
		return exit.Misuse("say where the run goes: -o FILE.rpr")
	case "-":
		return exit.Misuse("-o -: a run goes to a file: -o FILE.rpr")
	}
	kept, err := results.RepairFile(ctx, content, o.out, results.RepairOptions{Like: o.like, Force: o.force})
	if err != nil {
		if errors.Is(err, results.ErrNothing) {
			_ = inputs.SayDamage(s.Err, name, kept.Damage)
		}
		return o.explain(name, err)
	}
	if !o.quiet {
		if err := report.WriteSalvaged(s.Out, &kept, o.out, o.like, flagOf); err != nil {
			return err
		}
	}
	if kept.Header == results.HeaderWhole && results.EndsEarly(kept.Damage) {
		if err := outputs.Consume(s.Err, "repair", name, o.out); err != nil {
			return err
		}
	}
	if kept.Header == results.HeaderWhole && o.like != "" {
		fmt.Fprintf(s.Err, "reprise: repair: --like was not needed: the header of %s is whole\n", name)
	}
	return inputs.SayDamage(s.Err, name, kept.Damage)
}

// explain gives an error of a run's repair its exit code.
func (o *repairOptions) explain(name string, err error) error {
	like, unlike := errors.AsType[*results.LikeError](err)
	other, otherPlan := errors.AsType[*results.OtherPlanError](err)
	switch {
	case errors.As(err, new(*results.InputError)):
		return exit.With(exit.Damaged, fmt.Errorf("%s: %w", name, err))
	case errors.Is(err, results.ErrNothing):
		return fmt.Errorf("%s: %w; no output was written", name, err)
	case otherPlan:
		return exit.Misuse("--like %s: it played another plan: of %s in both runs, %d were planned at the same moment", o.like,
			wording.Count(other.Shared, "request"), other.Same)
	case errors.Is(err, results.ErrHeaderLost):
		return exit.Misuse("--like %s: %w", o.like, err)
	case unlike:
		return fmt.Errorf("--like: %w", inputs.RunError(o.like, like.Err))
	}
	return outputs.Explain(err)
}
