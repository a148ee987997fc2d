package pace

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// feed gives a schedule its arrivals in every loop and hands out its plays.
func feed(s *Schedule, list []Arrival, play func(Play)) {
	drain := func() {
		for p, ok := s.Next(); ok; p, ok = s.Next() {
			play(p)
		}
	}
	for loop := range s.Options().Loops {
		if loop > 0 {
			s.Again()
		}
		for _, a := range list {
			s.Add(a)
			drain()
		}
		s.End()
		drain()
	}
}

// solved is a shape of which the rates are worked out for arrivals.
func solved(t testing.TB, o Options, list []Arrival) Options {
	t.Helper()
	if !o.Shape.Solvable() {
		return o
	}
	s, err := NewSolver(o)
	if err != nil {
		t.Fatal(err)
	}
	feed(s.Schedule, list, func(Play) {})
	o.Shape = s.Shape()
	return o
}

// shaped plays arrivals by a shape.
func shaped(t testing.TB, text string, o Options, list []Arrival) (plays []Play, placed []PlacedStep) {
	t.Helper()
	var err error
	if o.Shape, err = ParseShape(text); err != nil {
		t.Fatal(err)
	}
	s, err := New(solved(t, o, list))
	if err != nil {
		t.Fatal(err)
	}
	last := time.Duration(0)
	feed(s, list, func(p Play) {
		if p.Deadline < last {
			t.Fatalf("%s: a deadline of %v after %v", text, p.Deadline, last)
		}
		last = p.Deadline
		plays = append(plays, p)
	})
	return plays, s.Steps()
}

// even makes n arrivals of as many people, a gap apart.
func even(n int, gap time.Duration) (list []Arrival) {
	for i := range n {
		list = append(list, Arrival{Seq: int64(i), At: time.Duration(i) * gap, Person: uint64(i + 1)})
	}
	return list
}

func near(a, b, by time.Duration) bool { return (a - b).Abs() <= by }

func TestSteps(t *testing.T) {
	type step struct {
		messages   int64
		start, end time.Duration
		scale      [2]float64
	}
	ms := time.Millisecond
	for text, want := range map[string][]step{
		// A count is of messages, and the next step begins with its first.
		"100 at 2x; 100 at 5x; 1s at 1x": {
			{100, 0, 500 * ms, [2]float64{2, 2}}, {100, 500 * ms, 700 * ms, [2]float64{5, 5}}, {100, 700 * ms, 1700 * ms, [2]float64{1, 1}},
		},
		// Rates: n messages take n/r, and a length holds as many as it should.
		"100 at 200/s; 2s at 50/s; hold 1s; 1s at 1x": {
			{100, 0, 500 * ms, [2]float64{2, 2}},
			{100, 500 * ms, 2500 * ms, [2]float64{.5, .5}},
			{50, 2500 * ms, 3500 * ms, [2]float64{.5, .5}},
			{100, 3500 * ms, 4500 * ms, [2]float64{1, 1}},
		},
		// A ramp takes the mean of its tempos; a hold keeps what it reached; a hold at first keeps the time-scale.
		"hold 1s; ramp 2s to 3x; hold 1s": {
			{100, 0, 1000 * ms, [2]float64{1, 1}}, {400, 1000 * ms, 3000 * ms, [2]float64{1, 3}}, {300, 3000 * ms, 4000 * ms, [2]float64{3, 3}},
		},
		"ramp 2s to 300/s; hold 1s": {{400, 0, 2000 * ms, [2]float64{1, 3}}, {300, 2000 * ms, 3000 * ms, [2]float64{3, 3}}},
		// Down as well.
		"1s at 4x; ramp 2s to 1x; ramp 1s to 3x": {
			{400, 0, 1000 * ms, [2]float64{4, 4}}, {500, 1000 * ms, 3000 * ms, [2]float64{4, 1}}, {200, 3000 * ms, 4000 * ms, [2]float64{1, 3}},
		},
	} {
		plays, placed := shaped(t, text, Options{}, even(2000, 10*ms))
		if len(placed) != len(want) {
			t.Errorf("%s: %d steps of %d: %+v", text, len(placed), len(want), placed)
			continue
		}
		sent := make(map[int]int64)
		for _, p := range plays {
			w := want[p.Step-1]
			if p.Deadline < w.start-ms || p.Deadline > w.end+ms {
				t.Errorf("%s: a play of step %d is at %v", text, p.Step, p.Deadline)
			}
			sent[p.Step]++
		}
		for i, w := range want {
			p := placed[i]
			if (p.Messages-w.messages)*(p.Messages-w.messages) > 1 || sent[i+1] != p.Messages || p.Short ||
				!near(p.Start, w.start, 6*ms) || !near(p.End, w.end, 6*ms) || math.Abs(p.Scale[0]-w.scale[0]) > .03 || math.Abs(p.Scale[1]-w.scale[1]) > .03 {
				t.Errorf("%s: step %d is %+v, %d were sent, want %+v", text, i+1, p, sent[i+1], w)
			}
		}
	}
}

