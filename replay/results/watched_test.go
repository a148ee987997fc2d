package results

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"reprise/replay"
)

func watchedExample() []Watched {
	long := Watched{Name: "pool", Query: `sum(pool{x="a, b"})`, Asked: WatchedCounts{All: 90_000, Silent: 3, Refused: 2, Empty: 1, NotNumber: 4, Several: 5}}
	for i := range 70_000 { // more than a block holds
		long.Points = append(long.Points, WatchedPoint{time.Duration(i)*time.Second - 2*time.Second, float64(i) / 7})
	}
	return []Watched{
		long,
		{Name: "cpu", Query: "cpu", Points: []WatchedPoint{{0, 0.25}, {1500 * ms, math.MaxFloat64}, {1500 * ms, -0.5}}, Asked: WatchedCounts{All: 3}},
		{Name: "nothing", Query: "absent()", Asked: WatchedCounts{All: 60, Empty: 60}},
	}
}

func TestWatchedInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rpr")
	f, err := Create(path, Header{Run: "r"}, false)
	if err != nil {
		t.Fatal(err)
	}
	res := replay.Result{Status: 200, Done: 1}
	if err := f.Record(&res); err != nil {
		t.Fatal(err)
	}
	want := watchedExample()
	if err := f.Watched(want); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(replay.Outcome{Ledger: f.Summary(nil).Ledger}); err != nil {
		t.Fatal(err)
	}
	mended := filepath.Join(t.TempDir(), "b.rpr")
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := RepairFile(context.Background(), in, mended, RepairOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, mended} {
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		run, err := Summarize(context.Background(), r)
		r.Close()
		if err != nil || len(run.Damage) > 0 || len(run.Extensions) > 0 {
			t.Fatalf("%v, damage %v, extensions %v", err, run.Damage, run.Extensions)
		}
		if !reflect.DeepEqual(run.Watched, want) {
			t.Errorf("%s: %d figures, the first with %d points", name, len(run.Watched), len(run.Watched[0].Points))
		}
	}
}

func TestWatchedBlocksThatAreNone(t *testing.T) {
	w := Watched{Name: "a", Query: "b", Points: []WatchedPoint{{time.Second, 2}, {2 * time.Second, 3}}}
	good := appendWatched(nil, &w, w.Points)
	if r := new(Reader); !r.parseWatched(good) || !reflect.DeepEqual(r.Watched(), []Watched{w}) {
		t.Errorf("%+v", r.watched)
	}
	for n := range good {
		if new(Reader).parseWatched(good[:n]) {
			t.Errorf("the first %d bytes are one", n)
		}
	}
	bad := Watched{Name: "a", Points: []WatchedPoint{{0, math.NaN()}, {0, math.Inf(1)}, {0, 1}}}
	r := new(Reader)
	if !r.parseWatched(appendWatched(nil, &bad, bad.Points)) || len(r.watched[0].Points) != 1 {
		t.Errorf("what is no number is kept: %+v", r.watched)
	}
	for _, w := range []Watched{{Name: ""}, {Name: string(make([]byte, 201))}, {Name: "a", Points: []WatchedPoint{{1 << 62, 1}}}} {
		if new(Reader).parseWatched(appendWatched(nil, &w, w.Points)) {
			t.Errorf("%.20q is one", w.Name)
		}
	}
	for i := range 100 {
		r.parseWatched(appendWatched(nil, &Watched{Name: fmt.Sprint("n", i)}, nil))
	}
	if len(r.watched) != mostFigures {
		t.Errorf("%d figures are kept", len(r.watched))
	}
}

// A small file unpacks to many points: what a reader keeps of them, and what a block costs it, is bounded.
func TestWatchedIsBounded(t *testing.T) {
	w := Watched{Name: "a"}
	for i := range pointsPerBlock {
		w.Points = append(w.Points, WatchedPoint{time.Duration(pointsPerBlock-i) * ms, 1})
	}
	block := appendWatched(nil, &w, w.Points)
	r := new(Reader)
	for range 20 {
		if !r.parseWatched(block) {
			t.Fatal("a block is none")
		}
	}
	empty := appendWatched(nil, &Watched{Name: "a"}, nil)
	for range 100_000 { // minutes, if each sorted what there is
		r.parseWatched(empty)
	}
	if n := len(r.watched[0].Points); n != mostPoints {
		t.Errorf("%d points of one figure are kept", n)
	}
	for i := range 40 {
		w.Name = fmt.Sprint("n", i)
		r.parseWatched(appendWatched(nil, &w, w.Points))
	}
	all := 0
	for _, w := range r.Watched() {
		all += len(w.Points)
		if !slices.IsSortedFunc(w.Points, func(a, b WatchedPoint) int { return cmp.Compare(a.At, b.At) }) {
			t.Errorf("%s is not in order of time", w.Name)
		}
	}
	if all != mostPointsAll {
		t.Errorf("%d points in all are kept", all)
	}
}

func FuzzWatched(f *testing.F) {
	w := Watched{Name: "a", Query: "b", Points: []WatchedPoint{{time.Second, 2}}}
	f.Add(appendWatched(nil, &w, w.Points))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := new(Reader)
		if !r.parseWatched(b) {
			return
		}
		again := new(Reader)
		got := r.watched[0]
		if !again.parseWatched(appendWatched(nil, &got, got.Points)) || len(again.watched[0].Points) != len(got.Points) {
			t.Errorf("%+v is not read again", got)
		}
	})
}

func TestJoinWatched(t *testing.T) {
	first := []Watched{{Name: "a", Query: "q", Points: []WatchedPoint{{1, 1}}, Asked: WatchedCounts{All: 2, Silent: 1}}, {Name: "b"}}
	then := []Watched{{Name: "a", Query: "q", Points: []WatchedPoint{{5, 2}}, Asked: WatchedCounts{All: 1}}, {Name: "c"}}
	got := JoinWatched(first, then)
	want := []Watched{{Name: "a", Query: "q", Points: []WatchedPoint{{1, 1}, {5, 2}}, Asked: WatchedCounts{All: 3, Silent: 1}}, {Name: "b"}, {Name: "c"}}
	if !reflect.DeepEqual(got, want) || len(first[0].Points) != 1 {
		t.Errorf("%+v", got)
	}
	if JoinWatched(nil, nil) != nil {
		t.Error("nothing joined is something")
	}
}

func TestWatchedOver(t *testing.T) {
	windows := func(n int, width time.Duration) (ws []Window) {
		for i := range n {
			ws = append(ws, Window{Start: time.Duration(i) * width, Width: width})
		}
		return ws
	}
	w := Watched{Points: []WatchedPoint{{-time.Second, 9}, {0, 1}, {900 * ms, 3}, {2 * time.Second, 5}, {9 * time.Second, 7}}}
	if got := fmt.Sprint(w.Over(windows(10, time.Second))); got != "[2 3 5 NaN NaN NaN NaN NaN NaN 7]" {
		t.Errorf("windows of a second: %v", got) // second 1 has the value before it, as the next is near
	}
	w.Points = w.Points[1:4]
	if got := fmt.Sprint(w.Over(windows(12, 250*ms))); got != "[1 1 1 3 3 3 3 3 5 NaN NaN NaN]" {
		t.Errorf("windows shorter than the time between points: %v", got)
	}
	if got := fmt.Sprint(new(Watched).Over(windows(2, time.Second))); got != "[NaN NaN]" {
		t.Errorf("no points: %v", got)
	}
}
