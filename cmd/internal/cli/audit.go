package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/publish"
	"reprise/anonymize/report"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/source/stored"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/terminal"
)

func auditVerb(s Streams) *cobra.Command {
	var asJSON, quiet bool
	var o rules
	cmd := help.Verb(help.Page{
		Use: "audit IN.rpz OUT.rpz", Short: "Search an anonymized corpus for anything of the original",
		Long: `Compares a corpus with what was made of it: no number, id, credential or run of words of the input may be in the
output, however it is escaped; every word of the output's texts must be one that the generator can write; every number must
be of the pool that reaches nobody; kinds, times, encodings and segments must be equal; of a path, a URL or a header what is
neither a route nor a program's word must be another one. anonymize does this by itself. A refusal names the check, the field,
the records and what would mend it, never the value. What stays by design is counted.`,
		Examples: [2]string{"reprise audit friday.rpz safe.rpz", "reprise audit friday.rpz safe.rpz --policy policy.yaml --json"},
		Codes:    []exit.Code{exit.Unmet, exit.Damaged},
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		garbage.Little()
		vendors, err := vendorsOf(args[0])
		if err != nil {
			return err
		}
		policy, pool, table, err := o.read(vendors)
		if err != nil {
			return err
		}
		p := terminal.Start(s.Err, "audit", quiet)
		var unread []error
		rep, err := publish.Audit(cmd.Context(), args[0], args[1], publish.AuditOptions{
			Pool: pool, Numbers: slices.Collect(maps.Values(table)), Policy: policy, Vendors: vendors, Stdin: s.In, Cut: inputs.SayCut(s.Err),
			Damaged: func(name string, damage []corpus.Damage) {
				if err := inputs.SayDamage(s.Err, name, damage); err != nil {
					unread = append(unread, err)
				}
			},
		})
		p.End()
		if err != nil {
			return inputs.CorpusError(err)
		}
		if err := printAudit(s, &rep, policy, args[0], asJSON, quiet); err != nil {
			return err
		}
		if rep.Failed() && rep.Counts.Of(audit.Fidelity) > 0 {
			report.WriteKeywords(s.Err, args[0], args[1], headerOf(args[0]), headerOf(args[1]))
		}
		return auditVerdict(s, &rep, unread)
	})
	cmd.Flags().StringVar(&o.pool, "pool", "wide", "where the output's numbers must be from, `wide|strict|FILE`")
	cmd.Flags().StringVar(&o.recipients, "map-recipients", "", "the `FILE` that anonymize --map-recipients had")
	cmd.Flags().StringVar(&o.policyFile, "policy", "", "the `FILE` that anonymize --policy had")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print nothing when the audit passes, and no progress")
	return cmd
}

// auditVerdict is the error of an audit by what it found; unread says in an error each what it could not look at.
func auditVerdict(s Streams, rep *audit.Report, unread []error) error {
	for _, err := range unread {
		fmt.Fprintf(s.Err, "reprise: audit: %v; what is there was not looked at\n", err)
	}
	switch {
	case rep.Failed() && rep.Counts.Survives():
		return exit.With(exit.Unmet, errors.New("something of the input survives in the output"))
	case rep.Failed() && len(unread) > 0:
		return exit.With(exit.Unmet, errors.New("the output is not what becomes of this input"))
	case rep.Failed():
		return exit.With(exit.Unmet, errors.New("the output is not what becomes of this input; nothing of the input survives in it"))
	case len(unread) > 0:
		return exit.With(exit.Damaged, errors.New("passed, but for what was not looked at"))
	}
	return nil
}

// headerOf is the header of a corpus; an empty one where it is a pipe or has none.
func headerOf(name string) corpus.Header {
	h, _ := stored.Header(name)
	return h
}

// printAudit says what was found, or what stays by design.
func printAudit(s Streams, rep *audit.Report, policy *anonymize.Policy, in string, asJSON, quiet bool) error {
	if rep.Failed() {
		report.WriteFindings(s.Err, rep, policy, dialect.Table{}, in)
	}
	switch {
	case asJSON:
		return printJSON(s.Out, rep)
	case !rep.Failed() && !quiet:
		report.WritePassed(s.Out, rep)
	}
	return nil
}
