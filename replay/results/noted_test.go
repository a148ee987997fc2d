package results

import (
	"bytes"
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// noting is an accumulator of a traced run.
func noting() *Accumulator {
	return newRunAccumulator(&Header{Run: "run1", Settings: map[string]string{"trace": "on"}})
}

// The slowest are those of a sort, whatever the order in which they come.
func TestSlowest(t *testing.T) {
	var all []replay.Result
	for i := range 500 {
		at := time.Duration(i) * ms
		all = append(all, replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: at, Done: at + time.Duration(i*7%100)*ms + ms, Status: 200})
	}
	all[40].Status, all[41].Status, all[41].Error = 500, 0, replay.ReasonTimeout
	all[40].Done, all[41].Done = time.Hour, 2*time.Hour // an answer counts, whatever its status; no answer has no latency
	var want []Noted
	for seed := range uint64(3) {
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		a := noting()
		for i := range all {
			_ = a.Record(&all[i])
		}
		got := a.Summary(nil).Slowest
		if len(got) != 20 || got[0].Record != "40.0" || got[0].Status != 500 || got[0].Latency != time.Hour-40*ms || got[0].Trace != replay.TraceID("run1", 40, 0) || got[0].Kind != "help" || got[0].At != 40*ms {
			t.Fatalf("%d, the first is %+v", len(got), got[0])
		}
		if got[1].Latency != 100*ms || got[1].Record != "57.0" || got[5].Record != "457.0" || got[6].Latency != 99*ms {
			t.Errorf("then %+v", got[1:7])
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d gives others: %+v", seed, got)
		}
	}
}

func TestFailuresAreBounded(t *testing.T) {
	a := noting()
	for i := range 1500 {
		_ = a.Record(&replay.Result{Seq: int64(i), Intended: time.Duration(i), Done: time.Duration(i) + 9*ms, Sent: 1, Error: replay.ReasonTimeout})
	}
	for i := range 3 {
		_ = a.Record(&replay.Result{Seq: int64(i), Copy: 2, Status: 500, Done: 9 * ms})
	}
	_ = a.Record(&replay.Result{Error: replay.ReasonUnsigned})
	_ = a.Record(&replay.Result{Error: replay.ReasonShed})
	f := a.Summary(nil).Failures
	if len(f) != 3 || f[0].What != "timeout" || f[0].Count != 1500 || len(f[0].Requests) != 1000 || f[1].What != "status 500" || len(f[1].Requests) != 3 || f[2].What != "unsigned" {
		t.Fatalf("%d ways: %v", len(f), f[0].What)
	}
	if r := f[0].Requests[999]; r.Record != "999.0" || r.Latency != 9*ms || r.Error != replay.ReasonTimeout || r.Trace == "" {
		t.Errorf("%+v", r)
	}
	if r := f[1].Requests[2]; r.Record != "2.2" || r.Status != 500 || r.Trace != replay.TraceID("run1", 2, 2) {
		t.Errorf("%+v", r)
	}
	if f[2].Requests[0].Trace != "" {
		t.Error("a request that was never sent has a trace")
	}
	for i := range 400_000 { // as a hostile target answers
		_ = a.Record(&replay.Result{Status: 400 + i%500, Done: 1})
	}
	n := 0
	for _, f := range a.Summary(nil).Failures {
		n += len(f.Requests)
	}
	if n > 10_000 {
		t.Errorf("%d failures are named", n)
	}
}

// A live run and its file name the same requests; a run that was not traced has no trace ids, and a comparison names none.
func TestNotedOfAFile(t *testing.T) {
	for _, trace := range []string{"", "off", "sampled"} {
		h := Header{Run: "run1", Settings: map[string]string{}}
		if trace != "" {
			h.Settings["trace"] = trace
		}
		var b bytes.Buffer
		f, err := NewFile(&b, h)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			res := replay.Result{Seq: int64(i), Intended: time.Duration(i) * ms, Sent: time.Duration(i) * ms, Done: time.Duration(i)*ms + time.Duration(100-i)*ms, Status: 200 + 300*(i%2)}
			if err := f.Record(&res); err != nil {
				t.Fatal(err)
			}
		}
		live := f.Summary(nil)
		if err := f.Finish(replay.Outcome{Ledger: live.Ledger}); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		run, err := Summarize(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(run.Summary.Slowest, live.Slowest) || !reflect.DeepEqual(run.Summary.Failures, live.Failures) || len(live.Slowest) != 20 {
			t.Errorf("%s: the file names others", trace)
		}
		if has := live.Slowest[0].Trace != ""; has != (trace == "sampled") {
			t.Errorf("trace %q: trace id %q", trace, live.Slowest[0].Trace)
		}
	}
	a := NewAccumulator(nil)
	_ = a.Record(&replay.Result{Status: 500, Done: 1})
	if s := a.Summary(nil); s.Slowest != nil || s.Failures != nil {
		t.Error("requests are named that nobody asked for")
	}
}

// The slowest are the same in whatever order results come, and are told in their order.
func TestSlowestInAnyOrder(t *testing.T) {
	var rows []replay.Result
	for i := range 3 * mostSlow {
		rows = append(rows, replay.Result{Seq: int64(i), Status: 200, Done: time.Duration(i/2) * time.Second})
	}
	for _, n := range []int{1, mostSlow - 1, mostSlow, len(rows)} {
		want := slices.Clone(rows[len(rows)-n:])
		slices.SortFunc(want, func(x, y replay.Result) int { return slower(&x, &y) })
		for order := range 20 {
			some := slices.Clone(rows[len(rows)-n:])
			switch order {
			case 0: // as they take longer and longer
			case 1:
				slices.Reverse(some)
			default:
				rand.New(rand.NewPCG(uint64(order), 1)).Shuffle(n, func(i, k int) { some[i], some[k] = some[k], some[i] })
			}
			a := notes{on: true}
			for i := range some {
				a.add(&some[i])
			}
			got := a.slowest()
			if len(got) != min(n, mostSlow) {
				t.Fatalf("%d slowest of %d", len(got), n)
			}
			for i := range got {
				if got[i].Record != want[i].Mark() {
					t.Fatalf("order %d of %d: the slowest but %d is %s, want %s", order, n, i, got[i].Record, want[i].Mark())
				}
			}
		}
	}
}

func BenchmarkNotes(b *testing.B) {
	for _, way := range []string{"as ever", "failing", "slower and slower"} {
		b.Run(way, func(b *testing.B) {
			a := notes{on: true}
			i := 0
			res := replay.Result{Status: 200}
			if way == "failing" {
				res.Status = 500
			}
			b.ReportAllocs()
			for b.Loop() {
				res.Seq, res.Done = int64(i), time.Duration(i*7919%1_000_003)
				if way == "slower and slower" {
					res.Done = time.Duration(i)
				}
				a.add(&res)
				i++
			}
		})
	}
}
