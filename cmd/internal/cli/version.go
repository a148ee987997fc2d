package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
)

// version names the build: the module's version, and the commit where the toolchain recorded one.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += "+" + s.Value[:12]
		}
	}
	return v
}

// buildLine says in one line which reprise this is, and which Go built it for which system.
func buildLine() string {
	return fmt.Sprintf("reprise %s %s %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func versionVerb(s Streams) *cobra.Command {
	var asJSON bool
	cmd := help.Verb(help.Page{
		Use: "version", Short: "Print the version",
		Long:     "Prints the version of reprise and of the Go it was built with.",
		Examples: [2]string{"reprise version", "reprise version --json"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		if asJSON {
			return printJSON(s.Out, map[string]string{"version": version(), "go": runtime.Version()})
		}
		_, err := fmt.Fprintln(s.Out, buildLine())
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

// tool names the program and its version, as files record it.
func tool() string { return "reprise " + version() }
