package all

import (
	"testing"
	"time"
)

func TestRetrySchedule(t *testing.T) {
	table := Table()
	for vendor, want := range map[string]struct {
		n     int
		first time.Duration
	}{"plivo": {3, time.Minute}, "telnyx": {2, 5 * time.Second}, "vonage": {102, 5 * time.Second}, "bandwidth": {12, time.Minute}, "sinch": {15, 5 * time.Second}} {
		delays := table.RetrySchedule(vendor)
		if len(delays) != want.n || delays[0] != want.first {
			t.Errorf("%s: %d delays: %v", vendor, len(delays), delays)
		}
		if sum := sumOf(delays); vendor != "sinch" && sum > 24*time.Hour {
			t.Errorf("%s: the last is after %v", vendor, sum)
		}
	}
	for _, vendor := range []string{"twilio", "", "generic"} {
		if delays := table.RetrySchedule(vendor); delays != nil {
			t.Errorf("%q: %v", vendor, delays)
		}
	}
}

func sumOf(delays []time.Duration) (sum time.Duration) {
	for _, d := range delays {
		sum += d
	}
	return sum
}
