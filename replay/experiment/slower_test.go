package experiment

import (
	"testing"
	"time"

	"reprise/replay/cause"
)

// What an outage held takes twice the time at half the rate, as everything else does.
func TestHalfTheRateDrainsInTwiceTheTime(t *testing.T) {
	trial := Trial{Finding: cause.Finding{Try: cause.HalfRate}}
	trial.o.Session.TimeScale, trial.o.Session.MaxRate, trial.o.Session.Drain = 4, 500, 5*time.Second
	list, err := trial.changes(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if o := list[0]; o.TimeScale != 2 || o.MaxRate != 250 || o.Drain != 10*time.Second {
		t.Errorf("time-scale %v, at most %v, drain %s", o.TimeScale, o.MaxRate, o.Drain)
	}
}
