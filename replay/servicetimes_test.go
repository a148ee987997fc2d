package replay

import (
	"testing"
	"time"
)

// TestFreeTimes holds that the time of a target that has little to do is of requests that had few beside them, as long as there are enough.
func TestFreeTimes(t *testing.T) {
	type times struct {
		beside, n int
		each      time.Duration
	}
	for _, tc := range []struct {
		name string
		all  []times
		want time.Duration
	}{
		{"nothing", nil, 0},
		{"few alone, many in a queue", []times{{0, 30, 20 * ms}, {3, 30, 21 * ms}, {200, 5000, 900 * ms}}, 20 * ms},
		{"too few alone", []times{{0, 5, 20 * ms}, {1, 15, 40 * ms}, {200, 5000, 900 * ms}}, 35 * ms},
		{"all in a queue", []times{{200, 10, 900 * ms}, {100, 10, 700 * ms}}, 800 * ms},
	} {
		var f freeTimes
		for _, x := range tc.all {
			for range x.n {
				f.add(x.beside, x.each)
			}
		}
		if got := f.mean(); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
