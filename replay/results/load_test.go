package results

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"reprise/capture/frame"
	"reprise/replay"
)

// fifo records what a queue of so many servers does with requests that come at a rate.
func fifo(l *StepLoad, servers int, service time.Duration, rate float64, length time.Duration) {
	free := make([]time.Duration, servers)
	for at := time.Duration(0); at < length; at += time.Duration(float64(time.Second) / rate) {
		first := 0
		for i := range free {
			if free[i] < free[first] {
				first = i
			}
		}
		free[first] = max(free[first], at) + service
		_ = l.Record(&replay.Result{Intended: at, Sent: at, Done: free[first], Status: 200})
	}
}

func TestServed(t *testing.T) {
	ms := time.Millisecond
	for _, tc := range []struct {
		name    string
		servers int
		service time.Duration
		rate    float64
		length  time.Duration
		want    float64 // 0 where no backlog stood
	}{
		{"four servers of 20 ms, half as much again", 4, 20 * ms, 300, 10 * time.Second, 200},
		{"twice as much", 4, 20 * ms, 400, 20 * time.Second, 200},
		{"one slow server", 1, 500 * ms, 10, 30 * time.Second, 2},
		{"many servers", 100, 200 * ms, 750, 10 * time.Second, 500},
		{"less than it can", 4, 20 * ms, 100, 5 * time.Second, 0},
		{"a step of hours is counted more coarsely", 1, time.Second, 2, 3 * time.Hour, 1},
	} {
		var l StepLoad
		fifo(&l, tc.servers, tc.service, tc.rate, tc.length)
		n, stood := l.Served()
		got := 0.0
		if stood > 0 {
			got = float64(n) / stood.Seconds()
		}
		if got < 0.98*tc.want || got > 1.02*tc.want {
			t.Errorf("%s: %v/s (%d in %v), want %v/s", tc.name, got, n, stood, tc.want)
		}
		if mean := l.Mean(tc.length); mean < 0.99*tc.rate || mean > 1.01*tc.rate {
			t.Errorf("%s: the mean is %v, want %v", tc.name, mean, tc.rate)
		}
	}
}

func TestStepLoadPeak(t *testing.T) {
	var l StepLoad
	for at := time.Duration(0); at < time.Minute; at += 10 * time.Millisecond {
		if at < 20*time.Second || at >= 30*time.Second || at%(5*time.Millisecond) == 0 {
			_ = l.Record(&replay.Result{Intended: at, Sent: at, Done: at, Status: 200})
		}
		if at >= 20*time.Second && at < 30*time.Second {
			_ = l.Record(&replay.Result{Intended: at, Sent: at, Done: at, Status: 200})
		}
	}
	if got := l.Peak(time.Minute); got < 199 || got > 201 {
		t.Errorf("the busiest 10 s had %v/s, want 200", got)
	}
	if got := l.Mean(time.Minute); got < 116 || got > 117 {
		t.Errorf("the mean is %v, want 116.7", got)
	}
}

// TestCapacityInFile holds that what a search found is read as it was written, and that a file which is repaired keeps it.
func TestCapacityInFile(t *testing.T) {
	want := &Capacity{
		Tempo: 5, HeldMean: 201.5, Interval: [2]float64{5, 5.25}, Broke: "p99>500ms/10s", Ended: SearchFound, Says: "it holds",
		Steps: []CapacityStep{{Number: 1, TimeScale: 5, Held: true, Planned: 3, OK: 3}},
	}
	var b bytes.Buffer
	f, err := NewFile(&b, Header{Run: "r"})
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Record(&replay.Result{Status: 200, Step: 1})
	if err := f.Capacity(want); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(replay.Outcome{State: replay.Complete}); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	run, err := Summarize(t.Context(), r)
	got := run.Summary.Capacity
	if err != nil || got == nil || got.Tempo != want.Tempo || got.Says != want.Says || len(got.Steps) != 1 || got.Steps[0] != want.Steps[0] || len(run.Extensions) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzCapacity(f *testing.F) {
	f.Add([]byte(`{"tempo":5,"steps":[{"step":1,"held":true}],"interval":[5,5.25]}`))
	f.Add([]byte(`{"tempo":"x"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r Reader
		if r.parseCapacity(text) != (r.Capacity() != nil) {
			t.Errorf("%q", text)
		}
		_ = frame.AppendName(nil, capacityBlock)
	})
}

// The last requests of a step tell of a target that died in it.
func TestLastFailed(t *testing.T) {
	for name, tc := range map[string]struct {
		sent, bad int // how many, and how many of the last fail
		status    int
		last      int64
		failed    int64
	}{
		"none fails":               {sent: 100, last: 20},
		"the last 15":              {sent: 100, bad: 15, last: 20, failed: 15},
		"the last 30":              {sent: 100, bad: 30, last: 20, failed: 20},
		"a limiter":                {sent: 100, bad: 30, status: 429, last: 20},
		"bad gateways":             {sent: 100, bad: 20, status: 502, last: 20, failed: 20},
		"no more than half of few": {sent: 7, bad: 4, last: 4, failed: 4},
		"one":                      {sent: 1, last: 1},
		"nothing":                  {},
	} {
		l := new(StepLoad)
		for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(tc.sent) { // answers come in any order
			res := replay.Result{Intended: time.Duration(i) * time.Millisecond, Sent: time.Duration(i) * time.Millisecond, Done: time.Second, Status: 200}
			if i >= tc.sent-tc.bad {
				if res.Status = tc.status; tc.status == 0 {
					res.Error = replay.ReasonConnect
				}
			}
			_ = l.Record(&res)
		}
		if last, failed := l.LastFailed(); last != tc.last || failed != tc.failed {
			t.Errorf("%s: %d of the last %d failed, want %d of %d", name, failed, last, tc.failed, tc.last)
		}
	}
}
