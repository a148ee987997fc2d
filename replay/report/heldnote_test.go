package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// TestHeldNote holds that the plan of a shape whose cap holds back says why steps differ from what they ask for, and so does the run.
func TestHeldNote(t *testing.T) {
	for _, stretch := range []time.Duration{0, time.Second} {
		var b strings.Builder
		p := &replay.Plan{Steps: []replay.PlannedStep{{Text: "1s at 2x", Duration: time.Second}}, Stretch: stretch}
		if err := writeSteps(&b, p); err != nil || strings.Contains(b.String(), heldNote) != (stretch > 0) {
			t.Errorf("held back by %v: %v, %s", stretch, err, b.String())
		}
		if part := stepsPart(&results.Summary{}, p); slices.Contains(part.Notes, heldNote) != (stretch > 0) {
			t.Errorf("a run that was held back by %v: %q", stretch, part.Notes)
		}
	}
}

// TestCurveRows holds that the rows of a planned curve are of times that people count by; of other windows, which no plan has, they are as few as fit.
func TestCurveRows(t *testing.T) {
	for _, tc := range []struct {
		windows int
		window  time.Duration
		want    time.Duration
	}{
		{20, 100 * time.Millisecond, 100 * time.Millisecond},
		{150, 100 * time.Millisecond, 500 * time.Millisecond},
		{200, 100 * time.Millisecond, time.Second},
		{450, 100 * time.Millisecond, 2 * time.Second},
		{600, 200 * time.Millisecond, 5 * time.Second},
		{400, time.Second, 20 * time.Second},
		{500, 2 * time.Second, time.Minute},
		{301, 10 * time.Second, 2 * time.Minute},
		{432, 24 * time.Hour, 15 * 24 * time.Hour},
		{400, 800 * time.Millisecond, 20 * time.Second},
	} {
		each := eachOf(tc.windows, tc.window)
		if got := time.Duration(each) * tc.window; got != tc.want || (tc.windows+each-1)/each > curveRows {
			t.Errorf("%d windows of %v: rows of %v, want %v", tc.windows, tc.window, got, tc.want)
		}
	}
}