// Deadlines come from the distance to a step's beginning: after a hundred steps none has drifted.
func TestStepsDoNotDrift(t *testing.T) {
	text := "1s at 3x"
	for range 99 {
		text += "; 1s at 3x"
	}
	plays, _ := shaped(t, text, Options{}, even(40_000, 7_654_321))
	for i, p := range plays {
		if want := time.Duration(math.Round(float64(i) * 7_654_321 / 3)); !near(p.Deadline, want, 100) {
			t.Fatalf("play %d is at %v, want %v", i, p.Deadline, want)
		}
	}
	if last := plays[len(plays)-1].Deadline; last < 99*time.Second || len(plays) < 39_000 {
		t.Fatalf("%d plays until %v", len(plays), last)
	}
}

// A ramp is linear in the run's time: after half of it a quarter of what it adds has come.
func TestRampIsLinearInTheRunsTime(t *testing.T) {
	plays, _ := shaped(t, "ramp 10s to 3x", Options{}, even(30_000, time.Millisecond))
	for _, at := range []time.Duration{1, 3, 5, 7, 9} {
		n, _ := slices.BinarySearchFunc(plays, at*time.Second, func(p Play, d time.Duration) int { return int(p.Deadline - d) })
		s := float64(at)
		if want := 1000 * (s + 2*s*s/20); math.Abs(float64(n)-want) > 2 {
			t.Errorf("%d plays in the first %vs, want %v", n, s, want)
		}
	}
}

// Volume by steps gives the same people as the volume alone, thinned as they come out.
func TestStepsOfVolume(t *testing.T) {
	list := traffic(3, time.Hour, 4000)
	for _, volume := range []float64{.3, 1, 1.5, 2, 2.7} {
		want := playAll(t, Options{Volume: volume, Seed: 7}, list)
		// The steps hold more volume later, so that this one is thinned from more.
		text := "45m at volume " + formatFloat(volume) + "; 15m at volume 4"
		got, placed := shaped(t, text, Options{Seed: 7}, list)
		n := 0
		for _, p := range got {
			if p.Step != 1 {
				break
			}
			w := want[n]
			if p.Seq != w.Seq || p.Person != w.Person || !near(p.Deadline, w.Deadline, 2) {
				t.Fatalf("volume %v: play %d is %+v, want %+v", volume, n, p, w)
			}
			n++
		}
		if after := want[n:]; len(after) > 0 && after[0].Deadline < 45*time.Minute-time.Second {
			t.Errorf("volume %v: step 1 ends with %d plays, before %v", volume, n, after[0].Deadline)
		}
		all := playAll(t, Options{Volume: 4, Seed: 7}, list)
		from := slices.IndexFunc(all, func(p Play) bool { return p.Deadline >= 45*time.Minute })
		if off := placed[1].Messages - int64(len(all)-from); off < -1 || off > 1 {
			t.Errorf("volume %v: %d plays in the quarter of volume 4, want %d", volume, placed[1].Messages, len(all)-from)
		}
	}
}

func TestRampOfVolume(t *testing.T) {
	plays, placed := shaped(t, "ramp 20s to volume 3; hold 10s", Options{}, even(30_000, time.Millisecond))
	first := 0
	for _, p := range plays {
		if p.Step == 1 && p.Deadline < 10*time.Second {
			first++
		}
	}
	if math.Abs(float64(first)-15_000) > 300 || math.Abs(float64(placed[0].Messages)-40_000) > 600 || math.Abs(float64(placed[1].Messages)-30_000) > 200 {
		t.Errorf("%d plays in the first half: %+v", first, placed)
	}
	if placed[0].Volume != [2]float64{1, 3} || placed[1].Volume != [2]float64{3, 3} {
		t.Errorf("volumes: %+v", placed)
	}
}

