package replay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// stormy are records at random offsets within a minute, from ten people.
func stormy(n int) (at []time.Duration, src func() *tape) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		at = append(at, time.Duration(random.Int64N(int64(time.Minute))))
	}
	slices.Sort(at)
	at[0], at[n-1] = 0, time.Minute
	return at, func() *tape {
		return &tape{at: at, from: func(i int) string { return fmt.Sprintf("+1201555010%d", i%10) }, body: make([]byte, 100)}
	}
}

// counted fills in how much each outage holds.
func counted(t *testing.T, o pace.Options, so ScanOptions, src func() *tape) pace.Options {
	t.Helper()
	held, err := CountHeld(t.Context(), src(), o, so)
	if err != nil {
		t.Fatal(err)
	}
	o.Outages = slices.Clone(o.Outages)
	for i := range held {
		o.Outages[i].Held = held[i]
	}
	return o
}

// played are the plays of a plan.
func played(t *testing.T, o pace.Options, so ScanOptions, src func() *tape) (plays []pace.Play, plan *Plan) {
	t.Helper()
	so.Again = func(context.Context) (Stream, error) { return src(), nil }
	if len(o.Outages) > 0 {
		o = counted(t, o, so, src)
	}
	so.Visit = func(_ *capture.Record, p pace.Play) { plays = append(plays, p) }
	plan, err := Scan(t.Context(), src(), o, so)
	if err != nil {
		t.Fatal(err)
	}
	return plays, plan
}

