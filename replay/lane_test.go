package replay

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture"
)

const ms = time.Millisecond

func requests(deadlines ...time.Duration) (qs []*Request) {
	for i, d := range deadlines {
		qs = append(qs, &Request{Seq: int64(i), Deadline: d, Kind: capture.Help})
	}
	return qs
}

// script drives a lane: at each moment it says what Next must give, or how long it must have to wait.
type step struct {
	at   time.Duration
	seq  int64         // -1: nothing
	wait time.Duration // where seq is -1
	done []int64       // requests that are answered before Next is asked
}

func drive(t *testing.T, name string, l *Lane, answer Result, steps []step) {
	t.Helper()
	out := make(map[int64]*Request)
	for i, s := range steps {
		for _, seq := range s.done {
			res := answer
			res.Sent, res.Done = s.at, s.at
			l.now = s.at
			l.Done(out[seq], &res)
			delete(out, seq)
		}
		q, wait := l.Next(s.at)
		switch {
		case q != nil && q.Seq != s.seq:
			t.Fatalf("%s: step %d at %v: request %d, want %d", name, i, s.at, q.Seq, s.seq)
		case q == nil && (s.seq >= 0 || wait != s.wait):
			t.Fatalf("%s: step %d at %v: nothing for %v, want request %d or nothing for %v", name, i, s.at, wait, s.seq, s.wait)
		case q != nil:
			out[q.Seq] = q
		}
	}
}

var ok = Result{Status: 200}

func TestLaneKeepsDeadlines(t *testing.T) {
	l := NewLine(requests(0, 10*ms, 10*ms, time.Second), LaneOptions{})
	drive(t, "deadlines", l, ok, []step{
		{at: 0, seq: 0},
		{at: 1 * ms, seq: -1, wait: 9 * ms},
		{at: 10 * ms, seq: 1},
		{at: 10 * ms, seq: 2},
		{at: 12 * ms, seq: -1, wait: 988 * ms},
		{at: 1500 * ms, seq: 3},
		{at: 1600 * ms, seq: -1, wait: Forever},
	})
	if l.Over() {
		t.Error("over with four on their way")
	}
	if s := l.shares(); s.Late != (LateBy{Stall: 1}) || s.LongestStall != 500*ms || s.PeakInFlight != 4 {
		t.Errorf("stats %+v", s)
	}
}

func TestLaneAtTheCap(t *testing.T) {
	l := NewLine(requests(0, 0, 5*ms), LaneOptions{MaxInFlight: 1})
	drive(t, "cap", l, ok, []step{
		{at: 0, seq: 0},
		{at: 1 * ms, seq: -1, wait: Forever},
		{at: 30 * ms, seq: 1, done: []int64{0}},
		{at: 31 * ms, seq: -1, wait: 69*ms + 30*ms}, // the batch of one result is handed on 100 ms after it came
		{at: 40 * ms, seq: 2, done: []int64{1}},
	})
	if s := l.shares(); s.AtCap != 2 || s.Late.Cap != 2 || s.CapWait != 29*ms+9*ms {
		t.Errorf("stats %+v", s)
	}
}

// Those that stand behind a request at the cap are late because of it, not because the loop was.
func TestLaneBehindTheCap(t *testing.T) {
	l := NewLine(requests(0, 0, 1*ms, 2*ms, 50*ms), LaneOptions{MaxInFlight: 3})
	drive(t, "behind the cap", l, ok, []step{
		{at: 0, seq: 0},
		{at: 0, seq: 1},
		{at: 1 * ms, seq: 2},
		{at: 2 * ms, seq: -1, wait: Forever},
		{at: 60 * ms, seq: 3, done: []int64{0, 1, 2}},
		{at: 60 * ms, seq: 4},
	})
	if s := l.shares(); s.Late != (LateBy{Cap: 2}) || s.LongestStall != 0 || s.AtCap != 2 {
		t.Errorf("stats %+v", s)
	}
}

func TestLaneSerializes(t *testing.T) {
	qs := requests(0, 0, 0, 0)
	for i, person := range []uint64{7, 7, 8, 7} {
		qs[i].Person = person
	}
	l := NewLine(qs, LaneOptions{Serialize: true})
	drive(t, "serialize", l, ok, []step{
		{at: 0, seq: 0},
		{at: 0, seq: 2},
		{at: 0, seq: -1, wait: Forever},
		{at: 20 * ms, seq: 1, done: []int64{0}},
		{at: 20 * ms, seq: -1, wait: 100 * ms, done: []int64{2}},
		{at: 30 * ms, seq: 3, done: []int64{1}},
		{at: 40 * ms, seq: -1, wait: 80 * ms, done: []int64{3}},
	})
	if s := l.shares(); s.Late.Sender != 2 || !l.Over() {
		t.Errorf("over %v, stats %+v", l.Over(), s)
	}
}

