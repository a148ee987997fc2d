// Package ingest makes a corpus of recorded traffic in one call: of files in any format that it recognises, or of any
// capture.Source. Records come out annotated and in time order, and the account of what was read, kept and skipped balances.
//
// Begin with [Files] or, for a source of one's own, [Source]. [NewRecorder] is for traffic that is under way, in files that are rotated. [Recognise] tells what a file is, and [WhyNothing] why nothing was kept.
//
// Memory is bounded: what exceeds Options.Memory goes through temporary files. Records are annotated, sorted and written in goroutines
// that end with the call; Options.Report is called in one of them.
package ingest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/capture/source/logs"
	"reprise/capture/source/messages"
)

// Options say how traffic is read. The zero value recognises the format by content, takes every request, and finds out its
// vendor.
type Options struct {
	// As is the format of every input, one of Names; "" tells it by the content.
	As string
	// Open, where set, makes a source of an input, whatever As says.
	Open Opener
	// Ports are the TCP ports of the servers in packet captures; empty takes every connection that begins with an HTTP request.
	Ports []int
	// Map says where things are in the lines of a log; one without, of no known preset, is an error, ErrNeedsMap.
	Map *logs.Map
	// Messages says where things are in the rows of a table of messages that is no vendor's export; nil is messages.DefaultMap.
	Messages *messages.Map
	// Receipts makes receipts of the messages in exports that the platform sent; else they are left out.
	Receipts bool
	// Spread is what becomes of records of which an export knows the second alone. With SpreadLogs it is done to those of logs, too, which
	// otherwise stay as they were logged.
	Spread     Spread
	SpreadLogs bool

	// Methods and Paths, where set, keep requests of these methods (in any case), and of URLs or paths that begin so.
	Methods, Paths []string

	// Vendors are the dialects that recognise payloads; the zero value is all of them. The corpus remembers those that are defined by a
	// profile.
	Vendors dialect.Table
	// Vendor, where set, is whose every request is, where detection cannot know.
	Vendor string
	// Keywords are the brand's own, by kind; KeywordProfile is as in sms.Options.
	Keywords       map[capture.Kind][]string
	KeywordProfile string

	// Tool is the program's name and version, for the corpus' header.
	Tool string
	// Stdin is what the name "-" reads. Of an *open.Input that is a pipe reading ends in order when the context ends, and
	// what has come is kept.
	Stdin io.Reader
	// TempDir is where records wait that memory cannot hold; empty is the system's folder. Memory is how many bytes of records
	// wait in memory; 0 is 48 MiB.
	TempDir string
	Memory  int64

	// Recognised, where set, is called for each input whose format was told by its content: what it is, and the value of As that says so.
	Recognised func(file string, f Format, as string)
	// Report, where set, is called for each problem as it is met, in another goroutine than the caller's and in the order of the input;
	// Progress after each record, with how many there were.
	Report   func(capture.Problem)
	Progress func(records int64)

	counted bool   // requests are only looked at: also those of which a log has no body, and those of a corpus
	input   *Input // the one input, where it is open
}

// Opener makes a source of one opened input. The source counts in the account what it reads, and tells onServer the hosts that
// it was captured from, if it knows them.
type Opener func(file string, in io.Reader, account *capture.Account, onServer func(host string)) (capture.Source, error)

// The reasons for which records are left out because Options ask for it.
const (
	LeftOutByMethod = "method"
	LeftOutByPath   = "path"
)

// defaultMemory bounds what is held back to put records in order.
const defaultMemory = 48 << 20

// Result is what became of the inputs.
type Result struct {
	Account capture.Account
	// Unknown counts the records kept that no vendor knows.
	Unknown int64
	// Seconds counts the records of logs whose time is of a whole second, and stays so: see Options.SpreadLogs.
	Seconds int64
	// Damaged names the inputs of which a part could not be read.
	Damaged []string
	// Unread names the inputs that were not begun, as the end of the context ended a pipe before them.
	Unread []string
}

// OptionError says that an option makes no sense.
type OptionError struct {
	// Option is the field's name in Options.
	Option string
	Err    error
}

// Error implements error.
func (e *OptionError) Error() string { return "ingest: " + e.Option + ": " + e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *OptionError) Unwrap() error { return e.Err }

// Files reads inputs by their names, "-" being Options.Stdin, into one corpus. Damage of an input is no error: Result tells
// of it. Errors are an *OptionError, corpus.ErrEmpty where no record was kept, a *corpus.LeftError where the context ended, what
// corpus.Begin returns, and what an input said that could not be read. Except for an *OptionError and what Begin returns there
// is a Result beside the error. With a *capture.UnbalancedError, a fault of this package or of a source, the corpus is there
// with all that was kept.
func Files(ctx context.Context, names []string, to corpus.Dest, o Options) (*Result, error) {
	w, err := o.begin(names, to)
	if err != nil {
		return nil, err
	}
	err = w.read(ctx, names)
	if w.piped {
		ctx = context.WithoutCancel(ctx)
	}
	return &w.result, w.end(ctx, err)
}

