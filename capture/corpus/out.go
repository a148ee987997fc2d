package corpus

import (
	"bufio"
	"context"
	"errors"
	"io"

	"reprise/capture"
)

// ErrEmpty is what the work on an output comes to that would hold no record, so that nobody takes an empty file for a
// recording. There is no file then.
var ErrEmpty = errors.New("nothing was kept, and no file was written")

// LeftError says that work on an output was interrupted, and where what was written of it is.
type LeftError struct {
	// Path is the unfinished file's.
	Path string
	Err  error
}

// Error implements error.
func (e *LeftError) Error() string { return e.Err.Error() }

// Unwrap returns why the work ended.
func (e *LeftError) Unwrap() error { return e.Err }

// Dest says where a corpus goes.
type Dest struct {
	// Path is the file that gets this name when it is whole; empty writes to Stream.
	Path string
	// Force overwrites a file that has the name.
	Force bool
	// Stream takes the corpus as it is written, where Path is empty.
	Stream io.Writer
}

// Output is a corpus being written: to a file that gets its name when it is whole, or to a stream. It is a capture.Sink, for
// one goroutine at a time.
type Output struct {
	file   *File // nil for a stream
	stream *bufio.Writer
	to     *Writer // of the stream
}

// Begin opens an output. Where it cannot, nothing is left behind; the errors are those of Create.
func Begin(to Dest, h Header) (*Output, error) {
	if to.Path != "" {
		f, err := Create(to.Path, h, to.Force)
		if err != nil {
			return nil, err
		}
		return &Output{file: f}, nil
	}
	if to.Stream == nil {
		return nil, errors.New("corpus: a destination needs a path or a stream")
	}
	b := bufio.NewWriterSize(to.Stream, 1<<16)
	w, err := NewWriter(b, h)
	if err != nil {
		return nil, err
	}
	return &Output{to: w, stream: b}, nil
}

// writer is the one that records go to now; a Sorter may replace a file's.
func (o *Output) writer() *Writer {
	if o.file != nil {
		return o.file.Writer
	}
	return o.to
}

// Write implements capture.Sink, as Writer.Write does.
func (o *Output) Write(r *capture.Record) error { return o.writer().Write(r) }

// Columns packs records by column, as Writer.Columns does.
func (o *Output) Columns() { o.writer().Columns() }

// AddHost remembers a host that records are captured from, as Writer.AddHost does.
func (o *Output) AddHost(host string) { o.writer().AddHost(host) }

// KeepHosts carries the hosts of another corpus over, as Writer.KeepHosts does.
func (o *Output) KeepHosts(from Hosts) { o.writer().KeepHosts(from) }

// Carry takes over what other corpora say besides their records, as Writer.Carry does.
func (o *Output) Carry(from ...*Reader) (rest func()) { return o.writer().Carry(from...) }

// Records returns how many records were written.
func (o *Output) Records() int64 { return o.writer().Records() }

// Sorter returns a Sorter that writes to the output, as NewSorter does.
func (o *Output) Sorter(tempDir string, memory int64) *Sorter {
	if o.file != nil {
		return NewSorter(o.file, tempDir, memory)
	}
	return NewSorter(o.to, tempDir, memory)
}

// End finishes the output: whole where err, which the work ended with, is nil; kept under its temporary name where ctx is
// done, for Open to read, which a *LeftError says; gone where the work failed, or ErrEmpty where there is no record. It returns
// the first error.
func (o *Output) End(ctx context.Context, err error) error {
	if err == nil && o.Records() == 0 {
		err = ErrEmpty
	}
	switch {
	case err == nil && o.file != nil:
		return o.file.Commit()
	case err == nil:
		return errors.Join(o.to.Close(), o.stream.Flush())
	case o.file != nil && ctx.Err() != nil:
		return &LeftError{o.file.Path(), errors.Join(err, o.file.Leave())}
	case o.file != nil:
		return errors.Join(err, o.file.Discard())
	}
	return err
}

// Carry takes over what corpora say that the writer's are made of, besides their records: the hosts that they were captured from, before the first
// record where they are known, so that an unfinished output has them too, and, by the function that it returns, after the last; and by
// that what was lost of them.
func (w *Writer) Carry(from ...*Reader) (rest func()) {
	known := true
	for _, r := range from {
		known = known && r.HostsKnown()
	}
	hosts := func() {
		for _, r := range from {
			w.KeepHosts(r.Hosts())
		}
	}
	if known {
		hosts()
	}
	return func() {
		hosts()
		for _, r := range from {
			w.lost = w.lost.plus(r.losses())
		}
	}
}
