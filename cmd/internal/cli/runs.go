package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"reprise/capture/corpus"
	"reprise/replay/report"
	"reprise/replay/results"
)

// sayRunDamage prints what of a run file could not be read, and returns exit code 6 if there was any.
func sayRunDamage(w io.Writer, name string, damage []results.Damage) error {
	if len(damage) == 0 {
		return nil
	}
	for i, d := range damage {
		if i == 10 {
			fmt.Fprintf(w, "reprise: %s: %d more places are damaged\n", name, len(damage)-i)
			break
		}
		fmt.Fprintf(w, "reprise: %s: at byte %d: %s\n", name, d.Offset, d.Reason)
	}
	return withCode(exitDamaged, fmt.Errorf("part of %s was unreadable; the rest was used", name))
}

// openRun opens a run file. One that is none, or of a newer version, is a file of which nothing could be read.
func openRun(name string) (*results.Reader, error) {
	r, err := results.Open(name)
	if errors.Is(err, results.ErrFormat) && isCorpus(name) {
		return nil, withCode(exitDamaged, withHint(&corpusError{name, err},
			"reprise replay plays it and writes a run file (-o run.rpr); reprise compare plays it itself at --base and --candidate"))
	}
	if errors.Is(err, results.ErrFormat) || errors.Is(err, results.ErrVersion) {
		return nil, withCode(exitDamaged, err)
	}
	return r, err
}

// corpusError says that a run file was asked for and a corpus given.
type corpusError struct {
	name  string
	cause error
}

// Error names the file.
func (e *corpusError) Error() string { return e.name + " is a corpus, not a run file" }

// Unwrap returns results.ErrFormat.
func (e *corpusError) Unwrap() error { return e.cause }

// isCorpus says whether a file begins as a corpus does.
func isCorpus(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	prefix := make([]byte, corpus.MagicLen)
	_, err = io.ReadFull(f, prefix)
	return err == nil && corpus.Detect(prefix)
}

// readRun reads a run file whole and sums it up.
func readRun(ctx context.Context, name string) (results.Run, error) {
	r, err := openRun(name)
	if err != nil {
		return results.Run{}, err
	}
	defer r.Close()
	return results.Summarize(ctx, r)
}

// inspectRun sums up a run file.
func inspectRun(ctx context.Context, s Streams, name string, asJSON bool) error {
	run, err := readRun(ctx, name)
	if err != nil {
		return err
	}
	format := report.Text
	if asJSON {
		format = report.JSON
	}
	if err := report.WriteRun(s.Out, format, &run); err != nil {
		return err
	}
	return sayRunDamage(s.Err, name, run.Damage)
}