func TestLaneRetries(t *testing.T) {
	qs := requests(0, 5*time.Second)
	qs[0].Vendor = "bell"
	var again []int
	l := NewLine(qs, LaneOptions{Stride: 10, Again: func(q *Request) { again = append(again, q.Copy) }, Retry: func(vendor string) []time.Duration {
		if vendor == "bell" {
			return []time.Duration{time.Second, 2 * time.Second}
		}
		return nil
	}})
	drive(t, "retry", l, Result{Status: 503}, []step{
		{at: 0, seq: 0},
		{at: 10 * ms, seq: -1, wait: 100 * ms, done: []int64{0}},
		{at: 1010 * ms, seq: 0},
		{at: 1020 * ms, seq: -1, wait: 2000 * ms, done: []int64{0}},
		{at: 3020 * ms, seq: 0},
		{at: 3030 * ms, seq: -1, wait: 100 * ms, done: []int64{0}}, // the vendor gives up
		{at: 5000 * ms, seq: 1},
		{at: 5000 * ms, seq: -1, wait: Forever, done: []int64{1}}, // another vendor does not retry
	})
	if !l.Over() {
		t.Error("not over")
	}
	var copies []int
	for _, res := range l.Results() {
		copies = append(copies, res.Copy)
	}
	if !slices.Equal(again, []int{10, 20}) {
		t.Errorf("made anew for the copies %v, want 10 and 20", again)
	}
	if len(copies) != 4 || copies[0] != 0 || copies[1] != 10 || copies[2] != 20 || copies[3] != 0 {
		t.Errorf("copies %v, want 0 10 20 0", copies)
	}
	if tally := l.book.Of(capture.Help); tally.Added != 2 || l.stats.Retries != 2 {
		t.Errorf("%d added, %d retries, want 2 and 2", tally.Added, l.stats.Retries)
	}
}

func TestLaneRefreshesWhatIsStale(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	qs := requests(0, 10*time.Second)
	for _, q := range qs {
		q.Timed, q.Stamped = true, start.Add(q.Deadline)
	}
	var refreshed []int64
	l := NewLine(qs, LaneOptions{Start: start, Refresh: func(q *Request, at time.Time) {
		refreshed = append(refreshed, q.Seq)
		q.Stamped = at
	}})
	l.Next(500 * ms)
	l.Next(11500 * ms)
	if len(refreshed) != 1 || refreshed[0] != 1 || !qs[1].Stamped.Equal(start.Add(11500*ms)) {
		t.Errorf("refreshed %v", refreshed)
	}
}

func TestLaneStops(t *testing.T) {
	l := NewLine(requests(0, 0, time.Second, time.Hour), LaneOptions{MaxInFlight: 1})
	drive(t, "stop", l, ok, []step{{at: 0, seq: 0}})
	l.stop.Store(true)
	drive(t, "stop", l, ok, []step{{at: 2 * time.Second, seq: -1, wait: Forever}})
	if got := l.book.Of(capture.Help).Unsent; got != 3 || l.Over() {
		t.Errorf("%d unsent, over %v; want 3 and not yet", got, l.Over())
	}
}

func TestRetryHeap(t *testing.T) {
	var h retryHeap
	for _, d := range []time.Duration{5, 3, 8, 1, 9, 2, 7} {
		h.push(&Request{Deadline: d})
	}
	last := time.Duration(0)
	for n := 7; n > 0; n-- {
		if len(h) != n || h[0].Deadline < last {
			t.Fatalf("%d left, %v after %v", len(h), h[0].Deadline, last)
		}
		last = h[0].Deadline
		h.pop()
	}
}

// A request through a lane and back: what a lane adds to the cost of each.
func BenchmarkLane(b *testing.B) {
	l := newLane(LaneOptions{}, newClock(0, 0), 0, NewLine(nil, LaneOptions{}).stop, &kept{}, new(atomic.Int64), new(standstill))
	m := newMaker(l)
	var res Result
	for i := 0; b.Loop(); i++ {
		q := m.request()
		if m.push(b.Context(), q, func() time.Duration { return 0 }) != nil {
			b.Fatal("no room")
		}
		if i%16 != 15 {
			continue
		}
		m.flush(0)
		for range 16 {
			q, _ := l.Next(time.Second)
			res = Result{Status: 200, Sent: 1, Done: 2}
			l.Done(q, &res)
		}
		if k := l.out.(*kept); len(k.all) > 1<<16 {
			k.all = k.all[:0]
		}
	}
}

// A request that must not be sent gets its result when it is due, takes no slot, and keeps no sender's next one waiting.
func TestLaneLeavesOut(t *testing.T) {
	qs := requests(0, 10*ms, 10*ms, 20*ms)
	qs[1].Unfit = ReasonUnsigned
	for _, q := range qs {
		q.Person = 7
	}
	l := NewLine(qs, LaneOptions{MaxInFlight: 1, Serialize: true})
	drive(t, "left out", l, ok, []step{
		{at: 0, seq: 0},
		{at: 10 * ms, seq: -1, wait: 10 * ms},
		{at: 12 * ms, seq: 2, done: []int64{0}},
		{at: 25 * ms, seq: 3, done: []int64{2}},
		{at: 30 * ms, seq: -1, wait: 80 * ms, done: []int64{3}},
	})
	var got []Reason
	var tally Tally
	for _, res := range l.Results() {
		got = append(got, res.Error)
		tally.Count(&res)
		if res.Error != ReasonNone && (res.Intended != 10*ms || res.Attempted()) {
			t.Errorf("%+v", res)
		}
	}
	if !l.Over() || tally != (Tally{OK: 3, Failed: 1}) || len(got) != 4 {
		t.Errorf("over %v, %+v, %q", l.Over(), tally, got)
	}
}
