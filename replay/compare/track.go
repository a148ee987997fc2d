package compare

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// The metrics of tracks. The texts are part of the JSON.
const (
	MetricP50    = "p50"
	MetricP90    = "p90"
	MetricP99    = "p99"
	MetricErrors = "errors"
)

// Track is one figure over the runs of a series.
type Track struct {
	// Kind is the kind's name, "all", or what a step of a shape is called.
	Kind string `json:"kind"`
	// Step is the number of the step that it is of, which all kinds are in; 0 for none.
	Step   int    `json:"step,omitempty"`
	Metric string `json:"metric"`
	// ByLag says that a run with answers enough has no figure here, as too much of it may be lag.
	ByLag bool `json:"-"`
	// Values are nanoseconds, or the share of failed requests; NaN where a run has none.
	Values Figures `json:"values"`
	// Tested says that changes of it are looked for: it has answers enough in runs enough.
	Tested bool `json:"tested"`
	// Spikes are the positions in Values of runs that stand out by themselves: they are left out where changes are looked for.
	Spikes []int `json:"spikes,omitempty"`

	sent []float64 // requests of each run, for failures
	lag  []float64 // of each run that is not faithful, which share of the value may be its lag; 0 of others
}

// MostLag is the share of a figure that may be lag for it to count, where a run is not faithful by lag. A change counts from LagTimes the
// lag of its runs on.
const MostLag = 0.1

// lagShare is which share of a quantile may be lag: what latency has more than service time, and no less than lag has there, as what makes a
// tool late makes answers of a target beside it late, too.
func lagShare(latency, service, lag float64) float64 {
	if latency <= 0 {
		return 0
	}
	return max(latency-service, lag, 0) / latency
}

// Figures are numbers of which some are missing: those are NaN here and null in JSON.
type Figures []float64

// MarshalJSON writes what is no number as null.
func (f Figures) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, v := range f {
		if i > 0 {
			b = append(b, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendFloat(b, v, 'g', -1, 64)
		}
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Figures) UnmarshalJSON(b []byte) error {
	var list []*float64
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*f = make(Figures, len(list))
	for i, v := range list {
		if v == nil {
			(*f)[i] = math.NaN()
		} else {
			(*f)[i] = *v
		}
	}
	return nil
}

// minAboveTrack is how many answers of a run must lie above a quantile for it to be a figure.
const minAboveTrack = 10

// tracksOf makes the tracks of a series' runs: all first, then the kinds that occur, in the order in which people read them, then the steps
// of a shape.
func tracksOf(runs []HistoryRun, of []int) []Track {
	tracks := append([]Track{}, tracksOfPart(runs, of, kindName(allKinds), 0)...)
	for _, k := range capture.Kinds() {
		tracks = append(tracks, tracksOfPart(runs, of, k.String(), 0)...)
	}
	for _, s := range stepsOfRuns(runs, of) {
		tracks = append(tracks, tracksOfPart(runs, of, nameOfStep(s.Number, s.Name), s.Number)...)
	}
	return tracks
}

// stepsOfRuns are the steps of the shape that runs of one plan have; none where there are not several, and of searches, whose steps follow
// from what was answered.
func stepsOfRuns(runs []HistoryRun, of []int) (steps []results.Step) {
	for _, i := range of {
		s := &runs[i].Summary
		if s.Capacity != nil {
			return nil
		}
		if len(s.Steps) > max(len(steps), 1) {
			steps = s.Steps
		}
	}
	return steps
}

// Part is what a run is in a part: in a kind, in all of it or in a step, whose number is above 0 then. A step that a run does not have is empty.
func (r *HistoryRun) Part(kind string, step int) (tally replay.Tally, timing results.Timing, status map[string]int64) {
	s := &r.Summary
	switch {
	case step > len(s.Steps):
		return tally, timing, nil
	case step > 0:
		s = &s.Steps[step-1].Summary
	case kind != kindName(allKinds):
		k := s.Kinds[kind]
		return s.Ledger.Kinds[kind], k.Timing, k.Status
	}
	return s.Ledger.Tally, s.Timing, s.Status
}

func tracksOfPart(runs []HistoryRun, of []int, kind string, step int) []Track {
	list := []Track{{Metric: MetricP50}, {Metric: MetricP90}, {Metric: MetricP99}, {Metric: MetricErrors}}
	occurs := false
	for _, i := range of {
		tally, timing, status := runs[i].Part(kind, step)
		sent := float64(tally.OK + tally.Failed + tally.Shed)
		occurs = occurs || sent > 0
		var answers float64
		for _, n := range status {
			answers += float64(n)
		}
		for m, at := range [...]float64{0.5, 0.9, 0.99} {
			v, lag := trackQuantile(&timing.Latency, m), 0.0
			if runs[i].Lagged {
				lag = lagShare(v, trackQuantile(&timing.ServiceTime, m), trackQuantile(&timing.Lag, m))
			}
			few := answers*(1-at) < minAboveTrack || v <= 0
			list[m].ByLag = list[m].ByLag || !few && lag > MostLag
			if few || lag > MostLag {
				v, lag = math.NaN(), 0
			}
			list[m].Values, list[m].lag = append(list[m].Values, v), append(list[m].lag, lag)
		}
		share := math.NaN()
		if sent > 0 {
			share = float64(tally.Failed+tally.Shed) / sent
		}
		list[3].Values, list[3].sent = append(list[3].Values, share), append(list[3].sent, sent)
	}
	if !occurs {
		return nil
	}
	for i := range list {
		list[i].Kind, list[i].Step = kind, step
	}
	return list
}

// trackQuantile is p50, p90 or p99.
func trackQuantile(q *results.Quantiles, i int) float64 {
	return float64([...]time.Duration{q.P50, q.P90, q.P99}[i])
}
