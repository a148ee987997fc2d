package cli

import (
	"testing"
	"time"

	"reprise/replay"
)

// TestWorthwhile: the summary of a run says why requests were slow where that costs little beside the run.
func TestWorthwhile(t *testing.T) {
	for _, tc := range []struct {
		name     string
		requests int64
		over     time.Duration
		want     bool
	}{
		{"a short run at any rate", 20_000, time.Second, true},
		{"more at a rate that costs as much", 160_000, 2 * time.Second, false},
		{"an hour of real traffic", 163_128, time.Hour, true},
		{"five days", 2_826_165, 120 * time.Hour, false},
	} {
		plan := &replay.Plan{Duration: tc.over, Ledger: replay.Ledger{Tally: replay.Tally{Recorded: tc.requests}}}
		if got := worthwhile(plan); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
