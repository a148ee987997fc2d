package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/texts"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
)

// anonymizeOptions are the flags of anonymize.
type anonymizeOptions struct {
	out, report, pool string
	keyFile, ledger   string
	policyFile        string
	printPolicy       bool
	recipients        string
	rebase            bool
	workers           int
	force, strict     bool
	asJSON, quiet     bool
	// plant, where set, gets every record on its way into the output: tests put leaks in with it.
	plant func(out *capture.Record)

	fakes  sms.Pool
	key    []byte
	policy *anonymize.Policy
	table  map[string]string // of recipients
}

// anonymizeReport is what anonymize says it did; --report and --json write it.
type anonymizeReport struct {
	anonymize.Report
	// Standing says what the output is in law: pseudonymised data (GDPR, recital 26), and why.
	Standing string       `json:"standing"`
	Audit    audit.Report `json:"audit"`
	// UnusedPaths are patterns of the policy that no path was like.
	UnusedPaths  []string `json:"unused_paths,omitempty"`
	nearestPaths map[string]string
}

// standing is what can be told of people from an output.
func standing(u audit.Unique, linked bool) string {
	kept := "who texts when is kept, since that is the traffic"
	if u.People > 0 {
		kept += fmt.Sprintf(": %.1f %% of %d people have times between messages, and %.1f %% a sequence of kinds, that nobody else has",
			100*u.ByGaps, u.People, 100*u.ByKinds)
	}
	if linked {
		kept += "; the key and the ledger tell who was who"
	}
	return "pseudonymised: " + kept
}

func anonymizeVerb(s Streams) *cobra.Command {
	var o anonymizeOptions
	cmd := newVerb(page{
		use: "anonymize IN.rpz -o OUT.rpz", short: "Replace every number, name, id and text by fake ones of the same shape",
		long: `Every person becomes one fake person whose number is in a range that reaches nobody (area code + 555), every text a
generated one of the same kind, encoding, length and segments; keyword messages keep their bytes. Times are untouched.
Fields that no vendor documents are blanked and counted; of a path stay only the words of routes and what the policy's paths
name. The key is random and forgotten, so that nothing links this
output to another; with --key-file and --ledger the same person becomes the same fake person in every corpus. LEDGER.count
says how many people the ledger has, and a shorter one is refused: put it back, or delete the count to go on. An audit then
searches the output for anything of the input; if it finds any, there is no output file. The result is pseudonymised, not
anonymous in law: who texts when is kept, since that is the traffic.`,
		examples: [2]string{
			"reprise anonymize friday.rpz -o safe.rpz --strict --report report.json",
			"reprise anonymize friday.rpz -o safe.rpz --key-file KEY --ledger people.ledger",
		},
		codes: []exitCode{exitUnmet, exitRefused, exitDamaged},
	}, cobra.MaximumNArgs(1), func(cmd *cobra.Command, args []string) error {
		switch {
		case o.printPolicy:
			return o.showPolicy(s)
		case len(args) == 0:
			return misuse("say which corpus: IN.rpz, or - for stdin")
		}
		return o.run(cmd.Context(), s, args[0])
	})
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	writes(f, "output", wholeFile)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.StringVar(&o.keyFile, "key-file", "", "the key that keygen wrote to `FILE`; with --ledger")
	f.StringVar(&o.ledger, "ledger", "", "remember in `FILE` who became whom, for further corpora under the same key")
	writes(f, "ledger", keptFile)
	f.StringVar(&o.recipients, "map-recipients", "", "`FILE` that says what your own numbers become: REAL STAGING, a pair a line (also of short codes, also a number itself), or a CSV with columns real and staging; others become fakes")
	f.BoolVar(&o.rebase, "rebase", false, "move everything by whole weeks, into the week of 2000-01-03: weekdays and times of day stay")
	f.StringVar(&o.policyFile, "policy", "", "YAML `FILE` of what becomes of which vendor's fields and headers, where not what --print-policy says")
	f.BoolVar(&o.printPolicy, "print-policy", false, "print what becomes of every field, as a --policy file, and end")
	f.StringVar(&o.pool, "pool", "wide", "where fake numbers come from, `wide|strict|FILE`: wide has 4,107,945 (area code + 555), strict 41,100 (555-01XX alone), a file lists some")
	f.IntVar(&o.workers, "workers", 0, "`N` goroutines rewrite (0: one for each processor); the output does not depend on it")
	f.BoolVar(&o.strict, "strict", false, "fail (exit 3) if the input has fields that no vendor documents")
	f.StringVar(&o.report, "report", "", "write what was changed, and the audit, to `FILE` as JSON")
	writes(f, "report", wholeFile)
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no report and no progress")
	return cmd
}

