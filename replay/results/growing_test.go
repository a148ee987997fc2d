package results

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// free are when the servers of a queue are free again.
type free []time.Duration

func (f free) Len() int           { return len(f) }
func (f free) Less(i, j int) bool { return f[i] < f[j] }
func (f free) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *free) Push(x any)        { *f = append(*f, x.(time.Duration)) }
func (f *free) Pop() any {
	x := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return x
}

// overloaded is a run of steps of 20 s each at rates in requests a second, played at a queue of servers that take a time each, on average.
func overloaded(seed uint64, servers int, each time.Duration, rates ...float64) (*replay.Plan, []replay.Result) {
	rng := rand.New(rand.NewPCG(seed, 9))
	plan := &replay.Plan{Window: 100 * ms}
	busy := make(free, servers)
	var rows []replay.Result
	var book replay.Book
	const length = 20 * time.Second
	for i, rate := range rates {
		start := time.Duration(i) * length
		p := replay.PlannedStep{Text: fmt.Sprintf("20s at %vx", rate/rates[0]), Start: start, Duration: length, Kinds: map[string]int64{}}
		for at := start; ; {
			at += time.Duration(rng.ExpFloat64() / rate * float64(time.Second))
			if at >= start+length {
				break
			}
			sent := at + time.Duration(rng.IntN(200_000))
			begins := max(sent, heap.Pop(&busy).(time.Duration))
			ends := begins + time.Duration(float64(each)*math.Exp(rng.NormFloat64()*0.3-0.045))
			heap.Push(&busy, ends)
			kind := capture.Kind(1 + rng.IntN(3))
			rows = append(rows, replay.Result{
				Seq: int64(len(rows)), Kind: kind, Step: uint16(i + 1), Intended: at, Sent: sent, Done: ends + ms + time.Duration(rng.ExpFloat64()*float64(ms)), Status: 200, Known: true, InFlight: 1,
			})
			p.Kinds[kind.String()]++
			p.Requests++
			book.Of(kind).Recorded++
			book.Of(kind).Unsent++
		}
		plan.Steps = append(plan.Steps, p)
	}
	plan.Ledger, plan.Duration = book.Ledger(), time.Duration(len(rates))*length
	return plan, rows
}

// grown is what is said of a run.
func grown(plan *replay.Plan, rows []replay.Result) []Growth {
	a := newRunAccumulator(&Header{Plan: plan})
	for i := range rows {
		_ = a.Record(&rows[i])
	}
	return a.Summary(ended(rows)).Growth
}

// Four servers of 20 ms do 200/s: the third step asks for more, and overload begins with it.
func TestGrowthBeginsWithOverload(t *testing.T) {
	for seed := range uint64(10) {
		plan, rows := overloaded(seed, 4, 20*ms, 60, 120, 240, 100)
		list := grown(plan, rows)
		found := make(map[string]Growth)
		for _, g := range list {
			found[g.What] = g
		}
		for _, what := range []string{GrowthLatency, GrowthBacklog} {
			g, ok := found[what]
			switch {
			case !ok:
				t.Errorf("seed %d: %s does not grow: %+v", seed, what, list)
			case g.Step != 3 || g.Interval[0] > 41*time.Second || g.Interval[1] < 40*time.Second || g.Interval[1]-g.Interval[0] > 6*time.Second ||
				g.At < 40*time.Second || g.At > 43*time.Second || g.Rate < 200 || g.Rate > 280 || g.Whose != Target || g.After < 5*g.Before:
				t.Errorf("seed %d: %+v", seed, g)
			}
		}
		if _, ok := found[GrowthErrors]; ok {
			t.Errorf("seed %d: failures grow where there are none", seed)
		}
	}
}

// A target that is never overloaded has latencies that go up and down with chance alone.
func TestNoGrowthWhereNothingGrows(t *testing.T) {
	said := 0
	for seed := range uint64(200) {
		plan, rows := overloaded(seed, 8, 20*ms, 60, 90, 120, 60)
		for i := range rows { // one in a hundred fails, and a pause of 50 ms every 7 s
			if r := &rows[i]; r.Seq*7919%101 == 0 {
				r.Status = 503
			}
			if r := &rows[i]; r.Sent%(7*time.Second) < 50*ms {
				r.Done += 50*ms - r.Sent%(7*time.Second)
			}
		}
		if len(grown(plan, rows)) > 0 {
			said++
		}
	}
	if said > 6 {
		t.Errorf("growth in %d of 200 runs in which nothing grows", said)
	}
}

