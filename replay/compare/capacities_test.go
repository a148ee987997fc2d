package compare

import (
	"testing"

	"reprise/replay/results"
)

func TestCapacities(t *testing.T) {
	found := func(tempo, broke float64) *results.Capacity {
		return &results.Capacity{Ended: results.SearchFound, Tempo: tempo, HeldMean: 50 * tempo, Interval: [2]float64{tempo, broke}}
	}
	ended := func(e results.SearchEnd, tempo, broke float64) *results.Capacity {
		c := found(tempo, broke)
		c.Ended = e
		return c
	}
	refused := found(8, 8.25)
	refused.Steps = []results.CapacityStep{{TimeScale: 8, Held: true, OK: 232, Failed: 768}}
	for _, tc := range []struct {
		name            string
		base, candidate *results.Capacity
		want            CapacityVerdict
		ratio           float64
	}{
		{"the same", found(4, 4.125), found(4, 4.125), CapacityAlike, 1},
		{"the next one", found(4, 4.125), found(4.125, 4.25), CapacityAlike, 4.125 / 4},
		{"more", found(4, 4.125), found(8, 8.25), CapacityMore, 2},
		{"less", found(8, 8.25), found(4, 4.125), CapacityLess, 0.5},
		{"both stopped by the tool", ended(results.SearchTool, 4, 0), ended(results.SearchTool, 4, 0), CapacityUnknown, 0},
		{"stopped by the tool above the other", found(4, 4.125), ended(results.SearchTool, 8, 0), CapacityMore, 0},
		{"stopped by the tool below the other", found(8, 8.25), ended(results.SearchTool, 4, 0), CapacityUnknown, 0},
		{"nothing broke", found(4, 4.125), ended(results.SearchUnbroken, 16, 0), CapacityMore, 0},
		{"the first step broke", found(4, 4.125), ended(results.SearchFirstBroke, 0, 2), CapacityLess, 0},
		{"the first step broke above", found(4, 4.125), ended(results.SearchFirstBroke, 0, 8), CapacityUnknown, 0},
		{"held by refusing", found(4, 4.125), refused, CapacityUnknown, 0},
		{"compared with one that held by refusing", refused, found(4, 4.125), CapacityUnknown, 0},
		{"unsettled", found(4, 4.125), ended(results.SearchUnsettled, 8, 9), CapacityUnknown, 0},
	} {
		c := new(Comparison)
		c.Base.Summary.Capacity, c.Candidate.Summary.Capacity = tc.base, tc.candidate
		got := c.Capacities()
		if got.Verdict != tc.want || got.TempoRatio != tc.ratio || got.Differs == nil {
			t.Errorf("%s: %+v, want %s and %v", tc.name, got, tc.want, tc.ratio)
		}
	}
	c := new(Comparison)
	c.Base.Summary.Capacity = found(4, 4.125)
	if c.Capacities() != nil {
		t.Error("one search has nothing beside it")
	}
	c.Candidate.Summary.Capacity = found(8, 8.25)
	settings := func(stop, scale string) map[string]string {
		return map[string]string{"stop-on": stop, "time-scale": scale, "seed": scale, "shape": "double every 20s until"}
	}
	c.Base.Header.Settings, c.Candidate.Header.Settings = settings("p99>1s/5s", "1"), settings("p99>1s/5s", "2")
	if got := c.Capacities(); got.Verdict != CapacityMore {
		t.Errorf("two that began elsewhere: %+v", got)
	}
	c.Candidate.Summary.Capacity = refused
	if got := c.Capacities(); got.Verdict != CapacityUnknown {
		t.Errorf("one that held by refusing: %+v", got)
	}
	c.Base.Header.Settings, c.Candidate.Header.Settings = settings("errors>90%/5s", "1"), settings("errors>90%/5s", "2")
	if got := c.Capacities(); got.Verdict != CapacityMore {
		t.Errorf("one whose condition allows what failed: %+v", got)
	}
	c.Candidate.Summary.Capacity = found(8, 8.25)
	c.Base.Header.Settings = settings("p99>1s/5s", "1")
	c.Candidate.Header.Settings = settings("p99>2s/5s", "1")
	if got := c.Capacities(); got.Verdict != CapacityUnknown || len(got.Differs) != 1 || got.Differs[0].Name != "--stop-on" {
		t.Errorf("two conditions: %+v", got)
	}
	c.Candidate.Header.Settings = settings("p99>1s/5s", "1")
	c.Base.Header.Corpus, c.Candidate.Header.Corpus = "a", "b"
	if got := c.Capacities(); got.Verdict != CapacityUnknown || got.Differs[0].Name != "corpus" {
		t.Errorf("two corpora: %+v", got)
	}
}
