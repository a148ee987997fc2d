package help

import (
	"strings"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
)

// argumentError says which argument of a verb is missing, or that there is one too many, by the line that its page shows.
func argumentError(cmd *cobra.Command, args []string, err error) error {
	path := Name(cmd)
	switch { // the error names the word that is no verb
	case !cmd.HasParent():
		return exit.Misuse("%v", err)
	case cmd.HasSubCommands() && len(argumentWords(cmd.Use)) == 0:
		return exit.Misuse("%s: %v", path, err)
	}
	words := argumentWords(cmd.Use)
	usage := "write " + cmd.UseLine()
	switch {
	case len(words) == 0 && len(args) > 0:
		return exit.Misuse("%s: it takes flags alone, and there is the argument %q: %s", path, args[0], usage)
	case len(args) >= len(words):
		return exit.Misuse("%s: too many arguments: %s", path, usage)
	case strings.Contains(words[len(args)], "|"):
		return exit.Misuse("%s: say which: %s", path, usage)
	}
	return exit.Misuse("%s: %s is missing: %s", path, strings.TrimSuffix(words[len(args)], "..."), usage)
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
