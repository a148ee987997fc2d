package report

import (
	"testing"
	"time"

	"reprise/replay/compare"
)

// TestSides: where there were no answers there is no latency, and no change.
func TestSides(t *testing.T) {
	full := compare.Latency{Base: time.Millisecond, Candidate: 2 * time.Millisecond, Difference: time.Millisecond, Change: 1, BaseCount: 3, CandidateCount: 4}
	for _, tc := range []struct {
		name string
		l    compare.Latency
		want sides
	}{
		{"both", full, sides{"1.00 ms", "2.00 ms", "+1.00 ms", "+100.0 %"}},
		{"none", compare.Latency{}, sides{"–", "–", "–", "–"}},
		{"no base", compare.Latency{Candidate: time.Millisecond, CandidateCount: 1}, sides{"–", "1.00 ms", "–", "–"}},
		{"no candidate", compare.Latency{Base: time.Millisecond, BaseCount: 1}, sides{"1.00 ms", "–", "–", "–"}},
		{"no change", compare.Latency{Base: 1, Candidate: 1, BaseCount: 1, CandidateCount: 1}, sides{"1 ns", "1 ns", "0", "+0.0 %"}},
	} {
		if got := sidesOf(&tc.l); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}
