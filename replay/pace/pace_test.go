package pace

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// arrivals makes one arrival of each time, all of unknown people.
func arrivals(at []time.Duration) (list []Arrival) {
	for i, t := range at {
		list = append(list, Arrival{Seq: int64(i), At: t})
	}
	return list
}

// playAll gives a schedule its arrivals, in every loop, and returns its plays. On the way it holds the schedule to what it
// promises: deadlines that never decrease, no play of a record that Needs has given up.
func playAll(t testing.TB, o Options, list []Arrival) (plays []Play) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var needs, added uint64
	drain := func() {
		for p, ok := s.Next(); ok; p, ok = s.Next() {
			if p.Record < needs || p.Record >= added {
				t.Fatalf("a play of record %d, with %d to %d at hand", p.Record, needs, added)
			}
			if n := len(plays); n > 0 && p.Deadline < plays[n-1].Deadline {
				t.Fatalf("a deadline of %v after %v", p.Deadline, plays[n-1].Deadline)
			}
			plays = append(plays, p)
		}
		if n := s.Needs(); n < needs {
			t.Fatalf("needs went back from %d to %d", needs, n)
		} else {
			needs = n
		}
		if s.Copies() > 1 && added-needs > 8*Neighbours && len(list) > 0 && list[len(list)-1].At > list[0].At {
			t.Fatalf("%d records are held", added-needs)
		}
	}
	for loop := range max(o.Loops, 1) {
		if loop > 0 {
			s.Again()
		}
		for _, a := range list {
			s.Add(a)
			added++
			drain()
		}
		s.End()
		drain()
	}
	if o.Limit == 0 && needs != added {
		t.Fatalf("%d records are still needed at the end", added-needs)
	}
	return plays
}

// plan gives every record its plays.
func plan(t testing.TB, o Options, at []time.Duration) (plays [][]Play) {
	t.Helper()
	plays = make([][]Play, len(at))
	for _, p := range playAll(t, o, arrivals(at)) {
		plays[p.Record%uint64(len(at))] = append(plays[p.Record%uint64(len(at))], p)
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
			slices.SortFunc(p, func(a, b Play) int { return a.Copy - b.Copy })
			for c := range p {
				if p[c].Copy != c || p[c].Person != c || p[c].Seq != int64(i) {
					t.Fatalf("volume %v: record %d: play %d is %+v", tc.volume, i, c, p[c])
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

func TestLimit(t *testing.T) {
	at := []time.Duration{0, 10 * ms, 20 * ms, 30 * ms}
	for _, tc := range []struct {
		limit  int64
		volume float64
		counts []int
	}{
		{0, 1, []int{1, 1, 1, 1}},
		{2, 1, []int{1, 1, 0, 0}},
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
	for _, volume := range []float64{1, 2} {
		b.Run(fmt.Sprintf("volume=%v", volume), func(b *testing.B) {
			s, err := New(Options{TimeScale: 2, Volume: volume, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := int64(0); b.Loop(); i++ {
				s.Add(Arrival{Seq: i, At: time.Duration(i) * ms, Person: uint64(i%1000) + 1})
				for _, ok := s.Next(); ok; _, ok = s.Next() {
				}
				s.Needs()
			}
		})
	}
}

func TestUntil(t *testing.T) {
	for _, volume := range []float64{1, 3} {
		s, err := New(Options{TimeScale: 2, Volume: volume, Loops: 10, Until: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		var n, last int
		for loop := 0; !s.Done(); loop++ {
			if loop > 0 {
				s.Again()
			}
			for i := range 4 { // a second apart, so that a loop is 4 s
				s.Add(Arrival{Seq: int64(i), At: time.Duration(i) * time.Second, Person: uint64(i + 1)})
				for p, ok := s.Next(); ok; p, ok = s.Next() {
					if n++; p.Deadline >= 5*time.Second {
						t.Errorf("a deadline at %v", p.Deadline)
					}
					last = p.Loop
				}
			}
			s.End()
			for p, ok := s.Next(); ok; p, ok = s.Next() {
				n++
				last = p.Loop
			}
		}
		if volume == 1 && (n != 10 || last != 2) || volume == 3 && (n < 20 || n > 36) {
			t.Errorf("volume %v: %d requests, the last in loop %d", volume, n, last)
		}
	}
}
