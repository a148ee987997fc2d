// Package publish makes a corpus safe in one call: it rewrites it, audits what it wrote, and gives it its name or refuses.
//
// Begin with [File]. [ReadPolicy], [ReadPool] and [ReadRecipients] read what [Options] take, [Audit] searches an output once more, and
// [Mend] says what would mend what it found.
//
// The invariant: what no audit has passed has no name that anyone would use, and says in its header that it counts as raw.
// A call blocks until its goroutines have ended.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/capture/source/stored"
)

// Options say how a corpus is made safe. The zero value takes the policy that is built in, the wide pool, and a random key that
// nobody learns.
type Options struct {
	// Policy says what becomes of which field; nil is the one that is built in.
	Policy *anonymize.Policy
	// Key and Ledger go together: by them one person becomes one fake person in every corpus. Key is what anonymize.ReadKey
	// returns, Ledger a file's name, which is made where it is not there.
	Key    []byte
	Ledger string
	// Pool gives the fake numbers; its zero value is the wide one.
	Pool sms.Pool
	// Recipients says what the platform's own numbers become, as in anonymize.Options; Recipients reads such a table.
	Recipients map[string]string
	// Rebase moves everything by whole weeks, into the week of 2000-01-03.
	Rebase bool
	// Strict refuses an input with fields that no vendor documents.
	Strict bool
	// Workers is how many goroutines rewrite; 0 is one for each processor. The output does not depend on it.
	Workers int
	// Vendors are the dialects that read the records; the zero value is all.Table and those that the corpus remembers.
	Vendors dialect.Table
	// Tool is the program's name and version, for the corpus' header.
	Tool string
	// Stdin is what the name "-" reads.
	Stdin io.Reader
	// Cut, where set, is called where the input is compressed and ends early or is damaged; what it holds is used.
	Cut func(err error)
	// Rewritten, where set, gets every record after it was rewritten, in order, and may change it: the audit sees what it did.
	Rewritten func(r *capture.Record)
	// Progress, where set, is called when a stage begins and, while rewriting, after each record with how many there were.
	Progress func(stage Stage, records int64)
}

// Stage is a part of the work.
type Stage string

// The stages in their order.
const (
	Rewriting Stage = "anonymize"
	Auditing  Stage = "audit"
)

// Report says what was done, and what the audit found. It holds no value of any record.
type Report struct {
	anonymize.Report
	Audit audit.Report `json:"audit"`
	// UnusedPaths are patterns of the policy that no path was like.
	UnusedPaths []string `json:"unused_paths,omitempty"`
	// NearestPaths gives for each of them the path of the corpus that is nearest to it.
	NearestPaths map[string]string `json:"-"`
	// Damage is what of the input could not be read; the rest was used.
	Damage []corpus.Damage `json:"-"`
	// Uncounted says why the number of people could not be kept beside the ledger; a later loss of its end will not be noticed
	// then. It is nil where it was kept.
	Uncounted error `json:"-"`
}

// AuditError says that something of the input survives in what was written, which is gone. The report says where.
type AuditError struct{ Report *audit.Report }

// Error implements error.
func (*AuditError) Error() string { return "the audit failed; no output was written" }

// UnknownFieldsError says that the input has fields that no vendor documents, and Options.Strict is set. There is no output.
type UnknownFieldsError struct {
	// Fields counts them; the report names them.
	Fields int
}

// Error implements error.
func (e *UnknownFieldsError) Error() string {
	return fmt.Sprintf("%d fields unknown; no output was written", e.Fields)
}

// PolicyError says that rules of the policy met nothing, so that somebody believes in what does not hold. There is no output.
type PolicyError struct {
	// Unmatched are rules of fields and headers. Where there are none, Paths are all the patterns of the policy.
	Unmatched []anonymize.Unmatched
	Paths     []UnusedPath
}

// UnusedPath is a pattern that no path is like, and the nearest of those that there are.
type UnusedPath struct{ Pattern, Nearest string }

// Error implements error.
func (e *PolicyError) Error() string {
	return fmt.Sprintf("%d rules and %d paths of the policy met nothing; no output was written", len(e.Unmatched), len(e.Paths))
}

// LedgerError says that a ledger cannot be opened; anonymize.ErrLedgerShort and ErrLedgerKey say why.
type LedgerError struct {
	Name string
	Err  error
}

// Error implements error.
func (e *LedgerError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *LedgerError) Unwrap() error { return e.Err }

// OptionError says that the options make no sense together, or with the ledger.
type OptionError struct{ Err error }

// Error implements error.
func (e *OptionError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *OptionError) Unwrap() error { return e.Err }

// File anonymizes the corpus in, a file's name or "-", compressed or not, and audits what it wrote; only then does the output get its
// name, or is it written to the stream. Refusals are an *AuditError, *UnknownFieldsError or *PolicyError; *OptionError and *LedgerError say that it could not
// begin, as a *stored.NotCorpusError does, and corpus.ErrEmpty that no record could be read. The report is nil where the work did not begin.
func File(ctx context.Context, in string, to corpus.Dest, o Options) (rep *Report, err error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if (o.Key == nil) != (o.Ledger == "") {
		return nil, &OptionError{errors.New("publish: a key and a ledger go together")}
	}
	spooled, err := spool(ctx, in, o.Stdin, o.Cut)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, spooled.Close()) }()
	in = spooled.Path
	r, err := corpus.Open(in)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if o.Vendors, err = all.Extend(o.Vendors, r.Header().Dialects); err != nil {
		return nil, fmt.Errorf("corpus header: %w", err)
	}
	if o.Policy == nil {
		o.Policy = anonymize.DefaultPolicy(o.Vendors)
	}
	a, ledger, err := o.anonymizer(r.Header())
	if err != nil {
		return nil, err
	}
	if ledger != nil {
		defer func() { err = errors.Join(err, ledger.Close()) }()
	}
	h := r.Header()
	h.Policy, h.KeyFingerprint, h.Tool = o.Policy.Name()+"/"+o.Pool.Name(), a.Fingerprint(), o.Tool
	h.PathRule = anonymize.PathRule
	w, err := begin(to, h)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.discard()) }()
	rep = new(Report)
	if err := o.rewrite(ctx, w, r, a); err != nil {
		return rep, err
	}
	if w.Records() == 0 {
		rep.Damage = r.Damage()
		return rep, corpus.ErrEmpty
	}
	if err := o.judge(ctx, in, w, a, rep); err != nil {
		return rep, err
	}
	if ledger != nil { // who became whom is kept before anyone can use it
		if err := ledger.Sync(); err != nil {
			return rep, err
		}
		rep.Uncounted = ledger.Uncounted()
	}
	rep.Damage = r.Damage()
	return rep, w.publish()
}

