package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/frame"
	"reprise/capture/report"
	"reprise/capture/source/stored"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/outputs"
)

// transfer writes records as a corpus, with the hosts of those that they are of.
func transfer(ctx context.Context, s Streams, name string, force bool, h corpus.Header, src capture.Source, of ...*corpus.Reader) (int64, error) {
	to, err := outputs.Corpus(s.Out, name, force)
	if err != nil {
		return 0, err
	}
	n, err := corpus.Transfer(ctx, to, h, src, of...)
	return n, outputs.Explain(err)
}

// openCorpus opens a corpus by path, or from stdin with -, compressed or not.
func openCorpus(name string, s Streams) (*corpus.Reader, io.Closer, error) {
	r, closer, err := stored.Open(name, s.In)
	return r, closer, corpusOpenError(err)
}

// spool gives a corpus that can be read more than once, until the caller calls done.
func spool(ctx context.Context, name string, s Streams) (path string, done func(), err error) {
	f, err := stored.Spool(ctx, name, s.In)
	if err != nil {
		return "", nil, corpusOpenError(err)
	}
	if f.Cut != nil {
		sayCut(s.Err)(f.Cut)
	}
	return f.Path, func() { f.Close() }, nil
}

// sayCut returns what tells that a compressed input ends early or is damaged.
func sayCut(w io.Writer) func(error) {
	return func(err error) { fmt.Fprintf(w, "reprise: %v; what it holds is used\n", err) }
}

// sayDamage prints what of a corpus or a run file could not be read, and returns exit code 6 if anything is lost by it.
func sayDamage(w io.Writer, name string, damage []corpus.Damage) error {
	if len(damage) == 0 {
		return nil
	}
	report.WriteDamage(w, name, damage)
	if frame.Lossless(damage) {
		return nil
	}
	return exit.With(exit.Damaged, fmt.Errorf("part of %s was unreadable; the rest was used", name))
}

// unreadable tells what of a corpus could not be read beside an error that it led to; where that is that there are no
// records, they are what could not be read. As nothing of it was used, the exit code is that of a failure.
func unreadable(w io.Writer, name string, damage []corpus.Damage, err, none error) error {
	if damaged := sayDamage(w, name, damage); damaged != nil && errors.Is(err, none) {
		return exit.With(exit.Failed, fmt.Errorf("%s: no record of it could be read", name))
	}
	return err
}

// rawRefused is the interlock of the verbs whose output others get to see: a raw corpus holds what real people have, as holds names.
func rawRefused(err error, holds string) error {
	raw, ok := errors.AsType[*corpus.RawError](err)
	if !ok {
		return err
	}
	refusal, advice := report.Raw(raw.Header, holds)
	return exit.With(exit.Refused, exit.Hint(errors.New(refusal), advice))
}