// TestOutage holds that an outage changes when messages are sent and never which: nothing is sent while it lasts, what was due then is
// sent evenly within the time for it, in order or not, and everything else at its own time.
func TestOutage(t *testing.T) {
	const s = time.Second
	_, src := stormy(4000)
	one := []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 7 * s}}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for _, tc := range []struct {
		name   string
		o      pace.Options
		so     ScanOptions
		mixed  bool
		queues [][2]time.Duration // when they begin and end to be sent
	}{
		{"plain", pace.Options{Outages: one}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 37 * s}}},
		{"faster", pace.Options{TimeScale: 10, Outages: one}, ScanOptions{}, false, [][2]time.Duration{{3 * s, 10 * s}}},
		{"to the end, past it", pace.Options{Outages: []pace.Outage{{From: 50 * s, To: 60 * s, Drain: 20 * s}}}, ScanOptions{}, false, [][2]time.Duration{{60 * s, 80 * s}}},
		{"from the start", pace.Options{Outages: []pace.Outage{{From: 0, To: 10 * s, Drain: s}}}, ScanOptions{}, false, [][2]time.Duration{{10 * s, 11 * s}}},
		{"at once", pace.Options{Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 1}}}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 30*s + 1}}},
		{"shuffled", pace.Options{Seed: 5, Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 7 * s, Shuffled: true}}}, ScanOptions{}, true, [][2]time.Duration{{30 * s, 37 * s}}},
		{"shuffled, to near the end", pace.Options{Seed: 5, Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 29 * s, Shuffled: true}}}, ScanOptions{}, true, [][2]time.Duration{{30 * s, 59 * s}}},
		{"shuffled, past the end", pace.Options{Seed: 5, TimeScale: 10, Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 40 * s, Shuffled: true}}}, ScanOptions{}, true, [][2]time.Duration{{3 * s, 43 * s}}},
		{"several", pace.Options{Outages: []pace.Outage{{From: 5 * s, To: 10 * s, Drain: 2 * s}, {From: 20 * s, To: 30 * s, Drain: 7 * s}, {From: 50 * s, To: 60 * s, Drain: ms(500)}}}, ScanOptions{}, false, [][2]time.Duration{{10 * s, 12 * s}, {30 * s, 37 * s}, {60 * s, 60*s + ms(500)}}},
		{"several, shuffled", pace.Options{Outages: []pace.Outage{{From: 5 * s, To: 10 * s, Drain: 2 * s, Shuffled: true}, {From: 20 * s, To: 30 * s, Drain: 7 * s, Shuffled: true}}}, ScanOptions{}, true, [][2]time.Duration{{10 * s, 12 * s}, {30 * s, 37 * s}}},
		{"new people are down too", pace.Options{Volume: 2.5, Seed: 9, Outages: one}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 37 * s}}},
		{"fewer", pace.Options{Volume: 0.3, Outages: one}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 37 * s}}},
		{"loops", pace.Options{Loops: 3, Outages: one}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 37 * s}, {90*s + ms(15), 97*s + ms(15)}, {150*s + ms(30), 157*s + ms(30)}}},
		{"loops and new people, shuffled", pace.Options{Loops: 2, Volume: 2, Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 7 * s, Shuffled: true}}}, ScanOptions{}, true, [][2]time.Duration{{30 * s, 37 * s}, {90*s + ms(15), 97*s + ms(15)}}},
		{"a limit in it", pace.Options{Limit: 1700, Outages: one}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 37 * s}}},
		{"some kinds", pace.Options{Outages: one}, ScanOptions{Keep: func(r *capture.Record) bool { return r.Seq == 0 || r.Seq%3 == 1 }}, false, [][2]time.Duration{{30 * s, 37 * s}}},
		{"a ramp", pace.Options{Ramp: 10 * s, Outages: one}, ScanOptions{}, false, [][2]time.Duration{{35 * s, 42 * s}}},
		{"idle time left out", pace.Options{MaxGap: ms(30), Outages: one}, ScanOptions{}, false, [][2]time.Duration{{30 * s, 37 * s}}},
	} {
		without := tc.o
		without.Outages = nil
		base, plain := played(t, without, tc.so, src)
		got, plan := played(t, tc.o, tc.so, src)
		due := make(map[[2]int64]pace.Play)
		for _, p := range base {
			due[[2]int64{p.Seq, int64(p.Copy)}] = p
		}
		if len(got) != len(base) || plan.Requests() != plain.Requests() {
			t.Errorf("%s: %d plays, and %d without an outage", tc.name, len(got), len(base))
			continue
		}
		queues := make([][]pace.Play, len(tc.queues))
		var last time.Duration
		for _, p := range got {
			if p.Deadline < last {
				t.Fatalf("%s: a deadline of %v after %v", tc.name, p.Deadline, last)
			}
			last = p.Deadline
			was, ok := due[[2]int64{p.Seq, int64(p.Copy)}]
			delete(due, [2]int64{p.Seq, int64(p.Copy)})
			switch {
			case !ok:
				t.Fatalf("%s: %d.%d is not played without an outage, or played twice", tc.name, p.Seq, p.Copy)
			case p.Held.Outage == 0 && p.Deadline != was.Deadline:
				t.Fatalf("%s: %d.%d is not held, and sent at %v instead of %v", tc.name, p.Seq, p.Copy, p.Deadline, was.Deadline)
			case p.Held.Outage == 0:
				continue
			case p.Held.Due != was.Deadline:
				t.Fatalf("%s: %d.%d was due at %v, not at %v", tc.name, p.Seq, p.Copy, was.Deadline, p.Held.Due)
			case p.Held.Due < p.Held.From || p.Held.Due >= p.Held.To:
				t.Fatalf("%s: %d.%d is due at %v and held from %v to %v", tc.name, p.Seq, p.Copy, p.Held.Due, p.Held.From, p.Held.To)
			}
			i := p.Held.Outage - 1 + p.Loop*len(tc.o.Outages)
			queues[i] = append(queues[i], p)
		}
		var total int64
		for i, queue := range queues {
			total += int64(len(queue))
			checkQueue(t, fmt.Sprintf("%s, queue %d", tc.name, i+1), queue, tc.queues[i], tc.mixed)
		}
		for _, p := range got {
			if slices.ContainsFunc(queues, func(q []pace.Play) bool { h := q[0].Held; return h.From <= p.Deadline && p.Deadline < h.To }) {
				t.Fatalf("%s: %d.%d is sent at %v, in an outage", tc.name, p.Seq, p.Copy, p.Deadline)
			}
		}
		var told int64
		for _, o := range plan.Outages {
			told += o.Held
		}
		if told != total || total == 0 {
			t.Errorf("%s: the plan tells of %d held messages, and %d are", tc.name, told, total)
		}
	}
}

