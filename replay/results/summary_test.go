package results

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

const ms = time.Millisecond

// The JSON that users rely on, to the byte.
func TestSummaryJSON(t *testing.T) {
	plan := &replay.Plan{
		Ledger:   replay.Ledger{Tally: replay.Tally{Recorded: 4, Filtered: 1, Unsent: 3}, Kinds: map[string]replay.Tally{"help": {Recorded: 4, Filtered: 1, Unsent: 3}}},
		Duration: 2 * time.Second, Peak: 2, Window: 100 * ms, Curve: []int64{2, 0, 1},
	}
	a := NewAccumulator(plan)
	for _, res := range []replay.Result{
		{Seq: 0, Kind: capture.Help, Intended: 0, Sent: 1 * ms, FirstByte: 5 * ms, Done: 6 * ms, Status: 200, Bytes: 3},
		{Seq: 1, Kind: capture.Help, Intended: 0, Sent: 3 * ms, FirstByte: 5 * ms, Done: 7 * ms, Status: 503, Bytes: 3},
		{Seq: 3, Kind: capture.Help, Intended: 2 * time.Second, Sent: 2*time.Second + 2*ms, Done: 3 * time.Second, Error: replay.ReasonTimeout},
	} {
		_ = a.Record(&res)
	}
	end := &replay.Outcome{State: replay.Complete, Ledger: replay.Ledger{
		Tally: replay.Tally{Recorded: 4, Filtered: 1, OK: 1, Failed: 2},
		Kinds: map[string]replay.Tally{"help": {Recorded: 4, Filtered: 1, OK: 1, Failed: 2}},
	}}
	lag := `"lag":{"p50":2000895,"p90":3000000,"p95":3000000,"p99":3000000,"p999":3000000,"max":3000000}`
	latency := `"latency":{"p50":6000639,"p90":7000000,"p95":7000000,"p99":7000000,"p999":7000000,"max":7000000}`
	service := `"service_time":{"p50":4001791,"p90":5000000,"p95":5000000,"p99":5000000,"p999":5000000,"max":5000000}`
	counts := `"status":{"200":1,"503":1},"errors":{"timeout":1}`
	tally := `"recorded":4,"added":0,"filtered":1,"ok":1,"failed":2,"shed":0,"unsent":0`
	bad := `[{"what":"timeout","amount":"1 request","whose":"target","text":"1 request of 3 (33.33 %) had no whole answer in time."},` +
		`{"what":"unavailable","amount":"1 request","whose":"target","text":"1 request of 3 (33.33 %) got an error for an answer: 1 × 503."}]`
	want := `{"ledger":{` + tally + `,"kinds":{"help":{` + tally + `}}},"duration_ns":2002000000,"planned_duration_ns":2000000000,` +
		`"rate":{"planned_mean":1.5,"planned_peak":2,"achieved_mean":1.4985014985014986,"achieved_peak":2},` +
		lag + `,` + latency + `,` + service + `,"moved":0.002,"moved_bin_ns":1000000000,"lag_limit_ns":10000000,` +
		`"kinds":{"help":{` + lag + `,` + latency + `,` + service + `,"moved":0.002,` + counts + `}},` +
		counts + `,"answers":{"unavailable":1},"verdict":{"faithful":true,"limits":` + bad + `,"bottlenecks":` + bad + `}}`
	if got := asJSON(t, a.Summary(end)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEmptySummaryIsWholeJSON(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal([]byte(asJSON(t, NewAccumulator(nil).Summary(nil))), &doc); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kinds", "status", "errors"} {
		if _, ok := doc[name].(map[string]any); !ok {
			t.Errorf("%s is %v, want {}", name, doc[name])
		}
	}
}

// A file without a footer: what the plan holds beyond the rows was not sent.
func TestLedgerOfARunThatDied(t *testing.T) {
	rows := traffic(1000, 20)
	var whole replay.Book
	for k := range capture.Kind(capture.KindCount) {
		*whole.Of(k) = replay.Tally{Recorded: 300, Added: 10, Filtered: 5, Unsent: 305}
	}
	a := NewAccumulator(&replay.Plan{Ledger: whole.Ledger()})
	b := NewAccumulator(nil)
	for i := range rows {
		_, _ = a.Record(&rows[i]), b.Record(&rows[i])
	}
	withPlan, without := a.Summary(nil).Ledger, b.Summary(nil).Ledger
	for _, l := range []replay.Ledger{withPlan, without} {
		if err := l.Check(); err != nil {
			t.Error(err)
		}
	}
	if withPlan.Recorded != 2700 || withPlan.Unsent != 9*305-1000 {
		t.Errorf("with a plan: %+v", withPlan.Tally)
	}
	if without.Recorded != 1000 || without.Unsent != 0 {
		t.Errorf("without: %+v", without.Tally)
	}
}

func TestQuantilesAreTrueToThreeDigits(t *testing.T) {
	var d distribution
	for i := range 100_000 {
		d.add(time.Duration(i+1) * time.Microsecond)
	}
	q := d.quantiles()
	for name, pair := range map[string][2]time.Duration{
		"p50": {q.P50, 50 * ms}, "p90": {q.P90, 90 * ms}, "p95": {q.P95, 95 * ms}, "p99": {q.P99, 99 * ms}, "p999": {q.P999, 99900 * time.Microsecond},
	} {
		if off := float64(pair[0]-pair[1]) / float64(pair[1]); off < 0 || off > 0.001 {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
	if q.Max != 100*ms {
		t.Errorf("max %v", q.Max)
	}
}

func TestWindowsOfAnyLength(t *testing.T) {
	for _, length := range []time.Duration{ms, time.Minute, 61 * time.Second, time.Hour, 5 * 24 * time.Hour} {
		rng := rand.New(rand.NewPCG(uint64(length), 0))
		a := NewAccumulator(nil)
		const n = 3000
		for i := range n {
			at := time.Duration(rng.Int64N(int64(length)))
			_ = a.Record(&replay.Result{Seq: int64(i), Kind: capture.Info, Intended: at, Sent: at + ms, Done: at + 9*ms, Status: 204})
		}
		list := a.Windows(false)
		if len(list) > replay.MaxWindows {
			t.Fatalf("%v: %d windows", length, len(list))
		}
		var planned, achieved, classes int64
		for i, w := range list {
			if w.Start != time.Duration(i)*w.Width || w.Width != list[0].Width {
				t.Fatalf("%v: window %d begins at %v and is %v wide", length, i, w.Start, w.Width)
			}
			planned, achieved, classes = planned+w.Planned, achieved+w.Achieved, classes+w.Classes[2]
			if w.Classes[2] > 0 && (w.LatencyP50 < 8*ms || w.LatencyP99 > 10*ms || w.LagP99 < ms*9/10 || w.LagP99 > ms*11/10) {
				t.Fatalf("%v: window %d: %+v", length, i, w)
			}
		}
		if planned != n || achieved != n || classes != n {
			t.Errorf("%v: the windows hold %d planned, %d achieved, %d answered, want %d", length, planned, achieved, classes, n)
		}
	}
}

// The planned curve comes from the plan, which also knows what was never sent, at whatever width either stopped.
func TestWindowsWithAPlan(t *testing.T) {
	plan := &replay.Plan{Window: 400 * ms, Curve: make([]int64, 500)}
	for i := range plan.Curve {
		plan.Curve[i] = 4
	}
	for _, rows := range []int{0, 10, 2000, 8000} {
		a := NewAccumulator(plan)
		for i := range rows {
			at := time.Duration(i) * 100 * ms
			_ = a.Record(&replay.Result{Intended: at, Sent: at + ms, Done: at + ms, Status: 200})
		}
		var planned, achieved int64
		list := a.Windows(false)
		for _, w := range list {
			planned += w.Planned
			achieved += w.Achieved
		}
		if planned != 2000 || achieved != int64(rows) || len(list) > replay.MaxWindows {
			t.Errorf("%d rows: %d planned and %d achieved in %d windows", rows, planned, achieved, len(list))
		}
	}
}

// TestSpread holds that a curve keeps its sum in windows that are no multiple of its own, as those of earlier versions are, and its shape.
func TestSpread(t *testing.T) {
	for _, tc := range []struct {
		curve    []int64
		from, to time.Duration
		want     []int64
	}{
		{nil, time.Second, 2 * time.Second, nil},
		{[]int64{1, 2, 3, 4, 5}, time.Second, 2 * time.Second, []int64{3, 7, 5}},
		{[]int64{16, 16, 16, 16, 32}, 1600 * ms, 2 * time.Second, []int64{20, 20, 20, 36}},
		{[]int64{3, 0, 1}, 800 * ms, time.Second, []int64{3, 1, 0}},
		{[]int64{7, 0, 0, 0, 7}, 800 * ms, time.Second, []int64{7, 0, 0, 7}},
	} {
		if got := spread(tc.curve, tc.from, tc.to); !slices.Equal(got, tc.want) {
			t.Errorf("%v in windows of %v, spread over %v: %v, want %v", tc.curve, tc.from, tc.to, got, tc.want)
		}
	}
}

// A header is only JSON: whatever window it claims, the list comes.
func TestWindowsWithAnImpossiblePlan(t *testing.T) {
	for _, window := range []time.Duration{-1, 0, 1, 3 * replay.FirstWindow, 1 << 62, 1<<63 - 1} {
		a := NewAccumulator(&replay.Plan{Window: window, Curve: make([]int64, 2000)})
		_ = a.Record(&replay.Result{Intended: time.Hour, Sent: time.Hour, Done: time.Hour, Status: 200})
		if n := len(a.Windows(false)); n > replay.MaxWindows {
			t.Errorf("a plan with windows of %v gives %d", window, n)
		}
	}
}

// A request that is sent again after the plan's end does not make the run longer than planned.
func TestRetriesAreNoStretch(t *testing.T) {
	plan := &replay.Plan{Duration: time.Second}
	for retries, want := range map[int64]int{0: 1, 1: 0} {
		a := NewAccumulator(plan)
		for i, at := range []time.Duration{0, time.Second, 16 * time.Second} {
			_ = a.Record(&replay.Result{Seq: int64(i), Intended: at, Sent: at, Done: at + ms, Status: 200})
		}
		tally := replay.Tally{Recorded: 2, Added: 1, OK: 3}
		end := &replay.Outcome{State: replay.Complete, Ledger: replay.Ledger{Tally: tally}, Stats: replay.Stats{Retries: retries}}
		if v := a.Summary(end).Verdict; len(v.Limits) != want {
			t.Errorf("%d retries: limits %v", retries, v.Limits)
		}
	}
}

// Moved is of the bin that goes with the rate, by kind as in all, whatever order the requests come in; what is late by more than a bin
// counts as one, and what left early not at all.
func TestMoved(t *testing.T) {
	for _, tc := range []struct {
		name      string
		gap       time.Duration
		want      [2]float64 // of help, of info
		bin       time.Duration
		help, inf time.Duration // their lag
	}{
		{"100 a second", 10 * ms, [2]float64{0.05, 1}, time.Second, 50 * ms, 3 * time.Second},
		{"a little more", 10*ms - time.Microsecond, [2]float64{0.5, 1}, 100 * ms, 50 * ms, 3 * time.Second},
		{"early", 20 * ms, [2]float64{0, 0}, time.Second, -ms, 0},
	} {
		a, back := NewAccumulator(nil), NewAccumulator(nil)
		var rows []replay.Result
		for i := range 399 {
			kind, lag := capture.Help, tc.help
			if i%2 == 1 {
				kind, lag = capture.Info, tc.inf
			}
			at := time.Duration(i) * tc.gap
			rows = append(rows, replay.Result{Seq: int64(i), Kind: kind, Intended: at, Sent: at + lag, Done: at + lag + ms, Status: 200})
		}
		rows = append(rows, replay.Result{Seq: 399, Kind: capture.Status, Intended: 400 * tc.gap, Error: replay.ReasonShed})
		for i := range rows {
			_, _ = a.Record(&rows[i]), back.Record(&rows[len(rows)-1-i])
		}
		s := a.Summary(nil)
		all := (tc.want[0]*200 + tc.want[1]*199) / 399
		if s.MovedBin != tc.bin || math.Abs(s.Moved-all) > 1e-12 || s.Kinds["help"].Moved != tc.want[0] || s.Kinds["info"].Moved != tc.want[1] || s.Kinds["status"].Moved != 0 {
			t.Errorf("%s: %v by %v, want %v; of each kind %v, %v", tc.name, s.Moved, s.MovedBin, all, s.Kinds["help"].Moved, s.Kinds["info"].Moved)
		}
		if other := asJSON(t, back.Summary(nil)); other != asJSON(t, s) {
			t.Errorf("%s: in another order %s", tc.name, other)
		}
	}
}

// A target that answers slower and slower is seen in the windows.
func TestGrowth(t *testing.T) {
	for name, slow := range map[string]time.Duration{"even": 10 * ms, "slower": 400 * ms} {
		a := NewAccumulator(nil)
		for i := range 20_000 {
			at, service := time.Duration(i)*ms, 10*ms
			if i > 10_000 {
				service = slow
			}
			_ = a.Record(&replay.Result{Seq: int64(i), Intended: at, Sent: at, Done: at + service, Status: 200})
		}
		quiet, busy := a.windows.growth()
		if quiet.P99 < 9*ms || quiet.P99 > 11*ms || busy.P99 < slow*9/10 || busy.P99 > slow*11/10 {
			t.Errorf("%s: %+v, %+v", name, quiet, busy)
		}
		if v := a.Summary(nil).Verdict; (len(v.Limits) == 1 && v.Limits[0].What == "slowdown") != (name == "slower") || !v.Faithful {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// The windows' histograms are true to one part in sixteen over their whole range.
func TestCoarse(t *testing.T) {
	for v := 2 * time.Microsecond; v <= longest; v += v/7 + 1 {
		i := step(v)
		if e := edge(i); e < v || step(e) != i || v > 20*time.Microsecond && float64(e-v) > float64(v)/16 {
			t.Fatalf("%v is in step %d, which ends at %v", v, i, e)
		}
	}
	if step(longest) >= coarseSteps {
		t.Error("a day has no step")
	}
}
