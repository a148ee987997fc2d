package rounds

import (
	"context"

	"reprise/replay/compare"
	"reprise/replay/explain"
)

// HistoryOptions say who is told while the runs of a history are read. The zero value tells nobody.
type HistoryOptions struct {
	// Begin, where set, is called before each run file is read.
	Begin func(name string)
	// Read, where set, is called for each request that was read.
	Read func()
}

// History reads run files, one after the other, says why requests of each were slow, and finds the runs at which figures changed for good.
// It keeps no request of a run that was read. A file that cannot be opened is a *RunError.
func History(ctx context.Context, names []string, o HistoryOptions) (*compare.History, error) {
	var runs []compare.HistoryRun
	for _, name := range names {
		if o.Begin != nil {
			o.Begin(name)
		}
		why, err := explain.File(ctx, name, explain.Options{Read: o.Read})
		if err != nil {
			return nil, &RunError{name, err}
		}
		run := compare.HistoryRunOf(name, why.Run)
		if run.Why = why.Report; run.Header.Started.IsZero() { // a lost header tells no time, but the run's end may
			run.Header.Started = why.Run.Start()
		}
		runs = append(runs, run)
	}
	return compare.HistoryOf(ctx, runs)
}
