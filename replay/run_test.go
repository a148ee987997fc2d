package replay

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

func TestRunKeepsEveryDeadline(t *testing.T) {
	for _, scale := range []float64{0.5, 1, 2, 10, 1000} {
		synctest.Test(t, func(t *testing.T) {
			at := []time.Duration{0, 3 * time.Millisecond, 3 * time.Millisecond, time.Second, 90 * time.Second, time.Hour}
			var rec list
			out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{TimeScale: scale}), plain{}, by(&target{takes: time.Second}), &rec, Options{})
			if err != nil || out.State != Complete {
				t.Fatalf("x%v: Run ended %s: %v", scale, out.State, err)
			}
			if len(rec.all) != len(at) {
				t.Fatalf("x%v: %d results, want %d", scale, len(rec.all), len(at))
			}
			for _, res := range rec.all {
				want := time.Duration(float64(at[res.Seq])/scale + 0.5)
				if res.Intended != want || res.Sent != want {
					t.Errorf("x%v: record %d intended %v, sent %v, want %v", scale, res.Seq, res.Intended, res.Sent, want)
				}
			}
			if want := time.Duration(float64(time.Hour) / scale); out.Planned != want {
				t.Errorf("x%v: planned %v, want %v", scale, out.Planned, want)
			}
		})
	}
}

func TestRunIsOpenLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A minute to answer, a request a second: the schedule must not wait for answers.
		var rec list
		out, err := Run(t.Context(), &tape{at: steady(30, time.Second)}, schedule(pace.Options{}), plain{}, by(&target{takes: time.Minute}), &rec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range rec.all {
			if res.Sent != res.Intended {
				t.Errorf("record %d left %v after its time", res.Seq, res.Sent-res.Intended)
			}
		}
		if out.Stats.PeakInFlight != 30 || out.Stats.AtCap != 0 {
			t.Errorf("%d in flight at most and %d at the cap, want 30 and 0", out.Stats.PeakInFlight, out.Stats.AtCap)
		}
	})
}

func TestRunAtTheCap(t *testing.T) {
	at := steady(6, 10*time.Millisecond)
	for _, tc := range []struct {
		name string
		late Late
		lag  []time.Duration // by record; -1 where it is shed
	}{
		{"send waits", LateSend, []time.Duration{0, 0, 80, 80, 160, 160}},
		{"drop sheds", LateDrop, []time.Duration{0, 0, -1, -1, -1, -1}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var rec list
			send := &target{takes: 100 * time.Millisecond}
			out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, by(send), &rec, Options{MaxInFlight: 2, Late: tc.late})
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			for _, res := range rec.all {
				lag := res.Sent - res.Intended
				if want := tc.lag[res.Seq] * time.Millisecond; want < 0 {
					if res.Error != ReasonShed {
						t.Errorf("%s: record %d was not shed", tc.name, res.Seq)
					}
				} else if lag != want {
					t.Errorf("%s: record %d lags %v, want %v", tc.name, res.Seq, lag, want)
				}
			}
			if send.mu.most > 2 || out.Stats.PeakInFlight != 2 {
				t.Errorf("%s: %d in flight, %d by its own count, want 2", tc.name, send.mu.most, out.Stats.PeakInFlight)
			}
			if out.Stats.AtCap != 4 {
				t.Errorf("%s: %d at the cap, want 4", tc.name, out.Stats.AtCap)
			}
		})
	}
}

