package pace

import (
	"slices"
	"testing"
	"time"
)

// TestMaxGap holds that idle stretches are cut in recorded time, that later arrivals move up by just as much, also at another tempo
// and in another loop, and that factors by time see when a record was recorded.
func TestMaxGap(t *testing.T) {
	const s = time.Second
	at := []time.Duration{0, 2 * s, 10 * s, 10 * s, 11 * s, 31 * s, 34 * s}
	for _, tc := range []struct {
		name string
		o    Options
		want []time.Duration
		idle time.Duration
	}{
		{"none", Options{}, at, 0},
		{"no gap is longer", Options{MaxGap: 20 * s}, at, 0},
		{"cut", Options{MaxGap: 3 * s}, []time.Duration{0, 2 * s, 5 * s, 5 * s, 6 * s, 9 * s, 12 * s}, 22 * s},
		{"cut before the tempo", Options{MaxGap: 3 * s, TimeScale: 2}, []time.Duration{0, s, 2500 * time.Millisecond, 2500 * time.Millisecond, 3 * s, 4500 * time.Millisecond, 6 * s}, 22 * s},
		{"each loop", Options{MaxGap: 3 * s, Loops: 2}, []time.Duration{0, 2 * s, 5 * s, 5 * s, 6 * s, 9 * s, 12 * s, 14 * s, 16 * s, 19 * s, 19 * s, 20 * s, 23 * s, 26 * s}, 22 * s},
	} {
		var got []time.Duration
		for _, p := range playAll(t, tc.o, arrivals(at)) {
			got = append(got, p.Deadline)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: deadlines %v, want %v", tc.name, got, tc.want)
		}
		schedule, err := New(tc.o)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range arrivals(at) {
			schedule.Add(a)
		}
		schedule.Again()
		if schedule.Idle() != tc.idle {
			t.Errorf("%s: idle %v, want %v", tc.name, schedule.Idle(), tc.idle)
		}
	}
	if _, err := New(Options{MaxGap: -s}); err == nil {
		t.Error("a negative gap is taken")
	}
}
