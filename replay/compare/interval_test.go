package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestNewcombe holds against the intervals that Newcombe 1998 (Statistics in Medicine 17:2635) gives for method 10.
func TestNewcombe(t *testing.T) {
	for _, tc := range []struct {
		both, onlyBase, onlyCandidate, neither uint32
		low, high                              float64
	}{
		{36, 2, 12, 0, 0.0569, 0.3404},
		{20, 2, 12, 16, 0.0562, 0.3292},
		{18, 0, 14, 18, 0.1441, 0.3963},
		{54, 0, 0, 0, -0.0664, 0.0664},
		{36, 12, 2, 0, -0.3404, -0.0569},
	} {
		f := failures{
			pairs: tc.both + tc.onlyBase + tc.onlyCandidate + tc.neither, both: tc.both,
			base: tc.both + tc.onlyBase, candidate: tc.both + tc.onlyCandidate,
		}
		got := newcombe(f, z95)
		if math.Abs(got.Low-tc.low) > 5e-5 || math.Abs(got.High-tc.high) > 5e-5 {
			t.Errorf("%+v: %.4f to %.4f, want %.4f to %.4f", f, got.Low, got.High, tc.low, tc.high)
		}
		if narrow := newcombe(f, z90); narrow.Low < got.Low || narrow.High > got.High {
			t.Errorf("%+v: the 90 %% interval is wider than the 95 %% one", f)
		}
	}
}

// TestWilson holds against values of R's prop.test(k, n, correct = FALSE).
func TestWilson(t *testing.T) {
	for _, tc := range []struct{ k, n, low, high float64 }{
		{0, 10, 0, 0.27753280}, {5, 10, 0.23659309, 0.76340691}, {81, 263, 0.25528951, 0.36620764}, {1, 29, 0.00611294, 0.17175524},
	} {
		got := wilson(tc.k, tc.n, z95)
		if math.Abs(got.Low-tc.low) > 5e-6 || math.Abs(got.High-tc.high) > 5e-6 {
			t.Errorf("%v of %v: %.8f to %.8f, want %.8f to %.8f", tc.k, tc.n, got.Low, got.High, tc.low, tc.high)
		}
	}
}

func TestPercentiles(t *testing.T) {
	values := make([]float64, replicates)
	for i := range values {
		values[i] = float64(replicates - i) // 2000 down to 1
	}
	wide, narrow := intervals(values, 1000)
	if *wide != (Interval{50, 1950}) || *narrow != (Interval{100, 1900}) {
		t.Errorf("%v and %v", *wide, *narrow)
	}
	if wide, _ := intervals(slices.Clone(values), -5); wide.Low != -5 || wide.High != 1950 {
		t.Errorf("what was seen is outside %v", *wide)
	}
	if wide, narrow := intervals(values[:replicates/2-1], 0); wide != nil || narrow != nil {
		t.Error("an interval of too few replicates")
	}
}

// TestWeighted holds quantiles of resampled blocks against the same made by copying out and sorting.
func TestWeighted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		n, blocks := 1+rng.IntN(3000), 1+rng.IntN(maxBlocks)
		var values []sample
		for range n {
			values = append(values, makeSample(rng.Int64N(1+rng.Int64N(5000)), rng.IntN(blocks)))
		}
		w := make([]uint8, blocks)
		for k := range w {
			w[k] = uint8(rng.IntN(4))
		}
		var plain []int64
		for _, v := range values {
			for range w[v.block()] {
				plain = append(plain, v.ns())
			}
		}
		slices.Sort(plain)
		r := rank(values, blocks)
		for _, q := range []float64{0.001, 0.5, 0.9, 0.95, 0.99, 1} {
			got, ok := r.weighted(q, w)
			if ok != (len(plain) > 0) {
				t.Fatalf("%d values: ok is %v", len(plain), ok)
			}
			if ok && got != plain[int(math.Ceil(q*float64(len(plain))))-1] {
				t.Fatalf("quantile %v of %d values in %d blocks is %d, want %d", q, len(plain), blocks, got, plain[int(math.Ceil(q*float64(len(plain))))-1])
			}
		}
	}
}

func TestBlocks(t *testing.T) {
	for _, tc := range []struct {
		run    time.Duration
		n      int
		length time.Duration
	}{
		{15 * time.Second, 20, 750 * time.Millisecond},
		{10 * time.Minute, 20, 30 * time.Second},
		{30 * time.Minute, 60, 30 * time.Second},
		{120 * time.Hour, 120, time.Hour},
		{1, 20, 1},
	} {
		rows := []row{{intended: 0}, {intended: int64(tc.run) - 1}}
		c := cutBlocks(rows, rows)
		if c.n != tc.n || c.length != tc.length {
			t.Errorf("%s: %d blocks of %s, want %d of %s", tc.run, c.n, c.length, tc.n, tc.length)
		}
		if c.of(0) != 0 || c.of(int64(tc.run)-1) != c.n-1 && tc.run > 1 || c.of(math.MaxInt64) != c.n-1 {
			t.Errorf("%s: the ends are in blocks %d and %d", tc.run, c.of(0), c.of(int64(tc.run)-1))
		}
	}
}

// TestDraws holds that every replicate draws as many blocks as are kept, and none that is not.
func TestDraws(t *testing.T) {
	kept := []int{1, 2, 5, 7}
	d := draw(9, kept, [32]byte{1})
	for i := range replicates {
		sum := 0
		for k, w := range d.of(i) {
			if w > 0 && !slices.Contains(kept, k) {
				t.Fatalf("block %d was drawn", k)
			}
			sum += int(w)
		}
		if sum != len(kept) {
			t.Fatalf("replicate %d has %d blocks", i, sum)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, tc := range []struct {
		counts []uint32
		kept   []int
		want   float64
	}{
		{nil, nil, 0}, {[]uint32{0, 0}, nil, 0}, {[]uint32{5, 5, 5, 5}, nil, 4}, {[]uint32{9, 0, 0}, nil, 1}, {[]uint32{9, 3, 3}, []int{1, 2}, 2},
	} {
		if got := spread(tc.counts, tc.kept); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("spread of %v is %v, want %v", tc.counts, got, tc.want)
		}
	}
}

func TestPossible(t *testing.T) {
	for _, tc := range [][2]Interval{
		{{0.7549, 1.2451}, {0.7549, 1}},
		{{-1.3, -0.9}, {-1, -0.9}},
		{{-0.02, 0.03}, {-0.02, 0.03}},
	} {
		if got := possible(&tc[0]); *got != tc[1] {
			t.Errorf("%v: got %v, want %v", tc[0], *got, tc[1])
		}
	}
	if possible(nil) != nil {
		t.Error("no interval became one")
	}
}