// Whatever the options and however the run ends, the ledger balances, what was sent is recorded once, and with a plan
// what was not sent is known.
func TestLedgerBalances(t *testing.T) {
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 1))
		o := pace.Options{
			TimeScale: []float64{0.5, 1, 4}[rng.IntN(3)], Volume: []float64{0.3, 1, 1.5, 3}[rng.IntN(4)],
			Limit: int64(rng.IntN(3) * 100), Seed: seed,
		}
		n := rng.IntN(300)
		at := make([]time.Duration, n)
		for i := range at {
			at[i] = time.Duration(rng.Int64N(int64(5 * time.Second)))
		}
		slices.Sort(at)
		opts := Options{MaxInFlight: 1 + rng.IntN(40), Late: Late(rng.IntN(2)), Drain: 50 * time.Millisecond}
		if rng.IntN(2) == 0 {
			opts.Keep = func(r *capture.Record) bool { return r.Kind != capture.Help }
		}
		if rng.IntN(3) == 0 {
			opts.Breaker = &tenFailures{waits: rng.IntN(2) == 0}
		}
		plan, err := Scan(t.Context(), &tape{at: at}, o, ScanOptions{Keep: opts.Keep})
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Ledger.Check(); err != nil {
			t.Fatalf("seed %d: the plan: %v", seed, err)
		}
		if rng.IntN(2) == 0 {
			opts.Plan = plan
		}
		mishap := rng.IntN(5)
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			src, rec := &tape{at: at}, &list{}
			switch mishap {
			case 1:
				time.AfterFunc(time.Duration(rng.Int64N(int64(3*time.Second))), cancel)
			case 2:
				src.fail = errors.New("disk gone")
			case 3:
				rec.fail, rec.at = errors.New("disk full"), rng.IntN(100)
			}
			send := &target{takes: time.Duration(rng.Int64N(int64(time.Second))), answer: func(q *Request, res *Result) {
				if q.Seq%3 == 0 {
					res.Status = 503
				}
			}}
			out, err := Run(ctx, src, schedule(o), plain{}, by(send), rec, opts)
			checkOutcome(t, seed, out, err, send, rec, opts.Plan)
		})
	}
}

func checkOutcome(t *testing.T, seed uint64, out Outcome, err error, send *target, rec *list, plan *Plan) {
	t.Helper()
	l := out.Ledger
	if bad := l.Check(); bad != nil {
		t.Fatalf("seed %d: %v", seed, bad)
	}
	if (err == nil) != (out.State == Complete) {
		t.Errorf("seed %d: state %s with error %v", seed, out.State, err)
	}
	if got := int64(len(send.mu.got)); got != l.OK+l.Failed {
		t.Errorf("seed %d: the target got %d, the ledger says %d", seed, got, l.OK+l.Failed)
	}
	if got := int64(len(rec.all)); rec.fail == nil && got != l.OK+l.Failed+l.Shed {
		t.Errorf("seed %d: %d rows, the ledger says %d", seed, got, l.OK+l.Failed+l.Shed)
	}
	slices.Sort(send.mu.got)
	if n := len(send.mu.got); len(slices.Compact(send.mu.got)) != n {
		t.Errorf("seed %d: something was sent twice", seed)
	}
	if out.State == Complete && l.Unsent != 0 {
		t.Errorf("seed %d: a complete run left %d unsent", seed, l.Unsent)
	}
	if plan != nil {
		p := plan.Ledger.Tally
		if l.Recorded != p.Recorded || l.Added != p.Added || l.Filtered != p.Filtered {
			t.Errorf("seed %d: ledger %+v, plan %+v", seed, l.Tally, p)
		}
	}
}

func TestRunStops(t *testing.T) {
	gone := errors.New("the user went home")
	for _, tc := range []struct {
		name  string
		takes time.Duration
		drain time.Duration
		ok    int64
		cut   int64
		after time.Duration // from the stop to Run's return
	}{
		{"answers that come are waited for", 3 * time.Second, 10 * time.Second, 11, 0, 2950 * time.Millisecond},
		{"but not for ever", time.Hour, 10 * time.Second, 0, 11, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			src := &tape{at: steady(1000, time.Second)}
			plan, err := Scan(t.Context(), &tape{at: src.at}, pace.Options{}, ScanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			stopped := time.Now().Add(10*time.Second + lead + 50*time.Millisecond)
			time.AfterFunc(time.Until(stopped), func() { cancel(gone) })
			out, err := Run(ctx, src, schedule(pace.Options{}), plain{}, by(&target{takes: tc.takes}), &list{}, Options{Drain: tc.drain, Plan: plan})
			if !errors.Is(err, gone) || out.State != Interrupted {
				t.Errorf("%s: ended %s with %v, want the cause", tc.name, out.State, err)
			}
			l := out.Ledger.Tally
			if l.OK+l.Failed != 11 || l.Unsent != 989 || l.Failed < tc.cut {
				t.Errorf("%s: ledger %+v", tc.name, l)
			}
			if took := time.Since(stopped); took != tc.after {
				t.Errorf("%s: returned %v after the stop, want %v", tc.name, took, tc.after)
			}
		})
	}
}

// tenFailures is a breaker that ends a run at the tenth failure, or when so many wait.
type tenFailures struct {
	failed int
	waits  bool
	most   int64 // 0 for any number that waits
	looked []int64
}

