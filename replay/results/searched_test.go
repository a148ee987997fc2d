package results

import "testing"

// TestSearchedByTheTool holds that a search that the tool ended has a limit of the tool's, and any other has none of how late it was.
func TestSearchedByTheTool(t *testing.T) {
	late := CapacityStep{Number: 2, TimeScale: 1.5, NotJudged: "lag p99 was 402 ms.", Lag: Quantiles{P99: 402e6}}
	shed := late
	shed.Shed = 7
	for _, tc := range []struct {
		name   string
		found  Capacity
		limit  string
		amount string
	}{
		{"found", Capacity{Ended: SearchFound, Steps: []CapacityStep{late}}, "", ""},
		{"late", Capacity{Ended: SearchTool, Steps: []CapacityStep{late}}, "lag", "402ms"},
		{"dropped", Capacity{Ended: SearchTool, Steps: []CapacityStep{late, shed}}, "shed", "7 requests"},
	} {
		s := Summary{Verdict: Verdict{Limits: []Limit{{What: "lag", Whose: Tool, Amount: "9s"}}}}
		s.Searched(&tc.found)
		if got := s.Verdict.Faithful; got != (tc.limit == "") {
			t.Errorf("%s: faithful is %v", tc.name, got)
		}
		if tc.limit == "" {
			if len(s.Verdict.Limits) > 0 {
				t.Errorf("%s: %v", tc.name, s.Verdict.Limits)
			}
			continue
		}
		if len(s.Verdict.Limits) != 1 || s.Verdict.Limits[0].What != tc.limit || s.Verdict.Limits[0].Amount != tc.amount || s.Verdict.Limits[0].Whose != Tool || s.Verdict.Limits[0].Step != 2 {
			t.Errorf("%s: %+v", tc.name, s.Verdict.Limits)
		}
	}
}
