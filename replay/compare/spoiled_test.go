package compare

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// told makes a run one whose file tells what kept the tool from running: nothing.
func (f *fake) told() *fake {
	f.disturbed = new(replay.Disturbances)
	return f
}

// stopped stops the tool of a run for a while: what is due meanwhile leaves at the end of it, and what is answered is read then.
func (f *fake) stopped(at, length time.Duration) *fake {
	f.disturbed.Stops = append(f.disturbed.Stops, replay.Stop{At: at, For: length})
	for i := range f.rows {
		r := &f.rows[i]
		if r.Intended >= at && r.Intended < at+length {
			r.Sent, r.Done = at+length, at+length+(r.Done-r.Sent)
		}
		if r.Done >= at && r.Done < at+length {
			r.Done = at + length
		}
	}
	return f
}

// calm is a server with little noise, 667 requests a second for 15 s.
func calm() weather {
	w := short()
	w.offset, w.drift, w.stall, w.every = 0, 0.02, 0, 0
	return w
}

const ms100 = 100 * time.Millisecond

func TestSpoiledWindows(t *testing.T) {
	w := calm()
	again := func(seed uint64) *fake { return w.play(1, seed).told() }
	often := func(f *fake, every time.Duration) *fake {
		for at := time.Duration(0); at < w.length; at += every {
			f.stopped(at+ms100/2, ms100)
		}
		return f
	}
	queued := again(1).stopped(3*time.Second, 800*time.Millisecond)
	queued.end = &results.Footer{Outcome: replay.Outcome{State: replay.Complete}}
	queued.end.Ledger.Tally = replay.Tally{Recorded: int64(w.requests), OK: int64(w.requests)}
	queued.end.Stats.Late.Cap, queued.end.Stats.MaxInFlight = 500, 512
	unknown := again(1).stopped(3*time.Second, 800*time.Millisecond)
	unknown.disturbed = nil
	for _, tc := range []struct {
		name            string
		base, candidate *fake
		want            Verdict
		looked, out     bool
	}{
		{"faithful runs", again(1), again(2), Equivalent, false, false},
		{"one stop", again(1).stopped(3*time.Second, 800*time.Millisecond), again(2), Equivalent, true, true},
		{"one stop each", again(1).stopped(3*time.Second, 800*time.Millisecond), again(2).stopped(9*time.Second, 600*time.Millisecond), Equivalent, true, true},
		{"a slower target", again(1).stopped(3*time.Second, 800*time.Millisecond), again(2).slow(40*time.Millisecond).stopped(9*time.Second, 600*time.Millisecond), Regressed, true, true},
		{"more than half", often(again(1), 200*time.Millisecond), again(2), Invalid, true, false},
		{"more than half, and a target that is slower by far", often(again(1), 200*time.Millisecond), often(again(2).slow(2*time.Second), 200*time.Millisecond), Regressed, true, false},
		{"nothing is known of the tool", unknown, again(2), Invalid, false, false},
		{"requests waited for a slot", queued, again(2), Invalid, false, false},
		{"changed by hand as well", again(1).stopped(3*time.Second, 800*time.Millisecond).paused(), again(2), Invalid, false, false},
	} {
		c := runs(t, tc.base, tc.candidate)
		if c.Verdict != tc.want {
			t.Errorf("%s: %s, want %s: %+v", tc.name, c.Verdict, tc.want, c.Invalid)
		}
		s := c.Spoiled
		if (s != nil) != tc.looked || s != nil && s.LeftOut != tc.out {
			t.Errorf("%s: spoiled %+v", tc.name, s)
			continue
		}
		if tc.out && (!s.Faithful || len(c.Doubts) > 0 || c.All.Latency[0].Bound != nil) {
			t.Errorf("%s: what remains is in time, and it says %+v, doubts %+v", tc.name, s, c.Doubts)
		}
		if tc.out && (c.Join.Base != int64(w.requests)-s.Requests || c.Join.Share != 1) {
			t.Errorf("%s: %d requests were left out, and %+v joined", tc.name, s.Requests, c.Join)
		}
	}
}