// checkQueue holds a queue to its moments and its order.
func checkQueue(t *testing.T, name string, queue []pace.Play, when [2]time.Duration, mixed bool) {
	t.Helper()
	if len(queue) == 0 {
		t.Fatalf("%s is empty", name)
	}
	n := int64(len(queue))
	start, drain := queue[0].Held.To, when[1]-when[0]
	if (start - when[0]).Abs() > 20*time.Millisecond { // the gap between loops is the mean one
		t.Errorf("%s begins at %v, want %v", name, start, when[0])
	}
	for i, p := range queue {
		want := start + time.Duration(float64(drain)*float64(i)/float64(n))
		if (p.Deadline-want).Abs() > time.Nanosecond || p.Deadline >= start+drain {
			t.Fatalf("%s: play %d of %d is sent at %v, want %v", name, i, n, p.Deadline, want)
		}
	}
	inOrder := slices.IsSortedFunc(queue, func(a, b pace.Play) int { return int(a.Held.Due - b.Held.Due) })
	if inOrder == mixed {
		t.Errorf("%s: in order %v, shuffled %v", name, inOrder, mixed)
	}
	if !mixed {
		return
	}
	moved := 0
	order := slices.Clone(queue)
	slices.SortFunc(order, func(a, b pace.Play) int { return int(a.Held.Due - b.Held.Due) })
	for i := range queue {
		if queue[i].Seq == order[i].Seq {
			moved++
		}
	}
	if moved > len(queue)/20 {
		t.Errorf("%s: %d of %d stand where they stood", name, moved, n)
	}
}

// TestOutageAtACap holds that a cap on the rate holds for a queue and what comes beside it together, and that all come.
func TestOutageAtACap(t *testing.T) {
	_, src := stormy(4000)
	o := pace.Options{MaxRate: 100, Outages: []pace.Outage{{From: 20 * time.Second, To: 30 * time.Second, Drain: time.Second}}}
	got, plan := played(t, o, ScanOptions{}, src)
	for i := 101; i < len(got); i++ {
		if d := got[i].Deadline - got[i-101].Deadline; d < time.Second-time.Microsecond {
			t.Fatalf("101 requests in %v", d)
		}
	}
	if len(got) != 4000 || plan.Stretch < 5*time.Second || plan.Peak > 101 {
		t.Errorf("%d plays, held back by up to %v, %d in a second", len(got), plan.Stretch, plan.Peak)
	}
}

// TestOutageKeepsLittle holds that a shuffled queue that memory does not hold is drawn from what it holds, and that this is said.
func TestOutageKeepsLittle(t *testing.T) {
	_, src := stormy(4000)
	o := counted(t, pace.Options{Outages: []pace.Outage{{From: 20 * time.Second, To: 40 * time.Second, Drain: time.Second, Shuffled: true}}}, ScanOptions{}, src)
	var queue []pace.Play
	w := walk{src: src(), schedule: schedule(o), again: func(context.Context) (Stream, error) { return src(), nil }}
	w.visit = func(_ *capture.Record, p pace.Play) error {
		if p.Held.Outage > 0 {
			queue = append(queue, p)
		}
		return nil
	}
	w.held = newHeldQueue(&w)
	w.held.mixer.most = 100 * 612
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if within := w.held.mixer.within[0]; within < 50 || within > 110 || int64(len(queue)) != o.Outages[0].Held[0] {
		t.Errorf("%d plays, each drawn from at least %d", len(queue), within)
	}
	if slices.IsSortedFunc(queue, func(a, b pace.Play) int { return int(a.Seq - b.Seq) }) {
		t.Error("the queue is in order")
	}
}

// TestOutageDrainsBeforeTheNext holds that a queue that is still being sent when the next outage begins is an error of the plan.
func TestOutageDrainsBeforeTheNext(t *testing.T) {
	const s = time.Second
	_, src := stormy(1000)
	for _, o := range []pace.Options{
		{Outages: []pace.Outage{{From: 5 * s, To: 10 * s, Drain: 11 * s}, {From: 20 * s, To: 30 * s, Drain: s}}},
		{Loops: 2, Outages: []pace.Outage{{From: 5 * s, To: 50 * s, Drain: 20 * s}}},
	} {
		so := ScanOptions{Again: func(context.Context) (Stream, error) { return src(), nil }}
		if _, err := Scan(t.Context(), src(), counted(t, o, so, src), so); !errors.Is(err, pace.ErrDrain) {
			t.Errorf("%+v: %v, want %v", o, err, pace.ErrDrain)
		}
	}
}

// TestOutageUnderACap holds that a plan says how long a queue takes that the cap on the rate holds back, and that of one which it does not
// it says nothing.
func TestOutageUnderACap(t *testing.T) {
	const s = time.Second
	_, src := stormy(1000)
	for _, tc := range []struct {
		name    string
		rate    float64
		longest bool
	}{{"no cap", 0, false}, {"a high one", 1000, false}, {"one that holds the queue back", 40, true}} {
		o := pace.Options{MaxRate: tc.rate, Outages: []pace.Outage{{From: 5 * s, To: 25 * s, Drain: 2 * s}}}
		plays, plan := played(t, o, ScanOptions{}, src)
		last, n := time.Duration(0), 0
		for _, p := range plays {
			if p.Held.Outage > 0 {
				last, n = max(last, p.Deadline-p.Held.To), n+1
			}
		}
		got := plan.Outages[0]
		want, rate := time.Duration(0), float64(n)/2
		if tc.longest {
			want, rate = last, float64(n)/last.Seconds()
		}
		if got.Capped != want || got.Drain != 2*s || got.Rate != rate || (last > 2*s) != tc.longest {
			t.Errorf("%s: %+v, the last of %d is sent after %v", tc.name, got, n, last)
		}
	}
}

