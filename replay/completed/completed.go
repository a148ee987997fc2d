// Package completed joins a run file with what the target's system says it finished after its answers, and when.
//
// Begin with [Files]: its Join adds them to a run file.
//
// A line of completions names the request (Reprise-Record) or the message by its id; the ids that were sent follow from the run's
// seed and the corpus that was played.
package completed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"reprise/capture"
	"reprise/capture/source/open"
	"reprise/capture/source/stored"
	"reprise/capture/wire"
	"reprise/capture/yamldoc"
	"reprise/replay"
	"reprise/replay/completions"
	"reprise/replay/render"
	"reprise/replay/results"
)

// Files are those in which a system tells what it has finished. The zero value is none.
type Files struct {
	// Paths are the files: JSON lines, CSV or a log, compressed or not.
	Paths []string
	// Map says where things are in a line; the zero value finds them by their usual names.
	Map completions.Map
	// Failures are the outcomes that count as failed; none is the usual ones.
	Failures []string
	// Offset is added to the clock of completions; nil adds none where it is the run's own clock, and else as much as is needed.
	Offset *time.Duration
	// Wait is how long Await waits for what is not completed yet.
	Wait time.Duration
	// Corpus is the corpus that was played, where completions name messages by their ids alone.
	Corpus string
	// Kin are the ids of other runs whose lines the same files hold.
	Kin []string
}

// Run is a run together with what was finished of it: Run.Summary.Completion says how that went.
type Run struct {
	results.Run
	Set *completions.Set
}

// fields is how a map is written; see completions.Map.
type fields struct {
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

// ReadMap sets Map and Failures to what a YAML file says. What is wrong with its content is a *yamldoc.ContentError.
func (f *Files) ReadMap(name string) error {
	var m fields
	if _, err := yamldoc.Load(name, &m); err != nil {
		return err
	}
	f.Failures = m.Failures
	f.Map = completions.Map{
		Format: m.Format, Pattern: m.Pattern, Time: m.Time, TimeFormat: m.TimeFormat, Record: m.Record, Run: m.Run, Outcome: m.Outcome, ID: m.ID,
	}
	if err := f.Map.Validate(); err != nil {
		return &yamldoc.ContentError{Name: name, Err: err}
	}
	return nil
}

// FileError says that a file of completions cannot be used.
type FileError struct{ Err error }

// Error is Err's.
func (e *FileError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *FileError) Unwrap() error { return e.Err }

// CorpusError says that the corpus that was played is missing, cannot be read, or is another one.
type CorpusError struct {
	// IDs counts the completions that name messages by their ids alone, where Files.Corpus is missing.
	IDs int
	Err error
}

// Error is Err's.
func (e *CorpusError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *CorpusError) Unwrap() error { return e.Err }

// ErrOtherCorpus is the CorpusError of a corpus that the run did not play.
var ErrOtherCorpus = errors.New("it is not the corpus that was played")

// ErrOtherRule is the CorpusError of a corpus of which it cannot be told whether the run played it: its file or that of the run's was
// written by an older version.
var ErrOtherRule = errors.New("it cannot be told whether it was played, since one of two corpus files is of an older version")

// Missing are the files that are not there yet: they may come with the run, or be a mistake that costs it.
func (f *Files) Missing() (paths []string) {
	for _, name := range f.Paths {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			paths = append(paths, name)
		}
	}
	return paths
}

// Check refuses files that are there and cannot be read, with a *FileError.
func (f *Files) Check() error {
	for _, name := range f.Paths {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
			continue // a pipe is opened once alone
		}
		file, err := os.Open(name)
		if err != nil {
			return &FileError{err}
		}
		file.Close()
		if info.IsDir() {
			return &FileError{fmt.Errorf("%s is a folder", name)}
		}
	}
	return nil
}

// far is how far from its run a completion may be.
const far = 24 * time.Hour

// Join reads a run file and what was finished of it.
func (f *Files) Join(ctx context.Context, path string) (Run, error) {
	r, err := results.Open(path)
	if err != nil {
		return Run{}, err
	}
	defer r.Close()
	set, err := f.read(ctx, path, r.Header())
	if err != nil {
		return Run{}, err
	}
	c := results.NewCompleter(f.Of(set))
	run, err := results.Summarize(ctx, r, c)
	if err != nil {
		return Run{}, err
	}
	c.Join(&run, set.Len(), f.offset(set, run.Header))
	return Run{run, set}, nil
}

// poll is how often files that grow are looked at.
const poll = 250 * time.Millisecond

