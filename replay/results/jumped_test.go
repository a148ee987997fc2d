package results

import (
	"testing"
	"time"

	"reprise/replay"
)

// TestJumpedOver holds that what a skip jumped over is in no window and in no second: it was never due, and has the moment of the skip.
func TestJumpedOver(t *testing.T) {
	a := NewAccumulator(nil)
	for i := range int64(500) {
		at := time.Duration(i) * 10 * time.Millisecond
		res := &replay.Result{Seq: i, Intended: at, Sent: at, FirstByte: at + 1, Done: at + 1, Status: 200}
		if i >= 200 && i < 400 {
			res = &replay.Result{Seq: i, Intended: 2 * time.Second, Error: replay.ReasonUnsent}
		}
		_ = a.Record(res)
	}
	_ = a.Record(&replay.Result{Seq: 500, Intended: time.Second, Error: replay.ReasonShed})
	var sum, most int64
	for _, w := range a.Windows(true) {
		sum, most = sum+w.Planned, max(most, w.Planned)
	}
	if sum != 301 || most != 11 {
		t.Errorf("%d are planned, %d of them in one window; want 301 and 11", sum, most)
	}
	ended := int64(0)
	for _, n := range a.ended.at(a.windows.width, len(a.windows.all)) {
		ended += n
	}
	if ended != sum {
		t.Errorf("%d ended, and %d were due: the backlog is %d", ended, sum, sum-ended)
	}
	s := a.Summary(nil)
	if r := s.Rate; r.PlannedPeak != 101 || r.PlannedPeakAt != time.Second || r.AchievedPeak != 100 || r.AchievedPeakAt != 0 {
		t.Errorf("%+v", r)
	}
	if s.Ledger.Unsent != 200 || s.Ledger.Shed != 1 {
		t.Errorf("%+v", s.Ledger)
	}
}

// TestPeakOfPlan holds that the second of a plan's peak is said where the plan was played whole, and else not.
func TestPeakOfPlan(t *testing.T) {
	for _, tc := range []struct {
		peak int64
		want time.Duration
	}{{100, 3 * time.Second}, {250, -1}} {
		a := NewAccumulator(&replay.Plan{Peak: tc.peak, Duration: 4 * time.Second})
		for i := range int64(130) {
			at := 3*time.Second + time.Duration(i)*time.Millisecond
			if i >= 100 {
				at = time.Second
			}
			_ = a.Record(&replay.Result{Seq: i, Intended: at, Sent: at, FirstByte: at, Done: at, Status: 200})
		}
		if r := a.Summary(nil).Rate; r.PlannedPeakAt != tc.want {
			t.Errorf("of a peak of %d: at %v, want %v", tc.peak, r.PlannedPeakAt, tc.want)
		}
	}
}

// TestJumpedOverIsNotTheTools holds whose it is that requests were not sent which were jumped over, or left out by a lower volume.
func TestJumpedOverIsNotTheTools(t *testing.T) {
	skips := []replay.Skip{{From: time.Second, To: 2 * time.Second}}
	for _, tc := range []struct {
		name  string
		stats replay.Stats
		whose Owner
		cause string
	}{
		{"nobody knows why", replay.Stats{}, Tool, ""},
		{"jumped over", replay.Stats{Skips: skips}, Hand, "jumped over"},
		{"a lower volume", replay.Stats{Thinned: 10}, Hand, "jumped over, or left out by a lower volume"},
	} {
		e := Evidence{State: replay.Complete, Stats: tc.stats}
		e.Ledger.Unsent = 10
		if l, is := judgeUnsent(&e); !is || l.Whose != tc.whose || l.Cause != tc.cause {
			t.Errorf("%s: %+v", tc.name, l)
		}
	}
	e := Evidence{Stats: replay.Stats{Changes: []replay.Change{{What: "skip 1s"}}}}
	if l, _ := judgeChanged(&e); l.Whose != Hand {
		t.Errorf("what was changed by hand: %+v", l)
	}
}
