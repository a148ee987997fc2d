package results

import (
	"testing"
	"time"

	"reprise/replay"
)

// TestPeakIsNotBelowTheMean holds a run of 1.2 s, whose busiest second counted from the start holds less than its mean.
func TestPeakIsNotBelowTheMean(t *testing.T) {
	a := NewAccumulator(nil)
	for i := range int64(1201) {
		at := time.Duration(i) * time.Millisecond
		if i >= 600 {
			at = 1200*time.Millisecond - time.Duration(i-600)*time.Microsecond
		}
		_ = a.Record(&replay.Result{Seq: i, Intended: at, Sent: at, FirstByte: at + 1, Done: at + 1, Status: 200})
	}
	if r := a.Summary(nil).Rate; r.AchievedPeak < r.AchievedMean || r.PlannedPeak < r.PlannedMean || r.AchievedMean < 1000 {
		t.Errorf("%+v", r)
	}
}
