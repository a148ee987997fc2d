//go:build soak

package session_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
	"reprise/replay/session"
)

// soakTries is how often a search has to find the same.
const soakTries = 3

// TestSoakSearchOfAQueue finds what four servers of 20 ms serve, less what serving costs beside, three times out of three.
func TestSoakSearchOfAQueue(t *testing.T) {
	file := week(t, corpus.Header{State: corpus.Synthetic}, 3000, 500) // 100 a second, evenly
	for range soakTries {
		t.Run("try", func(t *testing.T) {
			url := startSink(t, "queue: {servers: 4}", "service: 20ms")
			want := saturated(t, url, 1000)
			c := soakSearch(t, file, url, searchFor(t, 20*time.Second, 0.7, "p99>500ms/5s"))
			t.Logf("%s served %.1f/s", c.Says, c.Served)
			t.Logf("held_mean %.2f/s, a saturated server does %.2f/s, four of 20 ms 200/s: %+.1f %%", c.HeldMean, want, 100*(c.HeldMean/want-1))
			within5(t, "held_mean", c.HeldMean, want)
			within5(t, "served", c.Served, want)
		})
	}
}

// TestSoakSearchAgainstSimulation plays a recording with its bursts, pass by pass, at a queue, and holds the answer against the same steps
// on a simulated clock. REPRISE_CORPUS names another corpus, whose peak at twice its tempo is near 400 a second.
func TestSoakSearchAgainstSimulation(t *testing.T) {
	servers, service, from, on := 2, 40*time.Millisecond, 1.0, "p95>500ms/5s"
	file := os.Getenv("REPRISE_CORPUS")
	if file == "" {
		file = bursts(t)
	} else {
		servers, service, from, on = 8, 20*time.Millisecond, 2, "p99>1s/5s"
	}
	at := times(t, file)
	for range soakTries {
		t.Run("try", func(t *testing.T) {
			url := startSink(t, fmt.Sprintf("queue: {servers: %d}", servers), fmt.Sprintf("service: %v", service))
			rate := saturated(t, url, 150*servers)
			o := searchFor(t, 0, from, on)
			o.AllowRaw = true
			c := soakSearch(t, file, url, o)
			took := time.Duration(float64(servers) / rate * float64(time.Second)) // of a request, with what serving costs beside
			holds := func(tempo float64) bool { return simulate(at, tempo, servers, took, stopOn(t, on)) }
			b := simulatedSearch(from, holds)
			t.Log(c.Says)
			t.Logf("found %vx, simulated %vx (to a thousandth: %.3fx), with %v a request", c.Tempo, b.Low(), edge(b, holds), took.Round(time.Microsecond))
			within5(t, "tempo", c.Tempo, b.Low())
		})
	}
}

// TestSoakSearchOfALeak holds that a search with short steps does not see that a target gets slower with every request, and that a step which is
// held does: at 5 % less than the tempo found, a target just started holds a short step and breaks in a long one, which a target without the
// leak holds.
func TestSoakSearchOfALeak(t *testing.T) {
	const on, short, long, leak = "p99>500ms/1s", 4 * time.Second, 150 * time.Second, 500 * time.Nanosecond
	file := week(t, corpus.Header{State: corpus.Synthetic}, 3000, 500)
	c := soakSearch(t, file, slowing(t, leak), searchFor(t, short, 0.5, on))
	t.Logf("steps of %v: %s", short, c.Says)
	tempo := math.Floor(95*c.Tempo) / 100
	for _, step := range []struct {
		length, leak time.Duration
		breaks       bool
	}{{short, leak, false}, {long, 0, false}, {long, leak, true}} {
		shape, err := pace.ParseShape(fmt.Sprintf("%v at %gx", step.length, tempo))
		if err != nil {
			t.Fatal(err)
		}
		o := session.Options{Tempo: session.Tempo{Shape: shape, Loops: 100}, StopOn: stopOn(t, on)}
		run, err := session.Run(t.Context(), file, slowing(t, step.leak), o)
		said, broke := fmt.Sprintf("%v at %vx, %v slower with each request: ", step.length, tempo, step.leak), errors.Is(err, replay.ErrAborted)
		switch {
		case broke != step.breaks || err != nil && !broke:
			t.Errorf("%s%v, want it to break: %v", said, err, step.breaks)
		case broke:
			t.Logf("%sbreaks after %v, %s", said, run.Footer.Stopped.At.Round(time.Millisecond), run.Footer.Stopped.Text)
		default:
			t.Logf("%sholds, p99 %v", said, run.Summary.Latency.P99.Round(time.Millisecond))
		}
	}
}

