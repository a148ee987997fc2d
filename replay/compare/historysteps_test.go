package compare

import (
	"math"
	"testing"
	"time"

	"reprise/replay/results"
)

// inThreeSteps parts runs into three steps, of which the last takes so many times as long from a run on, which is a third of all requests.
func inThreeSteps(runs []HistoryRun, from int, times float64) []HistoryRun {
	for i := range runs {
		for n := range 3 {
			part := runs[i].Summary
			if n == 2 && i >= from {
				l := &part.Latency
				for _, d := range []*time.Duration{&l.P50, &l.P90, &l.P95, &l.P99} {
					*d = time.Duration(float64(*d) * times)
				}
			}
			part.Steps = nil
			runs[i].Summary.Steps = append(runs[i].Summary.Steps, results.Step{Number: n + 1, Name: []string{"", "", "late"}[n], Text: "1m at 2x", Summary: part})
		}
	}
	return runs
}

// TestHistoryNamesTheStep holds that a step that alone changed is a change of that step, with its levels, and nothing else.
func TestHistoryNamesTheStep(t *testing.T) {
	h := historyOf(t, inThreeSteps(noisyHistory(24, 24, 0), 12, 1.3))
	if len(h.Changes) != 1 || h.Changes[0].Run != 12 {
		t.Fatalf("%d changes, want one at 12: %+v", len(h.Changes), h.Changes)
	}
	for _, c := range h.Changes[0].Tracks {
		if c.Step != 3 || c.Kind != "step 3 (late)" || c.Change < 0.25 || c.Change > 0.35 {
			t.Errorf("%+v", c)
		}
	}
	levels := h.Series[0].Steps
	if len(levels) != 6 {
		t.Fatalf("%d levels, want two of each step", len(levels))
	}
	for i, l := range levels {
		want := 20e6
		if i == 5 {
			want *= 1.3
		}
		if l.Number != 1+i/2 || len(l.Runs) != 12 || l.Runs[0] != 12*(i%2) || l.P50 == nil || math.Abs(*l.P50/want-1) > 0.03 || *l.Errors != 0 {
			t.Errorf("level %d: %+v", i, l)
		}
	}
	if h := historyOf(t, inThreeSteps(noisyHistory(24, 24, 0), 24, 1)); len(h.Changes) > 0 || len(h.Series[0].Steps) != 3 {
		t.Errorf("runs that are alike: %d changes, %d levels", len(h.Changes), len(h.Series[0].Steps))
	}
}

// TestHistoryWithoutSteps holds that what is no shape of several steps has none: one step, a search, another plan's runs.
func TestHistoryWithoutSteps(t *testing.T) {
	one := inThreeSteps(noisyHistory(3, 3, 0), 3, 1)
	search := inThreeSteps(noisyHistory(3, 3, 0), 3, 1)
	for i := range one {
		one[i].Summary.Steps = one[i].Summary.Steps[:1]
		search[i].Summary.Capacity = new(results.Capacity)
	}
	for name, runs := range map[string][]HistoryRun{"one step": one, "a search": search, "none": noisyHistory(3, 3, 0)} {
		h := historyOf(t, runs)
		for _, track := range h.Series[0].Tracks {
			if track.Step > 0 {
				t.Errorf("%s: a track of %s", name, track.Kind)
			}
		}
		if len(h.Series[0].Steps) > 0 {
			t.Errorf("%s: levels %+v", name, h.Series[0].Steps)
		}
	}
	mixed := inThreeSteps(noisyHistory(4, 4, 0), 4, 1)
	for i := range 2 {
		mixed[i].Header.PlanHash, mixed[i].Summary.Steps = "p0", nil
	}
	h := historyOf(t, mixed)
	if len(h.Series[0].Steps) != 0 || len(h.Series[1].Steps) != 3 || h.Series[1].Steps[0].Runs[0] != 2 {
		t.Errorf("two plans: %+v and %+v", h.Series[0].Steps, h.Series[1].Steps)
	}
	short := inThreeSteps(noisyHistory(2, 2, 0), 2, 1)
	short[1].Summary.Steps = short[1].Summary.Steps[:2]
	if h := historyOf(t, short); len(h.Series[0].Steps) != 3 || h.Series[0].Steps[2].P50 == nil {
		t.Errorf("a run that lacks its last step: %+v", h.Series[0].Steps)
	}
	if tally, _, status := short[1].Part("all", 3); tally.OK != 0 || status != nil {
		t.Errorf("a step that is not there: %+v", tally)
	}
}