// Source reads one source into a corpus, as Files does. The source is made of the account that it counts in and a function that
// it tells the hosts that it was captured from. Name is the input's in problems.
func Source(ctx context.Context, name string, open func(account *capture.Account, onServer func(host string)) (capture.Source, error),
	to corpus.Dest, o Options,
) (*Result, error) {
	w, err := o.begin(nil, to)
	if err != nil {
		return nil, err
	}
	src, err := open(&w.result.Account, w.out.AddHost)
	if err == nil {
		err = w.copy(ctx, name, src)
	}
	err = w.end(ctx, err)
	if w.result.Account.Damaged {
		w.result.Damaged = []string{name}
	}
	return &w.result, err
}

// Each reads inputs as Files does and hands every record that the options ask for to f, in the order in which they are read and without
// its kind and vendor; nothing is written. Also requests are among them of which an access log has no body, and the records of a corpus.
// A record is valid until f returns. An error of f ends it and is returned.
func Each(ctx context.Context, names []string, o Options, f func(*capture.Record) error) (*Result, error) {
	o.counted = true
	open, err := o.opener()
	if err != nil {
		return nil, err
	}
	w := &work{o: o, open: open, each: f, onServer: func(string) {}}
	w.result.Account = capture.Account{Report: o.Report, Skipped: map[string]int64{}}
	if err = w.read(ctx, names); err == nil {
		err = w.unbalanced
	}
	return &w.result, err
}

// work is one corpus in the making, or one reading without a corpus.
type work struct {
	o Options
	annotator
	out        *target                                               // nil of a reading without a corpus,
	each       func(*capture.Record) error                           // which has this
	copied     func(*corpus.Holder, *capture.Record) *capture.Record // of the source that is read
	onServer   func(host string)
	result     Result
	records    int64
	open       Opener
	unbalanced error       // the account does not balance: of the last source of which that holds
	piped      bool        // a pipe was read: the end of the context ends reading, and nothing else
	left       func() bool // whether the time of the last record is of a whole second, and to stay so; nil of a source that does not say
	whole      func() bool // whether the time of the last record is to be spread; nil of a source that does not say
}

// open begins the corpus. What comes by a pipe comes once, so that it has to survive the process.
func (o *Options) open(names []string, to corpus.Dest, h corpus.Header, a annotator) (*target, error) {
	if to.Path != "" && slices.ContainsFunc(names, o.isPipe) {
		l, err := corpus.BeginLive(to, h, corpus.LiveOptions{TempDir: o.TempDir, Memory: o.Memory})
		if err != nil {
			return nil, err
		}
		return newTarget(a, l, l.End, o.Report), nil
	}
	out, err := corpus.Begin(to, h)
	if err != nil {
		return nil, err
	}
	s := sorted{out.Sorter(o.TempDir, o.Memory), out}
	return newTarget(a, s, s.finish, o.Report), nil
}

// begin checks the options and opens the output.
func (o Options) begin(names []string, to corpus.Dest) (*work, error) {
	w, h, err := o.prepare()
	if err != nil {
		return nil, err
	}
	if w.open, err = w.o.opener(); err != nil {
		return nil, err
	}
	if w.out, err = w.o.open(names, to, h, w.annotator); err != nil {
		return nil, err
	}
	w.out.spread = func() *seconds { return newSeconds(w.out.to, w.o.Spread, w.o.TempDir, w.o.Memory) }
	if w.onServer = w.out.AddHost; w.o.Report != nil {
		w.result.Account.Report = w.out.report
	}
	return w, nil
}

