// Package cli is the command line: one file a verb, each of which parses its flags, fills an options struct, calls one library
// function and prints what came back. What verbs share stands beside it: pages and groups of flags in help, what is read and written
// in inputs and outputs, the choice of records in selection, keys in signing, exit codes in exit, text for terminals in terminal.
// Flags are named below cmd/internal and nowhere else.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/source/open"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/terminal"
)

// Streams are what a verb reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run executes one command line and returns its exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	garbage.Usual() // but where a verb asks for more
	out, errs := terminal.NewPrinter(s.Out), terminal.NewPrinter(s.Err)
	if f, ok := s.In.(*os.File); ok {
		s.In = open.Interruptible(ctx, f)
	}
	s.Out, s.Err = out, errs
	args = joinTrace(args)
	root := command(s, args)
	root.SetArgs(args)
	err := help.Retired(args)
	if err == nil {
		err = help.NoVerb(root, args)
	}
	waited := inputs.EndWaiting(ctx, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	err = out.Decides(err)
	if gaveUp := waited(); err != nil && ctx.Err() != nil && (gaveUp || errors.Is(err, context.Canceled)) {
		err = exit.With(exit.Interrupted, errors.New("interrupted"))
	}
	if err == nil {
		return int(exit.Done)
	}
	complain(s.Err, err)
	_ = errs.End() // nobody is left to tell
	return int(exit.CodeOf(err))
}

// complain prints an error as every verb does: one line, and a hint where there is one.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "reprise: %v\n", err)
	switch hint := exit.HintOf(err); {
	case hint != "":
		fmt.Fprintf(w, "hint: %s\n", hint)
	case errors.Is(err, corpus.ErrNewer): // which is that of run files, too
		fmt.Fprintf(w, "hint: %s\n", inputs.NewerHint)
	}
}

// Command builds the tree of verbs; Run is what executes a line of it.
func Command(s Streams) *cobra.Command { return command(s, nil) }

// command builds the tree for that line: of the verbs only the one that it begins with, where it does with one. The pages of some
// say what is known of each vendor, which takes longer to find out than a short verb takes.
func command(s Streams, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "reprise",
		Short: "Record webhook traffic, make it safe, play it back at any tempo, compare the runs",
		Long: `reprise records the webhooks that an SMS vendor sent you, replaces every number, name and text by fake ones
that keep the shape, plays the recording back at any tempo against an endpoint of yours, and says whether the
run was faithful and whether one run is slower than another.

    capture -> corpus (.rpz) -> anonymize -> corpus -> replay -> run (.rpr) -> compare, report

Start with: reprise demo`,
		Version:      build.Line(),
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	root.Flags().Bool("version", false, "print the version")
	root.SetVersionTemplate("{{.Version}}\n")
	for _, make := range verbs(args) {
		root.AddCommand(make(s))
	}
	root.AddCommand(completionVerb(root, s))
	help.LayOut(root, outputs.Check)
	return root
}

// verbs lists what makes every verb, in the order in which a corpus meets them, or the one alone that a line begins with.
func verbs(args []string) []func(Streams) *cobra.Command {
	named := [...]struct {
		name string
		make func(Streams) *cobra.Command
	}{
		{"demo", demoVerb},
		{"capture", captureVerb},
		{"anonymize", anonymizeVerb},
		{"keygen", keygenVerb},
		{"audit", auditVerb},
		{"replay", replayVerb},
		{"ctl", ctlVerb},
		{"compare", compareVerb},
		{"history", historyVerb},
		{"report", reportVerb},
		{"why", whyVerb},
		{"inspect", inspectVerb},
		{"cat", catVerb},
		{"merge", mergeVerb},
		{"repair", repairVerb},
		{"fixtures", fixturesVerb},
		{"sink", sinkVerb},
		{"vendors", vendorsVerb},
		{"template", templateVerb},
		{"version", versionVerb},
	}
	var all []func(Streams) *cobra.Command
	for _, v := range named {
		if len(args) > 0 && args[0] == v.name {
			return []func(Streams) *cobra.Command{v.make}
		}
		all = append(all, v.make)
	}
	return all
}
