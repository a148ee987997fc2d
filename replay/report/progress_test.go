package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

func progressAt(elapsed, position time.Duration, ok int64) replay.Progress {
	return replay.Progress{Elapsed: elapsed, Position: position, OK: ok, Failed: 2, Shed: 1, InFlight: 3, Lag: 123 * time.Microsecond}
}

func TestProgressLine(t *testing.T) {
	r := Progress{planned: time.Minute, total: 6000}
	for _, tc := range []struct {
		g    replay.Progress
		want string
	}{
		{replay.Progress{Elapsed: -time.Second}, "  0% 0s of 1m0s  0/s  lag 0s  0 failed  0 in flight  0s left"},
		{progressAt(10*time.Second, 10*time.Second, 998), " 16% 10s of 1m0s  100/s  lag 120µs  3 failed  3 in flight  50s left"},
		{progressAt(12*time.Second, 20*time.Second, 1998), " 33% 20s of 1m0s  500/s  lag 120µs  3 failed  3 in flight  40s left"},
		{progressAt(70*time.Second, 99*time.Second, 6000), "100% 1m0s of 1m0s  69/s  lag 120µs  3 failed  3 in flight  0s left"},
		{progressAt(80*time.Second, 99*time.Second, 3600), "100% all is due; 2,397 wait for an answer or to be sent, 3 of them in flight  -240/s  3 failed"},
		{replay.Progress{Elapsed: 81 * time.Second, Position: 81 * time.Second, OK: 3600, InFlight: 2400}, "100% all sent; waiting for 2,400 answers  -2/s  0 failed"},
		{replay.Progress{Elapsed: 82 * time.Second, Position: 82 * time.Second, OK: 5999, InFlight: 1}, "100% all sent; waiting for 1 answer  2399/s  0 failed"},
		{replay.Progress{Elapsed: 83 * time.Second, Position: 83 * time.Second, OK: 5990, Shed: 10}, "100% 1m0s of 1m0s  -9/s  lag 0s  10 failed  0 in flight  0s left"},
		{
			replay.Progress{Elapsed: 84 * time.Second, Position: 84 * time.Second, OK: 5990, Failed: 10, Retries: 10, Retrying: 8, RetriesLeft: 90 * time.Second, InFlight: 2},
			"100% all is due; 8 wait for the vendor's retries, the last in 1m30s at most  2 in flight  10 failed",
		},
		{
			replay.Progress{Elapsed: 85 * time.Second, Position: 85 * time.Second, OK: 5999, Failed: 10, Retries: 10, Retrying: 1, RetriesLeft: 5 * time.Second},
			"100% all is due; 1 waits for the vendor's retry, the last in 5s at most  0 in flight  10 failed",
		},
		{replay.Progress{Elapsed: 86 * time.Second, Position: 86 * time.Second, OK: 5990, Failed: 10, Retries: 10, InFlight: 10}, "100% all sent; waiting for 10 answers  -9/s  10 failed"},
		{replay.Progress{Elapsed: 87 * time.Second, Position: 30 * time.Second, OK: 3000, Retries: 10, Retrying: 1, RetriesLeft: 5 * time.Second}, " 50% 30s of 1m0s  -3000/s  lag 0s  0 failed  0 in flight  30s left"},
	} {
		if got := r.Next(tc.g).Line(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// TestPlainCountsFailures holds that a request without an answer is one that failed, and none of those that are well.
func TestPlainCountsFailures(t *testing.T) {
	var b bytes.Buffer
	r := Progress{planned: time.Minute, total: 3000}
	r.Plain(&b, replay.Progress{Elapsed: 30 * time.Second, Position: 30 * time.Second, OK: 20, Failed: 300, InFlight: 156})
	if want := "30s of 1m0s (50%): 20 of 3,000 ok, 11/s, 300 failed, 0 shed, 156 in flight, lag 0s, 30s left\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	b.Reset()
	r = Progress{planned: time.Minute}
	r.Plain(&b, replay.Progress{Elapsed: 30 * time.Second, OK: 20, Failed: 300, Step: 2})
	if !strings.Contains(b.String(), ": 20 ok, 11/s, 300 failed, ") {
		t.Errorf("a search: %q", b.String())
	}
}

// TestPlainProgress holds that lines come at each tenth of the schedule and every ten seconds, and no more often.
func TestPlainProgress(t *testing.T) {
	var b bytes.Buffer
	r := Progress{planned: 5 * time.Minute, total: 6000}
	for s := range 601 {
		r.Plain(&b, progressAt(time.Duration(s)*time.Second/2, time.Duration(s)*time.Second/2, int64(s)))
	}
	if n := strings.Count(b.String(), "\n"); n != 30 {
		t.Errorf("%d lines in 5 minutes, want 30", n)
	}
	b.Reset()
	r = Progress{planned: 10 * time.Second, total: 6000}
	for s := range 41 {
		r.Plain(&b, progressAt(time.Duration(s)*time.Second/4, time.Duration(s)*time.Second/4, int64(s)))
	}
	if n := strings.Count(b.String(), "\n"); n != 10 || strings.ContainsAny(b.String(), "\r\x1b") {
		t.Errorf("%d lines in 10 seconds, want 10", n)
	}
}

// TestProgressOfSteps holds that the line, the plain lines and the data of a shaped run say which step is played.
func TestProgressOfSteps(t *testing.T) {
	plan := &replay.Plan{Duration: time.Minute, Steps: []replay.PlannedStep{
		{Text: "1k at 1x"}, {Name: "rush", Text: "rush: 20k at 3x", Start: 10 * time.Second}, {Text: "ramp 10s from 3x to 400x, as slowly as it goes", Start: 40 * time.Second},
	}}
	standing := func(r *Progress, position time.Duration) Standing {
		s := r.Next(progressAt(position, position, 100))
		number, step := plan.StepAt(position)
		s.Step, s.Steps, s.StepName, s.StepText = number, len(plan.Steps), step.Name, step.Text
		return s
	}
	for _, tc := range []struct {
		at   time.Duration
		want string
	}{
		{-time.Second, "  0% 0s of 1m0s  step 1 of 3: 1k at 1x  "},
		{10 * time.Second, " 16% 10s of 1m0s  step 2 of 3: rush  "},
		{50 * time.Second, " 83% 50s of 1m0s  step 3 of 3: ramp 10s"},
	} {
		r := Progress{plan: plan, planned: plan.Duration}
		line := standing(&r, tc.at).Line()
		if !strings.HasPrefix(line, tc.want) || len([]rune(line)) > mostLine {
			t.Errorf("%q, want %q…, of at most %d characters", line, tc.want, mostLine)
		}
	}
	var b bytes.Buffer
	r := Progress{plan: plan, planned: plan.Duration, step: 1}
	r.Plain(&b, progressAt(5*time.Second, 5*time.Second, 1))
	if b.Len() > 0 {
		t.Errorf("%q before a tenth of the schedule and within a step", b.String())
	}
	r.tenth = 9
	r.Plain(&b, progressAt(9*time.Second, 41*time.Second, 1))
	if !strings.HasSuffix(b.String(), "\n") || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("%q where a step begins, want a line", b.String())
	}
}

func TestStatusOfSteps(t *testing.T) {
	for _, tc := range []struct {
		st   replay.Status
		want string
	}{
		{replay.Status{State: "running"}, "running at "},
		{replay.Status{State: "running", Step: 3}, "step 3 of a search, running at "},
		{replay.Status{State: "running", TimeScale: 2, Volume: 1, OK: 12_345}, "running at 0s of 0s (0s since the start), time-scale 2: 12,345 ok, 0 failed"},
		{replay.Status{State: "running", TimeScale: 2, Volume: 1.5}, "running at 0s of 0s (0s since the start), time-scale 2, volume 1.5: 0 ok"},
		{replay.Status{State: "paused", Step: 2, Steps: 4, StepText: "20k at 3x"}, "step 2 of 4: 20k at 3x, paused at "},
		{replay.Status{State: "running", Step: 2, Steps: 4, StepName: "rush", StepText: "rush: 20k at 3x"}, "step 2 of 4: rush, running at "},
	} {
		var b strings.Builder
		if err := WriteStatus(&b, tc.st); err != nil || !strings.HasPrefix(b.String(), tc.want) {
			t.Errorf("%q, %v, want %q…", b.String(), err, tc.want)
		}
	}
}