// Failures from a moment on, within a step.
func TestGrowthOfErrors(t *testing.T) {
	for seed := range uint64(10) {
		plan, rows := overloaded(seed, 30, 20*ms, 60, 120, 240)
		rng := rand.New(rand.NewPCG(seed, 2))
		for i := range rows {
			if r := &rows[i]; rng.Float64() < 0.002 || r.Intended > 50*time.Second && rng.Float64() < 0.1 {
				r.Status = 500
			}
		}
		list := grown(plan, rows)
		if len(list) != 1 || list[0].What != GrowthErrors || list[0].Step != 3 || list[0].Interval[0] > 50*time.Second || list[0].Interval[1] < 50*time.Second ||
			list[0].After < 0.05 || list[0].Before > 0.01 {
			t.Errorf("seed %d: %+v", seed, list)
		}
	}
}

// Where the tool sent late, latency grew by the tool.
func TestGrowthByTheTool(t *testing.T) {
	plan, rows := overloaded(1, 30, 20*ms, 60, 120, 240)
	for i := range rows {
		if r := &rows[i]; r.Intended > 40*time.Second {
			late := (r.Intended - 40*time.Second) / 10
			r.Sent, r.Done = r.Sent+late, r.Done+late
		}
	}
	for _, g := range grown(plan, rows) {
		if g.What == GrowthLatency && g.Whose == Tool && g.Step == 3 {
			return
		}
	}
	t.Errorf("%+v", grown(plan, rows))
}

// Without a shape growth is told where the load grows, and not where it is even.
func TestGrowthWithoutAShape(t *testing.T) {
	for _, tc := range []struct {
		rates []float64
		want  bool
	}{{[]float64{60, 120, 240}, true}, {[]float64{240, 240, 240}, false}} {
		plan, rows := overloaded(3, 4, 20*ms, tc.rates...)
		for i := range rows {
			rows[i].Step = 0
		}
		plan.Steps = nil
		if list := grown(plan, rows); len(list) > 0 != tc.want || tc.want && list[0].Step != 0 {
			t.Errorf("%v: %+v", tc.rates, list)
		}
	}
}

// Where a system falls behind after its answers, the work that piles up is told.
func TestGrowthOfCompletions(t *testing.T) {
	plan, work := overloaded(2, 4, 20*ms, 60, 120, 240, 60)
	rows := append([]replay.Result(nil), work...)
	for i := range rows {
		rows[i].Done = rows[i].Sent + 2*ms // it answers at once
	}
	started := time.Unix(1_700_000_000, 0)
	c := NewCompleter(Completions{Of: func(seq int64, _ int) (time.Time, string, bool) { return started.Add(work[seq].Done), "ok", true }})
	a := newRunAccumulator(&Header{Plan: plan})
	for i := range rows {
		_, _ = a.Record(&rows[i]), c.Record(&rows[i])
	}
	end := ended(rows)
	end.Started = started
	run := Run{Footer: &Footer{Outcome: *end}, Summary: a.Summary(end)}
	zero := time.Duration(0)
	c.Join(&run, len(rows), &zero)
	list := run.Summary.Growth
	if len(list) != 1 || list[0].What != GrowthCompletion || list[0].Step != 3 || list[0].Interval[1] < 40*time.Second || list[0].At > 44*time.Second {
		t.Errorf("%+v", list)
	}
}

func TestEnds(t *testing.T) {
	var e ends
	for i := range 1000 {
		e.add(&replay.Result{Sent: time.Duration(i) * 100 * ms, Done: time.Duration(i)*100*ms + 1, Status: 200})
	}
	for _, width := range []time.Duration{100 * ms, 200 * ms, 400 * ms} {
		sum := int64(0)
		for _, n := range e.at(width, int(100*time.Second/width)) {
			sum += n
		}
		if sum != 1000 {
			t.Errorf("%v: %d of 1000", width, sum)
		}
	}
}

// TestGrowthRate holds that the rate is that around the moment, over two seconds at least and within the step, and not that of a burst.
func TestGrowthRate(t *testing.T) {
	var g growing
	for i := range 20 { // 100 a second, from the tenth second on 200, with a burst at 7 s
		x := group{from: time.Duration(i) * time.Second, to: time.Duration(i+1) * time.Second, due: 100}
		if i >= 10 {
			x.due = 200
		}
		if i == 7 {
			x.due = 400
		}
		g.groups = append(g.groups, x)
	}
	const s = time.Second
	for _, tc := range []struct {
		at, low, high, begin, end time.Duration
		want                      float64
	}{
		{3 * s, 2 * s, 5 * s, 0, 10 * s, 100},
		{7500 * time.Millisecond, 7400 * time.Millisecond, 7600 * time.Millisecond, 0, 10 * s, 250},
		{10 * s, 8 * s, 11 * s, 10 * s, 20 * s, 200},
		{0, 0, 0, 0, 10 * s, 100},
	} {
		if got := g.rate(&Growth{At: tc.at, Interval: [2]time.Duration{tc.low, tc.high}}, tc.begin, tc.end); got != tc.want {
			t.Errorf("at %v: %v/s, want %v/s", tc.at, got, tc.want)
		}
	}
}
