//go:build soak

package session_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
	"reprise/replay/session"
)

// TestSoakSearchOfAQueue finds what four servers of 20 ms serve, three times out of three.
func TestSoakSearchOfAQueue(t *testing.T) {
	file := week(t, corpus.Header{State: corpus.Synthetic}, 3000, 500) // 100 a second, evenly
	for try := range 3 {
		url, _ := queue(t, 4, 20*time.Millisecond, 0)
		c := soakSearch(t, file, url, searchFor(t, 20*time.Second, 0.7, "p99>500ms/5s"))
		t.Logf("try %d: %s; served %.1f/s", try+1, c.Says, c.Served)
		if want := 200.0; c.HeldMean < 0.9*want || c.HeldMean > 1.05*want {
			t.Errorf("try %d: %.1f/s held, four servers of 20 ms do %v/s", try+1, c.HeldMean, want)
		}
		if c.Served < 0.95*c.HeldMean || c.Served > 1.06*c.HeldMean {
			t.Errorf("try %d: %.1f/s held, and %.1f/s were served", try+1, c.HeldMean, c.Served)
		}
	}
}

// TestSoakSearchAgainstSimulation plays a recording with its bursts, pass by pass, at two servers of 40 ms, and holds the answer against the
// same steps on a simulated clock. REPRISE_CORPUS names another corpus.
func TestSoakSearchAgainstSimulation(t *testing.T) {
	const on = "p99>1s/5s"
	servers, service, from := 8, 20*time.Millisecond, 2.0 // 400 a second
	file := os.Getenv("REPRISE_CORPUS")
	if file == "" {
		servers, service, from, file = 2, 40*time.Millisecond, 1, bursts(t)
	}
	url, _ := queue(t, servers, service, 0)
	o := searchFor(t, 0, from, on)
	o.AllowRaw = true
	c := soakSearch(t, file, url, o)
	at := times(t, file)
	b := pace.NewBisection(from)
	mean := 0.0
	for {
		tempo, ok := b.Next()
		if !ok {
			break
		}
		held := simulate(at, tempo, servers, service+150*time.Microsecond, stopOn(t, on)) // what net/http and a sleep take beside
		if held {
			mean = float64(len(at)) / (at[len(at)-1].Seconds() / tempo)
		}
		b.Took(held)
	}
	t.Logf("%s", c.Says)
	t.Logf("simulated: %v holds, %.1f/s; %v breaks", b.Low(), mean, b.High())
	if c.Tempo < 0.95*b.Low() || c.Tempo > 1.05*b.Low() {
		t.Errorf("found %v, simulated %v", c.Tempo, b.Low())
	}
}

// TestSoakSearchOfALeak holds that short steps find more than a target holds that gets slower with every request, and that a longer step at
// that tempo breaks.
func TestSoakSearchOfALeak(t *testing.T) {
	file := week(t, corpus.Header{State: corpus.Synthetic}, 3000, 500)
	url, _ := queue(t, 4, 10*time.Millisecond, 2*time.Microsecond)
	c := soakSearch(t, file, url, searchFor(t, 3*time.Second, 0.5, "p99>300ms/1s"))
	t.Logf("short steps: %s", c.Says)
	o := session.Options{Tempo: session.Tempo{TimeScale: c.Tempo, Loops: 20}, StopOn: stopOn(t, "p99>300ms/1s")}
	run, err := session.Run(t.Context(), file, url, o)
	if !errors.Is(err, replay.ErrAborted) {
		t.Fatalf("it holds for long, too: %v", err)
	}
	t.Logf("held, it breaks after %v: %s", run.Footer.Stopped.At, run.Footer.Stopped.Text)
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

// bursts writes a corpus of two minutes, 5 a second, with 60 more in two seconds every twenty.
func bursts(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bursts.rpz")
	f, err := corpus.Create(name, corpus.Header{State: corpus.Synthetic}, false)
	if err != nil {
		t.Fatal(err)
	}
	var at []time.Duration
	for i := range 600 {
		at = append(at, time.Duration(i)*200*time.Millisecond)
	}
	for b := range 6 {
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

// simulate plays a pass at a tempo into a queue, first in, first out, and says whether it holds.
func simulate(at []time.Duration, tempo float64, servers int, service time.Duration, on []results.StopCondition) bool {
	free, b := make([]time.Duration, servers), results.NewBreaker(on)
	type job struct{ due, done time.Duration }
	var jobs []job
	for _, a := range at {
		due := time.Duration(float64(a) / tempo)
		slices.Sort(free)
		free[0] = max(free[0], due) + service
		jobs = append(jobs, job{due, free[0]})
	}
	answered, came := 0, 0
	for now := time.Duration(0); answered < len(jobs); now += 200 * time.Millisecond {
		for ; answered < len(jobs) && jobs[answered].done <= now; answered++ { // in order, as all take as long
			j := jobs[answered]
			if b.Record(&replay.Result{Intended: j.due, Sent: j.due, Done: j.done, Status: 200}) != nil {
				return false
			}
		}
		for came < len(jobs) && jobs[came].due <= now {
			came++
		}
		w := replay.Waiting{Count: int64(came - answered), InFlight: came - answered}
		for _, j := range jobs[answered:came] {
			w.Overdue = append(w.Overdue, replay.Overdue{Age: now - j.due, N: 1})
		}
		if b.Look(now, &w) != nil {
			return false
		}
	}
	return true
}
