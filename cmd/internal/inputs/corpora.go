// Package inputs opens what verbs read, corpora and run files. A file that is neither is named by what it is, with the verb that
// takes it, whichever verb was given it; and what of one could not be read is told.
package inputs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture/corpus"
	"reprise/capture/frame"
	"reprise/capture/output"
	"reprise/capture/report"
	"reprise/capture/source/stored"
	"reprise/cmd/internal/exit"
)

// Corpus opens a corpus by path, or from stdin with -, compressed or not, or the lines of one.
func Corpus(ctx context.Context, name string, stdin io.Reader) (*corpus.Reader, io.Closer, error) {
	r, closer, err := stored.Open(ctx, name, stdin)
	return r, closer, CorpusError(err)
}

// Spool gives a corpus that can be read more than once, until the caller calls done. errs is told of one that was cut short.
func Spool(ctx context.Context, name string, stdin io.Reader, errs io.Writer) (path string, done func(), err error) {
	f, err := stored.Spool(ctx, name, stdin)
	if err != nil {
		return "", nil, CorpusError(err)
	}
	if f.Cut != nil {
		SayCut(errs)(f.Cut)
	}
	return f.Path, func() { f.Close() }, nil
}

// SayCut returns what tells that a compressed input ends early or is damaged.
func SayCut(errs io.Writer) func(error) {
	return func(err error) { fmt.Fprintf(errs, "reprise: %v; what it holds is used\n", err) }
}

// SayDamage prints what of a corpus or a run file could not be read, and returns exit code 6 if anything is lost by it.
func SayDamage(w io.Writer, name string, damage []corpus.Damage) error {
	if len(damage) == 0 {
		return nil
	}
	report.WriteDamage(w, name, damage)
	if frame.Lossless(damage) {
		return nil
	}
	rest := "the rest was used"
	if corpus.KeepsRecords(damage) {
		rest = "no record is lost"
	}
	return exit.With(exit.Damaged, fmt.Errorf("part of %s was unreadable; %s", name, rest))
}

// SayLooked is SayDamage for verbs that only look: that a file has no end yet which another process is writing is no damage.
func SayLooked(w io.Writer, name string, damage []corpus.Damage) error {
	if len(damage) > 0 && corpus.EndsEarly(damage) && output.BeingWritten(name) {
		fmt.Fprintf(w, "reprise: %s is still being written: this is what it held a moment ago\n", name)
		return nil
	}
	return SayDamage(w, name, damage)
}

// Unreadable tells what of a corpus could not be read beside an error that it led to; where that is that there are no
// records, they are what could not be read. As nothing of it was used, the exit code is that of a failure.
func Unreadable(w io.Writer, name string, damage []corpus.Damage, err, none error) error {
	if damaged := SayDamage(w, name, damage); damaged != nil && errors.Is(err, none) {
		return exit.With(exit.Failed, fmt.Errorf("%s: no record of it could be read", name))
	}
	return err
}

// RawRefused is the interlock of the verbs whose output others get to see: a raw corpus holds what real people have, as holds names.
func RawRefused(err error, holds string) error {
	raw, ok := errors.AsType[*corpus.RawError](err)
	if !ok {
		return err
	}
	refusal, advice := report.Raw(raw.Header, holds)
	return exit.With(exit.Refused, exit.Hint(errors.New(refusal), advice))
}
