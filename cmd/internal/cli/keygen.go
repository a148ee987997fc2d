package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
)

func keygenVerb(s Streams) *cobra.Command {
	var out string
	var force, quiet bool
	cmd := help.Verb(help.Page{
		Use: "keygen -o KEY", Short: "Make a key by which one person stays one person in every corpus",
		Long: `Writes 32 random bytes as 64 hexadecimal digits, readable by you alone. anonymize --key-file uses it, with a ledger
that remembers who became whom. Whoever has the key and the ledger can tell who was who; without them nobody can. Keep them
apart from the corpora, and destroy both when no further corpus is to be linked. Losing the key means a new key and a new
ledger: people then get other fakes.`,
		Examples: [2]string{"reprise keygen -o KEY", "reprise keygen -o ~/secrets/sms.key --quiet"},
	}, cobra.NoArgs, func(_ *cobra.Command, _ []string) error {
		if out == "" || out == "-" {
			return exit.Misuse("say which file the key goes to: -o KEY")
		}
		key := anonymize.NewKey()
		if err := outputs.Write(s.Out, out, force, func(w io.Writer) error {
			_, err := w.Write(key)
			return err
		}); err != nil {
			return err
		}
		read, err := anonymize.ReadKey(out)
		if err != nil || quiet {
			return err
		}
		print, err := anonymize.Fingerprint(read)
		fmt.Fprintf(s.Out, "key %s written\n", print)
		return err
	})
	f := cmd.Flags()
	f.StringVarP(&out, "output", "o", "", "write the key to `FILE`")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&force, "force", false, "overwrite FILE if it exists: what was anonymized with it cannot be continued then")
	f.BoolVar(&quiet, "quiet", false, "print nothing")
	return cmd
}
