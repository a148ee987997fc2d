package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/inputs"
	"reprise/replay/completed"
	"reprise/replay/completions"
	"reprise/replay/report"
	"reprise/replay/results"
)

// completionFlags say where a system tells what it has finished.
type completionFlags struct {
	completed.Files
	fields string
	offset string
}

// mapHelp says how --completions-map's file is written; TestMapExamples reads it.
const mapHelp = `

--completions-map FILE names where things are in a line of completions. What it leaves out is found by its usual name, and RFC 3339
and Unix times are told apart by themselves; a time without a zone is UTC (--completions-offset shifts it). For CSV with a header
line (commas, semicolons or tabs):

    format: csv                # or ndjson (a.b is b in a), or text; told by the first byte where it is left out
    time: finished_at
    time_format: unix_ms       # rfc3339, unix, unix_ms, unix_us, unix_ns, or a layout of Go: 2006-01-02 15:04:05.000
    record: correlation        # holds the request's Reprise-Record header; or id: message_sid, the message's own id
    run: test_run              # its Reprise-Run header, where a file holds several runs
    outcome: state
    failures: [error, dead]    # outcomes that count as failed, in place of error, failed, dead, rejected and the like

For the lines of a log, a regular expression with named groups:

    format: text
    pattern: '^(?P<time>\S+ \S+) INFO done record=(?P<record>\S+) (?P<outcome>\w+)'
    time_format: '2006-01-02 15:04:05,000'`

// add adds the flags; the files' own are the verb's.
func (o *completionFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.fields, "completions-map", "", "YAML `FILE` that says where in a line are time, record or id, run and outcome (see the examples above)")
	f.StringVar(&o.offset, "completions-offset", "auto", "add this `DURATION` to the clock of completions, or (auto) none to this machine's sink's and as much as others need")
}

func (o *completionFlags) addFiles(f *pflag.FlagSet) {
	f.StringArrayVar(&o.Paths, "completions", nil, "`FILE` in which your system says what it has finished: JSON lines, CSV or a log; may be repeated")
	o.add(f)
}

// addWait is for verbs that play.
func (o *completionFlags) addWait(f *pflag.FlagSet) {
	f.DurationVar(&o.Wait, "completions-wait", 0, "wait this `DURATION` after a run for what is not completed yet")
}

// addCorpus is for verbs that do not know what was played.
func (o *completionFlags) addCorpus(f *pflag.FlagSet) {
	f.StringVar(&o.Corpus, "corpus", "", "the corpus `FILE.rpz` that was played: it tells more of each request, and which message an id is of")
}

// given are the flags as the user wrote them, for a command that reads the same.
func (o *completionFlags) given() (words []string) {
	for _, path := range o.Paths {
		words = append(words, "--completions", path)
	}
	if o.fields != "" {
		words = append(words, "--completions-map", o.fields)
	}
	if o.offset != "auto" && o.offset != "" {
		words = append(words, "--completions-offset", o.offset)
	}
	return words
}

// parse reads the map.
func (o *completionFlags) parse() error {
	if o.offset != "auto" {
		d, err := time.ParseDuration(o.offset)
		if err != nil {
			return exit.Misuse("--completions-offset: %q is neither auto nor a duration", o.offset)
		}
		o.Offset = &d
	}
	if o.fields == "" {
		return nil
	}
	return fileError("--completions-map", o.ReadMap(o.fields))
}

// sayMissing tells before a run which files are not there.
func sayMissing(w io.Writer, f *completed.Files) {
	for _, name := range f.Missing() {
		fmt.Fprintf(w, "reprise: completions: %s is not there yet; it is read when the run is over\n", name)
	}
}

// completionError gives an error of what was finished its exit code and its advice. run is the run's file.
func completionError(f *completed.Files, run string, err error) error {
	file, bad := errors.AsType[*completed.FileError](err)
	corpus, unresolved := errors.AsType[*completed.CorpusError](err)
	switch {
	case bad:
		return exit.Misuse("--completions: %w", file)
	case unresolved && corpus.IDs > 0:
		return exit.Hint(exit.Misuse("%s messages by their ids alone", wording.Count(int64(corpus.IDs), "completion")+" name"), "give the corpus that was played: --corpus FILE.rpz")
	case errors.Is(err, completed.ErrOtherCorpus):
		return exit.Misuse("--corpus: %s is not the corpus that %s played", f.Corpus, run)
	case errors.Is(err, completed.ErrOtherRule):
		return exit.Hint(exit.Misuse("--corpus: %s: %w", f.Corpus, corpus.Err), "give the corpus file that was played")
	case unresolved:
		return fmt.Errorf("--corpus: %w", inputs.CorpusError(corpus.Err))
	case errors.Is(err, results.ErrFormat), errors.Is(err, results.ErrVersion), errors.Is(err, fs.ErrNotExist):
		return inputs.RunError(run, err)
	}
	return err
}

// sayCompletions tells what could not be used and was not told before, and refuses a set of which nothing fits the run.
func sayCompletions(w io.Writer, told *notes, set *completions.Set, c *results.Completion) error {
	sayLines(w, "completions", told.unsaid(report.CompletionNotes(&set.Account, c, flagOf))...)
	if c.Joined == 0 && c.Never > 0 {
		return exit.With(exit.Unmet, exit.Hint(fmt.Errorf("none of %s fits a request of the run", wording.Count(set.Account.Lines, "completion")),
			"each needs the request's Reprise-Record header, or the message's id, and a time; --completions-map says where they are"))
	}
	return nil
}

// sayReplaced tells that completions which were given are used in place of those that a run's file holds.
func sayReplaced(w io.Writer, told *notes, name string, run *results.Run) {
	if run.Stored != nil {
		says := fmt.Sprintf("%s holds %s of its own: those that are given take their place", name, wording.Count(int64(run.Stored.Len()), "completion"))
		sayLines(w, "completions", told.unsaid([]string{says})...)
	}
}

// joinTo adds to a run that has just ended, and to its file, what its system finishes of it, and says what could not be used.
func joinTo(ctx context.Context, w io.Writer, f completed.Files, name string, run *results.Run) error {
	if len(f.Paths) == 0 {
		return nil
	}
	set, err := f.Await(ctx, name, run)
	if err != nil {
		return awaitError(&f, name, err)
	}
	if err := sayCompletions(w, nil, set, run.Summary.Completion); err != nil {
		return err
	}
	return f.Keep(ctx, name, set, run.Summary.Completion)
}

// awaitError is completionError after a run.
func awaitError(f *completed.Files, name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return exit.Hint(completionError(f, name, err), "the run is whole: reprise report "+name+" --completions FILE joins them to it later")
	}
	return completionError(f, name, err)
}

// refuseUnfit refuses completions of which nothing fits the run, and says nothing of others.
func refuseUnfit(set *completions.Set, c *results.Completion) error {
	return sayCompletions(io.Discard, nil, set, c)
}
