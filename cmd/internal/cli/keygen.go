package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
)

// keygenOptions are the flags of keygen.
type keygenOptions struct {
	out, scheme, certificate, certificateURL string
	force, quiet                             bool
}

func keygenVerb(s Streams) *cobra.Command {
	var o keygenOptions
	cmd := help.Verb(help.Page{
		Use: "keygen -o KEY", Short: "Make a key by which one person stays one person in every corpus, or one to sign with",
		Long: `Writes 32 random bytes as 64 hexadecimal digits, readable by you alone. anonymize --key-file uses it, with a ledger
that remembers who became whom. Whoever has the key and the ledger can tell who was who; without them nobody can. Keep them
apart from the corpora, and destroy both when no further corpus is to be linked. Losing the key means a new key and a new
ledger: people then get other fakes.

With --scheme it makes a key to sign requests with instead, for replay --sign, and says what the receiver under test is to be told:
nobody has a vendor's own private key. That of sns has a certificate, which somebody must serve over HTTPS: see docs/signing.md.`,
		Examples: [2]string{"reprise keygen -o KEY", "reprise keygen --scheme sns --certificate sns.pem -o sns.key"},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		switch {
		case o.scheme == "" && cmd.Flags().Changed("scheme"):
			return exit.Misuse("--scheme: it names no vendor")
		case o.out == "" || o.out == "-":
			return exit.Misuse("say which file the key goes to: -o KEY")
		case o.scheme != "":
			return o.signing(s)
		case o.certificate != "" || o.certificateURL != "":
			return exit.Misuse("--certificate and --certificate-url are of a key to sign with: --scheme sns")
		}
		return o.linking(s)
	})
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the key to `FILE`")
	f.StringVar(&o.scheme, "scheme", "", "make a key to sign as `VENDOR` does: "+strings.Join(all.KeyMakers(all.Table()), ", "))
	f.StringVar(&o.certificate, "certificate", "", "with --scheme sns: write the certificate, which receivers are to find, to `FILE` (PEM)")
	f.StringVar(&o.certificateURL, "certificate-url", "", "where receivers find it: an https `URL` (default: FILE on a host that exists nowhere, whose name is like the vendor's)")
	outputs.Declare(f, "output", outputs.Whole)
	outputs.Declare(f, "certificate", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists: what was anonymized with it cannot be continued then")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
	return cmd
}

// linking makes a key for anonymize.
func (o *keygenOptions) linking(s Streams) error {
	if err := o.write(s, o.out, anonymize.NewKey()); err != nil {
		return err
	}
	read, err := anonymize.ReadKey(o.out)
	if err != nil || o.quiet {
		return err
	}
	print, err := anonymize.Fingerprint(read)
	fmt.Fprintf(s.Out, "key %s written\n", print)
	return err
}

// signing makes a key for replay.
func (o *keygenOptions) signing(s Streams) error {
	table := all.Table()
	v, maker, version, ok := all.KeyMaker(table, o.scheme)
	if !ok {
		return exit.Hint(exit.Misuse("--scheme: no keys are made for %q", o.scheme), "those that there are: "+strings.Join(all.KeyMakers(table), " "))
	}
	options := dialect.KeyOptions{Version: version, CertificateURL: o.certificateURL, Now: time.Now()}
	if o.certificate != "" && o.certificate != "-" {
		options.CertificateName = filepath.Base(o.certificate)
	}
	key, err := maker.MakeKey(options)
	switch {
	case errors.Is(err, dialect.ErrNoCertificate):
		return exit.Hint(exit.Misuse("--scheme %s: %w", o.scheme, err), "a certificate goes to a file: --certificate FILE")
	case err != nil:
		return exit.Misuse("--scheme %s: %w", o.scheme, err)
	case key.Certificate == nil && (o.certificate != "" || o.certificateURL != ""):
		return exit.Misuse("--certificate: a key of %s has none", v.Title)
	}
	if err := o.write(s, o.out, key.Secret); err != nil {
		return err
	}
	if key.Certificate != nil {
		if err := o.write(s, o.certificate, key.Certificate); err != nil {
			return err
		}
	}
	if !o.quiet {
		o.say(s.Out, v, &key)
	}
	return nil
}

// say tells what to do with a key to sign with.
func (o *keygenOptions) say(w io.Writer, v *dialect.Vendor, key *dialect.TestKey) {
	fmt.Fprintf(w, "key of %s written: replay … --sign %s=@%s\n", v.Title, v.Name, o.out)
	switch {
	case key.Certificate != nil:
		for _, set := range key.Settings {
			fmt.Fprintf(w, "receiver: it fetches %s from %s, and must trust both (docs/signing.md)\n", o.certificate, set.Value)
		}
		return
	case len(key.Settings) == 0:
		fmt.Fprintf(w, "receiver: the same secret, which %s holds\n", o.out)
	}
	for _, set := range key.Settings {
		if set.Name != "" {
			set.Value = set.Name + "=" + set.Value
		}
		fmt.Fprintf(w, "receiver: %s\n", set.Value)
	}
}

func (o *keygenOptions) write(s Streams, name string, text []byte) error {
	return outputs.Write(s.Out, name, o.force, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
