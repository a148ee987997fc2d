package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/capture/source/open"
)

// corpusOut is a corpus being written: to a file that gets its name when it is whole, or to stdout.
type corpusOut struct {
	corpusSink
	file   *corpus.File
	stdout *bufio.Writer
}

// corpusSink is a *corpus.File or a *corpus.Writer.
type corpusSink interface {
	capture.Sink
	AddHost(host string)
	KeepHosts(from corpus.Hosts)
	Records() int64
	Close() error
}

// sink is the corpus as a Sorter wants it: a file as itself, which it may rewrite.
func (o *corpusOut) sink() capture.Sink {
	if o.file != nil {
		return o.file
	}
	return o.corpusSink
}

// createCorpus opens an output. Where it cannot, nothing is left behind.
func createCorpus(name string, s Streams, h corpus.Header, force bool) (*corpusOut, error) {
	switch name {
	case "":
		return nil, misuse("say where the corpus goes: -o FILE.rpz, or -o - for stdout")
	case "-":
		if isTerminal(s.Out) {
			return nil, misuse("-o -: a corpus is no text for a terminal: pipe it somewhere")
		}
		b := bufio.NewWriterSize(bytesTo(s.Out), 1<<16)
		w, err := corpus.NewWriter(b, h)
		if err != nil {
			return nil, err
		}
		return &corpusOut{corpusSink: w, stdout: b}, nil
	}
	f, err := corpus.Create(name, h, force)
	if err != nil {
		return nil, outputError(err)
	}
	return &corpusOut{corpusSink: f, file: f}, nil
}

// end finishes the output: whole if the work succeeded; kept under its temporary name if it was interrupted, for
// repair to read; gone if it failed, or if it holds nothing. It returns the first error, and errNothingKept where there is none
// and no record either.
func (o *corpusOut) end(ctx context.Context, err error) error {
	if err == nil {
		err = something(o)
	}
	switch {
	case err == nil && o.file != nil:
		return outputError(o.file.Commit())
	case err == nil:
		return errors.Join(o.Close(), o.stdout.Flush())
	case o.file != nil && ctx.Err() != nil:
		return leftHint(errors.Join(err, o.file.Leave()), o.file.Path())
	case o.file != nil:
		return errors.Join(err, o.file.Discard())
	}
	return err
}

// something returns errNothingKept where no record was written.
func something(w corpusSink) error {
	if w.Records() == 0 {
		return errNothingKept
	}
	return nil
}

// openCorpus opens a corpus by path, or from stdin with -, compressed or not.
func openCorpus(name string, s Streams) (*corpus.Reader, io.Closer, error) {
	if name != "-" {
		r, err := corpus.Open(name)
		if err == nil {
			return r, r, nil
		}
		if !errors.Is(err, corpus.ErrNotCorpus) {
			return nil, nil, corpusOpenError(err)
		}
	}
	in, content, err := openContent(name, s)
	if err != nil {
		return nil, nil, err
	}
	r, err := corpus.NewReader(cutReader{content})
	if err != nil {
		in.Close()
		return nil, nil, corpusOpenError(fmt.Errorf("%s: %w", name, err))
	}
	return r, in, nil
}

// reopened is a corpus' name if it can be opened again, and else "".
func reopened(name string) string {
	if name == "-" {
		return ""
	}
	r, err := corpus.Open(name)
	if err != nil {
		return ""
	}
	r.Close()
	return name
}

// openContent opens an input that has to hold a corpus, unpacked.
func openContent(name string, s Streams) (in io.Closer, content *bufio.Reader, err error) {
	file, err := open.Reader(name, s.In)
	if err != nil {
		return nil, nil, err
	}
	content = bufio.NewReaderSize(file, recogniseBytes)
	start, err := content.Peek(corpus.MagicLen)
	if corpus.Detect(start) {
		return file, content, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		start, _ = content.Peek(recogniseBytes)
		err = notCorpus(name, start)
	}
	return nil, nil, errors.Join(err, file.Close())
}

// openSpooled opens a corpus that can be read more than once, of which path is the file; done closes it and takes away what
// spool made.
func openSpooled(ctx context.Context, name string, s Streams) (r *corpus.Reader, path string, done func(), err error) {
	path, remove, err := spool(ctx, name, s)
	if err != nil {
		return nil, "", nil, err
	}
	if r, err = corpus.Open(path); err != nil {
		remove()
		return nil, "", nil, corpusOpenError(err)
	}
	return r, path, func() {
		r.Close()
		remove()
	}, nil
}

// spool gives a corpus that can be read more than once: stdin and compressed files go through a temporary file.
// It has no name that a kill could leave behind, and goes when the caller calls done.
func spool(ctx context.Context, name string, s Streams) (path string, done func(), err error) {
	if name != "-" {
		if r, err := corpus.Open(name); err == nil {
			return name, func() {}, r.Close()
		} else if !errors.Is(err, corpus.ErrNotCorpus) {
			return "", nil, corpusOpenError(err)
		}
	}
	in, content, err := openContent(name, s)
	if err != nil {
		return "", nil, err
	}
	defer in.Close()
	f, err := output.NewTemp("", "reprise-*.rpz")
	if err != nil {
		return "", nil, fmt.Errorf("keep %s for a second reading: %w", name, err)
	}
	_, err = io.Copy(f, readerWithContext{ctx, content})
	if isCut(err) {
		fmt.Fprintf(s.Err, "reprise: %v; what it holds is used\n", err)
		err = nil
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return f.Path(), func() { f.Close() }, nil
}

// readerWithContext stops a long copy when its context ends.
type readerWithContext struct {
	ctx context.Context
	io.Reader
}

func (r readerWithContext) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// sayDamage prints what of a corpus could not be read, and returns exit code 6 if there was any.
func sayDamage(w io.Writer, name string, damage []corpus.Damage) error {
	if len(damage) == 0 {
		return nil
	}
	for i, d := range damage {
		if i == 10 {
			fmt.Fprintf(w, "reprise: %s: %d more places are damaged\n", name, len(damage)-i)
			break
		}
		fmt.Fprintf(w, "reprise: %s: at byte %d: %s%s\n", name, d.Offset, d.Reason, lossText(d.Records))
	}
	return withCode(exitDamaged, fmt.Errorf("part of %s was unreadable; the rest was used", name))
}

// unreadable tells what of a corpus could not be read beside an error that it led to; where that is that there are no
// records, they are what could not be read. As nothing of it was used, the exit code is that of a failure.
func unreadable(w io.Writer, name string, damage []corpus.Damage, err, none error) error {
	if damaged := sayDamage(w, name, damage); damaged != nil && errors.Is(err, none) {
		return withCode(exitFailed, fmt.Errorf("%s: no record of it could be read", name))
	}
	return err
}

// lossText says how many records went with a damaged part.
func lossText(records int64) string {
	switch {
	case records > 0:
		return ": " + plural(records, "record") + " lost"
	case records < 0:
		return ": it cannot be known how many records are lost"
	}
	return ""
}

// corpusOpener opens a corpus file again and again, for work that reads it more than once.
func corpusOpener(path string) func(context.Context) (capture.Source, error) {
	return func(context.Context) (capture.Source, error) { return corpus.Open(path) }
}
