package compare

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/internal/answers"
	"reprise/replay/results"
)

// fake is a run in memory.
type fake struct {
	header results.Header
	rows   []replay.Result
	end    *results.Footer
	next   int

	answers   []answers.Shape
	disturbed *replay.Disturbances // nil for a run that does not tell
}

func (f *fake) Disturbances() (replay.Disturbances, bool) {
	if f.disturbed == nil {
		return replay.Disturbances{}, false
	}
	return *f.disturbed, true
}

func (f *fake) Header() results.Header   { return f.header }
func (f *fake) Damage() []results.Damage { return nil }
func (f *fake) Answers() []answers.Shape { return f.answers }
func (f *fake) Footer() (results.Footer, bool) {
	if f.end == nil {
		return results.Footer{}, false
	}
	return *f.end, true
}

func (f *fake) Next(res *replay.Result) error {
	if f.next >= len(f.rows) {
		return io.EOF
	}
	*res = f.rows[f.next]
	f.next++
	return nil
}

// weather is what disturbs a simulated server.
type weather struct {
	requests int
	length   time.Duration
	base     time.Duration // the median latency
	offset   float64       // the standard deviation of the run's own factor, in ln
	drift    float64       // of the noise that lasts, in ln
	lasting  time.Duration // its correlation time
	stall    time.Duration // a stall's length
	every    time.Duration // the mean time between stalls
}

// play simulates one run: Poisson arrivals from planSeed, noise from seed.
func (w weather) play(planSeed, seed uint64) *fake {
	plan := rand.New(rand.NewPCG(planSeed, 1))
	noise := rand.New(rand.NewPCG(seed, 2))
	f := &fake{header: results.Header{Corpus: "c", PlanHash: "p"}}
	kinds := []capture.Kind{capture.Unrecognized, capture.CustomKeyword, capture.Reaction, capture.Subscribe, capture.Unsubscribe}
	at, drift, stalled := time.Duration(0), noise.NormFloat64()*w.drift, time.Duration(-1)
	run := math.Exp(noise.NormFloat64() * w.offset)
	mean := float64(w.length) / float64(w.requests)
	for i := range w.requests {
		gap := time.Duration(plan.ExpFloat64() * mean)
		kind := kinds[min(int(plan.ExpFloat64()*1.3), len(kinds)-1)]
		cost := math.Exp(plan.NormFloat64() * 0.15)
		at += gap
		keep := math.Exp(-float64(gap) / float64(w.lasting))
		drift = drift*keep + noise.NormFloat64()*w.drift*math.Sqrt(1-keep*keep)
		latency := time.Duration(float64(w.base) * run * cost * math.Exp(drift+noise.NormFloat64()*0.15))
		if noise.Float64() < 0.02 {
			latency *= time.Duration(1 + noise.IntN(4))
		}
		if w.every > 0 && noise.Float64() < float64(gap)/float64(w.every) {
			stalled = at + w.stall
		}
		latency += max(stalled-at, 0)
		f.rows = append(f.rows, replay.Result{
			Seq: int64(i), Kind: kind, Intended: at, Sent: at + 1, Done: at + latency, Status: 200,
		})
	}
	// Answers come in another order than requests.
	noise.Shuffle(len(f.rows), func(i, j int) { f.rows[i], f.rows[j] = f.rows[j], f.rows[i] })
	return f
}

