package compare

import (
	"math"
	"slices"
)

// StepLevel is what a step of a shape came to between two changes of its series, or in all runs where there is none.
type StepLevel struct {
	// Number counts from 1; Called is what the user calls the step, and Text the step as it was written.
	Number int    `json:"step"`
	Called string `json:"called,omitempty"`
	Text   string `json:"text"`
	// Runs are the indexes of History.Runs that have this level, in order.
	Runs []int `json:"runs"`
	// P50, P90 and P99 are the medians of the runs that are no spikes, in nanoseconds, and Errors is the share of their requests that failed;
	// null where no run has answers enough.
	P50    *float64 `json:"p50_ns"`
	P90    *float64 `json:"p90_ns"`
	P99    *float64 `json:"p99_ns"`
	Errors *float64 `json:"errors"`
}

// stepLevels are the levels of a series' steps: those of the first step first, in order of the runs.
func (h *History) stepLevels(series int) (list []StepLevel) {
	s := &h.Series[series]
	for _, step := range stepsOfRuns(h.Runs, s.Runs) {
		for _, g := range h.levelsOf(series) {
			l := StepLevel{Number: step.Number, Called: step.Name, Text: step.Text, Runs: s.Runs[g.from:g.to]}
			for i := range s.Tracks {
				if t := &s.Tracks[i]; t.Step == step.Number {
					*l.metric(t.Metric) = t.level(g)
				}
			}
			list = append(list, l)
		}
	}
	return list
}

// levelsOf are the stretches of a series between its changes.
func (h *History) levelsOf(series int) (list []segment) {
	runs, from := h.Series[series].Runs, 0
	for i := range h.Changes {
		if at := slices.Index(runs, h.Changes[i].Run); h.Changes[i].Series == series && at > from {
			list = append(list, segment{from, at})
			from = at
		}
	}
	return append(list, segment{from, len(runs)})
}

func (l *StepLevel) metric(name string) **float64 {
	switch name {
	case MetricP50:
		return &l.P50
	case MetricP90:
		return &l.P90
	case MetricP99:
		return &l.P99
	}
	return &l.Errors
}

// level is the median of the runs that count, or the share of all their requests that failed; nil where there are none.
func (t *Track) level(g segment) *float64 {
	var values []float64
	var failed, sent float64
	for i := g.from; i < g.to; i++ {
		if v := t.Values[i]; !math.IsNaN(v) && !slices.Contains(t.Spikes, i) {
			values = append(values, v)
			failed, sent = failed+v*t.sentBy(i), sent+t.sentBy(i)
		}
	}
	if len(values) == 0 {
		return nil
	}
	v := failed / max(sent, 1)
	if t.Metric != MetricErrors { // as levels before and after a change are
		for i := range values {
			values[i] = math.Log(values[i])
		}
		v = math.Exp(middle(values))
	}
	return &v
}

// sentBy is how many requests a run sent, which tracks of failures know.
func (t *Track) sentBy(i int) float64 {
	if i >= len(t.sent) {
		return 0
	}
	return t.sent[i]
}