// slowing serves as four servers of 20 ms do, each request that much longer than the one before. When a request is served follows from when it
// came alone: a busy machine answers later, and serves no less.
func slowing(t *testing.T, more time.Duration) (url string) {
	t.Helper()
	var mu sync.Mutex
	free, takes := make([]time.Time, 4), 20*time.Millisecond
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		slices.SortFunc(free, time.Time.Compare)
		if now := time.Now(); free[0].Before(now) {
			free[0] = now
		}
		free[0] = free[0].Add(takes)
		done := free[0]
		takes += more
		mu.Unlock()
		time.Sleep(time.Until(done))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// within5 holds a figure within 5 % of what is wanted.
func within5(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got < 0.95*want || got > 1.05*want {
		t.Errorf("%s %.4g is not within 5 %% of %.4g", what, got, want)
	}
}

// startSink starts reprise sink with a behaviour, in a process of its own.
func startSink(t *testing.T, behaviour ...string) (url string) {
	t.Helper()
	dir := t.TempDir()
	tool, file := filepath.Join(dir, "reprise"), filepath.Join(dir, "behaviour.yaml")
	if out, err := exec.Command("go", "build", "-o", tool, "reprise/cmd/reprise").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(file, []byte("default:\n  "+strings.Join(behaviour, "\n  ")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sink := exec.Command(tool, "sink", "--listen", "127.0.0.1:0", "--behaviour", file, "--quiet")
	sink.Stderr = os.Stderr
	stdout, err := sink.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sink.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(sink.Process.Signal(os.Interrupt), sink.Wait()); err != nil {
			t.Log(err)
		}
	})
	lines := bufio.NewReader(stdout)
	if url, err = lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, lines) //nolint:errcheck // what the sink says at its end
	return strings.TrimSpace(url)
}

// saturated is how many answers a second a target gives while more than it can serve wait, over so many answers.
func saturated(t *testing.T, url string, answers int) float64 {
	t.Helper()
	const waiting = 64
	done := make([]time.Time, answers)
	var next atomic.Int64
	var all sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: waiting}}
	defer client.CloseIdleConnections()
	for range waiting {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(answers); i = next.Add(1) - 1 {
				resp, err := client.Post(url, "text/plain", strings.NewReader("x"))
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body) //nolint:errcheck // as above
				resp.Body.Close()
				done[i] = time.Now()
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	slices.SortFunc(done, time.Time.Compare)
	done = done[answers/10 : answers-answers/10] // without the start, and the end, when fewer wait
	return float64(len(done)-1) / done[len(done)-1].Sub(done[0]).Seconds()
}

// soakSearch searches until the tool was not the limit.
func soakSearch(t *testing.T, file, url string, o session.Options) *results.Capacity {
	t.Helper()
	for range 3 {
		o.File = filepath.Join(t.TempDir(), "search.rpr")
		run, err := session.Run(t.Context(), file, url, o)
		if run == nil {
			t.Fatal(err)
		}
		c := run.Summary.Capacity
		if err == nil {
			return c
		}
		t.Logf("%v: %s", err, c.Says)
		if c.Ended != results.SearchTool {
			t.FailNow()
		}
	}
	t.Fatal("the machine is too busy")
	return nil
}