// TestSpoiledStretches holds which windows go, and that it does not matter which run it was.
func TestSpoiledStretches(t *testing.T) {
	w := calm()
	quiet, late := func() *fake { return w.play(1, 2).told() }, func() *fake { return w.play(1, 1).told().stopped(3*time.Second, 800*time.Millisecond) }
	c, back := runs(t, quiet(), late()), runs(t, late(), quiet())
	s := c.Spoiled
	if s == nil || back.Spoiled == nil {
		t.Fatal("nothing was looked for")
	}
	if !reflect.DeepEqual(s, back.Spoiled) {
		t.Errorf("%+v, the other way round %+v", s, back.Spoiled)
	}
	if s.Window != ms100 || s.Of < 140 || s.Of > 160 || len(s.Stretches) != 1 || s.Windows < 8 || s.Windows > 11 {
		t.Fatalf("%+v", s)
	}
	got := s.Stretches[0]
	// The stop itself, to whole windows, and before it as long as an answer takes.
	if got.From < 2800*time.Millisecond || got.From > 3*time.Second || got.To < 3800*time.Millisecond || got.To > 3900*time.Millisecond+1 {
		t.Errorf("left out %v, the tool stopped from 3 s to 3.8 s", got)
	}
	if got.To-got.From != time.Duration(s.Windows)*s.Window {
		t.Errorf("%v is not %d windows of %v", got, s.Windows, s.Window)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(runs(t, quiet(), late()))
	if string(text) != string(again) {
		t.Error("the same runs give another JSON")
	}
}

// A second without a processor spoils windows in which the tool was held up by little, and no others.
func TestStarved(t *testing.T) {
	for _, tc := range []struct {
		name        string
		waits, host time.Duration
		want        int
	}{
		{"enough", 0, 0, 0},
		{"some waiting", 900 * time.Millisecond, 0, 0},
		{"waiting all along", 1100 * time.Millisecond, 0, 1},
		{"the host took little", 0, 400 * time.Millisecond, 0},
		{"the host took a quarter of two processors", 0, 500 * time.Millisecond, 1},
		{"both", 1100 * time.Millisecond, 500 * time.Millisecond, 1},
	} {
		l := &loaded{interference: replay.Disturbances{
			Waits: []replay.Stop{{At: time.Second, For: tc.waits}}, Steals: []replay.Stop{{At: time.Second, For: tc.host}},
		}}
		l.side.Header.Machine.CPUs = 2
		if got := l.starved(); len(got) != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
		s := &spoiling{width: ms100, spoiled: make([]bool, 30)}
		l.rows = []row{lateRow(1500*time.Millisecond, 5*time.Millisecond), lateRow(2500*time.Millisecond, 5*time.Millisecond), lateRow(1700*time.Millisecond, time.Millisecond)}
		s.mark(l, 2*time.Millisecond, worst)
		for i, bad := range s.spoiled {
			if bad != (tc.want == 1 && i == 15) {
				t.Errorf("%s: window %d spoiled %v", tc.name, i, bad)
			}
		}
	}
}

func lateRow(at, lag time.Duration) row {
	return row{intended: int64(at), timing: timingOf(&replay.Result{Intended: at, Sent: at + lag, Done: at + lag + 20*time.Millisecond, Status: 200})}
}

func TestMergedStretches(t *testing.T) {
	list := merged([]Stretch{{50, 60}, {10, 20}, {15, 18}, {20, 30}})
	if want := []Stretch{{10, 30}, {50, 60}}; !reflect.DeepEqual(list, want) {
		t.Fatalf("%v, want %v", list, want)
	}
	for at, want := range map[time.Duration]bool{9: false, 10: true, 30: true, 31: false, 49: false, 50: true, 61: false} {
		if covered(list, at) != want {
			t.Errorf("%d is covered: %v", at, !want)
		}
	}
}

// Over rounds each pair is looked at by itself.
func TestSpoiledRounds(t *testing.T) {
	w := calm()
	s := NewRounds(Options{})
	for i := range uint64(3) {
		base, candidate := w.play(i, 2*i).told(), w.play(i, 2*i+1).told()
		if i == 1 {
			candidate.stopped(4*time.Second, 800*time.Millisecond)
		}
		if err := s.Add(context.Background(), base, candidate); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Comparison()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Doubts) > 0 || c.Verdict == Invalid {
		t.Errorf("%s, doubts %+v", c.Verdict, c.Doubts)
	}
	for i, r := range c.Rounds {
		if (r.Spoiled != nil) != (i == 1) || r.Spoiled != nil && !r.Spoiled.LeftOut {
			t.Errorf("round %d: %+v", i+1, r.Spoiled)
		}
	}
}
