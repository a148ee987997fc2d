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
	} {
		if got := r.Next(tc.g).Line(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
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
