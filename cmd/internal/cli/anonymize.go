package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/texts"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/capture/partial"
	"reprise/capture/sms"
)

// anonymizeOptions are the flags of anonymize.
type anonymizeOptions struct {
	out, report, pool string
	force, strict     bool
	asJSON, quiet     bool
	// wrap, where set, stands between the anonymizer and the output: tests plant leaks with it.
	wrap func(rewriter) rewriter
}

// rewriter replaces in place what tells of anyone. An *anonymize.Anonymizer is one.
type rewriter interface {
	Rewrite(r *capture.Record) error
}

// anonymizeReport is what anonymize says it did; --report and --json write it.
type anonymizeReport struct {
	anonymize.Report
	Audit audit.Report `json:"audit"`
}

func anonymizeVerb(s Streams) *cobra.Command {
	var o anonymizeOptions
	cmd := newVerb(page{
		use: "anonymize IN.rpz -o OUT.rpz", short: "Replace every number, name, id and text by fake ones of the same shape",
		long: `Every person becomes one fake person whose number is in a range that reaches nobody (area code + 555), every text a
generated one of the same kind, encoding, length and segments; keyword messages keep their bytes. Times are untouched.
Fields that no vendor documents are blanked and counted. The key is random and forgotten: nothing links this output
to another. An audit then searches the output for anything of the input; if it finds any, there is no output file.
The result is pseudonymised, not anonymous in law: who texts when is kept, since that is the traffic.`,
		examples: [2]string{"reprise anonymize friday.rpz -o safe.rpz", "reprise anonymize friday.rpz -o safe.rpz --strict --report report.json"},
		codes:    []exitCode{exitUnmet, exitDamaged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args[0]) })
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.StringVar(&o.pool, "pool", "wide", "fake numbers: `wide` (4,107,945, area code + 555) or strict (41,100, 555-01XX alone)")
	f.BoolVar(&o.strict, "strict", false, "fail (exit 3) if the input has fields that no vendor documents")
	f.StringVar(&o.report, "report", "", "write what was changed, and the audit, to `FILE` as JSON")
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no report and no progress")
	return cmd
}

func (o *anonymizeOptions) run(ctx context.Context, s Streams, in string) error {
	pool, ok := map[string]sms.Pool{"wide": sms.Wide(), "strict": sms.Strict()}[o.pool]
	if !ok {
		return misuse("--pool: no pool is called %q: wide or strict", o.pool)
	}
	path, done, err := spool(ctx, in, s)
	if err != nil {
		return err
	}
	defer done()
	target, finish, err := o.target(s)
	if err != nil {
		return err
	}
	report, damage, err := anonymizeFile(ctx, s, path, target, pool, o)
	if err := finish(err); err != nil {
		return err
	}
	if err := o.tell(s, report); err != nil {
		return err
	}
	return sayDamage(s.Err, in, damage)
}

// target says where the corpus is written and what ends it. Stdout gets nothing before the audit has passed, so
// that output goes through a temporary file.
func (o *anonymizeOptions) target(s Streams) (name string, finish func(error) error, err error) {
	if o.out != "-" {
		return o.out, func(err error) error { return err }, nil
	}
	folder, err := os.MkdirTemp("", "reprise-")
	if err != nil {
		return "", nil, err
	}
	name = folder + "/out.rpz"
	return name, func(err error) error {
		defer os.RemoveAll(folder)
		if err != nil {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(s.Out, f)
		return err
	}, nil
}

// anonymizeFile writes the anonymized corpus and audits it; only then does it get its name.
func anonymizeFile(ctx context.Context, s Streams, in, out string, pool sms.Pool, o *anonymizeOptions) (rep anonymizeReport, damage []corpus.Damage, err error) {
	r, err := corpus.Open(in)
	if err != nil {
		return rep, nil, err
	}
	defer r.Close()
	classifier, err := headerClassifier(r.Header())
	if err != nil {
		return rep, nil, err
	}
	a, err := anonymize.New(anonymize.Options{Table: all.Table(), Classifier: classifier, Pool: pool})
	if err != nil {
		return rep, nil, err
	}
	var by rewriter = a
	if o.wrap != nil {
		by = o.wrap(a)
	}
	h := r.Header()
	h.State, h.Policy, h.KeyFingerprint, h.Tool = corpus.Anonymized, anonymize.PolicyName+"/"+pool.Name(), a.Fingerprint(), tool()
	w, err := createCorpus(out, s, h, o.force)
	if err != nil {
		return rep, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.file.Discard())
		}
	}()
	if err := rewriteAll(ctx, s, w, r, by, o.quiet); err != nil {
		return rep, nil, err
	}
	rep.Report = a.Report()
	if rep.Audit, err = auditFiles(ctx, in, out+partial.Suffix, s, o.quiet); err != nil {
		return rep, nil, err
	}
	if rep.Audit.Failed() {
		sayFindings(s.Err, rep.Audit)
		return rep, nil, withCode(exitUnmet, errors.New("the audit failed; no output was written"))
	}
	if unknown := len(rep.Unknown); o.strict && unknown > 0 {
		o.sayUnknown(s.Err, rep)
		return rep, nil, withCode(exitUnmet, fmt.Errorf("--strict: %s unknown; no output was written", plural(int64(unknown), "field")))
	}
	return rep, r.Damage(), w.file.Commit()
}

