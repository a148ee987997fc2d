package report

import (
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

// TestHeldNote holds that the plan of a shape whose cap holds back says why steps differ from what they ask for.
func TestHeldNote(t *testing.T) {
	for _, stretch := range []time.Duration{0, time.Second} {
		var b strings.Builder
		p := &replay.Plan{Steps: []replay.PlannedStep{{Text: "1s at 2x", Duration: time.Second}}, Stretch: stretch}
		if err := writeSteps(&b, p); err != nil || strings.Contains(b.String(), heldNote) != (stretch > 0) {
			t.Errorf("held back by %v: %v, %s", stretch, err, b.String())
		}
	}
}
