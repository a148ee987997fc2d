package replay

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

// most is the largest number of moments within any stretch of a length.
func most(sent []time.Duration, length time.Duration) (most int) {
	first := 0
	for i, at := range sent {
		for at-sent[first] >= length {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// Two lanes that were stopped together send what is overdue at less than twice the peak between them, keep every deadline, and go
// on by the schedule when they have caught up.
func TestLanesCatchUpTogether(t *testing.T) {
	halt := new(standstill)
	halt.peak.Store(100)
	stop, all, clock := new(atomic.Bool), new(atomic.Int64), newClock(0, 0)
	var lanes []*Lane
	for n := range 2 {
		l := newLane(LaneOptions{}, clock, n, stop, &kept{}, all, halt)
		var qs []*Request
		for i := range 500 { // the lanes take turns: 100 a second between them, for 10 s
			qs = append(qs, requests(time.Duration(2*i+n)*10*ms)...)
		}
		l.inbox.put(qs, 0)
		l.inbox.end()
		lanes = append(lanes, l)
	}
	var sent []time.Duration
	late := 0
	for now := time.Duration(0); now < 11*time.Second; now += ms / 4 {
		if now == 2*time.Second {
			now += 3 * time.Second
		}
		for _, l := range lanes {
			for {
				q, wait := l.Next(now)
				if q == nil {
					l.Nap(wait)
					break
				}
				if sent = append(sent, now); now-q.due > LateFrom {
					late++
				}
				if q.due != q.Deadline {
					t.Fatalf("at %v a request of %v is due at %v", now, q.Deadline, q.due)
				}
				if now > 8500*ms && now-q.due > LateFrom {
					t.Fatalf("at %v one of %v is not sent yet: it was to have caught up", now, q.due)
				}
				l.Done(q, &Result{Status: 200, Sent: now, Done: now})
			}
		}
	}
	if len(sent) != 1000 || halt.behind.Load() != 0 {
		t.Errorf("%d sent, %d lanes behind", len(sent), halt.behind.Load())
	}
	for _, w := range []time.Duration{100 * ms, time.Second} {
		if got, bound := most(sent, w), int(200*w.Seconds())+1; got > bound {
			t.Errorf("%d within %v, more than %d", got, w, bound)
		}
	}
	var s Stats
	for _, l := range lanes {
		s.add(l.shares())
	}
	stood := halt.told()
	if stood.Count != 1 || stood.Longest < 2900*ms || stood.Total > 3*time.Second || s.Late.Stall != int64(late) || late < 500 || s.Late.Render != 0 {
		t.Errorf("stops %+v, late %+v of %d", stood, s.Late, late)
	}
	if s.Standstills.Sent != int64(late) || s.Standstills.Rate != 190 {
		t.Errorf("%+v of %d late", s.Standstills, late)
	}
}

func TestReserve(t *testing.T) {
	for _, tc := range []struct {
		name    string
		next    time.Duration
		now     time.Duration
		rate    float64
		mayWait bool
		wait    time.Duration
		after   time.Duration
	}{
		{"no rate, no limit", 5 * ms, 0, 0, true, 0, 5 * ms},
		{"its turn", 10 * ms, 10 * ms, 100, true, 0, 20 * ms},
		{"too early", 10 * ms, 7 * ms, 100, true, 3 * ms, 10 * ms},
		{"one on time does not wait, and takes a place", 10 * ms, 7 * ms, 100, false, 0, 20 * ms},
		{"a lane that woke late makes up for it", 10 * ms, 13 * ms, 100, true, 0, 20 * ms},
		{"but not for more than the slack", 10 * ms, time.Second, 100, true, 0, 1005 * ms},
	} {
		var s standstill
		s.next.Store(int64(tc.next))
		if wait := s.reserve(tc.now, tc.rate, tc.mayWait); wait != tc.wait || time.Duration(s.next.Load()) != tc.after {
			t.Errorf("%s: wait %v, next %v, want %v and %v", tc.name, wait, time.Duration(s.next.Load()), tc.wait, tc.after)
		}
	}
}

func TestStandstillsAreCountedOnce(t *testing.T) {
	var s standstill
	for _, stop := range []Stop{{10 * ms, 2 * time.Second}, {20 * ms, 1990 * ms}, {30 * ms, 2 * time.Second}, {9 * time.Second, 3 * time.Second}} {
		s.note(stop)
	}
	if got, want := s.told(), (Standstills{Count: 2, Longest: 3 * time.Second, At: 9 * time.Second, Total: 5020 * ms}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// stopping is a Waiter that once does not come back in time, as a process that is stopped.
type stopping struct {
	timers
	at, until time.Time
	done      bool
}

func (s *stopping) Wait(d time.Duration) {
	s.timers.Wait(d)
	if !s.done && time.Now().After(s.at) {
		s.done = true
		time.Sleep(time.Until(s.until))
	}
}

// A run without a plan knows the highest rate that it was to send so far; what was stopped while nothing was due catches up too.
func TestRunCatchesUp(t *testing.T) {
	for _, tc := range []struct {
		name string
		plan bool
		gap  time.Duration // nothing is due for that long, in which the stop begins
	}{{"with a plan", true, 0}, {"without a plan", false, 0}, {"in a gap", true, 4 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			at := steady(400, 10*ms)
			for i := range at[200:] {
				at[200+i] += tc.gap
			}
			o := Options{}
			if tc.plan {
				plan, err := Scan(t.Context(), &tape{at: at}, pace.Options{}, ScanOptions{})
				if err != nil {
					t.Fatal(err)
				}
				o.Plan = plan
			}
			began := time.Now().Add(lead)
			w := &stopping{timers: make(timers, 1), at: began.Add(2*time.Second + tc.gap/4), until: began.Add(5*time.Second + tc.gap)}
			var rec list
			out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, NewPool(&target{}, PoolOptions{Waiter: w}), &rec, o)
			if err != nil {
				t.Fatal(err)
			}
			var sent []time.Duration
			for _, r := range rec.all {
				sent = append(sent, r.Sent)
				if r.Intended != at[r.Seq] {
					t.Fatalf("%s: request %d intended %v, want %v", tc.name, r.Seq, r.Intended, at[r.Seq])
				}
			}
			if got := most(sent, 100*ms); len(sent) != 400 || got > 21 {
				t.Errorf("%s: %d sent, %d within 100 ms", tc.name, len(sent), got)
			}
			if s := out.Stats; s.Standstills.Count != 1 || s.Standstills.Sent < 150 || s.Standstills.Rate != 190 || s.Late.Stall < 150 || s.Late.Render > 0 {
				t.Errorf("%s: %+v, late %+v", tc.name, s.Standstills, s.Late)
			}
		})
	}
}

func TestAsleep(t *testing.T) {
	r := &run{begun: make(chan struct{}), start: time.Now().Add(-time.Minute)}
	w := &watch{run: r, slept: time.Hour}
	w.sleeps(time.Hour + 50*ms) // two clocks are not read at once
	w.sleeps(2 * time.Hour)     // before the run
	close(r.begun)
	w.sleeps(2*time.Hour + 10*time.Minute)
	w.sleeps(2*time.Hour + 10*time.Minute)
	w.sleeps(2*time.Hour + 11*time.Minute)
	if a := r.asleep; a.Total != 11*time.Minute || a.At < 50*time.Second || a.At > 2*time.Minute {
		t.Errorf("%+v", a)
	}
}