// bursts writes a corpus of a minute, 5 a second, with 60 more in two seconds every twenty.
func bursts(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bursts.rpz")
	f, err := corpus.Create(name, corpus.Header{State: corpus.Synthetic}, false)
	if err != nil {
		t.Fatal(err)
	}
	var at []time.Duration
	for i := range 300 {
		at = append(at, time.Duration(i)*200*time.Millisecond)
	}
	for b := range 3 {
		for i := range 60 {
			at = append(at, time.Duration(b)*20*time.Second+5*time.Second+time.Duration(i)*33*time.Millisecond)
		}
	}
	slices.Sort(at)
	for _, d := range at {
		r := capture.Record{Time: time.Unix(1_700_000_000, 0).Add(d), Method: "POST", URL: "/sms", Host: "hooks.example.com", Body: []byte("x"), Kind: capture.Other}
		if err := f.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	return name
}

// times are the recorded times of a corpus, since the first.
func times(t *testing.T, file string) (at []time.Duration) {
	t.Helper()
	r, err := corpus.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec capture.Record
	var first time.Time
	for {
		if err := r.Next(t.Context(), &rec); errors.Is(err, io.EOF) {
			return at
		} else if err != nil {
			t.Fatal(err)
		}
		if first.IsZero() {
			first = rec.Time
		}
		at = append(at, rec.Time.Sub(first))
	}
}

// simulatedSearch takes the steps of a search from a tempo on.
func simulatedSearch(from float64, holds func(tempo float64) bool) *pace.Bisection {
	b := pace.NewBisection(from)
	for {
		tempo, ok := b.Next()
		if !ok {
			return b
		}
		b.Took(holds(tempo))
	}
}

// edge halves the interval of a search on.
func edge(b *pace.Bisection, holds func(tempo float64) bool) float64 {
	low, high := b.Low(), b.High()
	for high-low > low/1000 {
		if mid := (low + high) / 2; holds(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// simulate plays a pass at a tempo into a queue, first in, first out, and says whether it holds: the conditions are shown each answer when it
// comes, and at every flush of a run what waits, until all is answered.
func simulate(at []time.Duration, tempo float64, servers int, service time.Duration, on []results.StopCondition) bool {
	free, b := make([]time.Duration, servers), results.NewBreaker(on)
	due, done := make([]time.Duration, len(at)), make([]time.Duration, len(at))
	for i, a := range at {
		due[i] = time.Duration(float64(a) / tempo)
		slices.Sort(free)
		free[0] = max(free[0], due[i]) + service
		done[i] = free[0]
	}
	answered, came := 0, 0 // in order, as all take as long
	for now := replay.FlushEvery; answered < len(at); now += replay.FlushEvery {
		for ; answered < len(at) && done[answered] <= now; answered++ {
			if b.Record(&replay.Result{Intended: due[answered], Sent: due[answered], Done: done[answered], Status: 200}) != nil {
				return false
			}
		}
		for came < len(at) && due[came] <= now {
			came++
		}
		w := replay.Waiting{Count: int64(came - answered), InFlight: came - answered}
		for _, d := range due[answered:came] {
			w.Overdue = append(w.Overdue, replay.Overdue{Age: now - d, N: 1})
		}
		if b.Look(now, &w) != nil {
			return false
		}
	}
	return true
}

// TestSoakSimulated plays a corpus of any size by a simulated clock, in an hour of it at most: what looks at a run every few milliseconds
// would have much to do in days. REPRISE_SOAK_CORPUS names the corpus, and REPRISE_SOAK_RUN the run file that is to be kept:
// .ci/bench synthesis does so, and looks at the memory of this process meanwhile.
func TestSoakSimulated(t *testing.T) {
	file, run := os.Getenv("REPRISE_SOAK_CORPUS"), os.Getenv("REPRISE_SOAK_RUN")
	if file == "" {
		file = week(t, corpus.Header{State: corpus.Synthetic}, 100_000, 5_000)
	}
	if run == "" {
		run = filepath.Join(t.TempDir(), "run.rpr")
	}
	r, err := corpus.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	index, ok := r.Index()
	if err := r.Close(); err != nil || !ok {
		t.Fatalf("%s has no index: %v", file, err)
	}
	begun := time.Now()
	scale := max(1, index.Last.Sub(index.First).Hours())
	sum := playSimulated(t, file, run, scale)
	t.Logf("%d requests over %v of a simulated clock, in %v", sum.Ledger.OK, sum.Duration, time.Since(begun))
	checkSimulated(t, &sum, index.Records)
}
