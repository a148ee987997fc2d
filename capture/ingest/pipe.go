package ingest

import (
	"context"
	"io"
	"os"

	"reprise/capture"
	"reprise/capture/source/open"
)

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
