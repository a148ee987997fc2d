package replay

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

// A lane tells when it did not run although it was to: the longest of each window.
func TestLaneTellsItsStops(t *testing.T) {
	l := NewLine(requests(0, 400*ms, 900*ms), LaneOptions{})
	for _, s := range []struct {
		now, nap time.Duration // Next is asked at now, and the lane sleeps no longer than nap
	}{
		{0, 0},
		{20 * ms, 10 * ms},    // 20 ms went by with one request
		{30*ms + ms/2, 0},     // half a millisecond late is no stop
		{70 * ms, 0},          // a longer one in the same window
		{75 * ms, 0},          // a shorter one
		{500 * ms, 0},         // the longest, which began in that window
		{505 * ms, Forever},   // in the next one, and then the pulse
		{520 * ms, time.Hour}, // 5 ms after the pulse
	} {
		q, wait := l.Next(s.now)
		if q != nil {
			wait = 0
		}
		l.Nap(min(wait, s.nap))
	}
	if got, want := l.awake.take(nil), []Stop{{75 * ms, 425 * ms}, {500 * ms, 5 * ms}}; !slices.Equal(got, want) {
		t.Errorf("stops %v, want %v", got, want)
	}
	if again := l.awake.take(nil); len(again) > 0 {
		t.Errorf("taken twice: %v", again)
	}
}

// Nap is short while requests are in flight, and as long as it likes while none is.
func TestNap(t *testing.T) {
	l := NewLine(requests(0), LaneOptions{})
	if got := l.Nap(time.Hour); got != time.Hour {
		t.Errorf("idle: %v", got)
	}
	q, _ := l.Next(0)
	if got := l.Nap(time.Hour); got != pulse {
		t.Errorf("one in flight: %v, want %v", got, pulse)
	}
	if got := l.Nap(time.Millisecond); got != time.Millisecond {
		t.Errorf("one in flight, and one due soon: %v", got)
	}
	l.Done(q, &Result{Status: 200})
	if got := l.Nap(Forever); got != heartbeat {
		t.Errorf("idle without an end: %v", got)
	}
	l.Next(-50 * ms)
	l.Nap(Forever)
	l.Next(-20 * ms)
	l.Nap(Forever)
	l.Next(time.Hour)
	if got := l.awake.take(nil); len(got) > 0 {
		t.Errorf("an open wait that ended is a stop: %v", got)
	}
}

// What results say of the moment at which a request was sent.
func TestResultsSayWhatWasKnown(t *testing.T) {
	qs := requests(0, 0, 10*ms, 20*ms)
	for i, q := range qs {
		q.PersonHash, q.RecipientHash = uint32(7+i), 9
	}
	qs[0].Vendor = "bell"
	qs[3].Unfit = ReasonUnsigned
	l := NewLine(qs, LaneOptions{Stride: 10, MaxInFlight: 2, Late: LateDrop, Retry: func(vendor string) []time.Duration {
		if vendor == "bell" {
			return []time.Duration{time.Second}
		}
		return nil
	}})
	drive(t, "known", l, Result{Status: 503, NewConnection: true}, []step{
		{at: 0, seq: 0},
		{at: 0, seq: 1},
		{at: 10 * ms, seq: -1, wait: 10 * ms}, // 2 is shed
		{at: 20 * ms, seq: -1, wait: 90 * ms}, // 3 is left out
		{at: 30 * ms, seq: -1, wait: 80 * ms, done: []int64{0}},
		{at: 1030 * ms, seq: 0},
		{at: 1040 * ms, seq: -1, wait: Forever, done: []int64{0, 1}},
	})
	type known struct {
		seq     int64
		attempt uint8
		fresh   bool
		others  int32
		person  uint32
	}
	want := []known{{2, 0, false, 2, 9}, {3, 0, false, 2, 10}, {0, 0, true, 0, 7}, {0, 1, true, 1, 7}, {1, 0, true, 1, 8}}
	var got []known
	for _, r := range l.Results() {
		if !r.Known || r.Recipient != 9 {
			t.Errorf("%+v", r)
		}
		got = append(got, known{r.Seq, r.Attempt, r.NewConnection, r.InFlight, r.Person})
	}
	if !slices.Equal(got, want) {
		t.Errorf("results %v, want %v", got, want)
	}
}

// disturbed is a list that keeps what disturbs.
type disturbed struct {
	list
	calls []Disturbances
}

func (d *disturbed) Disturbed(w *Disturbances) error {
	d.calls = append(d.calls, Disturbances{Stops: slices.Clone(w.Stops), Waits: slices.Clone(w.Waits), Steals: slices.Clone(w.Steals), ClockStep: w.ClockStep})
	return nil
}

// A run tells at its end at least what disturbed it: here a sender's answer that holds nothing up, so nothing.
func TestRunTellsDisturbances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := new(disturbed)
		send := &target{takes: 50 * ms}
		if _, err := Run(context.Background(), &tape{at: steady(50, 40*ms)}, schedule(pace.Options{}), plain{}, by(send), rec, Options{}); err != nil {
			t.Fatal(err)
		}
		if len(rec.calls) == 0 {
			t.Fatal("it was never told")
		}
		for _, d := range rec.calls {
			if len(d.Stops) > 0 || d.ClockStep != 0 {
				t.Errorf("nothing disturbed the run, and it tells %+v", d)
			}
		}
		for i, r := range rec.all {
			if want := int32(min(i, 1)); !r.Known || r.InFlight != want {
				t.Errorf("request %d had %d others in flight, want %d", i, r.InFlight, want)
			}
		}
	})
}
