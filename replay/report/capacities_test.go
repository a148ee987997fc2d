package report

import (
	"bytes"
	"strings"
	"testing"

	"reprise/replay/compare"
	"reprise/replay/results"
)

// TestCapacitiesSay holds what is said of two searches, and never a share of what the other holds where the tool ended both.
func TestCapacitiesSay(t *testing.T) {
	search := func(e results.SearchEnd, tempo, broke float64) *results.Capacity {
		return &results.Capacity{Ended: e, Tempo: tempo, HeldMean: 50 * tempo, Interval: [2]float64{tempo, broke}, Broke: "p99>1s/5s"}
	}
	for _, tc := range []struct {
		name            string
		base, candidate *results.Capacity
		shape           string
		want            string
	}{
		{
			"less", search(results.SearchFound, 8, 8.25), search(results.SearchFound, 4, 4.125), "",
			"b.rpr holds less than a.rpr: 4x to 4.125x, where a.rpr holds 8x to 8.25x; that is 50 % of the tempo. One search each does not tell how searches vary by themselves.",
		},
		{
			"alike", search(results.SearchFound, 4, 4.125), search(results.SearchFound, 4, 4.125), "",
			"The two do not differ, as far as searches tell tempos apart (5.0 %): 4x to 4.125x of b.rpr and 4x to 4.125x of a.rpr.",
		},
		{
			"both by the tool", search(results.SearchTool, 4, 0), search(results.SearchTool, 4, 0), "",
			"a.rpr found no capacity (the tool was the limit), and b.rpr found no capacity (the tool was the limit): which of the two holds more is not known.",
		},
		{
			"at least", search(results.SearchFound, 4, 4.125), search(results.SearchUnbroken, 16, 0), "",
			"b.rpr holds more than a.rpr: 16x at least, where a.rpr holds 4x to 4.125x. One search each does not tell how searches vary by themselves.",
		},
		{
			"not alike", search(results.SearchFound, 4, 4.125), search(results.SearchTool, 4, 0), "double every pass until",
			"b.rpr found no capacity (the tool was the limit). Which of the two holds more is not known, as the searches were not alike: --shape (double every 20s until to double every pass until).",
		},
	} {
		c := &compare.Comparison{Verdict: compare.Invalid, Invalid: []compare.Reason{{What: "search", Text: "both searched."}}}
		c.Base.Name, c.Candidate.Name = "a.rpr", "b.rpr"
		c.Base.Summary.Capacity, c.Candidate.Summary.Capacity = tc.base, tc.candidate
		c.Base.Header.Settings, c.Candidate.Header.Settings = map[string]string{"shape": "double every 20s until"}, map[string]string{"shape": "double every 20s until"}
		if tc.shape != "" {
			c.Candidate.Header.Settings["shape"] = tc.shape
		}
		lead := comparisonLead(c)
		if len(lead) < 3 || lead[2] != tc.want || strings.Contains(strings.Join(lead, " "), "100 %") {
			t.Errorf("%s: %q, want %q", tc.name, lead, tc.want)
		}
		var b bytes.Buffer
		if err := WriteComparison(&b, JSON, c); err != nil || !strings.Contains(b.String(), `"capacities":{"verdict":"`) {
			t.Errorf("%s: %v, no capacities in the JSON", tc.name, err)
		}
	}
}
