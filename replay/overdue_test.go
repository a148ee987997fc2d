package replay

import (
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// TestOverdueOwn holds whose the waiting of a request is that is due and has no result.
func TestOverdueOwn(t *testing.T) {
	const due, now = 1000 * ms, 2000 * ms
	for _, tc := range []struct {
		name string
		tell func(o *overdue, q *Request)
		full time.Duration
		age  time.Duration // 0 where it does not wait
		own  time.Duration
	}{
		{"in line, with slots free", nil, -1, 1000 * ms, 1000 * ms},
		{"in line behind slots that are all taken", nil, 500 * ms, 1000 * ms, 0},
		{"behind slots that were taken after it had been due", nil, 1900 * ms, 1000 * ms, 900 * ms},
		{"sent in time, and not answered", func(o *overdue, q *Request) { o.tell(q, withTarget, due) }, -1, 1000 * ms, 0},
		{"sent late", func(o *overdue, q *Request) { o.tell(q, withTarget, 1800*ms) }, -1, 1000 * ms, 800 * ms},
		{"sent before the tool stood still", func(o *overdue, q *Request) {
			o.tell(q, withTarget, due)
			o.stopped(Stop{1100 * ms, 850 * ms})
		}, -1, 1000 * ms, 850 * ms},
		{"a stop that two lanes tell of", func(o *overdue, q *Request) {
			o.tell(q, withTarget, due)
			o.stopped(Stop{1100 * ms, 400 * ms})
			o.stopped(Stop{1090 * ms, 405 * ms})
		}, -1, 1000 * ms, 410 * ms},
		{"a stop before it was sent", func(o *overdue, q *Request) {
			o.tell(q, withTarget, due)
			o.stopped(Stop{100 * ms, 850 * ms})
		}, -1, 1000 * ms, 0},
		{"answered, and its result on its way", func(o *overdue, q *Request) {
			o.tell(q, withTarget, due)
			o.tell(q, elsewhere, 0)
		}, -1, 0, 0},
	} {
		o, c, q := newOverdue(), newClock(0, 0), &Request{Seq: 7, Kind: capture.Help, Deadline: due}
		o.make(q.Seq, q.Copy, q.Kind, q.Deadline)
		if tc.tell != nil {
			tc.tell(o, q)
		}
		w := o.at(now, c, nil, 0, tc.full)
		switch {
		case tc.age == 0 && w.Count == 0:
		case w.Count != 1 || w.Overdue[0].Age != tc.age || w.Overdue[0].Own != tc.own:
			t.Errorf("%s: %+v, want an age of %v and %v of it the tool's", tc.name, w, tc.age, tc.own)
		}
		o.done(&Result{Seq: 7})
		if w := o.at(now, c, nil, 0, tc.full); w.Count != 0 {
			t.Errorf("%s: it waits after its result: %+v", tc.name, w)
		}
	}
}

// TestOverdueSkip holds that what was jumped over does not wait, made or not, before the lanes and the feeder have heard of it; what the target
// has does.
func TestOverdueSkip(t *testing.T) {
	plan := &Plan{Window: 100 * ms, Curve: slices.Repeat([]int64{10}, 50), Duration: 5000 * ms}
	o, c := newOverdue(), newClock(0, 0)
	o.make(1, 0, capture.Help, 100*ms)
	o.tell(&Request{Seq: 1}, withTarget, 100*ms)
	o.make(2, 0, capture.Help, 200*ms)
	c.jump(150*ms, 4000*ms)
	if w := o.at(160*ms, c, plan, 1, -1); w.Count != 2 || w.Overdue[0].Unmade || !w.Overdue[1].Unmade {
		t.Errorf("10 ms after the skip %+v, want what the target has, and the one that is due behind the skip", w)
	}
}

// TestLaneOwn holds how much of an answer's time a lane takes upon the tool.
func TestLaneOwn(t *testing.T) {
	for _, tc := range []struct {
		name        string
		slots       int
		naps        bool
		sent, until time.Duration // when Next is asked for both requests, due at 0 and 100 ms, and when the first is answered
		first       time.Duration
		second      time.Duration
	}{
		{"the target is slow", 2, false, 100 * ms, 1500 * ms, 100 * ms, 0},
		{"the target takes every slot", 1, false, 0, 1500 * ms, 0, 0},
		{"the tool stands still from 10 ms on", 2, true, 0, 900 * ms, 890 * ms, 800 * ms},
	} {
		l := NewLine(requests(0, 100*ms), LaneOptions{MaxInFlight: tc.slots})
		a, _ := l.Next(tc.sent)
		if a == nil {
			t.Fatalf("%s: nothing to send", tc.name)
		}
		var b *Request
		if tc.naps {
			_, wait := l.Next(tc.sent)
			l.Nap(wait)
		} else {
			b, _ = l.Next(100 * ms)
		}
		l.Done(a, &Result{Sent: tc.sent, Done: tc.until, Status: 200})
		if b == nil {
			b, _ = l.Next(tc.until)
		}
		l.Done(b, &Result{Sent: tc.until, Done: tc.until + 10*ms, Status: 200})
		got := l.Results()
		if got[0].Own != tc.first || got[1].Own != tc.second {
			t.Errorf("%s: %v and %v are the tool's, want %v and %v", tc.name, got[0].Own, got[1].Own, tc.first, tc.second)
		}
	}
}

// TestLooks holds that a look after a stop waits until the lanes have heard of it, and is not put off for ever.
func TestLooks(t *testing.T) {
	var l looks
	for _, s := range []struct {
		now  time.Duration
		want bool
	}{
		{200 * ms, true},
		{400 * ms, true},
		{1300 * ms, false},
		{1350 * ms, false},
		{1550 * ms, true},
		{2550 * ms, false},
		{3550 * ms, false},
		{4550 * ms, false},
		{5550 * ms, true},
	} {
		if got := l.may(s.now); got != s.want {
			t.Errorf("at %v: %v", s.now, got)
		}
	}
}
