package compare

import (
	"testing"
	"time"

	"reprise/replay"
)

func TestTiming(t *testing.T) {
	for _, tc := range []struct {
		name                   string
		res                    replay.Result
		latency, lag, atMostBy int64
	}{
		{"sent in time", replay.Result{Intended: 5, Sent: 5, Done: 105, Status: 200}, 100, 0, 0},
		{"before its time", replay.Result{Intended: 5, Sent: 3, Done: 105, Status: 200}, 100, 0, 0},
		{"a short lag is exact", replay.Result{Sent: 8191, Done: 9000, Status: 200}, 9000, 8191, 0},
		{"a longer one is rounded up", replay.Result{Sent: 8193, Done: 9000, Status: 200}, 9000, 8194, 0},
		{"to a power of 2", replay.Result{Sent: 1<<20 - 1, Done: 1 << 21, Status: 200}, 1 << 21, 1 << 20, 0},
		{"milliseconds", replay.Result{Sent: 12_345_678, Done: 40_000_000, Status: 200}, 40_000_000, 12_345_678, 12_345_678 / 4096},
		{"hours", replay.Result{Sent: 7 * time.Hour, Done: 30 * time.Hour, Status: 200}, int64(longestLatency), longestLag, 0},
		{"no answer", replay.Result{Sent: 1000, Error: replay.ReasonTimeout}, 0, 1000, 0},
		{"never sent", replay.Result{Sent: 1000, Error: replay.ReasonShed}, 0, 0, 0},
	} {
		got := timingOf(&tc.res)
		if got.latency() != tc.latency || got.lag() < tc.lag || got.lag() > tc.lag+tc.atMostBy {
			t.Errorf("%s: latency %d, lag %d, want %d, %d to %d", tc.name, got.latency(), got.lag(), tc.latency, tc.lag, tc.lag+tc.atMostBy)
		}
		if s := got.least(); s < 0 || s > max(tc.latency-tc.lag, 0) {
			t.Errorf("%s: least %d, want at most %d", tc.name, s, tc.latency-tc.lag)
		}
	}
	for ns := int64(1); ns < longestLag; ns = ns*5/3 + 1 {
		if got := (timing(packLag(ns)) << latencyBits).lag(); got < ns || float64(got) > float64(ns)*(1+1.0/4096) {
			t.Errorf("a lag of %d is told as %d", ns, got)
		}
	}
}
