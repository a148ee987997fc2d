package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay/results"
)

// intervalSuffix is what the name of a log of intervals ends in.
const intervalSuffix = ".hlog"

func isIntervals(name string) bool { return strings.EqualFold(filepath.Ext(name), intervalSuffix) }

// splitOutputs tells the run file from the logs of intervals.
func (o *replayOptions) splitOutputs() error {
	o.plain.File, o.intervals = "", nil
	for _, name := range o.outputs {
		switch {
		case isIntervals(name):
			o.intervals = append(o.intervals, name)
		case o.plain.File != "":
			return exit.Misuse("-o %s: the run goes to %s already; what may stand beside it ends in %s", name, o.plain.File, intervalSuffix)
		default:
			o.plain.File = name
		}
	}
	if len(o.intervals) > 0 && o.plain.File == "" {
		return exit.Misuse("-o %s is made from the run file: give -o FILE.rpr, too", o.intervals[0])
	}
	return nil
}

// writeIntervals writes the logs of intervals of a run that has ended, from its file.
func (o *replayOptions) writeIntervals(ctx context.Context, s Streams, run *results.Run) error {
	return writeIntervals(context.WithoutCancel(ctx), s, o.intervals, o.plain.Force, o.plain.File, run.Start())
}

// takeIntervals takes the logs of intervals out of what a report is written to.
func (o *reportOptions) takeIntervals() (logs []string) {
	for _, name := range o.out {
		if isIntervals(name) {
			logs = append(logs, name)
		}
	}
	o.out = slices.DeleteFunc(o.out, isIntervals)
	return logs
}

// writeIntervals writes the same log to some files.
func writeIntervals(ctx context.Context, s Streams, logs []string, force bool, name string, begun time.Time) error {
	for _, log := range logs {
		err := outputs.Write(s.Out, log, force, func(w io.Writer) error {
			r, err := inputs.Run(name)
			if err != nil {
				return err
			}
			defer r.Close()
			return results.WriteIntervals(ctx, w, r, begun)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", log, err)
		}
	}
	return nil
}
