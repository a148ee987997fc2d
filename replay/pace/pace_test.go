package pace

import (
	"math"
	"slices"
	"testing"
	"time"
)

// plan gives every record its plays.
func plan(t testing.TB, o Options, at []time.Duration) (plays [][]Play) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range at {
		next, more := at[i], i+1 < len(at)
		if more {
			next = at[i+1]
		}
		plays = append(plays, slices.Clone(s.Plays(int64(i), at[i], next, more)))
	}
	return plays
}

func flat(plays [][]Play) (deadlines []time.Duration) {
	for _, p := range plays {
		for i := range p {
			deadlines = append(deadlines, p[i].Deadline)
		}
	}
	return deadlines
}

const ms = time.Millisecond

func TestTimeScale(t *testing.T) {
	for _, tc := range []struct {
		name  string
		scale float64
		at    []time.Duration
		want  []time.Duration
	}{
		{"as recorded", 0, []time.Duration{0, 5 * ms, 7 * ms}, []time.Duration{0, 5 * ms, 7 * ms}},
		{"the first record is the start", 1, []time.Duration{90 * ms, 95 * ms}, []time.Duration{0, 5 * ms}},
		{"twice as fast", 2, []time.Duration{0, 10 * ms, 30 * ms}, []time.Duration{0, 5 * ms, 15 * ms}},
		{"half as fast", 0.5, []time.Duration{0, 10 * ms}, []time.Duration{0, 20 * ms}},
		{"rounded, not cut", 3, []time.Duration{0, 2, 4, 5}, []time.Duration{0, 1, 1, 2}},
		{"out of order waits for none", 1, []time.Duration{0, 10 * ms, 4 * ms, 12 * ms}, []time.Duration{0, 10 * ms, 10 * ms, 12 * ms}},
		{"five days keep their nanoseconds", 1, []time.Duration{0, 120*time.Hour + 1}, []time.Duration{0, 120*time.Hour + 1}},
		{"five days at 2000", 2000, []time.Duration{0, 120 * time.Hour}, []time.Duration{0, 216 * time.Second}},
	} {
		if got := flat(plan(t, Options{TimeScale: tc.scale}, tc.at)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: deadlines %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestVolumeCounts(t *testing.T) {
	at := make([]time.Duration, 20_000)
	for i := range at {
		at[i] = time.Duration(i) * ms
	}
	for _, tc := range []struct {
		volume    float64
		least, up int // plays of one record
	}{{0.1, 0, 1}, {0.5, 0, 1}, {1, 1, 1}, {1.25, 1, 2}, {2, 2, 2}, {2.5, 2, 3}, {7, 7, 7}} {
		plays := plan(t, Options{Volume: tc.volume, Seed: 7}, at)
		for i, p := range plays {
			if len(p) < tc.least || len(p) > tc.up {
				t.Fatalf("volume %v: record %d has %d plays, want %d to %d", tc.volume, i, len(p), tc.least, tc.up)
			}
			for c := range p {
				if p[c].Copy != c {
					t.Fatalf("volume %v: record %d: play %d is called copy %d", tc.volume, i, c, p[c].Copy)
				}
			}
		}
		n, want := float64(len(flat(plays))), tc.volume*float64(len(at))
		// Five standard deviations of the fraction's Bernoulli trials.
		_, rest := math.Modf(tc.volume)
		if slack := 5 * math.Sqrt(float64(len(at))*rest*(1-rest)); math.Abs(n-want) > slack {
			t.Errorf("volume %v: %v plays, want %v ± %v", tc.volume, n, want, slack)
		}
	}
}

func TestCopiesLieInTheGap(t *testing.T) {
	at := []time.Duration{0, 10 * ms, 10 * ms, 11 * ms, 11*ms + 4, 40 * ms}
	for _, scale := range []float64{1, 3, 1000} {
		for seed := range uint64(200) {
			s, err := New(Options{TimeScale: scale, Volume: 4, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			var before time.Duration
			for i := range at[:len(at)-1] {
				lo, hi := s.scale(at[i]), s.scale(at[i+1])
				plays := s.Plays(int64(i), at[i], at[i+1], true)
				if plays[0].Deadline != lo {
					t.Fatalf("seed %d: record %d itself at %v, want %v", seed, i, plays[0].Deadline, lo)
				}
				for c, p := range plays {
					if p.Deadline < before || p.Deadline > hi {
						t.Fatalf("seed %d: record %d copy %d at %v, before it %v, next record at %v", seed, i, c, p.Deadline, before, hi)
					}
					if room := hi-lo > 3; room && c > 0 && (p.Deadline == before || p.Deadline == hi) {
						t.Fatalf("seed %d, scale %v: record %d copy %d makes a doublet at %v", seed, scale, i, c, p.Deadline)
					}
					before = p.Deadline
				}
			}
		}
	}
}

// The places of copies must be even over the gap: a Kolmogorov–Smirnov test.
func TestCopiesAreUniform(t *testing.T) {
	const n, gap = 20_000, time.Second
	at := make([]time.Duration, n)
	for i := range at {
		at[i] = time.Duration(i) * gap
	}
	var places []float64
	for i, p := range plan(t, Options{Volume: 2, Seed: 11}, at)[:n-1] {
		places = append(places, float64(p[1].Deadline-at[i])/float64(gap))
	}
	slices.Sort(places)
	var worst float64
	for i, p := range places {
		worst = max(worst, math.Abs(p-float64(i)/float64(len(places))))
	}
	if limit := 1.95 / math.Sqrt(n); worst > limit { // p < 0.001
		t.Errorf("the places of copies are %.4f from even, limit %.4f", worst, limit)
	}
}

func TestLastRecordsCopies(t *testing.T) {
	for _, tc := range []struct {
		name string
		at   []time.Duration
		end  time.Duration // latest deadline allowed, exclusive unless equal to the last record's
	}{
		{"one record alone", []time.Duration{5 * ms}, 0},
		{"the gap before it", []time.Duration{0, 90 * ms, 100 * ms}, 110 * ms},
		{"the mean gap where that is smaller", []time.Duration{0, 1 * ms, 2 * ms, 3 * ms, 100 * ms}, 125 * ms},
	} {
		for seed := range uint64(50) {
			all := flat(plan(t, Options{Volume: 3, Seed: seed}, tc.at))
			if last := all[len(all)-1]; last > tc.end {
				t.Errorf("%s: seed %d: the last copy is at %v, want at most %v", tc.name, seed, last, tc.end)
			}
		}
	}
}

func TestLimit(t *testing.T) {
	at := []time.Duration{0, 10 * ms, 20 * ms, 30 * ms}
	for _, tc := range []struct {
		limit  int64
		volume float64
		counts []int
	}{
		{0, 1, []int{1, 1, 1, 1}},
		{2, 1, []int{1, 1, 0, 0}},
		{3, 2, []int{2, 1, 0, 0}},
		{100, 2, []int{2, 2, 2, 2}},
	} {
		var counts []int
		for _, p := range plan(t, Options{Limit: tc.limit, Volume: tc.volume}, at) {
			counts = append(counts, len(p))
		}
		if !slices.Equal(counts, tc.counts) {
			t.Errorf("limit %d, volume %v: plays %v, want %v", tc.limit, tc.volume, counts, tc.counts)
		}
	}
}

func TestSameSeedSamePlan(t *testing.T) {
	at := make([]time.Duration, 1000)
	for i := range at {
		at[i] = time.Duration(i*i) * ms
	}
	o := Options{TimeScale: 3, Volume: 2.5, Seed: 42}
	a, b := flat(plan(t, o, at)), flat(plan(t, o, at))
	if !slices.Equal(a, b) {
		t.Error("the same seed gave two plans")
	}
	o.Seed++
	if slices.Equal(a, flat(plan(t, o, at))) {
		t.Error("another seed gave the same plan")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{
		{TimeScale: -1},
		{TimeScale: math.NaN()},
		{TimeScale: math.Inf(1)},
		{TimeScale: 1e-9},
		{Volume: -0.5},
		{Volume: math.NaN()},
		{Volume: 1e6},
		{Limit: -1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%+v) took it", o)
		}
	}
}

func BenchmarkPlays(b *testing.B) {
	s, err := New(Options{TimeScale: 2, Volume: 2, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var i int64
	for b.Loop() {
		s.Plays(i, time.Duration(i)*ms, time.Duration(i+1)*ms, true)
		i++
	}
}
