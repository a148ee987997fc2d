package compare

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// fake is a run in memory.
type fake struct {
	header results.Header
	rows   []replay.Result
	end    *results.Footer
	next   int
}

func (f *fake) Header() results.Header   { return f.header }
func (f *fake) Damage() []results.Damage { return nil }
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

func TestSameServerTwice(t *testing.T) {
	for _, w := range []weather{short(), {
		requests: 30000, length: 600 * time.Second, base: 20 * time.Millisecond, offset: 0.05,
		drift: 0.10, lasting: 10 * time.Second, stall: 400 * time.Millisecond, every: 45 * time.Second,
	}} {
		alarms := 0
		for i := range uint64(20) {
			c := runs(t, w.play(i, 2*i+100), w.play(i, 2*i+101))
			if c.Verdict == Regressed {
				alarms++
				t.Logf("pair %d: all p95 %v to %v", i, c.All.Latency[2].Base, c.All.Latency[2].Candidate)
			}
			if c.Verdict == Invalid {
				t.Fatalf("pair %d is invalid: %v", i, c.Invalid)
			}
		}
		t.Logf("%d alarms", alarms)
		if alarms > 1 {
			t.Errorf("%d of 20 pairs of equal runs of %v regressed, at most 1 may", alarms, w.length)
		}
	}
}

func TestSlowerServer(t *testing.T) {
	for _, tc := range []struct {
		name     string
		requests int
		slower   time.Duration
	}{
		{"20 ms against 60 ms", 10000, 60 * time.Millisecond},
		{"20 ms against 28 ms", 10000, 28 * time.Millisecond},
	} {
		found := 0
		for i := range uint64(20) {
			a, b := short(), short()
			a.drift, b.drift, a.every, b.every = 0.03, 0.03, 20*time.Second, 20*time.Second
			a.stall, b.stall = 300*time.Millisecond, 300*time.Millisecond
			a.requests, b.requests, b.base = tc.requests, tc.requests, tc.slower
			c := runs(t, a.play(i, 2*i+100), b.play(i, 2*i+101))
			if c.Verdict == Regressed {
				found++
			} else {
				l := c.All.Latency[2]
				t.Logf("%s pair %d: %s %s %+v %v", tc.name, i, c.Verdict, c.All.Latency[2].Why, l, *l.Change95)
			}
		}
		t.Logf("%s found %d", tc.name, found)
	}
}