// spool gives a corpus that can be read again and again.
func spool(ctx context.Context, name string, stdin io.Reader, cut func(error)) (*stored.File, error) {
	f, err := stored.Spool(ctx, name, stdin)
	if err == nil && f.Cut != nil && cut != nil {
		cut(f.Cut)
	}
	return f, err
}

// anonymizer makes one for a corpus, and opens its ledger where there is one.
func (o *Options) anonymizer(h corpus.Header) (a *anonymize.Anonymizer, ledger *anonymize.Ledger, err error) {
	classifier, err := classifierOf(h, o.Vendors)
	if err != nil {
		return nil, nil, err
	}
	if o.Ledger != "" {
		if ledger, err = anonymize.OpenLedger(o.Ledger); err != nil {
			return nil, nil, &LedgerError{o.Ledger, err}
		}
	}
	a, err = anonymize.New(anonymize.Options{
		Key: o.Key, Table: o.Vendors, Classifier: classifier, Pool: o.Pool, Recipients: o.Recipients, Rebase: o.Rebase, Policy: o.Policy, Ledger: ledger,
	})
	if err != nil {
		if ledger != nil {
			err = errors.Join(err, ledger.Close())
		}
		return nil, nil, &OptionError{err}
	}
	return a, ledger, nil
}

// classifierOf makes the classifier that a corpus was captured with.
func classifierOf(h corpus.Header, table dialect.Table) (*sms.Classifier, error) {
	words, err := sms.ParseKeywords(h.Keywords)
	if err != nil {
		return nil, fmt.Errorf("corpus header: %w", err)
	}
	return sms.NewClassifier(sms.Options{Profile: h.KeywordProfile, Vendors: table.Keywords(), Keywords: words})
}

// rewrite fills the output.
func (o *Options) rewrite(ctx context.Context, w *unaudited, r *corpus.Reader, a *anonymize.Anonymizer) error {
	o.stage(Rewriting, 0)
	rest := w.Carry(r)
	var n int64
	copied := anonymize.CopyOptions{Workers: o.Workers}
	if o.Progress != nil {
		copied.Written = func() { n++; o.Progress(Rewriting, n) }
	}
	err := a.Copy(ctx, &throughHook{w, o.Rewritten}, r, copied)
	rest()
	return errors.Join(err, w.Close())
}

// throughHook is the output, behind Options.Rewritten.
type throughHook struct {
	dst  capture.Sink
	hook func(*capture.Record)
}

// Write implements capture.Sink.
func (t *throughHook) Write(r *capture.Record) error {
	if t.hook != nil {
		t.hook(r)
	}
	return t.dst.Write(r)
}

func (o *Options) stage(s Stage, n int64) {
	if o.Progress != nil {
		o.Progress(s, n)
	}
}

// judge audits what was written, and fills in the report.
func (o *Options) judge(ctx context.Context, in string, w *unaudited, a *anonymize.Anonymizer, rep *Report) (err error) {
	if err := o.checkPolicy(a); err != nil {
		return err
	}
	rep.Report, rep.UnusedPaths, rep.NearestPaths = a.Report(), a.UnusedPaths(), make(map[string]string)
	for _, pattern := range rep.UnusedPaths {
		rep.NearestPaths[pattern] = a.NearestPath(pattern)
	}
	o.stage(Auditing, 0)
	rep.Audit, err = Audit(ctx, in, w.path(), AuditOptions{
		Pool: o.Pool, Numbers: slices.Collect(maps.Values(o.Recipients)), Policy: o.Policy, Vendors: o.Vendors,
	})
	switch {
	case err != nil:
		return err
	case rep.Audit.Failed():
		rep.Kept = rep.Kept.Counts() // what was to stay may be what the audit found
		return &AuditError{&rep.Audit}
	case o.Strict && len(rep.Unknown) > 0:
		return &UnknownFieldsError{len(rep.Unknown)}
	}
	return nil
}

// checkPolicy refuses a policy of which a rule met nothing, or of which no path is like any of the records'. Where one path
// is, the policy may be meant for other corpora besides, and the rest is in the report alone.
func (o *Options) checkPolicy(a *anonymize.Anonymizer) error {
	if unmatched := a.Unmatched(); len(unmatched) > 0 {
		return &PolicyError{Unmatched: unmatched}
	}
	unused := a.UnusedPaths()
	if len(unused) == 0 || len(unused) < len(o.Policy.Routes().Paths) {
		return nil
	}
	e := new(PolicyError)
	for _, pattern := range unused {
		e.Paths = append(e.Paths, UnusedPath{pattern, a.NearestPath(pattern)})
	}
	return e
}
