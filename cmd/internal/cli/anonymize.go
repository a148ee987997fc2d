package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/anonymize/publish"
	"reprise/anonymize/report"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/sms"
	"reprise/capture/wording"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/terminal"
)

// anonymizeOptions are the flags of anonymize.
type anonymizeOptions struct {
	out, report     string
	keyFile, ledger string
	rules
	rebase        bool
	workers       int
	force, strict bool
	asJSON, quiet bool
	// plant, where set, gets every record on its way into the output: tests put leaks in with it.
	plant func(out *capture.Record)
}

func anonymizeVerb(s Streams) *cobra.Command {
	var o anonymizeOptions
	cmd := help.Verb(help.Page{
		Use: "anonymize IN.rpz -o OUT.rpz", Short: "Replace every number, name, id and text by fake ones of the same shape",
		Long: `Every person becomes one fake person whose number is in a range that reaches nobody (area code + 555), every text a
generated one of the same kind, encoding, length and segments; keyword messages keep their bytes. Times are untouched.
Fields that no vendor documents are blanked and counted; of a path stay only the words of routes and what the policy's paths
name. The key is random and forgotten, so that nothing links this
output to another; with --key-file and --ledger the same person becomes the same fake person in every corpus. LEDGER.count
says how many people the ledger has, and a shorter one is refused: put it back, or delete the count to go on. An audit then
searches the output for anything of the input; if it finds any, there is no output file. The result is pseudonymised, not
anonymous in law: who texts when is kept, since that is the traffic.`,
		Examples: [2]string{
			"reprise anonymize friday.rpz -o safe.rpz --strict --report report.json",
			"reprise anonymize friday.rpz -o safe.rpz --key-file KEY --ledger people.ledger",
		},
		Codes: []exit.Code{exit.Unmet, exit.Refused, exit.Damaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return o.run(cmd.Context(), s, args[0])
	})
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.StringVar(&o.keyFile, "key-file", "", "the key that keygen wrote to `FILE`; with --ledger")
	f.StringVar(&o.ledger, "ledger", "", "remember in `FILE` who became whom, for further corpora under the same key")
	outputs.Declare(f, "ledger", outputs.Kept)
	f.StringVar(&o.recipients, "map-recipients", "", "`FILE` that says what your own numbers become: REAL STAGING, a pair a line (also of short codes, also a number itself), or a CSV with columns real and staging; others become fakes")
	f.BoolVar(&o.rebase, "rebase", false, "move everything by whole weeks, into the week of 2000-01-03: weekdays and times of day stay")
	f.StringVar(&o.policyFile, "policy", "", "YAML `FILE` of what becomes of which vendor's fields and headers, where not what reprise template policy prints")
	f.StringVar(&o.pool, "pool", "wide", "where fake numbers come from, `wide|strict|FILE`: wide has 4,107,945 (area code + 555), strict 41,100 (555-01XX alone), a file lists some")
	f.IntVar(&o.workers, "workers", 0, "`N` goroutines rewrite (0: one for each processor); the output does not depend on it")
	f.BoolVar(&o.strict, "strict", false, "fail (exit 3) if the input has fields that no vendor documents")
	f.StringVar(&o.report, "report", "", "write what was changed, and the audit, to `FILE` as JSON")
	outputs.Declare(f, "report", outputs.Whole)
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no report and no progress")
	return cmd
}

func (o *anonymizeOptions) run(ctx context.Context, s Streams, in string) error {
	garbage.Little()
	with, err := o.options(in)
	if err != nil {
		return err
	}
	to, err := outputs.Corpus(s.Out, o.out, o.force)
	if err != nil {
		return err
	}
	p := terminal.NewStages(s.Err, o.quiet)
	with.Progress = func(stage publish.Stage, records int64) { p.Show(string(stage), records) }
	with.Stdin, with.Cut, with.Rewritten = s.In, inputs.SayCut(s.Err), o.plant
	got, err := publish.File(ctx, in, to, with)
	p.End()
	if got == nil {
		return o.explain(err)
	}
	rep := report.New(got, o.ledger != "")
	if err != nil {
		return o.refuse(s, rep, in, with.Policy, err)
	}
	if got.Uncounted != nil {
		fmt.Fprintf(s.Err, "reprise: anonymize: the number of people in the ledger could not be kept beside it (%v): a later loss of its end will not be noticed\n", got.Uncounted)
	}
	if err := o.tell(s, rep); err != nil {
		return err
	}
	if !o.quiet && !o.asJSON {
		rep.Write(o.told(s))
	}
	return inputs.SayDamage(s.Err, in, got.Damage)
}

// options reads the files that flags name.
func (o *anonymizeOptions) options(in string) (with publish.Options, err error) {
	if (o.keyFile == "") != (o.ledger == "") {
		return with, exit.Hint(exit.Misuse("--key-file and --ledger go together"),
			"the key alone does not tell who has which number already; reprise keygen -o KEY makes a key, the ledger is made when it is not there")
	}
	with = publish.Options{Ledger: o.ledger, Rebase: o.rebase, Strict: o.strict, Workers: o.workers, Tool: build.Tool()}
	if o.keyFile != "" {
		if with.Key, err = anonymize.ReadKey(o.keyFile); err != nil {
			return with, exit.Misuse("--key-file: %v", err)
		}
	}
	if with.Vendors, err = vendorsOf(in); err != nil {
		return with, err
	}
	with.Policy, with.Pool, with.Recipients, err = o.rules.read(with.Vendors)
	return with, err
}

// rules are the flags that say by what rules an output is made, for anonymize and audit.
type rules struct{ policyFile, pool, recipients string }

// read reads the files that they name.
func (o *rules) read(vendors dialect.Table) (policy *anonymize.Policy, pool sms.Pool, recipients map[string]string, err error) {
	if policy, err = readPolicy(o.policyFile, vendors); err != nil {
		return
	}
	if pool, err = publish.ReadPool(o.pool); err != nil {
		return policy, pool, nil, fileError("--pool", err)
	}
	recipients, err = publish.ReadRecipients(o.recipients, pool)
	return policy, pool, recipients, fileError("--map-recipients", err)
}

// readPolicy returns the policy that is built in, changed by what a file says; "" is no file.
func readPolicy(name string, vendors dialect.Table) (*anonymize.Policy, error) {
	p, err := publish.ReadPolicy(name, vendors)
	return p, fileError("--policy", err)
}

// explain gives an error of what did not begin its exit code and its advice.
func (o *anonymizeOptions) explain(err error) error {
	ledger, option := errors.As(err, new(*publish.LedgerError)), errors.As(err, new(*publish.OptionError))
	if ledger {
		err = fmt.Errorf("--ledger: %w", err)
	}
	switch {
	case errors.Is(err, anonymize.ErrLedgerShort):
		return exit.With(exit.Refused, exit.Hint(err, report.ShortLedger(o.ledger)))
	case ledger, option:
		return exit.With(exit.Misused, err)
	}
	return outputs.Explain(inputs.CorpusError(err))
}

// refuse tells why there is no output: what an audit found and what mends it, with the reports that were asked for, or what
// else kept it from being published.
func (o *anonymizeOptions) refuse(s Streams, rep *report.Document, in string, policy *anonymize.Policy, err error) error {
	unknown, unmet := (*publish.UnknownFieldsError)(nil), (*publish.PolicyError)(nil)
	switch {
	case errors.As(err, new(*publish.AuditError)):
		report.WriteFindings(s.Err, &rep.Audit, policy, dialect.Table{}, in)
		return errors.Join(exit.With(exit.Unmet, err), o.tell(s, rep))
	case errors.As(err, &unknown):
		rep.WriteUnknown(s.Err)
		return exit.With(exit.Unmet, fmt.Errorf("--strict: %s unknown; no output was written", wording.Count(int64(unknown.Fields), "field")))
	case errors.As(err, &unmet):
		err := exit.Misuse("--policy %s: %s", o.policyFile, report.PolicyProblem(unmet))
		if len(unmet.Unmatched) > 0 {
			return err
		}
		return exit.Hint(err, "if the policy is right and meant for other corpora, leave its paths out for this one; where one of them fits, the others are only said")
	}
	return inputs.Unreadable(s.Err, in, rep.Damage, outputs.Explain(err), corpus.ErrEmpty)
}

// tell writes the report to --report, and with --json prints it.
func (o *anonymizeOptions) tell(s Streams, rep *report.Document) error {
	if o.report != "" {
		if err := outputs.Write(s.Out, o.report, o.force, rep.WriteJSON); err != nil {
			return err
		}
	}
	if !o.asJSON || o.quiet {
		return nil
	}
	return rep.WriteJSON(o.told(s))
}

// told is where the report goes: stdout, unless the corpus goes there.
func (o *anonymizeOptions) told(s Streams) io.Writer {
	if o.out == "-" {
		return s.Err
	}
	return s.Out
}
