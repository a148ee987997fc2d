package report

import (
	"fmt"
	"io"
	"slices"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// Running is a replay that is going, and the socket at which it takes orders.
type Running struct {
	Socket string `json:"socket"`
	replay.Status
}

// WriteRunning writes a line for each replay that is going, those that began first before the others.
func WriteRunning(w io.Writer, all []Running) error {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Running) int { return a.Began.Compare(b.Began) })
	for i := range all {
		st := &all[i].Status
		state := st.State
		switch {
		case st.Step > 0 && st.Steps > 0:
			state += ", " + stepOf(st.Step, st.Steps, st.StepName, st.StepText)
		case st.Step > 0:
			state += fmt.Sprintf(", step %d of a search", st.Step)
		}
		if st.Retrying > 0 && st.Position >= st.Planned {
			state += ", " + waitOf(st.Retrying) + " to be sent again"
		}
		if _, err := fmt.Fprintf(w, "%s  %s  --socket %s\n", whichRun(st), state, all[i].Socket); err != nil {
			return err
		}
	}
	return nil
}

// whichRun tells a run from others: process, corpus, target, id and when it began.
func whichRun(st *replay.Status) string {
	return fmt.Sprintf("%d  %s -> %s  run %s  since %s", st.PID, wording.InLine(st.Corpus), wording.InLine(st.Target), st.Run, st.Began.UTC().Format(time.RFC3339))
}
