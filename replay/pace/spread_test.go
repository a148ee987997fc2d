package pace

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// traffic makes a bursty day in small: two humps, one flash burst, people who write several times.
func traffic(seed uint64, length time.Duration, n int) (list []Arrival) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for len(list) < n {
		t := rng.Float64()
		rate := 0.25 + 0.5*math.Exp(-math.Pow((t-0.3)/0.1, 2)) + math.Exp(-math.Pow((t-0.7)/0.05, 2))
		if t > 0.5 && t < 0.51 {
			rate = 4
		}
		if rng.Float64()*4 < rate {
			list = append(list, Arrival{At: time.Duration(t * float64(length)), Person: 1 + rng.Uint64N(uint64(n)/2)})
		}
	}
	slices.SortFunc(list, func(a, b Arrival) int { return cmp.Compare(a.At, b.At) })
	for i := range list {
		list[i].Seq = int64(i)
	}
	return list
}

// dispersion is the index of dispersion of the counts in windows of a width: variance by mean, 1 for a steady Poisson stream.
func dispersion(at []time.Duration, width, length time.Duration) float64 {
	counts := make([]float64, length/width)
	for _, t := range at {
		if i := int(t / width); i < len(counts) {
			counts[i]++
		}
	}
	var sum, square float64
	for _, c := range counts {
		sum += c
		square += c * c
	}
	mean := sum / float64(len(counts))
	return (square/float64(len(counts)) - mean*mean) / mean
}

// Twice the volume has the index of dispersion of two independent draws of the same curve.
func TestVolumeDoublesNoClumps(t *testing.T) {
	const length, n = 150 * time.Second, 10_000
	for _, width := range []time.Duration{100 * time.Millisecond, time.Second} {
		var got, want float64
		for seed := range uint64(8) {
			one := traffic(seed, length, n)
			var doubled, independent []time.Duration
			for _, p := range playAll(t, Options{Volume: 2, Seed: seed}, one) {
				doubled = append(doubled, p.Deadline)
			}
			for _, a := range append(traffic(seed, length, n), traffic(seed+1000, length, n)...) {
				independent = append(independent, a.At)
			}
			got += dispersion(doubled, width, length)
			want += dispersion(independent, width, length)
		}
		if ratio := got / want; ratio < 0.9 || ratio > 1.1 {
			t.Errorf("at %v: index of dispersion %.2f, of independent draws %.2f", width, got/8, want/8)
		}
	}
}

// Each extra person has the messages of one recorded, in their order and at nearly their distances; nobody's message comes
// at the instant of another's.
func TestExtraPeopleKeepTheirGaps(t *testing.T) {
	one := traffic(3, 150*time.Second, 10_000)
	type who struct {
		person uint64
		copy   int
	}
	last := make(map[who]int64)
	at := make(map[who]time.Duration)
	seen := make(map[time.Duration]int)
	var recorded, extra []float64
	for _, p := range playAll(t, Options{Volume: 3, Seed: 5}, one) {
		w := who{one[p.Record].Person, p.Person}
		if before, ok := last[w]; ok {
			if p.Seq <= before {
				t.Fatalf("message %d of an extra person came after %d", p.Seq, before)
			}
			gap := (p.Deadline - at[w]).Seconds()
			if p.Person == 0 {
				recorded = append(recorded, gap)
			} else {
				extra = append(extra, gap)
			}
		}
		last[w], at[w] = p.Seq, p.Deadline
		seen[p.Deadline]++
	}
	for d, n := range seen {
		if n > 2 { // two may meet by chance: 30,000 in 150,000,000,000 ns
			t.Errorf("%d messages at %v", n, d)
		}
	}
	if len(extra) != 2*len(recorded) {
		t.Fatalf("%d gaps of extra people, %d recorded", len(extra), len(recorded))
	}
	// Kolmogorov–Smirnov, two samples.
	slices.Sort(recorded)
	slices.Sort(extra)
	var worst float64
	for i, g := range recorded {
		j, _ := slices.BinarySearch(extra, g)
		worst = max(worst, math.Abs(float64(i)/float64(len(recorded))-float64(j)/float64(len(extra))))
	}
	if worst > 0.02 {
		t.Errorf("the gaps of extra people are %.3f from the recorded ones", worst)
	}
}

// A person has an extra one or has not, with all messages; a factor raises a kind or a stretch alone.
func TestFractionsAndFactors(t *testing.T) {
	one := traffic(4, 100*time.Second, 5000)
	kind := func(seq int64) int { return int(seq % 3) }
	for i := range one {
		switch {
		case one[i].At-one[0].At >= 50*time.Second:
			one[i].Factor = 0
		case kind(one[i].Seq) == 1:
			one[i].Factor = 3
		default:
			one[i].Factor = 1
		}
	}
	has := make(map[uint64]int)
	for _, p := range playAll(t, Options{Volume: 1.5, Seed: 1}, one) {
		if p.Person == 1 {
			has[one[p.Record].Person]++
		}
	}
	all := make(map[uint64]int)
	for _, a := range one {
		all[a.Person]++
	}
	for person, n := range has {
		if all[person] != n {
			t.Fatalf("an extra person has %d messages of %d", n, all[person])
		}
	}
	if share := float64(len(has)) / float64(len(all)); share < 0.46 || share > 0.54 {
		t.Errorf("%.2f of the people have an extra one, want 0.5", share)
	}
	counts := [3]int{}
	early := 0
	for _, p := range playAll(t, Options{MostFactor: 3}, one) {
		counts[kind(p.Seq)]++
		if one[p.Record].At-one[0].At < 50*time.Second {
			early++
		}
	}
	if sum := counts[0] + counts[1] + counts[2]; early != sum || counts[1] < 28*counts[0]/10 || counts[1] > 32*counts[0]/10 {
		t.Errorf("%v of the kinds, %d of %d before the cut", counts, early, sum)
	}
}