// A rate holds for bursty traffic too: the step's gaps are scaled by one factor.
func TestRateOfBursts(t *testing.T) {
	list := traffic(5, time.Hour, 20_000)
	plays, placed := shaped(t, "5000 at 100/s; 30s at 200/s; ramp 20s to 400/s; hold 5s", Options{Seed: 1, Volume: 1.5, TimeScale: 40}, list)
	if len(placed) != 4 {
		t.Fatalf("%+v", placed)
	}
	for i, want := range []struct {
		messages int64
		length   time.Duration
	}{{5000, 50 * time.Second}, {6000, 30 * time.Second}, {6000, 20 * time.Second}, {2000, 5 * time.Second}} {
		p := placed[i]
		off := math.Abs(float64(p.Messages - want.messages))
		if i == 2 && off > 800 || i != 2 && off > 0 || !near(p.End-p.Start, want.length, time.Millisecond) {
			t.Errorf("step %d: %+v, want %+v", i+1, p, want)
		}
	}
	// Within a step the gaps are those of the recording, all scaled alike.
	at := make(map[int64]time.Duration)
	for _, a := range list {
		at[a.Seq] = a.At
	}
	var first, last Play
	for _, p := range plays {
		if p.Person != 0 || p.Step != 2 {
			continue
		}
		if first.Step == 0 {
			first = p
		}
		last = p
	}
	scale := float64(at[last.Seq]-at[first.Seq]) / float64(last.Deadline-first.Deadline)
	for _, p := range plays {
		if p.Person == 0 && p.Step == 2 {
			if want := first.Deadline + time.Duration(float64(at[p.Seq]-at[first.Seq])/scale); !near(p.Deadline, want, 100) {
				t.Fatalf("record %d is at %v, want %v", p.Seq, p.Deadline, want)
			}
		}
	}
}

func TestStepsOverLoops(t *testing.T) {
	plays, placed := shaped(t, "1500 at 1x; 1000 at 2x", Options{Loops: 3}, even(1000, 10*time.Millisecond))
	if len(plays) != 2500 || placed[0].Messages != 1500 || placed[1].Messages != 1000 || placed[1].Short {
		t.Fatalf("%d plays: %+v", len(plays), placed)
	}
	if p := plays[1500]; p.Loop != 1 || p.Seq != 500 || p.Step != 2 || !near(p.Deadline, 15*time.Second, time.Millisecond) {
		t.Errorf("the second step begins with %+v", p)
	}
}

func TestRecordingEndsInAStep(t *testing.T) {
	for text, short := range map[string]bool{
		"1000 at 1x": false, "10s at 1x": false, "9s at 1x; hold 1s": false, "1001 at 1x": true, "20s at 1x": true,
		"20s at 100/s": true, "ramp 20s to 2x": true, "ramp 20s to 200/s": true, "1000 at 50/s": false, "ramp 20s to volume 2": true,
	} {
		_, placed := shaped(t, text, Options{}, even(1000, 10*time.Millisecond))
		if last := placed[len(placed)-1]; last.Short != short {
			t.Errorf("%s: %+v", text, placed)
		}
	}
	if _, placed := shaped(t, "10s at 1x; hold 5s", Options{}, even(1000, 10*time.Millisecond)); len(placed) != 1 {
		t.Errorf("a step with nothing left has begun: %+v", placed)
	}
	if plays, placed := shaped(t, "5 at 10/s; 1s at 10/s", Options{}, even(7, 0)); len(plays) != 7 || placed[0].End != 500*time.Millisecond {
		t.Errorf("messages of one moment: %+v, %+v", plays, placed)
	}
}

