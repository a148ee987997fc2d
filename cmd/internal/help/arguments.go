package help

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
)

// argumentError says which argument of a verb is missing, or that there is one too many, by the line that its page shows.
func argumentError(cmd *cobra.Command, args []string) error {
	path := Name(cmd)
	if holdsVerbs(cmd) && len(args) > 0 {
		return noVerb(cmd, args[0])
	}
	words := argumentWords(cmd.Use)
	usage := "write " + cmd.UseLine()
	switch {
	case len(words) == 0 && len(args) > 0:
		return exit.Misuse("%s: it takes flags alone, and there is the argument %q: %s", path, args[0], usage)
	case len(args) >= len(words):
		err := exit.Misuse("%s: too many arguments: %s", path, usage)
		if len(words) == 1 && !strings.HasSuffix(words[0], ".rpr") && !slices.ContainsFunc(args, isNoCorpus) {
			return exit.Hint(err, "reprise merge A.rpz B.rpz... -o ALL.rpz joins them first")
		}
		return err
	case strings.Contains(words[len(args)], "|"):
		return exit.Misuse("%s: say which: %s", path, usage)
	}
	return exit.Misuse("%s: %s is missing: %s", path, strings.TrimSuffix(words[len(args)], "..."), usage)
}

// isNoCorpus says whether a file is none by its name.
func isNoCorpus(name string) bool { return !strings.HasSuffix(strings.ToLower(name), ".rpz") }

// holdsVerbs says whether a word behind a command can only be one of its verbs.
func holdsVerbs(cmd *cobra.Command) bool {
	return cmd.HasSubCommands() && len(argumentWords(cmd.Use)) == 0
}

// NoVerb is the error for a command line that names a verb which is not there, whatever flags stand behind it.
func NoVerb(root *cobra.Command, args []string) error {
	for cmd := root; holdsVerbs(cmd) && len(args) > 0; args = args[1:] {
		if word := args[0]; word == "" || word[0] == '-' || strings.HasPrefix(word, cobra.ShellCompRequestCmd) {
			return nil
		}
		i := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == args[0] || c.HasAlias(args[0]) })
		if i < 0 {
			return noVerb(cmd, args[0])
		}
		cmd = cmd.Commands()[i]
	}
	return nil
}

// noVerb says that a command has no verb of a name, and which may be meant: one that is spelled alike, or one below another verb.
func noVerb(cmd *cobra.Command, name string) error {
	var meant []string
	for _, c := range cmd.Commands() {
		meant = append(meant, named(c, name)...)
	}
	if len(meant) == 0 {
		near := *cmd
		near.SuggestionsMinimumDistance = 2 // letters that differ
		for _, s := range near.SuggestionsFor(name) {
			meant = append(meant, cmd.CommandPath()+" "+s)
		}
	}
	err, hint := exit.Misuse("no verb is called %q", name), cmd.CommandPath()+" -h lists the verbs"
	if cmd.HasParent() {
		err, hint = exit.Misuse("%s: no verb of it is called %q", Name(cmd), name), cmd.CommandPath()+" -h lists its verbs"
	}
	if len(meant) > 0 {
		hint = "did you mean " + strings.Join(meant, " or ") + "?"
	}
	return exit.Hint(err, hint)
}

// named are the verbs of a name from a command downwards.
func named(cmd *cobra.Command, name string) (paths []string) {
	if cmd.Name() == name && !cmd.Hidden {
		paths = append(paths, cmd.CommandPath())
	}
	for _, c := range cmd.Commands() {
		paths = append(paths, named(c, name)...)
	}
	return paths
}

// argumentWords lists what stands behind a verb's name before its flags.
func argumentWords(use string) (words []string) {
	for i, word := range strings.Fields(use) {
		switch {
		case i == 0:
		case strings.HasPrefix(word, "-") || word == "|":
			return words
		default:
			words = append(words, word)
		}
	}
	return words
}
