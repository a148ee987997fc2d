package pace

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func busiest(t *testing.T, length time.Duration, at []time.Duration) Window {
	t.Helper()
	b, err := NewBusiest(length)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range at {
		b.Add(a)
	}
	w, _ := b.Best()
	return w
}

func TestBusiest(t *testing.T) {
	every := func(from, step time.Duration, n int) (at []time.Duration) {
		for i := range n {
			at = append(at, from+time.Duration(i)*step)
		}
		return at
	}
	for _, tc := range []struct {
		name   string
		length time.Duration
		at     []time.Duration
		want   int64
	}{
		{"one record", time.Hour, []time.Duration{3 * time.Hour}, 1},
		{"a burst far out", time.Minute, append(every(0, time.Minute, 100), every(200*time.Minute, time.Second, 30)...), 30},
		{"all of it", time.Hour, every(0, time.Second, 100), 100},
		{"a full window and not one more", time.Hour, every(0, time.Second, 9000), 3600},
		{"equal times", time.Second, make([]time.Duration, 50), 50},
		{"days apart", time.Millisecond, every(0, 100*24*time.Hour, 5), 1},
	} {
		w := busiest(t, tc.length, tc.at)
		if w.Count != tc.want {
			t.Errorf("%s: %d records, want %d", tc.name, w.Count, tc.want)
		}
		var in int64
		for _, a := range tc.at {
			if a >= w.Start && a < w.Start+w.Length {
				in++
			}
		}
		if in != w.Count {
			t.Errorf("%s: the window from %v holds %d records and says %d", tc.name, w.Start, in, w.Count)
		}
	}
	if _, ok := (&Busiest{}).Best(); ok {
		t.Error("a finder without records has a best window")
	}
	if _, err := NewBusiest(time.Microsecond); err == nil {
		t.Error("a window of a microsecond was taken")
	}
}

// Against every window that begins on a step, counted one by one.
func TestBusiestIsTheBest(t *testing.T) {
	const length = 3 * time.Second // steps of 833,333 and a third nanoseconds
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var at []time.Duration
		for range 500 {
			at = append(at, time.Duration(rng.Int64N(int64(20*time.Second))))
		}
		slices.Sort(at)
		got := busiest(t, length, at)
		var best int64
		for step := int64(0); ; step++ {
			start := time.Duration((step*int64(length) + Parts - 1) / Parts)
			if start > at[len(at)-1] {
				break
			}
			lo, _ := slices.BinarySearch(at, start)
			hi, _ := slices.BinarySearch(at, start+length)
			best = max(best, int64(hi-lo))
		}
		if got.Count != best {
			t.Errorf("seed %d: the busiest window has %d records, want %d", seed, got.Count, best)
		}
	}
}

func TestPeak(t *testing.T) {
	var p Peak
	for _, d := range []time.Duration{0, 10 * ms, 999 * ms, 1000 * ms, 5000 * ms, 5001 * ms, 5002 * ms, 5999 * ms, 6000 * ms} {
		p.Add(d)
	}
	if got := p.Best(); got != 4 {
		t.Errorf("the busiest second has %d, want 4", got)
	}
}