func TestShapeRefused(t *testing.T) {
	shape, _ := ParseShape("5m at 2x")
	rate, _ := ParseShape("5m at 2/s")
	for name, o := range map[string]Options{
		"limit":     {Shape: shape, Limit: 5},
		"ramp":      {Shape: shape, Ramp: time.Second},
		"no tempo":  {Shape: Shape{Steps: []Step{{Messages: 5}}}},
		"no end":    {Shape: Shape{Steps: []Step{{To: Tempo{Scale: 1}}}}},
		"both ends": {Shape: Shape{Steps: []Step{{To: Tempo{Scale: 1}, Messages: 1, Length: 1}}}},
		"two":       {Shape: Shape{Steps: []Step{{To: Tempo{Scale: 1, Rate: 1}, Messages: 1}}}},
		"NaN":       {Shape: Shape{Steps: []Step{{To: Tempo{Scale: math.NaN()}, Messages: 1}}}},
		"form":      {Shape: Shape{Steps: []Step{{Form: 9, To: Tempo{Scale: 1}, Length: 1}}}},
		"ramp of n": {Shape: Shape{Steps: []Step{{Form: Ramp, To: Tempo{Scale: 1}, Messages: 1}}}},
		"search":    {Shape: Shape{Steps: shape.Steps, Search: new(Search)}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := New(Options{Shape: rate}); !errors.Is(err, ErrUnsolved) {
		t.Errorf("a rate that is not worked out: %v", err)
	}
}

func BenchmarkSteps(b *testing.B) {
	list := traffic(1, time.Hour, 100_000)
	shape, _ := ParseShape("10m at 1x; ramp 10m to 2x; 10000 at volume 2; hold 1h")
	for b.Loop() {
		s, err := New(Options{Shape: shape})
		if err != nil {
			b.Fatal(err)
		}
		feed(s, list, func(Play) {})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/arrival")
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// Whatever the recording and the steps are: deadlines and steps do not go back, a step has what it counts, what is played is what the
// solver saw, and a rate comes out.
func FuzzSteps(f *testing.F) {
	f.Add(uint64(1), uint16(800), "200 at 2x; 1s at 50/s; hold 1s; ramp 1s to volume 2; ramp 2s to 80/s; 100 at volume .5", 1.5)
	f.Add(uint64(2), uint16(90), "1s at 1e6x; ramp 1s to 1e-5x; 5 at 1/s; ramp 1ns to 1e9/s; hold 1ns", 1.0)
	f.Add(uint64(3), uint16(0), "1s at 5/s", 1.0)
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, text string, factor float64) {
		shape, err := ParseShape(text)
		o := Options{Seed: seed, Shape: shape, Loops: int(seed%3) + 1, TimeScale: float64(seed%5)/2 + 0.5}
		if seed%2 == 0 {
			o.MostFactor = factor
		}
		if err != nil || len(shape.Steps) == 0 || !(o.most() <= 8) {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 3))
		var list []Arrival
		at := time.Duration(0)
		for i := range int(n % 1000) {
			at += time.Duration(rng.ExpFloat64() * math.Pow(10, float64(rng.IntN(9))))
			list = append(list, Arrival{Seq: int64(i), At: at, Person: rng.Uint64N(50), Factor: factor * rng.Float64()})
		}
		if _, err := NewSolver(o); err != nil {
			return
		}
		var seen int
		if o.Shape.Solvable() {
			s, _ := NewSolver(o)
			feed(s.Schedule, list, func(Play) { seen++ })
			o.Shape = s.Shape()
		} else {
			seen = -1
		}
		s, err := New(o)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var last Play
		sent := make([]int64, len(shape.Steps)+1)
		feed(s, list, func(p Play) {
			if p.Deadline < last.Deadline || p.Step < last.Step || p.Step > len(shape.Steps) {
				t.Fatalf("%q: %+v after %+v", text, p, last)
			}
			sent[p.Step]++
			last = p
		})
		all := int64(0)
		for i, p := range s.Steps() {
			all += p.Messages
			step := shape.Steps[i]
			if p.Messages != sent[i+1] || p.End < p.Start || step.Messages > 0 && p.Messages > step.Messages {
				t.Fatalf("%q: step %d of %d plays is %+v", text, i+1, sent[i+1], p)
			}
			if step.Form == At && step.To.Rate > 0 && step.Length > 0 && !p.Short && math.Abs((p.End-p.Start-step.Length).Seconds()) > 1e-6 {
				t.Fatalf("%q: step %d is %+v", text, i+1, p)
			}
		}
		if played := sum(sent); all != played || seen >= 0 && int64(seen) != played {
			t.Fatalf("%q: %d plays, %d in steps, %d when it was solved", text, played, all, seen)
		}
	})
}

func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}
