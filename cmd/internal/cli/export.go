package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	captured "reprise/capture/report"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/cmd/internal/signing"
	"reprise/cmd/internal/terminal"
	"reprise/fixtures/export"
	"reprise/fixtures/report"
)

// exportOptions are the flags of fixtures export.
type exportOptions struct {
	selection.Choice
	with   export.Options
	signer export.Signer

	formats            []string
	sign, signProfiles []string
	out                string
	asJSON, quiet      bool
}

func exportVerb(s Streams) *cobra.Command {
	var o exportOptions
	cmd := help.Verb(help.Page{
		Use: "export IN.rpz --format FORMAT -o DIR", Short: "Write a corpus as files that other tools play or serve",
		Long: `Writes a corpus into the folder DIR, which appears when it is whole. Several formats each get a folder of their name in it.

` + report.Formats() + `

curl, vegeta, k6 and har send to --target; the scripts of curl and k6 take another from TARGET, and their tempo from TIME_SCALE.
The Host header stays the recorded one. curl starts a process a request, one after another, for tests more than for load; k6 keeps
the recorded moments; both refuse a TARGET that the corpus was captured from, while http, ndjson and gor are data alone. vegeta
plays at a rate, so its times.csv has the moments beside. wiremock and hoverfly stand in for the receiver: a path answers as it
mostly did, as fast as it did, and a message that was answered otherwise gets that answer once. DIR/export.json says what was
exported. A record that a format cannot carry ends the export. Anonymized requests carry no signature; --sign puts one on. A raw
corpus is refused, as its numbers and texts are real.`,
		Examples: [2]string{
			"reprise fixtures export fixture.rpz --format curl -o testdata/curl --target http://127.0.0.1:5000",
			"reprise fixtures export safe.rpz --format vegeta,k6,gor -o exports --kinds subscribe,unsubscribe",
		},
		Codes: []exit.Code{exit.Refused, exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args[0]) })
	f := cmd.Flags()
	f.StringSliceVar(&o.formats, "format", nil, "one or more `FORMATS`: "+report.FormatNames())
	f.StringVarP(&o.out, "output", "o", "", "the folder `DIR` to make")
	outputs.Declare(f, "output", outputs.Folder)
	f.StringVar(&o.with.Target, "target", "", "`URL` to send to (default http://127.0.0.1:9000)")
	f.Float64Var(&o.with.TimeScale, "time-scale", 1, "tempo of the scripts: 2 halves the time between requests")
	f.StringArrayVar(&o.sign, "sign", nil, "sign a vendor's requests, as of their recorded moments: "+signing.KeyForm("the same ones as in reprise replay"))
	f.StringArrayVar(&o.signProfiles, "sign-profile", nil, "sign a vendor's requests by another scheme: "+signing.Schemes(all.Table()))
	f.StringVar(&o.signer.URL, "sign-url", "", "the `URL` that signatures cover (default: https://HOST and the recorded path)")
	f.BoolVar(&o.with.Force, "force", false, "replace an export that is in DIR; other files there are left alone")
	f.BoolVar(&o.asJSON, "json", false, "print the account as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
	o.Choice.Add(f)
	return cmd
}

func (o *exportOptions) run(ctx context.Context, s Streams, in string) error {
	switch {
	case o.out == "" || o.out == "-":
		return exit.Misuse("say which folder to make: -o DIR")
	case len(o.formats) == 0:
		return exit.Misuse("--format: name one of %s", report.FormatNames())
	case !(o.with.TimeScale > 0):
		return exit.Misuse("--time-scale must be above 0")
	}
	vendors, err := vendorsOf(in)
	if err != nil {
		return err
	}
	if o.signer.Secrets, o.signer.Table, err = signing.Read(ctx, signing.ToSign(o.sign, o.signProfiles), vendors); err != nil {
		return err
	}
	said, err := signing.CheckURL(o.signer.URL, o.sign)
	if err != nil {
		return err
	}
	if said != "" {
		fmt.Fprintf(s.Err, "reprise: fixtures export: %s\n", said)
	}
	wanted, err := o.Selection()
	if err != nil {
		return err
	}
	var formats []export.Format
	for _, f := range selection.Trimmed(o.formats) {
		formats = append(formats, export.Format(f))
	}
	path, done, err := inputs.Spool(ctx, in, s.In, s.Err)
	if err != nil {
		return err
	}
	defer done()
	p := terminal.Start(s.Err, "export", o.quiet)
	o.with.Signer, o.with.Progress = &o.signer, p.Count.Store
	a, err := export.File(ctx, path, o.out, formats, wanted, o.with)
	p.End()
	if err != nil {
		return inputs.Unreadable(s.Err, in, a.Damage, explainExport(err), export.ErrNothing)
	}
	sayLines(s.Err, "fixtures export", signing.SignNotes(o.signer.Uses())...)
	return errors.Join(o.print(s, &a), inputs.SayDamage(s.Err, in, a.Damage))
}

// explainExport gives an error its exit code and its advice.
func explainExport(err error) error {
	switch {
	case errors.Is(err, export.ErrOptions), errors.Is(err, export.ErrNothing):
		return exit.With(exit.Misused, err)
	case errors.Is(err, export.ErrCaptured):
		return exit.With(exit.Refused, errors.New("--target is a host that the corpus was captured from"))
	case errors.Is(err, corpus.ErrHostsLost):
		return exit.With(exit.Refused, exit.Hint(err, captured.HostsLost))
	}
	return outputs.Explain(selection.Explain(inputs.RawRefused(err, "numbers and texts")))
}

func (o *exportOptions) print(s Streams, a *export.Account) error {
	switch {
	case o.asJSON:
		return printJSON(s.Out, a)
	case o.quiet:
		return nil
	}
	return report.Exported(s.Out, o.out, a)
}
