package cause

import (
	"slices"
	"time"
)

// What of the run's own account says that the tool had too little of a processor, as the verdict has it.
const (
	shortWait = 0.25 // of the run, its threads waited for one
	shortUse  = 0.9  // of all that it might use, it used
)

// short says that the tool had so little of a processor that it may be what filled the slots.
func (t *Tool) short() bool {
	return t.Elapsed > 0 && (t.CPUWait.Seconds() >= shortWait*t.Elapsed.Seconds() ||
		t.CPUs > 0 && t.CPU.Seconds() >= shortUse*t.CPUs*t.Elapsed.Seconds())
}

// filledByTool says that the slots would have been enough for this target in the busiest second, had the tool been given a processor: the
// target answers quickly what is sent in time while few are in flight.
func filledByTool(t *Table) bool {
	flight := t.Column(InFlight)
	if !t.Tool.short() || flight == nil {
		return false
	}
	var quick []Micros
	for i, code := range flight.Codes {
		if v := t.Service[i]; v != NoMicros && t.Lag[i] < floorTime && int(code) < len(flight.Edges) && 2*flight.Edges[code] < float64(t.Tool.MaxInFlight) {
			quick = append(quick, v)
		}
	}
	if len(quick) < fewest {
		return false
	}
	slices.Sort(quick)
	return busiest(t)*quantile(quick, 0.5).Duration().Seconds() < float64(t.Tool.MaxInFlight)
}

// busiest is how many requests were due in the busiest second.
func busiest(t *Table) float64 {
	most, from := 0, 0
	for i, at := range t.Intended {
		for at-t.Intended[from] >= time.Second {
			from++
		}
		most = max(most, i+1-from)
	}
	if n := t.Len(); n > 0 { // a run of less than a second goes on as it began
		if span := t.Intended[n-1] - t.Intended[0]; span > 0 && span < time.Second {
			return float64(most) / span.Seconds()
		}
	}
	return float64(most)
}
