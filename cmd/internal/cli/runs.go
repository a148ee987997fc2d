package cli

import (
	"context"
	"errors"

	"reprise/cmd/internal/exit"
	"reprise/replay/report"
	"reprise/replay/results"
)

// openRun opens a run file. One that is none, or of a newer version, is a file of which nothing could be read.
func openRun(name string) (*results.Reader, error) {
	r, err := results.Open(name)
	if err != nil {
		return nil, runError(name, err)
	}
	return r, nil
}

// runError says of a file that cannot be opened as a run file what it is.
func runError(name string, err error) error {
	switch {
	case errors.Is(err, results.ErrFormat):
		return exit.With(exit.Damaged, notRun(name, err))
	case errors.Is(err, results.ErrVersion):
		return exit.With(exit.Damaged, runVersionError(name))
	}
	return err
}

// isDamagedRun says whether openRun found a run file whose header is damaged.
func isDamagedRun(err error) bool {
	foreign, ok := errors.AsType[*foreignError](err)
	return ok && foreign.is == damagedRun
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
	if err := report.WriteInspection(s.Out, format, &run); err != nil {
		return err
	}
	return sayDamage(s.Err, name, run.Damage)
}
