package cli

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"reprise/anonymize/audit"
	"reprise/capture"
	"reprise/capture/dialect"
)

func auditVerb(s Streams) *cobra.Command {
	var asJSON, quiet bool
	var poolName, recipients, policyFile string
	cmd := newVerb(page{
		use: "audit IN.rpz OUT.rpz", short: "Search an anonymized corpus for anything of the original",
		long: `Compares a corpus with what was made of it: no number, id, credential or run of words of the input may be in the
output, however it is escaped; every word of the output's texts must be one that the generator can write; every number must
be of the pool that reaches nobody; kinds, times, encodings and segments must be equal; of a path, a URL or a header what is
neither a route nor a program's word must be another one. anonymize does this by itself. A refusal names the check, the field,
the records and what would mend it, never the value. What stays by design is counted.`,
		examples: [2]string{"reprise audit friday.rpz safe.rpz", "reprise audit friday.rpz safe.rpz --policy policy.yaml --json"},
		codes:    []exitCode{exitUnmet, exitDamaged},
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		pool, err := readPool(poolName)
		if err != nil {
			return err
		}
		table, err := readRecipientMap(recipients, pool)
		if err != nil {
			return err
		}
		policy, err := readPolicy(policyFile)
		if err != nil {
			return err
		}
		in, doneIn, err := spool(cmd.Context(), args[0], s)
		if err != nil {
			return err
		}
		defer doneIn()
		out, doneOut, err := spool(cmd.Context(), args[1], s)
		if err != nil {
			return err
		}
		defer doneOut()
		o := auditOptions{pool, slices.Collect(maps.Values(table)), policy, quiet}
		rep, err := o.files(cmd.Context(), in, out, s)
		if err != nil {
			return err
		}
		if err := o.print(s, &rep, asJSON, args[0]); err != nil {
			return err
		}
		if rep.Failed() {
			return withCode(exitUnmet, errors.New("something of the input survives in the output"))
		}
		return nil
	})
	cmd.Flags().StringVar(&poolName, "pool", "wide", "where the output's numbers must be from, `wide|strict|FILE`")
	cmd.Flags().StringVar(&recipients, "map-recipients", "", "the `FILE` that anonymize --map-recipients had")
	cmd.Flags().StringVar(&policyFile, "policy", "", "the `FILE` that anonymize --policy had")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print nothing when the audit passes, and no progress")
	return cmd
}

// auditFields tells an audit what the vendors' tables say of a record's fields. A payload that no dialect reads is told of as
// a whole.
func auditFields(table dialect.Table) func(r *capture.Record, f func(audit.FieldSort, []byte)) {
	wanted := dialect.ClassSet(dialect.Unknown, dialect.Keep, dialect.ID, dialect.Account, dialect.Place, dialect.Name, dialect.Link,
		dialect.Time, dialect.Encoding, dialect.Segments)
	type memory struct {
		spans      []dialect.Span
		raw, value []byte
	}
	nobody := dialect.NewSchema(nil, dialect.Fields{})
	free := sync.Pool{New: func() any { return new(memory) }}
	return func(r *capture.Record, f func(audit.FieldSort, []byte)) {
		m := free.Get().(*memory)
		defer free.Put(m)
		spans, err := m.spans[:0], errors.ErrUnsupported
		if d, ok := table.Named(r.Vendor); ok {
			spans, err = d.Locate(spans, r, wanted)
		}
		if err != nil {
			f(audit.Personal, r.Body)
			outside := *r
			outside.Body = nil
			if spans, err = nobody.Locate(spans[:0], &outside, wanted, nil); err != nil {
				return
			}
		}
		m.spans = spans[:0]
		for i := range spans {
			s := &spans[i]
			switch s.Part {
			case dialect.InBody:
				m.raw = append(m.raw[:0], r.Body[s.Start:s.End]...)
			case dialect.InHeader:
				m.raw = append(m.raw[:0], r.Headers[s.Header].Value[s.Start:s.End]...)
			default:
				m.raw = append(m.raw[:0], r.URL[s.Start:s.End]...)
			}
			value := m.raw
			if !s.Plain && !s.Literal {
				m.value = s.Decode(m.value[:0], m.raw)
				value = m.value
			}
			f(sortOf(s.Class), value)
		}
	}
}

func sortOf(class dialect.Class) audit.FieldSort {
	switch class {
	case dialect.ID, dialect.Account, dialect.Link:
		return audit.Made
	case dialect.Keep, dialect.Time, dialect.Encoding, dialect.Segments:
		return audit.Common
	}
	return audit.Personal
}

// print says what was found, or what stays by design.
func (o auditOptions) print(s Streams, rep *audit.Report, asJSON bool, in string) error {
	if rep.Failed() {
		sayFindings(s.Err, rep, o.policy, in)
	}
	switch {
	case asJSON:
		return printJSON(s.Out, rep)
	case !rep.Failed() && !o.quiet:
		saySurvives(s.Out, rep)
	}
	return nil
}
