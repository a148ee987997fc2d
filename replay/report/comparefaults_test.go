package report

import (
	"slices"
	"testing"

	"reprise/replay/compare"
)

func TestFaultsByCause(t *testing.T) {
	const noCPU = "the tool had no CPU"
	got := faultLines([]compare.Reason{
		{What: "lag", Text: "requests left late."},
		{What: "unfaithful", Run: "r0.rpr", Text: "long", Cause: noCPU, Lag: "905ms", Moved: "48%"},
		{What: "unfaithful", Run: "r1.rpr", Text: "long", Cause: noCPU, Lag: "770ms", Moved: "40%"},
		{What: "unfaithful", Run: "r2.rpr", Text: "long", Cause: "the process was stopped", Lag: "1.2s"},
		{What: "unfaithful", Run: "r3.rpr", Text: "r3.rpr is not faithful: 3 requests were shed."},
	})
	want := []string{
		"requests left late.",
		"r0.rpr and r1.rpr are not faithful: the tool had no CPU (lag p99 905 and 770 ms; moved 48 and 40 %).",
		"r2.rpr is not faithful: the process was stopped (lag p99 1.20 s).",
		"r3.rpr is not faithful: 3 requests were shed.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
