package compare

import (
	"math"
	"slices"
	"testing"
	"time"
)

// historyMs is a history of runs with these p50, in milliseconds.
func historyMs(t *testing.T, ms ...int) *History {
	t.Helper()
	var runs []HistoryRun
	for i, v := range ms {
		runs = append(runs, historyRun(i, time.Duration(v)*time.Millisecond))
	}
	return historyOf(t, runs)
}

// The level of a segment is the median of its runs that are no spikes, and what most runs do is no spike.
func TestHistoryLevels(t *testing.T) {
	for _, tc := range []struct {
		name          string
		ms            []int
		run           int
		before, after float64
		spikes        []int
	}{
		{"a single slow run among the first four", []int{802, 826, 801, 801, 1001, 1002, 1001, 1000, 1001, 1002}, 4, 801, 1001, []int{1}},
		{"the slow run is second to last", []int{801, 802, 801, 826, 801, 1001, 1002, 1001, 1000, 1001}, 5, 801, 1001, []int{3}},
		{"a slow run behind the step", []int{801, 802, 801, 801, 802, 801, 1001, 1002, 1100, 1001}, 6, 801, 1001, []int{8}},
		{"no spike", []int{801, 802, 803, 801, 1001, 1002, 1001, 1003, 1001, 1002}, 4, 801.5, 1001.5, nil},
	} {
		h := historyMs(t, tc.ms...)
		if len(h.Changes) != 1 || h.Changes[0].Run != tc.run {
			t.Errorf("%s: changes %+v", tc.name, h.Changes)
			continue
		}
		for _, c := range h.Changes[0].Tracks {
			if c.Metric == MetricP50 && (math.Abs(c.Before/1e6-tc.before) > 0.1 || math.Abs(c.After/1e6-tc.after) > 0.3) {
				t.Errorf("%s: %s %s from %.2f to %.2f ms", tc.name, c.Kind, c.Metric, c.Before/1e6, c.After/1e6)
			}
			if c.Interval.Low > c.Change || c.Interval.High < c.Change {
				t.Errorf("%s: %v is not in %v", tc.name, c.Change, *c.Interval)
			}
		}
		if got := h.Series[0].Tracks[0].Spikes; !slices.Equal(got, tc.spikes) {
			t.Errorf("%s: spikes %v, want %v", tc.name, got, tc.spikes)
		}
	}
}

// Spikes are never half of a level, whatever its runs measured.
func TestRespikeLeavesAMajority(t *testing.T) {
	for _, values := range [][]float64{
		{801, 826, 801, 801}, {801, 850, 900, 950}, {801, 801, 850, 850}, {801, 850, 801, 850, 900}, {801, 801, 801, 826, 850, 870}, {math.NaN(), 801, 850, math.NaN()},
	} {
		c := clean(&Track{Kind: "all", Metric: MetricP50, Values: append(slices.Clone(values), 1000, 1001, 1000, 1001, 1000, 1001, 1000, 1001)})
		level := segment{to: len(values)}
		c = levelled([]cleaned{c}, []segment{level, {len(values), len(c.values)}})[0]
		known, spikes := 0, 0
		for i, v := range values {
			if !math.IsNaN(v) {
				known++
			}
			if slices.Contains(c.spikes, i) {
				spikes++
			}
		}
		if counted := len(c.counted(level)); 2*spikes >= known || counted+spikes != known {
			t.Errorf("%v: %d spikes, %d count", values, spikes, counted)
		}
	}
}

// The first runs of a list may be the end of a level that it does not hold, and no step is found that could not be measured.
func TestHistoryEarliest(t *testing.T) {
	h := historyMs(t, 800, 801, 800, 1000, 1001, 1000, 1001, 1000, 1001, 1000)
	s := h.Series[0]
	if len(h.Changes) > 0 || s.Earliest == nil || s.Latest != nil {
		t.Fatalf("changes %+v, earliest %+v, latest %+v", h.Changes, s.Earliest, s.Latest)
	}
	if e := s.Earliest; e.Run != 2 || e.More != 1 || math.Abs(e.Tracks[0].Change-0.25) > 0.01 || math.Abs(e.Tracks[0].Before-8e8) > 8e8 {
		t.Errorf("earliest %+v", e)
	}
	if s.Sees < HistoryFloorChange {
		t.Errorf("sees %v", s.Sees)
	}
	for _, ms := range [][]int{
		{800, 1000, 1001, 1000, 1001, 1000, 1001, 1000, 1001, 1000},
		{1000, 1001, 1000, 1001, 1000, 1001, 1000, 1001, 1000, 1001},
	} {
		if s := historyMs(t, ms...).Series[0]; s.Earliest != nil || s.Sees < HistoryFloorChange {
			t.Errorf("%v: earliest %+v, sees %v", ms, s.Earliest, s.Sees)
		}
	}
}