func TestEndsAndSparseTraffic(t *testing.T) {
	for _, list := range [][]Arrival{
		{},
		{{At: 5}},
		{{At: 5}, {At: 5}},
		arrivals([]time.Duration{0, time.Hour}),
		arrivals([]time.Duration{0, 0, 0, time.Hour, time.Hour, 2 * time.Hour}),
		traffic(9, time.Second, 70),
	} {
		for seed := range uint64(20) {
			plays := playAll(t, Options{Volume: 4, Seed: seed, Loops: 2}, list)
			if len(plays) != 8*len(list) {
				t.Fatalf("%d plays of %d arrivals", len(plays), len(list))
			}
			if len(list) == 0 {
				continue
			}
			span := list[len(list)-1].At - list[0].At
			if p := plays[0]; p.Deadline < 0 || p.Deadline > span+apart {
				t.Errorf("the first play is at %v", p.Deadline)
			}
			if p := plays[len(plays)-1]; p.Deadline > 2*span+max(span, time.Second)+2*apart {
				t.Errorf("the last play is at %v of twice %v", p.Deadline, span)
			}
		}
	}
}

func TestLoops(t *testing.T) {
	list := arrivals([]time.Duration{0, 10 * ms, 20 * ms})
	var got []time.Duration
	for i, p := range playAll(t, Options{Loops: 3, TimeScale: 2}, list) {
		if p.Loop != i/3 || p.Copy != i/3 || p.Record != uint64(i) || p.Seq != int64(i%3) {
			t.Errorf("play %d is %+v", i, p)
		}
		got = append(got, p.Deadline)
	}
	if want := []time.Duration{0, 5 * ms, 10 * ms, 15 * ms, 20 * ms, 25 * ms, 30 * ms, 35 * ms, 40 * ms}; !slices.Equal(got, want) {
		t.Errorf("deadlines %v, want %v", got, want)
	}
}

func TestRampAndMaxRate(t *testing.T) {
	var list []Arrival
	for i := range 2000 {
		list = append(list, Arrival{Seq: int64(i), At: time.Duration(i) * ms})
	}
	plays := playAll(t, Options{Ramp: time.Second}, list)
	// The first second holds half of what it would; from there on everything is half a second later.
	for i, want := range map[int]time.Duration{0: 0, 125: 500 * ms, 500: time.Second, 1000: 1500 * ms, 1999: 2499 * ms} {
		if got := plays[i].Deadline; (got - want).Abs() > time.Microsecond {
			t.Errorf("ramp: play %d at %v, want %v", i, got, want)
		}
	}
	s, err := New(Options{MaxRate: 300})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		s.Add(list[i])
		p, _ := s.Next()
		if want := time.Duration(math.Round(float64(i) / 300 * 1e9)); (p.Deadline - want).Abs() > 1 {
			t.Fatalf("max-rate: play %d at %v, want %v", i, p.Deadline, want)
		}
	}
	if want := 6663333333 - 1999*ms; (s.Stretch() - want).Abs() > ms {
		t.Errorf("max-rate stretches by %v, want %v", s.Stretch(), want)
	}
	// What is late catches up at the greatest rate, and then keeps its own time again.
	s, _ = New(Options{MaxRate: 100})
	var last time.Duration
	for i, at := range append(slices.Repeat([]time.Duration{0}, 11), 50*ms, 500*ms) {
		s.Add(Arrival{Seq: int64(i), At: at})
		p, _ := s.Next()
		last = p.Deadline
	}
	if last != 500*ms || s.Stretch() != 100*ms {
		t.Errorf("after the crowd %v, stretch %v; want 500ms and 100ms", last, s.Stretch())
	}
}

// Whatever comes in, what a schedule promises holds: playAll checks it.
func FuzzSchedule(f *testing.F) {
	f.Add(uint64(1), 2.5, 3.0, uint16(300), uint8(2))
	f.Add(uint64(7), 0.3, 1000.0, uint16(10), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, volume, scale float64, n uint16, loops uint8) {
		o := Options{Volume: volume, TimeScale: scale, Seed: seed, Loops: int(loops%4) + 1}
		if seed%3 == 0 {
			o.MaxRate, o.Ramp = 1000, time.Second
		}
		if _, err := New(o); err != nil || volume > 20 {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 2))
		var list []Arrival
		at := time.Duration(0)
		for i := range int(n % 2000) {
			at += time.Duration(rng.ExpFloat64() * math.Pow(10, float64(rng.IntN(9))))
			list = append(list, Arrival{Seq: int64(i), At: at, Person: rng.Uint64N(50)})
		}
		playAll(t, o, list)
	})
}
