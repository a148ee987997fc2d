package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
)

func versionVerb(s Streams) *cobra.Command {
	var asJSON bool
	cmd := help.Verb(help.Page{
		Use: "version", Short: "Print the version",
		Long:     "Prints the version of reprise and of the Go it was built with.",
		Examples: [2]string{"reprise version", "reprise version --json"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		if asJSON {
			return printJSON(s.Out, map[string]string{"version": build.Version(), "go": runtime.Version()})
		}
		_, err := fmt.Fprintln(s.Out, build.Line())
		return err
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func completionVerb(root *cobra.Command, s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "completion bash|zsh|fish", Short: "Print a shell's completion script",
		Long:     "Prints a script that completes verbs and flags in your shell.",
		Examples: [2]string{"source <(reprise completion bash)", "reprise completion fish > ~/.config/fish/completions/reprise.fish"},
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(s.Out, true)
		case "zsh":
			return root.GenZshCompletion(s.Out)
		case "fish":
			return root.GenFishCompletion(s.Out, true)
		}
		return exit.Misuse("no completion for %q: choose bash, zsh or fish", args[0])
	})
}