func runs(t *testing.T, a, b *fake) *Comparison {
	t.Helper()
	c, err := Runs(context.Background(), a, b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func short() weather {
	return weather{
		requests: 10000, length: 15 * time.Second, base: 20 * time.Millisecond, offset: 0.02,
		drift: 0.10, lasting: 2 * time.Second, stall: 400 * time.Millisecond, every: 15 * time.Second,
	}
}

// TestSameServerTwice plays pairs at one server whose latency is autocorrelated and which stalls now and then, and whose
// two runs are 2 or 5 % apart for no reason: at most one pair in twenty may be called regressed.
func TestSameServerTwice(t *testing.T) {
	unlessShort(t)
	for name, w := range map[string]weather{
		"15 s": short(),
		"15 s, 2,000 requests": {
			requests: 2000, length: 15 * time.Second, base: 20 * time.Millisecond, offset: 0.02,
			drift: 0.10, lasting: 2 * time.Second, stall: 400 * time.Millisecond, every: 15 * time.Second,
		},
		"600 s": {
			requests: 6000, length: 600 * time.Second, base: 20 * time.Millisecond, offset: 0.05,
			drift: 0.10, lasting: 10 * time.Second, stall: 400 * time.Millisecond, every: 45 * time.Second,
		},
	} {
		alarms := 0
		for i := range uint64(20) {
			c := runs(t, w.play(i, 2*i+100), w.play(i, 2*i+101))
			switch c.Verdict {
			case Regressed:
				alarms++
				t.Logf("%s, pair %d: p95 of all %s to %s", name, i, c.All.Latency[2].Base, c.All.Latency[2].Candidate)
			case Invalid:
				t.Fatalf("%s, pair %d is invalid: %v", name, i, c.Invalid)
			}
		}
		if alarms > 1 {
			t.Errorf("%s: %d of 20 pairs of runs of one server regressed, at most 1 may", name, alarms)
		}
	}
}

// TestSlowerServer plays pairs of which the second server is slower: every one must be found.
func TestSlowerServer(t *testing.T) {
	unlessShort(t)
	stalls := short()
	stalls.drift, stalls.stall, stalls.every = 0.03, 300*time.Millisecond, 20*time.Second
	calm := stalls
	calm.every = 0
	few := calm
	few.requests = 1000
	for _, tc := range []struct {
		name   string
		server weather
		slower time.Duration
	}{
		{"20 against 60 ms, with stalls", stalls, 60 * time.Millisecond},
		{"20 against 60 ms, 1,000 requests", few, 60 * time.Millisecond},
		{"20 against 28 ms", calm, 28 * time.Millisecond},
		{"20 against 28 ms, 1,000 requests", few, 28 * time.Millisecond},
	} {
		for i := range uint64(10) {
			slow := tc.server
			slow.base = tc.slower
			c := runs(t, tc.server.play(i, 2*i+100), slow.play(i, 2*i+101))
			if l := c.All.Latency[2]; c.Verdict != Regressed || l.Verdict != Regressed {
				t.Errorf("%s, pair %d: %s (p95 of all %s: %s to %s, %s)", tc.name, i, c.Verdict, l.Verdict, l.Base, l.Candidate, l.Why)
			}
			if i > 2 {
				continue
			}
			back := runs(t, slow.play(i, 2*i+101), tc.server.play(i, 2*i+100))
			if l := back.All.Latency[2]; l.Verdict != Improved {
				t.Errorf("%s, pair %d the other way: p95 of all %s", tc.name, i, l.Verdict)
			}
		}
	}
}

// TestOneSlowKind holds that a change of one kind is found there and nowhere else.
func TestOneSlowKind(t *testing.T) {
	w := short()
	w.drift, w.every = 0.03, 0
	slow := w.play(1, 3)
	for i := range slow.rows {
		if r := &slow.rows[i]; r.Kind == capture.Reaction {
			r.Done += 40 * time.Millisecond
		}
	}
	c := runs(t, w.play(1, 2), slow)
	for _, k := range c.Kinds {
		l := k.Latency[2]
		want := Equivalent
		if k.Name == capture.Reaction.String() {
			want = Regressed
		}
		if l.Verdict != want {
			t.Errorf("%s is %s (%s), want %s", k.Name, l.Verdict, l.Why, want)
		}
	}
}

// TestSameFilesSameBytes holds that a comparison depends on nothing but the rows, and not on their order.
func TestSameFilesSameBytes(t *testing.T) {
	w := short()
	w.requests = 2000
	text := func(a, b *fake) string {
		out, err := json.Marshal(runs(t, a, b))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	a, b := w.play(1, 2), w.play(1, 3)
	first := text(w.play(1, 2), w.play(1, 3))
	slices.Reverse(a.rows)
	slices.Reverse(b.rows)
	if second := text(a, b); first != second {
		t.Error("the order of rows in the files changed the comparison")
	}
	if text(w.play(1, 3), w.play(1, 2)) == first {
		t.Error("swapping the runs changed nothing")
	}
	for _, bad := range []string{"NaN", "Inf"} {
		if strings.Contains(first, bad) {
			t.Errorf("the JSON holds %s", bad)
		}
	}
	var back Comparison
	if err := json.Unmarshal([]byte(first), &back); err != nil || back.All.Status != runs(t, w.play(1, 2), w.play(1, 3)).All.Status {
		t.Errorf("the JSON does not read back: %v", err)
	}
}

// TestPoorRuns holds that runs with little or nothing in them give a verdict and no figure that is none.
func TestPoorRuns(t *testing.T) {
	row := func(seq int64, status int) replay.Result {
		at := time.Duration(seq) * time.Millisecond
		return replay.Result{Seq: seq, Kind: capture.Help, Intended: at, Sent: at + 1, Done: at + 5e6, Status: status}
	}
	many := func(n int, status func(int) int) *fake {
		f := &fake{}
		for i := range n {
			r := row(int64(i), status(i))
			if r.Status == 0 {
				r.Error = replay.ReasonTimeout
			}
			f.rows = append(f.rows, r)
		}
		return f
	}
	good := func(int) int { return 200 }
	never, broken, refused := func(int) int { return 0 }, func(int) int { return 503 }, func(int) int { return 401 }
	atOnce := many(400, good)
	for i := range atOnce.rows {
		atOnce.rows[i].Intended, atOnce.rows[i].Sent, atOnce.rows[i].Done = 0, 1, time.Duration(i)
	}
	for _, tc := range []struct {
		name            string
		base, candidate *fake
		want            Verdict
		why             Why // of the p95 of all
	}{
		{"two empty runs", &fake{}, &fake{}, Invalid, NotComputed},
		{"an empty candidate", many(1000, good), &fake{}, Invalid, NotComputed},
		{"one request each", many(1, good), many(1, good), Inconclusive, TooFew},
		{"199 answers", many(199, good), many(199, good), Inconclusive, TooFew},
		{"no answer at all, both times", many(1000, never), many(1000, never), Invalid, NotComputed},
		{"an error of the server each, both times", many(1000, broken), many(1000, broken), Invalid, NotComputed},
		{"refused each, both times", many(1000, refused), many(1000, refused), Invalid, NotComputed},
		{"every request fails", many(1000, good), many(1000, never), Regressed, NoValues},
		{"4 failures of 50 are too few to tell", many(50, good), many(50, func(i int) int { return 200 + i%12/11*300 }), Inconclusive, TooFew},
		{"all at once", atOnce, &fake{rows: slices.Clone(atOnce.rows)}, Equivalent, TooBunched},
	} {
		c := runs(t, tc.base, tc.candidate)
		if c.Verdict != tc.want || c.All.Latency[2].Why != tc.why {
			t.Errorf("%s: %s, p95 of all %s; want %s, %s", tc.name, c.Verdict, c.All.Latency[2].Why, tc.want, tc.why)
		}
		text, err := json.Marshal(c)
		if err != nil || strings.Contains(string(text), "NaN") {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestErrorsInOneBurst holds that failures which all come at once do not make a regression, and spread ones do.
func TestErrorsInOneBurst(t *testing.T) {
	w := short()
	w.every = 0
	fail := func(which func(i int, r *replay.Result) bool) *fake {
		f := w.play(1, 2)
		for i := range f.rows {
			if which(i, &f.rows[i]) {
				f.rows[i].Status = 500
			}
		}
		return f
	}
	burst := runs(t, w.play(1, 2), fail(func(_ int, r *replay.Result) bool {
		return r.Intended > 7*time.Second && r.Intended < 7*time.Second+500*time.Millisecond
	}))
	if e := burst.All.Errors; e.Verdict != Inconclusive || e.Difference < 0.02 {
		t.Errorf("one burst of %.1f %% is %s", e.Difference*100, e.Verdict)
	}
	spread := runs(t, w.play(1, 2), fail(func(i int, _ *replay.Result) bool { return i%40 == 0 }))
	if e := spread.All.Errors; e.Verdict != Regressed || e.CandidateFailed != 250 {
		t.Errorf("%d failures all along are %s", e.CandidateFailed, e.Verdict)
	}
}

func TestSetup(t *testing.T) {
	a := results.Header{Target: "http://a", Tool: "v1", Settings: map[string]string{"time-scale": "2", "seed": "1"}, Machine: results.Machine{CPUs: 2}}
	b := results.Header{Target: "http://b", Tool: "v1", Settings: map[string]string{"time-scale": "2", "volume": "3"}, Machine: results.Machine{CPUs: 4}}
	want := []Difference{{"target", "http://a", "http://b"}, {"machine cpus", "2", "4"}, {"--seed", "1", ""}, {"--volume", "", "3"}}
	if got := Changed(a, b); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	a.Labels, b.Labels = map[string]string{"commit": "1", "host": "ci"}, map[string]string{"commit": "2", "branch": "x"}
	want = slices.Insert(want, 2, Difference{"label branch", "", "x"}, Difference{"label commit", "1", "2"}, Difference{"label host", "ci", ""})
	if got := Changed(a, b); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(Changed(a, a)) != 0 || len(a.Settings) != 2 {
		t.Error("a run differs from itself, or its settings were changed")
	}
}

func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancelCause(context.Background())
	why := errors.New("enough")
	stop(why)
	if _, err := Runs(ctx, short().play(1, 2), short().play(1, 2), Options{}); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRuns(b *testing.B) {
	w := short()
	rows, others := w.play(1, 2).rows, w.play(1, 3).rows
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Runs(context.Background(), &fake{rows: rows}, &fake{rows: others}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*2*w.requests), "ns/row")
}

// unlessShort skips what judges many made-up runs: -short is for the race detector, under which it takes minutes, and it runs in one
// goroutine.
func unlessShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it judges many runs, in one goroutine")
	}
}

// That as many requests failed does not make runs equivalent whose latencies nobody could judge.
func TestNoisyLatencyIsNotEquivalent(t *testing.T) {
	row := func(v Verdict, w Why) Latency { return Latency{Judged: true, Verdict: v, Why: w} }
	for _, tc := range []struct {
		latency []Latency
		want    Verdict
	}{
		{[]Latency{row(Inconclusive, TooNoisy), row(Inconclusive, TooFew)}, Inconclusive},
		{[]Latency{row(Inconclusive, TooNoisy), row(Equivalent, Within)}, Equivalent},
		{[]Latency{row(Inconclusive, TooFew)}, Equivalent},
		{nil, Equivalent},
	} {
		c := Comparison{All: Kind{Latency: tc.latency}}
		c.All.Errors.Verdict, c.All.Errors.Why = Equivalent, Within
		if c.conclude(); c.Verdict != tc.want {
			t.Errorf("%+v: %s, want %s", tc.latency, c.Verdict, tc.want)
		}
	}
}