func rewriteAll(ctx context.Context, s Streams, w *corpusOut, r *corpus.Reader, a rewriter, quiet bool) error {
	p := startProgress(s.Err, "anonymize", quiet)
	defer p.end()
	var rewriteErr error
	_, err := capture.Copy(ctx, sinkFunc(func(rec *capture.Record) error {
		if rewriteErr != nil {
			return rewriteErr
		}
		p.count.Add(1)
		return w.Write(rec)
	}), r, func(rec *capture.Record) bool {
		rewriteErr = a.Rewrite(rec)
		return true
	})
	w.KeepHosts(r.Hosts())
	if err == nil {
		err = rewriteErr
	}
	return errors.Join(err, w.file.Close())
}

// auditFiles compares what went in with what came out.
func auditFiles(ctx context.Context, in, out string, s Streams, quiet bool) (audit.Report, error) {
	header, closer, err := openCorpus(in, s)
	if err != nil {
		return audit.Report{}, err
	}
	h := header.Header()
	closer.Close()
	c, err := headerClassifier(h)
	if err != nil {
		return audit.Report{}, err
	}
	p := startProgress(s.Err, "audit", quiet)
	defer p.end()
	return audit.Run(ctx, audit.Options{
		In: corpusOpener(in), Out: corpusOpener(out), Vocabulary: texts.Vocabulary(),
		Keywords: slices.Concat(c.Words(), sms.ReactionWords()), Pool: sms.Wide(),
	})
}

func (o *anonymizeOptions) tell(s Streams, rep anonymizeReport) error {
	if o.report != "" {
		f, err := partial.Create(o.report, o.force)
		if err != nil {
			return outputError(err)
		}
		if err := printJSON(f, rep); err != nil {
			return errors.Join(err, f.Discard())
		}
		if err := f.Commit(); err != nil {
			return err
		}
	}
	w := s.Out
	if o.out == "-" {
		w = s.Err
	}
	switch {
	case o.quiet:
		return nil
	case o.asJSON:
		return printJSON(w, rep)
	}
	fmt.Fprintf(w, "%s of %s anonymized; texts generated %d\n", plural(rep.Records, "record"), plural(rep.Senders, "sender"), rep.Texts)
	for _, country := range slices.Sorted(maps.Keys(rep.Countries)) {
		if country != "US" && country != "CA" {
			fmt.Fprintf(w, "%s of %s became North American ones\n", plural(rep.Countries[country], "number"), country)
		}
	}
	o.sayUnknown(w, rep)
	fmt.Fprintf(w, "audit passed: %d records compared, nothing of the input survives\n", rep.Audit.Records)
	return nil
}

func (o *anonymizeOptions) sayUnknown(w io.Writer, rep anonymizeReport) {
	for _, field := range slices.Sorted(maps.Keys(rep.Unknown)) {
		fmt.Fprintf(w, "unknown field blanked: %s (%d times)\n", field, rep.Unknown[field])
	}
}
