package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture/frame"
	"reprise/capture/output"
)

const (
	// fanIn is how many runs are merged at once; each takes about half a megabyte while it is.
	fanIn    = 16
	runBlock = 128 << 10
)

// run is a temporary file with sorted records.
type run struct {
	file    tempFile
	level   int  // how many merges it has been through
	growing bool // a file without a footer
}

// tempFile is a *output.Temp, or the unfinished file that is sorted anew.
type tempFile interface {
	io.ReadSeeker
	io.Closer
}

// newRun begins a run in a folder.
func newRun(dir string) (*run, *Writer, error) {
	f, err := output.NewTemp(dir, "reprise-sort-*")
	if err != nil {
		return nil, nil, fmt.Errorf("corpus: create a temporary file: %w", err)
	}
	r := &run{file: f}
	w, err := newWriter(f, Header{State: Anonymized}, frame.Fastest, runBlock, 0)
	if err != nil {
		return nil, nil, errors.Join(err, r.remove())
	}
	w.plain = true
	return r, w, nil
}

func (r *run) reader() (*Reader, error) {
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return NewReader(r.file)
}

func (r *run) remove() error { return r.file.Close() }

// mergeRuns replaces neighbouring runs by one.
func mergeRuns(dir string, runs []*run) (*run, error) {
	merged, w, err := newRun(dir)
	if err != nil {
		return nil, err
	}
	merged.level = runs[0].level + 1
	if err = drain(context.Background(), w, runs); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, errors.Join(err, merged.remove())
	}
	for _, r := range runs {
		err = errors.Join(err, r.remove())
	}
	return merged, err
}
