package cli

import (
	"bufio"
	"bytes"
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
	"reprise/cmd/internal/garbage"
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
was missing. Where nothing can be kept there is no output (exit code 1). Of a corpus whose header and its copy are damaged the records are kept as raw
ones, whatever they were.

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
	garbage.Little()
	in, err := open.Reader(name, s.In)
	if err != nil {
		return err
	}
	defer in.Close()
	content := bufio.NewReaderSize(in, headerPeek)
	if start, _ := content.Peek(results.DetectLen); results.Detect(start) {
		return o.repairRun(ctx, s, name, content)
	}
	if o.like != "" {
		return exit.Misuse("--like is for a run file, and %s is none", name)
	}
	start, _ := content.Peek(headerPeek)
	magic, mended := corpus.MendMagic(start)
	if !mended {
		return o.repairCorpus(ctx, s, content, name, name, nil)
	}
	if _, err := content.Discard(len(magic)); err != nil {
		return err
	}
	s.In = io.MultiReader(bytes.NewReader(magic), content)
	return o.repairCorpus(ctx, s, nil, "-", name, []corpus.Damage{{Length: int64(len(magic)), Reason: corpus.BadMagic}})
}

// headerPeek is how much is looked at to tell a corpus by its header.
const headerPeek = 64 << 10

// repairCorpus keeps the records of what is called name, and read from there or from stdin; before is the damage that was met already. content
// is the same from its beginning, for where the header is lost; nil where it is known to be whole.
func (o *repairOptions) repairCorpus(ctx context.Context, s Streams, content *bufio.Reader, from, name string, before []corpus.Damage) error {
	r, closer, err := openDamaged(ctx, s, content, from)
	if err != nil {
		return err
	}
	defer closer.Close()
	n, err := outputs.Transfer(ctx, s.Out, o.out, o.force, r.Header(), r, r)
	damage := append(before, r.Damage()...)
	if err != nil {
		return inputs.Unreadable(s.Err, name, damage, err, corpus.ErrEmpty)
	}
	if !o.quiet && o.out != "-" {
		fmt.Fprintf(s.Out, "kept %s\n", wording.Count(n, "record"))
	}
	captured.WriteHosts(s.Err, name, r.Hosts())
	if n > 0 && corpus.EndsEarly(damage) {
		if err := outputs.Consume(s.Err, "repair", name, o.out); err != nil {
			return err
		}
	}
	return inputs.SayDamage(s.Err, name, damage)
}

// openDamaged opens a corpus also where its header is lost. What is read from stdin can be begun once.
func openDamaged(ctx context.Context, s Streams, content *bufio.Reader, from string) (*corpus.Reader, io.Closer, error) {
	if content == nil {
		return inputs.Corpus(ctx, from, s.In)
	}
	var again io.Reader
	if from != "-" {
		r, closer, err := inputs.Corpus(ctx, from, s.In)
		if errors.Is(err, corpus.ErrNotCorpus) {
			if r, failed := corpus.OpenByFooter(from); failed == nil {
				return r, r, nil
			}
		}
		if !errors.Is(err, corpus.ErrHeader) {
			return r, closer, err
		}
		in, err := open.Reader(from, nil)
		if err != nil {
			return nil, nil, err
		}
		defer in.Close()
		again = open.Cut(in)
	} else if start, _ := content.Peek(corpus.MagicLen); !corpus.Detect(start) {
		return inputs.Corpus(ctx, from, content)
	}
	r, err := corpus.NewHeadless(open.Cut(content), again)
	return r, r, err
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