// Await puts into a run that has just ended, and whose file is at path, what was finished of it: it reads the files again and again
// until all is completed or Wait is over. An error that is fs.ErrNotExist says that a file never came.
func (f *Files) Await(ctx context.Context, path string, run *results.Run) (*completions.Set, error) {
	until := time.Now().Add(f.Wait)
	for {
		late := !time.Now().Before(until)
		joined, err := f.Join(ctx, path)
		switch {
		case err == nil:
			run.Summary.TakeCompletion(&joined.Summary)
			if run.Summary.Completion.Never == 0 || late {
				return joined.Set, nil
			}
		case late || !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		select {
		case <-time.After(poll):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Keep writes what was joined to a run into its file, from which report, compare, history and why then have it. A kill leaves the file as it
// was, or as it is to be.
func (f *Files) Keep(ctx context.Context, path string, set *completions.Set, c *results.Completion) error {
	if err := results.Store(ctx, path, path, true, f.Of(set), c); err != nil {
		return fmt.Errorf("keep the completions in %s: %w", path, err)
	}
	return nil
}

// ErrNoneFits says that completions were given, and none is of a request of the run.
var ErrNoneFits = errors.New("no completion fits a request of the run")

// JoinInto is Join, and writes the run with what was finished of it as the file to. With ErrNoneFits the run is told, and nothing written.
func (f *Files) JoinInto(ctx context.Context, path, to string, force bool) (Run, error) {
	run, err := f.Join(ctx, path)
	if err != nil {
		return Run{}, err
	}
	if c := run.Summary.Completion; c.Joined == 0 && c.Never > 0 {
		return run, ErrNoneFits
	}
	return run, results.Store(ctx, path, to, force, f.Of(run.Set), run.Summary.Completion)
}

// Of is a set as results take it.
func (f *Files) Of(set *completions.Set) results.Completions {
	return results.Completions{Of: set.Of, Failures: f.Failures}
}

// offset is what is added to the clock of completions; nil for as much as they need.
func (f *Files) offset(set *completions.Set, h results.Header) *time.Duration {
	if f.Offset == nil && h.Clock != "" && set.Clock() == h.Clock {
		return new(time.Duration)
	}
	return f.Offset
}

// read reads the files for a run.
func (f *Files) read(ctx context.Context, path string, h results.Header) (*completions.Set, error) {
	set := &completions.Set{Kin: f.Kin}
	if !h.Started.IsZero() {
		set.From, set.To = h.Started.Add(-far), h.Started.Add(30*far)
	}
	for _, name := range f.Paths {
		if err := f.readFile(ctx, set, name, h.Run); err != nil {
			return nil, err
		}
	}
	return set, f.resolve(ctx, set, path)
}

func (f *Files) readFile(ctx context.Context, set *completions.Set, name, run string) error {
	r, err := open.Reader(name, nil)
	if err != nil {
		return &FileError{err}
	}
	defer r.Close()
	err = set.Read(ctx, r, name, run, f.Map)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, open.ErrCorrupt) {
		return nil // what was whole is used; the account says how much that is
	}
	if err != nil {
		return &FileError{err}
	}
	return nil
}

// resolve finds out which requests the completions mean that name a message by its id: the run's seed tells which ids were
// sent for the corpus' messages.
func (f *Files) resolve(ctx context.Context, set *completions.Set, path string) error {
	if set.IDs() == 0 {
		return nil
	}
	if f.Corpus == "" {
		return &CorpusError{set.IDs(), errors.New("completions name messages by their ids alone, and the corpus that was played is not given")}
	}
	h, requests, err := requestsOf(ctx, path)
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(h.Settings["seed"], 10, 64)
	if err != nil {
		return fmt.Errorf("%s does not say its seed", path)
	}
	r, closer, err := stored.Open(ctx, f.Corpus, nil)
	if err != nil {
		return &CorpusError{Err: err}
	}
	defer closer.Close()
	ids := render.NewMessageIDs(seed, h.Settings["keep-ids"] == "true")
	var rec capture.Record
	for {
		err := r.Next(ctx, &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if first, fits := wire.Key(rec.Seq, 0); fits && rec.Message.ID != "" {
			at, _ := slices.BinarySearch(requests, first)
			for _, key := range requests[at:] {
				seq, c := wire.SplitKey(key)
				if seq != rec.Seq {
					break
				}
				set.Resolve(ids.Of(rec.Message.ID, c), seq, c)
			}
		}
	}
	hash, _ := r.Hash()
	return SameCorpus(&h, hash)
}

// SameCorpus refuses a corpus of a content hash that a run did not play, with a *CorpusError. Where one of the two does not say its hash
// nothing can be told.
func SameCorpus(h *results.Header, hash string) error {
	switch {
	case hash == "" || h.Corpus == "" || hash == h.Corpus:
		return nil
	case capture.HashRule(hash) != capture.HashRule(h.Corpus):
		return &CorpusError{Err: ErrOtherRule}
	}
	return &CorpusError{Err: ErrOtherCorpus}
}

// requestsOf returns a run's header and the keys of the requests in it, in order, each once. What they mean is looked for in these alone: a
// number that a file says costs no more than the row that says it.
func requestsOf(ctx context.Context, path string) (h results.Header, keys []uint64, err error) {
	r, err := results.Open(path)
	if err != nil {
		return h, nil, err
	}
	defer r.Close()
	var res replay.Result
	for {
		if err := context.Cause(ctx); err != nil {
			return h, nil, err
		}
		switch err := r.Next(&res); {
		case errors.Is(err, io.EOF):
			slices.Sort(keys)
			return r.Header(), slices.Compact(keys), nil
		case err != nil:
			return h, nil, err
		}
		if key, fits := wire.Key(res.Seq, res.Copy); fits {
			keys = append(keys, key)
		}
	}
}
