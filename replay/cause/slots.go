package cause

import (
	"slices"
	"time"
)

// What of the run's own account says that the tool had too little of a processor, as the verdict has it.
const (
	shortWait = 0.25 // of the run, its threads waited for one
	shortUse  = 0.9  // of all that it might use, it used
	// nearly is the part of the slots from which on they count as taken: how many others were in flight is known in steps.
	nearly = 0.45
)

// short says that the tool had so little of a processor that it may be what filled the slots.
func (t *Tool) short() bool {
	return t.Elapsed > 0 && (t.CPUWait.Seconds() >= shortWait*t.Elapsed.Seconds() ||
		t.CPUs > 0 && t.CPU.Seconds() >= shortUse*t.CPUs*t.Elapsed.Seconds())
}

// filledByTool says that the slots would have been enough for this target in the busiest second, had the tool been given a processor: the
// target answers quickly what is sent in time while few are in flight, and slowly with the slots taken only if the tool was as late itself.
func filledByTool(t *Table) bool {
	flight := t.Column(InFlight)
	if !t.Tool.short() || flight == nil {
		return false
	}
	var quick, taken []Micros
	var own, lateFree float64 // how late the tool was in all while slots were free, and how often
	for i, code := range flight.Codes {
		v := t.Service[i]
		if v == NoMicros || int(code) >= len(flight.Edges) {
			continue
		}
		switch beside, late := flight.Edges[code], t.Lag[i] >= floorTime; {
		case beside >= nearly*float64(t.Tool.MaxInFlight):
			taken = append(taken, v)
		case late:
			own, lateFree = own+float64(t.Lag[i]), lateFree+1
		case 2*beside < float64(t.Tool.MaxInFlight):
			quick = append(quick, v)
		}
	}
	if len(quick) < fewest {
		return false
	}
	slices.Sort(quick)
	slices.Sort(taken)
	free := quantile(quick, 0.5)
	if len(taken) >= fewest {
		if full := float64(quantile(taken, 0.5)); full >= targetTimes*float64(free) && full > targetTimes*own/max(lateFree, 1) {
			return false // the tool was not late enough to be why answers took so long
		}
	}
	return busiest(t)*free.Duration().Seconds() < float64(t.Tool.MaxInFlight)
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
