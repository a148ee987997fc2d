// Package cli is the command line: one file a verb, each of which parses its flags, fills an options struct,
// calls one library function and prints what came back. Flags, exit codes and colours live here and nowhere else.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/source/open"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/terminal"
)

// Streams are what a verb reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run executes one command line and returns its exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	out, errs := terminal.NewPrinter(s.Out), terminal.NewPrinter(s.Err)
	if f, ok := s.In.(*os.File); ok {
		s.In = open.Interruptible(ctx, f)
	}
	s.Out, s.Err = out, errs
	root := command(s)
	root.SetArgs(args)
	err := retiredVerb(args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	err = out.Decides(err)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
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
		fmt.Fprintf(w, "hint: %s\n", newerHint)
	}
}

// newerHint is what to do with a file that a newer reprise wrote.
const newerHint = "a newer reprise reads it"

// command builds the tree of verbs.
func command(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "reprise",
		Short: "Record webhook traffic, make it safe, play it back at any tempo, compare the runs",
		Long: `reprise records the webhooks that an SMS vendor sent you, replaces every number, name and text by fake ones
that keep the shape, plays the recording back at any tempo against an endpoint of yours, and says whether the
run was faithful and whether one run is slower than another.

    capture -> corpus (.rpz) -> anonymize -> corpus -> replay -> run (.rpr) -> compare, report

Start with: reprise demo`,
		Version:      buildLine(),
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
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := io.WriteString(cmd.OutOrStderr(), usage(cmd))
		return err
	})
	root.SetFlagErrorFunc(flagError)
	for _, verb := range verbs(s) {
		root.AddCommand(verb)
	}
	root.AddCommand(completionVerb(root, s), versionVerb(s))
	wrap(root, s)
	return root
}

// verbs lists every verb in the order in which a corpus meets them.
func verbs(s Streams) []*cobra.Command {
	return []*cobra.Command{
		demoVerb(s), captureVerb(s), anonymizeVerb(s), keygenVerb(s), auditVerb(s), replayVerb(s), ctlVerb(s), compareVerb(s), reportVerb(s),
		inspectVerb(s), catVerb(s), mergeVerb(s), repairVerb(s), fixturesVerb(s), sinkVerb(s), templateVerb(s),
	}
}

// wrap names the verb in front of its errors, turns wrong arguments into misuse, and checks every verb's outputs before it begins.
func wrap(cmd *cobra.Command, s Streams) {
	path := strings.TrimPrefix(cmd.CommandPath(), "reprise ")
	if args := cmd.Args; args != nil {
		cmd.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return argumentError(c, a, err)
			}
			return nil
		}
	}
	if run := cmd.RunE; run != nil && cmd.HasParent() {
		cmd.RunE = func(c *cobra.Command, a []string) error {
			err := checkOutputs(c, a, s)
			if err == nil {
				err = run(c, a)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		wrap(child, s)
	}
}

// page describes a verb: every one has two examples and its exit codes in its help.
type page struct {
	use, short, long string
	examples         [2]string
	codes            []exit.Code
	unmet            string // what exit code 3 means, where that is not what it means to most
}

// newVerb makes a command of a page.
func newVerb(p page, args cobra.PositionalArgs, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: p.use, Short: p.short, Args: args, RunE: run,
		Long:                  p.long + "\n\nExit codes:\n" + exit.Describe(p.codes, p.unmet),
		Example:               "  " + p.examples[0] + "\n  " + p.examples[1],
		DisableFlagsInUseLine: true,
	}
}

// newGroup makes a command that only holds others.
func newGroup(use, short string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		_ = cmd.Help()
		return exit.Misuse("name one of its verbs")
	}}
	g.AddCommand(verbs...)
	return g
}
