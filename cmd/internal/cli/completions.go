package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/source/open"
	"reprise/replay/completions"
	"reprise/replay/results"
)

// completionFlags say where a system tells what it has finished.
type completionFlags struct {
	files  []string
	fields string
	offset string

	corpus   string
	shape    completions.Map
	failures []string
	shift    *time.Duration
	waiting  time.Duration

	// mute leaves out what could not be used, and kin are other runs whose lines the same files hold: both are for verbs
	// that read several runs.
	mute bool
	kin  []string
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

// completionMap is --completions-map's file.
type completionMap struct {
	Format     string `yaml:"format"`
	Pattern    string `yaml:"pattern"`
	Time       string `yaml:"time"`
	TimeFormat string `yaml:"time_format"`
	Record     string `yaml:"record"`
	Run        string `yaml:"run"`
	Outcome    string `yaml:"outcome"`
	ID         string `yaml:"id"`
	// Failures are the outcomes that are failures.
	Failures []string `yaml:"failures"`
}

// add adds the flags; the files' own are the verb's.
func (o *completionFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.fields, "completions-map", "", "YAML `FILE` that says where in a line are time, record or id, run and outcome (see the examples above)")
	f.StringVar(&o.offset, "completions-offset", "auto", "add this `DURATION` to the clock of completions, or (auto) none to this machine's sink's and as much as others need")
}

func (o *completionFlags) addFiles(f *pflag.FlagSet) {
	f.StringArrayVar(&o.files, "completions", nil, "`FILE` in which your system says what it has finished: JSON lines, CSV or a log; may be repeated")
	o.add(f)
}

// addWait is for verbs that play.
func (o *completionFlags) addWait(f *pflag.FlagSet) {
	f.DurationVar(&o.waiting, "completions-wait", 0, "wait this `DURATION` after a run for what is not completed yet")
}

// addCorpus is for verbs that do not know what was played.
func (o *completionFlags) addCorpus(f *pflag.FlagSet) {
	f.StringVar(&o.corpus, "corpus", "", "the corpus `FILE.rpz` that was played, where completions name messages by their ids alone")
}

// parse reads the map.
func (o *completionFlags) parse() error {
	if o.offset != "auto" {
		d, err := time.ParseDuration(o.offset)
		if err != nil {
			return misuse("--completions-offset: %q is neither auto nor a duration", o.offset)
		}
		o.shift = &d
	}
	if o.fields == "" {
		return nil
	}
	var m completionMap
	if err := readYAML("--completions-map", o.fields, &m); err != nil {
		return err
	}
	o.failures = m.Failures
	o.shape = completions.Map{
		Format: m.Format, Pattern: m.Pattern, Time: m.Time, TimeFormat: m.TimeFormat, Record: m.Record, Run: m.Run, Outcome: m.Outcome, ID: m.ID,
	}
	if err := o.shape.Validate(); err != nil {
		return misuse("--completions-map %s: %v", o.fields, err)
	}
	return nil
}

// sayMissing tells before a run which files are not there: they may come with the run, or be a mistake that costs it.
func (o *completionFlags) sayMissing(w io.Writer, files []string) {
	for _, name := range files {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) && !o.mute {
			fmt.Fprintf(w, "reprise: completions: %s is not there yet; it is read when the run is over\n", name)
		}
	}
}

// check refuses files that are there and cannot be read. What comes with the run is not there yet.
func (o *completionFlags) check() error {
	for _, name := range o.files {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
			continue // a pipe is opened once alone
		}
		f, err := os.Open(name)
		if err != nil {
			return misuse("--completions: %v", err)
		}
		f.Close()
		if info.IsDir() {
			return misuse("--completions: %s is a folder", name)
		}
	}
	return nil
}

// far is how far from its run a completion may be.
const far = 24 * time.Hour

// read reads files of completions of a run whose file is name.
func (o *completionFlags) read(ctx context.Context, files []string, name string, h results.Header) (*completions.Set, error) {
	set := &completions.Set{Kin: o.kin}
	run, started := h.Run, h.Started
	if !started.IsZero() {
		set.From, set.To = started.Add(-far), started.Add(30*far)
	}
	for _, name := range files {
		if err := o.readFile(ctx, set, name, run); err != nil {
			return nil, err
		}
	}
	return set, resolve(ctx, set, o.corpus, name)
}

