package report

import (
	"slices"
	"testing"
	"time"

	"reprise/replay/results"
)

// TestKindPeaks holds that the peak of a kind is that of a second, as the run's own is, and of a window where that is no whole part of a second.
func TestKindPeaks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		width time.Duration
		want  []string
		says  string
	}{
		{"parts of a second", 500 * time.Millisecond, []string{"help", "15", "15", "9.00/s", "9.00/s"}, "The peaks are those of the busiest second, as those of the whole run are."},
		{"windows", 800 * time.Millisecond, []string{"help", "15", "15", "10.0/s", "10.0/s"}, "The peaks are those of the busiest 800 ms."},
	} {
		var ws []results.Window
		for i, n := range []int64{1, 5, 8, 1} {
			ws = append(ws, results.Window{Start: time.Duration(i) * tc.width, Width: tc.width, Kinds: map[string]results.KindWindow{"help": {Planned: n, Achieved: n}}})
		}
		p := kindCurvePart(ws)
		if got := p.Table.Rows[0]; !slices.Equal(got, tc.want) || p.Notes[0] != tc.says {
			t.Errorf("%s: %q, %q", tc.name, got, p.Notes)
		}
	}
}
