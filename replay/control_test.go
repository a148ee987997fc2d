package replay

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

// A pause shifts what comes after it, another tempo its distances, and neither makes a burst.
func TestControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Control
		if err := c.Pause(); !errors.Is(err, ErrNotRunning) {
			t.Errorf("before the run: %v", err)
		}
		do := func(at time.Duration, f func() error) {
			time.AfterFunc(at+lead, func() {
				if err := f(); err != nil {
					t.Errorf("at %v: %v", at, err)
				}
			})
		}
		do(3500*ms, c.Pause)
		do(4000*ms, c.Pause) // again: nothing
		do(63500*ms, c.Resume)
		do(66500*ms, func() error { return c.Scale(4) }) // of 2: twice as fast from position 6.5 s
		do(5*time.Second, func() error {
			if s := c.Status(); s.State != "paused" || s.Position != 3500*ms || s.TimeScale != 2 || s.OK != 4 {
				t.Errorf("status %+v", s)
			}
			return nil
		})
		var rec list
		out, err := Run(t.Context(), &tape{at: steady(10, 2*time.Second)}, schedule(pace.Options{TimeScale: 2}), plain{},
			by(&target{}), &rec, Options{Control: &c})
		if err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{0, 1000, 2000, 3000, 64000, 65000, 66000, 66750, 67250, 67750}
		for _, res := range rec.all {
			if w := want[res.Seq] * ms; res.Intended != w || res.Sent != w {
				t.Errorf("request %d intended %v, sent %v, want %v", res.Seq, res.Intended, res.Sent, w)
			}
		}
		if s := out.Stats; s.Paused != time.Minute || len(s.Changes) != 3 || s.Changes[0].What != "pause" || s.Changes[2].What != "scale 4" {
			t.Errorf("paused %v, changes %+v", s.Paused, s.Changes)
		}
		if err := c.Scale(2); !errors.Is(err, ErrEnded) {
			t.Errorf("after the run: %v", err)
		}
	})
}

func TestControlStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Control
		time.AfterFunc(5*time.Second, func() { _ = c.Stop() })
		out, err := Run(t.Context(), &tape{at: steady(10, time.Second)}, schedule(pace.Options{}), plain{}, by(&target{}), &list{}, Options{Control: &c})
		if err != nil || out.State != Interrupted || out.Ledger.OK != 5 || out.Ledger.Unsent == 0 {
			t.Errorf("%v, %s, %+v", err, out.State, out.Ledger.Tally)
		}
	})
}

// A run that is stopped and one that resumes it send everything once between them, with one ledger.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := steady(20, time.Second)
		plan, err := Scan(t.Context(), &tape{at: at}, pace.Options{}, ScanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(8500*ms, cancel)
		send := &target{takes: 100 * ms}
		var first, second list
		if _, err := Run(ctx, &tape{at: at}, schedule(pace.Options{}), plain{}, by(send), &first, Options{Plan: plan}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		done := make(map[int64]bool)
		book, position := new(Book), time.Duration(0)
		for i := range first.all {
			done[first.all[i].Seq] = true
			book.Of(first.all[i].Kind).Count(&first.all[i])
			position = max(position, first.all[i].Intended)
		}
		out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, by(send), &second, Options{
			Plan: plan, Resume: &Resume{Done: func(seq int64, _ int) bool { return done[seq] }, Position: position, Book: book},
		})
		if err != nil || out.Ledger.OK != 20 || len(second.all) != 20-len(first.all) {
			t.Errorf("%v, ledger %+v, %d rows and %d", err, out.Ledger.Tally, len(first.all), len(second.all))
		}
		for _, res := range second.all {
			if res.Intended != at[res.Seq] || res.Sent-res.Intended > ms {
				t.Errorf("request %d intended %v, sent %v", res.Seq, res.Intended, res.Sent)
			}
		}
		checkOutcome(t, 0, out, nil, send, &list{all: append(first.all, second.all...)}, plan)
	})
}
