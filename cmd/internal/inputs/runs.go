package inputs

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"reprise/cmd/internal/exit"
	"reprise/replay/results"
)

// Run opens a run file. One that is none, or of a newer version, is a file of which nothing could be read.
func Run(name string) (*results.Reader, error) {
	r, err := results.Open(name)
	if err != nil {
		return nil, RunError(name, err)
	}
	return r, nil
}

// RunError says of a file that cannot be opened as a run file what it is.
func RunError(name string, err error) error {
	switch {
	case errors.As(err, new(*foreignError)): // which is said already
		return err
	case errors.Is(err, results.ErrFormat):
		return notRun(name, err)
	case errors.Is(err, results.ErrVersion):
		return exit.With(exit.Damaged, runVersionError(name))
	case name == "-" && errors.Is(err, fs.ErrNotExist):
		return exit.Misuse("- is no run file: a run file is read by its name, and not from stdin")
	case errors.Is(err, fs.ErrNotExist):
		return unfinishedRun(name, err)
	}
	return err
}

// unfinishedRun says of a run that is not there what a run that was killed left in its place.
func unfinishedRun(name string, err error) error {
	missing, ok := errors.AsType[*fs.PathError](err)
	if !ok || missing.Path != name {
		return err
	}
	left := name + ".partial"
	if _, none := os.Stat(left); none != nil {
		return err
	}
	return exit.Hint(err, "the run did not end: "+left+" holds what it came to, and is read as a run file is")
}

// isDamagedRun says whether Run found a run file whose header is damaged.
func isDamagedRun(err error) bool {
	foreign, ok := errors.AsType[*foreignError](err)
	return ok && foreign.is == damagedRun
}

// ReadRun reads a run file whole and sums it up.
func ReadRun(ctx context.Context, name string) (results.Run, error) {
	r, err := Run(name)
	if err != nil {
		return results.Run{}, err
	}
	defer r.Close()
	return results.Summarize(ctx, r)
}

// IsRun says whether a file is a run file, by its content.
func IsRun(name string) (bool, error) {
	if name == "-" {
		return false, nil
	}
	r, err := Run(name)
	if errors.Is(err, results.ErrFormat) && !isDamagedRun(err) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return true, r.Close()
}