// TestOutageRun plays a run with an outage to its end, stops one while its queue is sent and goes on with it: each request is sent once,
// when the plan says, and the ledger balances, with a plan and without one.
func TestOutageRun(t *testing.T) {
	const s = time.Second
	_, src := stormy(1000)
	again := func(context.Context) (Stream, error) { return src(), nil }
	for _, shuffled := range []bool{false, true} {
		o := counted(t, pace.Options{Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 5 * s, Shuffled: shuffled}}}, ScanOptions{}, src)
		plays, plan := played(t, o, ScanOptions{}, src)
		want := make(map[int64]time.Duration)
		for _, p := range plays {
			want[p.Seq] = p.Deadline
		}
		for _, stopAt := range []time.Duration{0, 10 * s, 25 * s, 32 * s} {
			for _, known := range []*Plan{plan, nil} {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if stopAt > 0 {
						time.AfterFunc(lead+stopAt, cancel)
					}
					var rec list
					send := &target{takes: time.Millisecond}
					out, err := Run(ctx, src(), schedule(o), plain{}, by(send), &rec, Options{Again: again, Plan: known})
					cancel()
					l := out.Ledger.Tally
					if stopAt == 0 && (err != nil || l.OK != 1000) || out.Ledger.Check() != nil || known != nil && l.OK+l.Unsent != 1000 {
						t.Errorf("stopped at %v: %v, %+v", stopAt, err, l)
					}
					if stopAt > 0 {
						done := make(map[int64]bool)
						var position time.Duration
						book := new(Book)
						for _, res := range rec.all {
							book.Of(res.Kind).Count(&res)
							done[res.Seq], position = true, max(position, res.Intended)
						}
						resume := &Resume{Done: func(seq int64, _ int) bool { return done[seq] }, Position: position, Book: book}
						if _, err := Run(t.Context(), src(), schedule(o), plain{}, by(send), &rec, Options{Again: again, Plan: plan, Resume: resume}); err != nil {
							t.Errorf("stopped at %v: the rest: %v", stopAt, err)
						}
					}
					for _, res := range rec.all {
						if res.Intended != want[res.Seq] {
							t.Fatalf("stopped at %v: record %d was due at %v, want %v", stopAt, res.Seq, res.Intended, want[res.Seq])
						}
					}
					if len(rec.all) != 1000 {
						t.Errorf("stopped at %v: %d results", stopAt, len(rec.all))
					}
				})
			}
		}
	}
}

// TestOutageTellsWhenItWasDue holds that a renderer knows by how much an outage held a request up.
func TestOutageTellsWhenItWasDue(t *testing.T) {
	const s = time.Second
	_, src := stormy(300)
	o := counted(t, pace.Options{Outages: []pace.Outage{{From: 20 * s, To: 30 * s, Drain: 5 * s}}}, ScanOptions{}, src)
	held := 0
	synctest.Test(t, func(t *testing.T) {
		at, _ := stormy(300)
		watch := &heldUp{each: func(seq int64, deadline, by time.Duration) {
			if due := deadline - by; due != at[seq] {
				t.Errorf("record %d was due at %v, not at %v", seq, at[seq], due)
			}
			if by > 0 {
				held++
			}
		}}
		_, err := Run(t.Context(), src(), schedule(o), watch, by(&target{}), &list{}, Options{Again: func(context.Context) (Stream, error) { return src(), nil }})
		if err != nil {
			t.Fatal(err)
		}
	})
	if int64(held) != o.Outages[0].Held[0] {
		t.Errorf("%d requests were held, want %d", held, o.Outages[0].Held[0])
	}
}

// heldUp is a renderer that tells by how much requests were held up.
type heldUp struct {
	plain
	each func(seq int64, deadline, by time.Duration)
}

func (o *heldUp) Render(r *capture.Record, p pace.Play, at time.Time, q *Request) error {
	o.each(p.Seq, p.Deadline, q.Overdue)
	return o.plain.Render(r, p, at, q)
}