// prepare checks the options. The work has no output yet; the header is that of its corpus.
func (o Options) prepare() (*work, corpus.Header, error) {
	h := corpus.Header{State: corpus.Raw, Tool: o.Tool, Keywords: map[string][]string{}}
	if len(o.Vendors.All()) == 0 {
		o.Vendors = all.Table()
	}
	if o.KeywordProfile == "" {
		o.KeywordProfile = sms.ProfileTwilio
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if err := o.Spread.check(); err != nil {
		return nil, h, err
	}
	if _, err := sms.NewClassifier(sms.Options{Profile: o.KeywordProfile}); err != nil {
		return nil, h, &OptionError{"KeywordProfile", err}
	}
	c, err := sms.NewClassifier(sms.Options{Profile: o.KeywordProfile, Vendors: o.Vendors.Keywords(), Keywords: o.Keywords})
	if err != nil {
		return nil, h, &OptionError{"Keywords", err}
	}
	if _, ok := o.Vendors.Named(o.Vendor); o.Vendor != "" && !ok {
		return nil, h, &OptionError{"Vendor", fmt.Errorf("no vendor is called %q; known are %s", o.Vendor, strings.Join(o.Vendors.Names(), " "))}
	}
	h.KeywordProfile, h.Dialects = o.KeywordProfile, o.Vendors.Definitions()
	for k, list := range o.Keywords {
		h.Keywords[k.String()] = list
	}
	w := &work{o: o, annotator: annotator{o.Vendors, o.Vendor, c}}
	w.result.Account = capture.Account{Report: o.Report, Skipped: map[string]int64{}}
	return w, h, nil
}

// end finishes the output. That the account does not balance is an error, and takes nothing from what was kept.
func (w *work) end(ctx context.Context, err error) error {
	if failed := w.out.settle(&w.result); err == nil {
		err = failed
	}
	w.result.Account.Report = w.o.Report
	if err = w.out.end(ctx, err); err == nil {
		return w.unbalanced
	}
	return err
}

// read reads every input.
func (w *work) read(ctx context.Context, names []string) error {
	rest, parts := w.o.parts(names)
	if len(parts) > 0 {
		if err := w.recording(ctx, parts); err != nil {
			return err
		}
	}
	account := &w.result.Account
	for i, name := range rest {
		before := account.Damaged
		account.Damaged = false
		if err := w.input(ctx, name); err != nil {
			return err
		}
		if account.Damaged {
			w.result.Damaged = append(w.result.Damaged, name)
		}
		account.Damaged = account.Damaged || before
		if w.piped && ctx.Err() != nil {
			w.result.Unread = rest[i+1:]
			break
		}
	}
	return nil
}

// input reads one input. Of a pipe the end of the context ends reading in order.
func (w *work) input(ctx context.Context, name string) error {
	in, piped, err := w.o.openInput(ctx, name)
	if piped {
		w.piped = true
		ctx = context.WithoutCancel(ctx)
	}
	if err == nil {
		defer in.Close()
		content := bufio.NewReaderSize(in, RecogniseBytes)
		if w.o.Open == nil && isZip(content) {
			return w.archive(ctx, name, content)
		}
		var src capture.Source
		if src, err = w.open(name, content, &w.result.Account, w.onServer); err == nil {
			if c, ok := src.(*corpusSource); ok {
				defer c.Close()
			}
			return w.copy(ctx, name, src)
		}
	}
	if errors.Is(err, capture.ErrStopped) {
		return nil // before anything came
	}
	return err
}

// copy hands the wanted records of a source on, annotated.
func (w *work) copy(ctx context.Context, name string, src capture.Source) error {
	account := &w.result.Account
	account.File = name
	w.whole, w.left = nil, nil
	if known, ok := src.(interface{ WholeSecond() bool }); ok && w.out != nil {
		switch _, log := src.(*logs.Reader); {
		case w.o.Spread == SpreadNone:
		case log && !w.o.SpreadLogs:
			w.left = known.WholeSecond
		default:
			w.whole = known.WholeSecond
		}
	}
	w.copied = (*corpus.Holder).Hold
	if _, ok := src.(capture.Compact); ok {
		w.copied = (*corpus.Holder).Keep
	}
	err := account.Copy(ctx, w, src, w.o.wanted, func(*capture.Record) string {
		if w.records++; w.o.Progress != nil {
			w.o.Progress(w.records)
		}
		return ""
	})
	if w.out != nil {
		if failed := w.out.settle(&w.result); err == nil {
			err = failed
		}
	}
	if unbalanced := (*capture.UnbalancedError)(nil); errors.As(err, &unbalanced) {
		w.unbalanced, err = err, nil
	}
	return err
}

// Write implements capture.Sink: it keeps a record.
func (w *work) Write(r *capture.Record) error {
	switch {
	case w.out == nil:
		return w.each(r)
	case w.whole != nil && w.whole():
		return w.out.writeSecond(r, w.result.Account.Place())
	case w.left != nil && w.left():
		w.result.Seconds++
	}
	return w.out.write(r, w.copied, w.result.Account.Place())
}

// wanted leaves out what Methods and Paths do not name.
func (o *Options) wanted(r *capture.Record) (leftOut string) {
	if only := (corpus.Selection{Methods: o.Methods}); !only.WantsMethod(r) {
		return LeftOutByMethod
	}
	if len(o.Paths) > 0 && !corpus.PathBegins(r.URL, o.Paths) {
		return LeftOutByPath
	}
	return ""
}
