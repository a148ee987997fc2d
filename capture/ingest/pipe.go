package ingest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"reprise/capture"
	"reprise/capture/source/open"
)

// Input is an input that is open. It is read once, by one goroutine.
type Input struct {
	name    string
	content *bufio.Reader
	under   io.Closer
	piped   bool
}

// Open opens an input by its name, "-" being stdin, as Files does. The caller closes it.
func Open(ctx context.Context, name string, stdin io.Reader) (*Input, error) {
	in, piped, err := openInput(ctx, name, stdin)
	if err != nil {
		return nil, err
	}
	return &Input{name, bufio.NewReaderSize(in, RecogniseBytes), in, piped}, nil
}

// Start returns the first bytes, unpacked, and waits for them: RecogniseBytes, or all that there are. They are still to be read.
func (in *Input) Start() ([]byte, error) {
	start, err := in.content.Peek(RecogniseBytes)
	if len(start) > 0 || errors.Is(err, io.EOF) {
		err = nil // what ended it comes again
	}
	return start, err
}

// Read implements io.Reader. It gives what the input holds, unpacked.
func (in *Input) Read(p []byte) (int, error) { return in.content.Read(p) }

// Close implements io.Closer.
func (in *Input) Close() error { return in.under.Close() }

// Each is the function Each of this input alone, which it closes.
func (in *Input) Each(ctx context.Context, o Options, f func(*capture.Record) error) (*Result, error) {
	defer in.Close()
	o.input = in
	return Each(ctx, []string{in.name}, o, f)
}

// openInput opens one of the inputs that are read.
func (o *Options) openInput(ctx context.Context, name string) (in io.ReadCloser, piped bool, err error) {
	if o.input != nil {
		return o.input, o.input.piped, nil
	}
	return openInput(ctx, name, o.Stdin)
}

// isPipe says whether an input is a pipe.
func (o *Options) isPipe(name string) bool {
	if in, ok := o.Stdin.(*open.Input); ok && name == "-" {
		return in.Pipe() != nil
	}
	return isNamedPipe(name)
}

func isNamedPipe(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// openInput opens an input, and says whether it is a pipe, of which the end of the context ends reading in order.
func openInput(ctx context.Context, name string, stdin io.Reader) (in io.ReadCloser, piped bool, err error) {
	if file, ok := stdin.(*open.Input); ok && name == "-" {
		if pipe := file.Pipe(); pipe != nil {
			in, err = open.Reader(name, pipe)
			return in, true, err
		}
	}
	if name == "-" || !isNamedPipe(name) {
		in, err = open.Reader(name, stdin)
		return in, false, err
	}
	file, err := openNamedPipe(ctx, name)
	if err != nil {
		return nil, true, err
	}
	in, err = open.Stream(name, open.Interruptible(ctx, file).Pipe(), file)
	return in, true, err
}

// openNamedPipe opens a named pipe, which needs somebody who writes to it: where the context ends first, it ended before anything came.
func openNamedPipe(ctx context.Context, name string) (*os.File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened, 1) // so that an opening ends that nobody waits for
	go func() {
		file, err := os.Open(name)
		done <- opened{file, err}
	}()
	select {
	case got := <-done:
		return got.file, got.err
	case <-ctx.Done():
		return nil, capture.ErrStopped
	}
}
