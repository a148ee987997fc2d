package compare

import "testing"

func TestHistoryUnjudged(t *testing.T) {
	for _, tc := range []struct {
		name       string
		good, left int
		short      bool
		other      int // runs of another plan
		want       bool
	}{
		{"the first runs", 3, 0, true, 0, false},
		{"the first runs, one of them spoiled", 3, 1, true, 0, false},
		{"every run is spoiled", 0, 12, true, 0, true},
		{"one more good one, and it could be told", 9, 1, true, 0, true},
		{"enough", 10, 30, false, 0, false},
		{"two plans, of which neither was played often", 6, 0, true, 6, false},
	} {
		h := &History{Method: HistoryMethod{MinRuns: 10}}
		add := func(n, series int, short bool) {
			if n == 0 {
				return
			}
			if series >= 0 {
				h.Series = append(h.Series, Series{Runs: make([]int, n), Short: short})
			}
			for range n {
				h.Runs = append(h.Runs, HistoryRun{Series: series})
			}
		}
		add(tc.good, 0, tc.short)
		add(tc.other, 1, tc.short)
		add(tc.left, -1, false)
		if left, got := h.Unjudged(); got != tc.want || got && left != tc.left {
			t.Errorf("%s: %d left, unjudged %t, want %t", tc.name, left, got, tc.want)
		}
	}
}