func (o *anonymizeOptions) run(ctx context.Context, s Streams, in string) error {
	if err := o.parse(); err != nil {
		return err
	}
	path, done, err := spool(ctx, in, s)
	if err != nil {
		return err
	}
	defer done()
	report, damage, err := o.file(ctx, s, path)
	if report.Audit.Failed() {
		err = errors.Join(err, o.refuse(s, &report, in))
	}
	if err != nil {
		return unreadable(s.Err, in, damage, err, errNothingKept)
	}
	if err := o.tell(s, report); err != nil {
		return err
	}
	return sayDamage(s.Err, in, damage)
}

// parse reads the files that flags name.
func (o *anonymizeOptions) parse() (err error) {
	if (o.keyFile == "") != (o.ledger == "") {
		return withHint(misuse("--key-file and --ledger go together"),
			"the key alone does not tell who has which number already; reprise keygen -o KEY makes a key, the ledger is made when it is not there")
	}
	if o.keyFile != "" {
		if o.key, err = anonymize.ReadKey(o.keyFile); err != nil {
			return misuse("--key-file: %v", err)
		}
	}
	if o.policy, err = readPolicy(o.policyFile); err != nil {
		return err
	}
	if o.workers <= 0 {
		o.workers = runtime.GOMAXPROCS(0)
	}
	if o.fakes, err = readPool(o.pool); err != nil {
		return err
	}
	o.table, err = readRecipientMap(o.recipients, o.fakes)
	return err
}

// readPool takes the name of a pool or of a file that lists one.
func readPool(name string) (sms.Pool, error) {
	switch name {
	case "wide":
		return sms.Wide(), nil
	case "strict":
		return sms.Strict(), nil
	}
	if _, err := os.Stat(name); err != nil {
		return sms.Pool{}, misuse("--pool: no pool is called %q (wide, strict), and as a file: %v", name, errors.Unwrap(err))
	}
	numbers, err := readLines("--pool", name)
	if err != nil {
		return sms.Pool{}, err
	}
	sum := sha256.Sum256([]byte(strings.Join(numbers, "\n")))
	p, err := sms.NewPool("list-"+hex.EncodeToString(sum[:4]), numbers)
	if err != nil {
		return sms.Pool{}, misuse("--pool %s: %v", name, err)
	}
	return p, nil
}

// file writes the anonymized corpus and audits it; only then does it get its name.
func (o *anonymizeOptions) file(ctx context.Context, s Streams, in string) (rep anonymizeReport, damage []corpus.Damage, err error) {
	r, err := corpus.Open(in)
	if err != nil {
		return rep, nil, err
	}
	defer r.Close()
	a, ledger, err := o.anonymizer(r.Header())
	if err != nil {
		return rep, nil, err
	}
	if ledger != nil {
		defer func() { err = errors.Join(err, ledger.Close()) }()
	}
	h := r.Header()
	h.Policy, h.KeyFingerprint, h.Tool = o.policy.Name()+"/"+o.fakes.Name(), a.Fingerprint(), tool()
	h.PathRule = anonymize.PathRule
	w, err := createUnaudited(o.out, s, h, o.force)
	if err != nil {
		return rep, nil, err
	}
	defer func() { err = errors.Join(err, w.discard()) }()
	if err := o.rewrite(ctx, s, w, r, a); err != nil {
		return rep, nil, err
	}
	if w.Records() == 0 {
		return rep, r.Damage(), corpus.ErrEmpty
	}
	if err := o.checkPolicy(a); err != nil {
		return rep, nil, err
	}
	rep.Report, rep.UnusedPaths = a.Report(), a.UnusedPaths()
	rep.nearestPaths = make(map[string]string)
	for _, pattern := range rep.UnusedPaths {
		rep.nearestPaths[pattern] = a.NearestPath(pattern)
	}
	how := auditOptions{pool: o.fakes, numbers: slices.Collect(maps.Values(o.table)), policy: o.policy, quiet: o.quiet}
	if rep.Audit, err = how.files(ctx, in, w.path(), s); err != nil {
		return rep, nil, err
	}
	rep.Standing = standing(rep.Audit.Unique, o.ledger != "")
	if rep.Audit.Failed() {
		return rep, nil, withCode(exitUnmet, errors.New("the audit failed; no output was written"))
	}
	if unknown := len(rep.Unknown); o.strict && unknown > 0 {
		o.sayUnknown(s.Err, rep)
		return rep, nil, withCode(exitUnmet, fmt.Errorf("--strict: %s unknown; no output was written", plural(int64(unknown), "field")))
	}
	if ledger != nil { // who became whom is kept before anyone can use it
		if err := ledger.Sync(); err != nil {
			return rep, nil, err
		}
		if err := ledger.Uncounted(); err != nil {
			fmt.Fprintf(s.Err, "reprise: anonymize: the number of people in the ledger could not be kept beside it (%v): a later loss of its end will not be noticed\n", err)
		}
	}
	return rep, r.Damage(), w.publish(s)
}