func (o *completionFlags) readFile(ctx context.Context, set *completions.Set, name, run string) error {
	r, err := open.Reader(name, nil)
	if err != nil {
		return misuse("--completions: %w", err)
	}
	defer r.Close()
	err = set.Read(ctx, r, name, run, o.shape)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, open.ErrCorrupt) {
		return nil // what was whole is used; the account says how much that is
	}
	if err != nil {
		return misuse("--completions: %v", err)
	}
	return nil
}

// say tells what could not be used, and refuses a set of which nothing fits the run.
func (o *completionFlags) say(w io.Writer, set *completions.Set, c *results.Completion) error {
	a := &set.Account
	if o.mute {
		w = io.Discard
	}
	if text := a.String(); text != "" {
		fmt.Fprintf(w, "reprise: completions: not used: %s\n", text)
	}
	if a.Zoneless > 0 {
		fmt.Fprintf(w, "reprise: completions: %s no zone: taken for UTC; --completions-offset shifts them\n", plural(a.Zoneless, "time")+" named")
	}
	if a.OtherRuns > 0 {
		fmt.Fprintf(w, "reprise: completions: ignored: %s of other runs\n", plural(a.OtherRuns, "line"))
	}
	if c.Unmatched > 0 && c.Joined > 0 {
		fmt.Fprintf(w, "reprise: completions: %s no answered request of this run\n", plural(c.Unmatched, "completion")+" of")
	}
	if c.Early > 0 {
		fmt.Fprintf(w, "reprise: completions: %s before their request was sent, so of other messages: they count as never completed\n",
			plural(c.Early, "completion"))
	}
	if c.Doubtful() {
		fmt.Fprintf(w, "reprise: completions: %v was added to their clock, so that none comes before its request. Are they of other messages (sink --inbound, "+
			"of another corpus than was played, or other records of it)? Where the clocks agree, --completions-offset 0s tells which\n", c.Offset.Round(10*time.Millisecond))
	}
	if c.Joined == 0 && c.Never > 0 {
		return withCode(exitUnmet, withHint(fmt.Errorf("none of %s fits a request of the run", plural(a.Lines, "completion")),
			"each needs the request's Reprise-Record header, or the message's id, and a time; --completions-map says where they are"))
	}
	return nil
}

// completedRun reads a run file together with what its system finished; set is nil where there are no files.
func (o *completionFlags) completedRun(ctx context.Context, w io.Writer, name string, files []string) (run results.Run, set *completions.Set, err error) {
	r, err := openRun(name)
	if err != nil {
		return run, nil, err
	}
	defer r.Close()
	if len(files) == 0 {
		run, err = results.Summarize(ctx, r)
		return run, nil, err
	}
	if set, err = o.read(ctx, files, name, r.Header()); err != nil {
		return run, nil, err
	}
	c := results.NewCompleter(o.of(set))
	if run, err = results.Summarize(ctx, r, c); err != nil {
		return run, nil, err
	}
	run.Summary.Completion = c.Completion(run.Start(), set.Len(), o.shiftOf(set, run.Header))
	return run, set, o.say(w, set, run.Summary.Completion)
}

// of is a set as results take it.
func (o *completionFlags) of(set *completions.Set) results.Completions {
	return results.Completions{Of: set.Of, Failures: o.failures}
}

// shiftOf is what is added to the clock of completions; nil for as much as they need. None where it is the run's own clock.
func (o *completionFlags) shiftOf(set *completions.Set, h results.Header) *time.Duration {
	if o.shift == nil && h.Clock != "" && set.Clock() == h.Clock {
		return new(time.Duration)
	}
	return o.shift
}

// poll is how often files that grow are looked at.
const poll = 250 * time.Millisecond

// await reads what the system finished when a run has just ended, again and again until all is completed or the time is
// over.
func (o *completionFlags) await(ctx context.Context, w io.Writer, name string, run *results.Run, read func(*results.Completer) error) error {
	until := time.Now().Add(o.waiting)
	for {
		set, err := o.read(ctx, o.files, name, run.Header)
		late := !time.Now().Before(until)
		switch {
		case err == nil:
			c := results.NewCompleter(o.of(set))
			if err := read(c); err != nil {
				return err
			}
			run.Summary.Completion = c.Completion(run.Start(), set.Len(), o.shiftOf(set, run.Header))
			if run.Summary.Completion.Never == 0 || late {
				return o.say(w, set, run.Summary.Completion)
			}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		case late:
			return withHint(err, "the run is whole: reprise report "+name+" --completions FILE joins them to it later")
		}
		select {
		case <-time.After(poll):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