func (b *tenFailures) Record(res *Result) *Broken {
	if !res.OK() {
		b.failed++
	}
	if b.failed == 10 {
		return &Broken{Condition: "failed>9/1s", Value: "10", At: res.Done, Text: "ten failed"}
	}
	return nil
}

func (b *tenFailures) Waits() bool { return b.waits }

func (b *tenFailures) Look(now time.Duration, w *Waiting) *Broken {
	b.looked = append(b.looked, w.Count)
	if b.most > 0 && w.Count > b.most {
		return &Broken{Condition: "backlog", Value: "more", At: now, Text: "too many wait"}
	}
	return nil
}

func TestRunEndsWhereItsBreakerSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		send := &target{answer: func(q *Request, res *Result) {
			if q.Seq >= 400 {
				res.Status, res.Error = 0, ReasonConnect
			}
		}}
		out, err := Run(t.Context(), &tape{at: steady(1000, 100*time.Millisecond)}, schedule(pace.Options{}), plain{}, by(send), &list{}, Options{Breaker: &tenFailures{}})
		broken, is := errors.AsType[*StoppedError](err)
		if sent := out.Ledger.OK + out.Ledger.Failed; !errors.Is(err, ErrAborted) || !is || out.State != Aborted || sent < 410 || sent > 416 {
			t.Fatalf("%s after %d, want about 410: %v", out.State, sent, err)
		}
		if out.Stopped == nil || *out.Stopped != broken.Broken || out.Stopped.Value != "10" || err.Error() != "replay: ten failed" {
			t.Errorf("it says %+v, %v", out.Stopped, err)
		}
	})
}

// TestRunTellsWhatWaits holds that requests which are due and not answered are counted also where they were not made yet, as the line is full.
func TestRunTellsWhatWaits(t *testing.T) {
	at := steady(20_000, time.Millisecond)
	plan, err := Scan(t.Context(), &tape{at: at}, pace.Options{}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		stuck := &target{takes: time.Hour}
		b := &tenFailures{waits: true, most: 6000}
		out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, by(stuck), &list{},
			Options{Breaker: b, Plan: plan, MaxInFlight: 8, Drain: time.Second})
		if !errors.Is(err, ErrAborted) || out.Stopped == nil || out.Stopped.At < 6*time.Second || out.Stopped.At > 6500*time.Millisecond {
			t.Fatalf("%+v, %v", out.Stopped, err)
		}
		for i, n := range b.looked { // every 200 ms, of which one request is due each
			if want := int64(200*i + 150); n < want-60 || n > want+110 {
				t.Errorf("look %d sees %d waiting, want about %d", i, n, want)
			}
		}
	})
}

func TestRunEndsWithWhatBroke(t *testing.T) {
	for _, tc := range []struct {
		name   string
		src    *tape
		render plain
		rec    list
		want   string
	}{
		{"the source", &tape{fail: errors.New("disk gone")}, plain{}, list{}, "disk gone"},
		{"the recorder", &tape{}, plain{}, list{fail: errors.New("disk full"), at: 3}, "disk full"},
		{"rendering", &tape{}, plain{fail: 7}, list{}, "render record 7: no such field"},
	} {
		synctest.Test(t, func(t *testing.T) {
			tc.src.at = steady(20, time.Second)
			out, err := Run(t.Context(), tc.src, schedule(pace.Options{}), tc.render, by(&target{}), &tc.rec, Options{})
			if err == nil || !strings.Contains(err.Error(), tc.want) || out.State != Aborted {
				t.Errorf("%s: ended %s: %v, want %q", tc.name, out.State, err, tc.want)
			}
		})
	}
}

func TestRunBoundsWhatIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &tape{at: steady(5000, time.Minute), body: make([]byte, 1<<20)}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, func() {
			if n := src.given(); n > 40 {
				t.Errorf("%d records of 1 MiB were read ahead", n)
			}
			src.shrink()
		})
		time.AfterFunc(48*time.Hour, func() {
			if ahead := src.given() - 48*60; ahead > aheadRequests+10 {
				t.Errorf("%d small records were read ahead", ahead)
			}
			cancel()
		})
		if _, err := Run(ctx, src, schedule(pace.Options{}), plain{}, by(&target{}), &list{}, Options{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// What is ready is sent in time while the source goes on over records that are not played.
func TestRunDoesNotWaitForWhatIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowTape{tape: tape{at: steady(5000, time.Millisecond)}, each: time.Millisecond}
		var rec list
		_, err := Run(t.Context(), slow, schedule(pace.Options{}), plain{}, by(&target{}), &rec, Options{
			Keep: func(r *capture.Record) bool { return r.Seq < 5 },
		})
		if err != nil || len(rec.all) != 5 {
			t.Fatalf("%d results: %v", len(rec.all), err)
		}
		for _, res := range rec.all {
			if late := res.Sent - res.Intended; late > 50*time.Millisecond {
				t.Errorf("record %d left %v after its time", res.Seq, late)
			}
		}
	})
}

func TestRunProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []Progress
		_, err := Run(t.Context(), &tape{at: steady(11, time.Second)}, schedule(pace.Options{}), plain{}, by(&target{takes: time.Millisecond}), &list{}, Options{
			Progress: func(p Progress) { got = append(got, p) }, ProgressEvery: 4 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0].OK != 4 || got[1].OK != 8 || got[1].Elapsed != 8*time.Second-lead {
			t.Errorf("progress %+v", got)
		}
	})
}

func TestScan(t *testing.T) {
	at := append(steady(100, time.Second), 99*time.Second+time.Millisecond)
	seen := 0
	plan, err := Scan(t.Context(), &tape{at: at}, pace.Options{TimeScale: 2, Volume: 2}, ScanOptions{
		Keep:    func(r *capture.Record) bool { return r.Kind != capture.Status },
		Observe: func(*capture.Record) { seen++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != 101 {
		t.Errorf("observed %d records, want 101", seen)
	}
	if l := plan.Ledger.Tally; l.Recorded != 101 || l.Filtered != 11 || l.Added != 90 || plan.Requests() != 180 {
		t.Errorf("ledger %+v", l)
	}
	if plan.Last.Sub(plan.First) != 99*time.Second+time.Millisecond {
		t.Errorf("from %v to %v", plan.First, plan.Last)
	}
	var sum int64
	for _, n := range plan.Curve {
		sum += n
	}
	if sum != 180 || len(plan.Curve) > MaxWindows || plan.Window != FirstWindow {
		t.Errorf("the curve holds %d in %d windows of %v", sum, len(plan.Curve), plan.Window)
	}
	if plan.Peak < 4 || plan.Peak > 8 {
		t.Errorf("peak %d/s of 4/s on average", plan.Peak)
	}
}

// TestScanCurveGrows holds that the windows of a long curve are of whole seconds, and that nothing of it is lost as they become wider.
func TestScanCurveGrows(t *testing.T) {
	plan, err := Scan(t.Context(), &tape{at: steady(5000, time.Second)}, pace.Options{}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Window != 10*time.Second || len(plan.Curve) != 500 || plan.Peak != 1 {
		t.Errorf("%d windows of %v, peak %d", len(plan.Curve), plan.Window, plan.Peak)
	}
	for i, n := range plan.Curve {
		if n != 10 {
			t.Errorf("window %d holds %d", i, n)
		}
	}
}

func TestBusiestWindow(t *testing.T) {
	at := append(steady(60, time.Minute), 2*time.Hour, 2*time.Hour+time.Second, 2*time.Hour+2*time.Second, 2*time.Hour+3*time.Second)
	start, n, err := Busiest(t.Context(), &tape{at: at}, time.Minute, nil)
	if err != nil || n != 4 {
		t.Fatalf("%d records, %v", n, err)
	}
	burst := time.Unix(1_700_000_000, 0).Add(2 * time.Hour)
	if start.After(burst) || burst.Add(3*time.Second).Sub(start) >= time.Minute {
		t.Errorf("the window begins at %v, the burst at %v", start, burst)
	}
	if _, _, err := Busiest(t.Context(), &tape{}, time.Minute, nil); err == nil {
		t.Error("a source without records has a busiest window")
	}
}

// TestWider holds that windows become wider by steps that people count by, each a multiple of all before it, until longer than any run.
func TestWider(t *testing.T) {
	var got []time.Duration
	for w := FirstWindow; w < 100*24*time.Hour; {
		got = append(got, w)
		wider, of := Wider(w)
		if wider != time.Duration(of)*w || of < 2 || MaxWindows/of < 100 {
			t.Fatalf("%v becomes %v, %d times as wide", w, wider, of)
		}
		w = wider
	}
	want := []time.Duration{
		FirstWindow, 200 * time.Millisecond, time.Second, 2 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 6 * time.Hour, 24 * time.Hour, 48 * time.Hour, 96 * time.Hour, 192 * time.Hour, 384 * time.Hour, 768 * time.Hour, 1536 * time.Hour,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