// anonymizer makes one for a corpus, and opens its ledger where there is one.
func (o *anonymizeOptions) anonymizer(h corpus.Header) (a *anonymize.Anonymizer, ledger *anonymize.Ledger, err error) {
	classifier, err := headerClassifier(h)
	if err != nil {
		return nil, nil, err
	}
	if o.ledger != "" {
		if ledger, err = anonymize.OpenLedger(o.ledger); err != nil {
			return nil, nil, ledgerError("--ledger: ", o.ledger, err)
		}
	}
	a, err = anonymize.New(anonymize.Options{Key: o.key, Table: all.Table(), Classifier: classifier, Pool: o.fakes, Recipients: o.table, Rebase: o.rebase, Policy: o.policy, Ledger: ledger})
	if err != nil {
		if ledger != nil {
			err = errors.Join(err, ledger.Close())
		}
		return nil, nil, ledgerError("", o.ledger, err)
	}
	return a, ledger, nil
}

// ledgerError gives an error of a ledger its exit code, and says what can be done about a shorter one.
func ledgerError(flag, name string, err error) error {
	err = fmt.Errorf("%s%w", flag, err)
	if !errors.Is(err, anonymize.ErrLedgerShort) {
		return withCode(exitMisused, err)
	}
	return withCode(exitRefused, withHint(err, "put the whole ledger back; or, to go on with what is left, delete "+anonymize.CountFile(name)+
		": whoever is missing in it becomes someone else from then on"))
}

// rewrite fills the output.
func (o *anonymizeOptions) rewrite(ctx context.Context, s Streams, w *unaudited, r *corpus.Reader, a *anonymize.Anonymizer) error {
	p := startProgress(s.Err, "anonymize", o.quiet)
	defer p.end()
	rest := w.CarryHosts(r)
	err := a.Copy(ctx, sinkFunc(func(rec *capture.Record) error {
		if o.plant != nil {
			o.plant(rec)
		}
		return w.Write(rec)
	}), r, anonymize.CopyOptions{Workers: o.workers, Written: func() { p.count.Add(1) }})
	rest()
	return errors.Join(err, w.Close())
}

// auditOptions are what an audit has to know.
type auditOptions struct {
	pool    sms.Pool
	numbers []string
	policy  *anonymize.Policy
	quiet   bool
}

// files compares what went in with what came out.
func (o auditOptions) files(ctx context.Context, in, out string, s Streams) (audit.Report, error) {
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
	routes := o.policy.Routes()
	p := startProgress(s.Err, "audit", o.quiet)
	defer p.end()
	return audit.Run(ctx, audit.Options{
		In: corpusOpener(in), Out: corpusOpener(out), Vocabulary: texts.Vocabulary(),
		Keywords: slices.Concat(c.Words(), sms.ReactionWords()), Pool: o.pool, Numbers: o.numbers, Fields: auditFields(all.Table()),
		Routes:  (*audit.Routes)(&routes),
		Kept:    o.policy.Keeps(all.Table()),
		Headers: &audit.PlainHeaders{Words: anonymize.MachineWords(), Names: o.policy.KeptHeaders()},
	})
}

// writeReport writes what --report names.
func (o *anonymizeOptions) writeReport(s Streams, rep *anonymizeReport) error {
	if o.report == "" {
		return nil
	}
	return writeOutput(s, o.report, o.force, func(w io.Writer) error { return printJSON(w, rep) })
}

func (o *anonymizeOptions) tell(s Streams, rep anonymizeReport) error {
	if err := o.writeReport(s, &rep); err != nil {
		return err
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
	o.sayPaths(w, rep)
	fmt.Fprintf(w, "audit passed: %d records compared; nothing of the input survives but what stays by design: %s\n", rep.Audit.Records, staysByDesign(rep))
	fmt.Fprintf(w, "%s\n", rep.Standing)
	return nil
}

func (o *anonymizeOptions) sayUnknown(w io.Writer, rep anonymizeReport) {
	for _, field := range slices.Sorted(maps.Keys(rep.Unknown)) {
		fmt.Fprintf(w, "unknown field blanked: %s (%d times)\n", shown(field), rep.Unknown[field])
	}
}
