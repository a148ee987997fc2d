package cause

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// drawn is a run drawn for a test: the moments at which requests are due, and how long each takes.
type drawn struct {
	r     *rand.Rand
	due   []float64 // seconds
	takes []float64 // seconds
}

// drawRun draws Poisson arrivals over some seconds, and latencies that are log-normal around a median with noise of the machine that
// remembers for memory seconds (0: none) and has the deviation sd.
func drawRun(seed uint64, seconds, rate, median, spread, sd, memory float64) *drawn {
	d := &drawn{r: rand.New(rand.NewPCG(seed, 7))}
	level, last := d.r.NormFloat64()*sd, 0.0
	for at := d.r.ExpFloat64() / rate; at < seconds; at += d.r.ExpFloat64() / rate {
		if memory > 0 {
			keep := math.Exp(-(at - last) / memory)
			level = level*keep + sd*math.Sqrt(1-keep*keep)*d.r.NormFloat64()
			last = at
		}
		d.due = append(d.due, at)
		d.takes = append(d.takes, median*math.Exp(level+spread*d.r.NormFloat64()))
	}
	return d
}

// stallEvery holds back every answer that is due in a stall.
func (d *drawn) stallEvery(first, every, length float64) *drawn {
	for i, at := range d.due {
		done := at + d.takes[i]
		for from := first; from <= done; from += every {
			if done < from+length {
				d.takes[i] = from + length - at
				break
			}
			if every == 0 {
				break
			}
		}
	}
	return d
}

func (d *drawn) table() *Table {
	t := &Table{}
	for i, at := range d.due {
		t.Intended = append(t.Intended, time.Duration(at*1e9))
		t.Lag = append(t.Lag, 100)
		t.Service = append(t.Service, MicrosOf(time.Duration(d.takes[i]*1e9)))
	}
	t.Status, t.Failure = make([]uint16, t.Len()), make([]uint8, t.Len())
	t.Tool = Tool{MaxInFlight: 512, PeakInFlight: 20, Faithful: true}
	return t
}

// changesIn judges the service time of a whole table.
func changesIn(t *Table) []change {
	rows := make([]int32, t.Len())
	for i := range rows {
		rows[i] = int32(i)
	}
	return changes(t, ServiceTime, rows, func(row int32) Micros { return t.Service[row] })
}

func only(t *testing.T, name string, found []change, want Pattern) change {
	t.Helper()
	if len(found) == 0 || found[0].pattern != want {
		t.Errorf("%s: found %+v, want pattern %d", name, patternsOf(found), want)
		return change{}
	}
	return found[0]
}

func patternsOf(found []change) (out []Pattern) {
	for _, ch := range found {
		out = append(out, ch.pattern)
	}
	return out
}

func hits(ch change) (n int) {
	for _, h := range ch.hit {
		if h {
			n++
		}
	}
	return n
}

func TestPoissonTail(t *testing.T) {
	for _, tc := range []struct {
		k          int
		mean, want float64
	}{
		{1, 0.1, 0.09516258196404048},
		{3, 0.5, 0.014387677966970713},
		{10, 2, 4.649807501726415e-05},
		{2, 3, 1}, // below the mean it is not told apart from 1
	} {
		if got := poissonTail(tc.k, tc.mean); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("at least %d of %v: %v, want %v", tc.k, tc.mean, got, tc.want)
		}
	}
}

func TestRegular(t *testing.T) {
	for _, tc := range []struct {
		name   string
		at     []float64
		period float64
		want   bool
	}{
		{"two", []float64{1, 2}, 0, false},
		{"three", []float64{10, 20, 30.1}, 10.05, true},
		{"three that only look so", []float64{10, 20, 32}, 0, false},
		{"two, and a third at three fifths of their gap", []float64{1.47, 5.04, 10.04}, 0, false},
		{"one is missing of few", []float64{10, 20, 40}, 0, false},
		{"one is missing", []float64{10, 20, 40, 50, 60}, 10, true},
		{"one is off", []float64{10, 20, 30, 34, 40, 50, 60, 70, 80, 90, 100}, 10, true},
		{"by chance", []float64{3, 4, 9, 20, 22, 31, 55}, 0, false},
	} {
		period, ok := regular(tc.at, regularWithin(len(tc.at)))
		if ok != tc.want || ok && math.Abs(period-tc.period) > 0.02*tc.period {
			t.Errorf("%s: period %v, %v; want %v, %v", tc.name, period, ok, tc.period, tc.want)
		}
	}
}

func TestStalls(t *testing.T) {
	for seed := range uint64(20) {
		one := only(t, "one stall", changesIn(drawRun(seed, 60, 50, 0.01, 0.3, 0, 0).stallEvery(20, 0, 0.5).table()), Stall)
		if n := hits(one); n < 10 || n > 45 || one.span.From < 19*time.Second || one.span.To > 21*time.Second {
			t.Errorf("seed %d: a stall from 20 s to 20.5 s was found from %v to %v, with %d requests", seed, one.span.From, one.span.To, n)
		}
		row := only(t, "stalls at a period", changesIn(drawRun(seed, 60, 50, 0.01, 0.3, 0, 0).stallEvery(5, 10, 0.5).table()), Periodic)
		if row.period < 9500*time.Millisecond || row.period > 10500*time.Millisecond {
			t.Errorf("seed %d: period %v, want 10 s", seed, row.period)
		}
		only(t, "few requests a stall", changesIn(drawRun(seed, 120, 8, 0.01, 0.3, 0, 0).stallEvery(5, 10, 0.5).table()), Periodic)
	}
}

// TestStallsAsLongAsARequest: work stands still and goes on, for as long as a request takes or twice as long.
func TestStallsAsLongAsARequest(t *testing.T) {
	for _, tc := range []struct{ medians, rate, least float64 }{{1, 20, 19}, {1, 60, 20}, {2, 20, 20}, {2, 5, 14}, {4, 5, 20}} {
		found := 0.0
		for seed := range uint64(20) {
			d := drawRun(seed, 150, tc.rate, 0.3, 0.4, 0.05, 10).freeze(func(float64) bool { return true }, tc.medians*0.3)
			if ch := changesIn(d.table()); len(ch) > 0 && (ch[0].pattern == Stall || ch[0].pattern == Periodic) {
				found++
			}
		}
		if found < tc.least {
			t.Errorf("stalls of %v medians at %v/s are found in %v of 20 runs, want %v", tc.medians, tc.rate, found, tc.least)
		}
	}
}

// freeze has the requests that hold stand still for a while every 10 s; they go on then.
func (d *drawn) freeze(holds func(u float64) bool, length float64) *drawn {
	for i, at := range d.due {
		for from := 3.0; from < at+d.takes[i] && holds(float64(i)); from += 10 {
			if at < from+length && at+d.takes[i] > from {
				d.takes[i] += from + length - max(at, from)
			}
		}
	}
	return d
}

// TestLongStallsAtAHighRate: a third of all requests meet a stall, hundreds in a row.
func TestLongStallsAtAHighRate(t *testing.T) {
	for seed := range uint64(5) {
		ch := only(t, "long stalls", changesIn(drawRun(seed, 60, 200, 0.05, 0.4, 0.05, 10).stallEvery(3, 6, 2).table()), Periodic)
		if n := hits(ch); n < 3000 || n > 5000 {
			t.Errorf("seed %d: %d requests were hit, want about 4,000", seed, n)
		}
	}
}

func TestStallsOfAKind(t *testing.T) {
	for seed := range uint64(20) {
		writes := func(i float64) bool { return int(i)%3 == 0 }
		d := drawRun(seed, 120, 30, 0.02, 0.3, 0, 0).freeze(writes, 0.6)
		table := d.table()
		kinds := Column{Attribute: Kind, Labels: []string{"help", "subscribe"}, Codes: make([]uint8, table.Len())}
		for i := range kinds.Codes {
			if writes(float64(i)) {
				kinds.Codes[i] = 1
			}
		}
		table.Columns = []Column{kinds}
		ch := only(t, "writes stand still", changesIn(table), Periodic)
		for i, hit := range ch.hit {
			if hit && kinds.Codes[i] != 1 {
				t.Fatalf("seed %d: a request that does not write was said to be hit", seed)
			}
		}
	}
}

// TestHealthyRunsHaveNoChange holds the level of all tests of time: of 1,000 runs in which nothing is the matter but noise, some of it
// with a memory of up to 30 s, and a heavy tail, at most 2 are accused.
func TestHealthyRunsHaveNoChange(t *testing.T) {
	inOneGoroutine(t)
	accused := 0
	for seed := range uint64(1000) {
		d := healthy(seed)
		if found := changesIn(d.table()); len(found) > 0 {
			accused++
			t.Logf("seed %d, %d requests: pattern %d, p %v", seed, len(d.due), found[0].pattern, found[0].p)
		}
	}
	if accused > 2 {
		t.Errorf("%d of 1,000 healthy runs are said to have changed", accused)
	}
}

// healthy draws a run of some length, rate and noise.
func healthy(seed uint64) *drawn {
	r := rand.New(rand.NewPCG(seed, 99))
	seconds, rate := 20+r.Float64()*180, math.Exp(1+r.Float64()*3.5)
	median, spread, sd := math.Exp(-6+r.Float64()*4), 0.05+r.Float64(), r.Float64()*0.3
	d := drawRun(seed, seconds, rate, median, spread, sd, []float64{0, 1, 10, 30}[seed%4])
	for i := range d.takes {
		if r.Float64() < 0.02 {
			d.takes[i] += median * math.Pow(r.Float64(), -0.7)
		}
	}
	return d
}

// TestSlowKindsAreNoStalls: a slow kind that comes in rows, and rows that queue at a server, make all slow for a while; nothing stalls.
func TestSlowKindsAreNoStalls(t *testing.T) {
	for seed := range uint64(50) {
		slow, queue := drawRun(seed, 120, 20, 0.01, 0.2, 0, 0), drawRun(seed, 120, 20, 0.01, 0.2, 0, 0)
		for at := 5.0; at < 120; at += 7 {
			slow.row(at, 8, 0.02, func(int) float64 { return 0.3 })
			queue.row(at, 15, 0.002, func(i int) float64 { return 0.02 * float64(i+1) })
		}
		for name, d := range map[string]*drawn{"a slow kind in rows": slow, "rows that queue": queue} {
			if found := changesIn(d.table()); len(found) > 0 {
				t.Errorf("seed %d: %s: found pattern %d, p %v", seed, name, found[0].pattern, found[0].p)
			}
		}
	}
}

// row adds n requests from a moment on, apart by some time.
func (d *drawn) row(at float64, n int, apart float64, takes func(i int) float64) {
	i, _ := slices.BinarySearch(d.due, at)
	for k := range n {
		due := at + float64(k)*apart
		for i < len(d.due) && d.due[i] < due {
			i++
		}
		d.due, d.takes = slices.Insert(d.due, i, due), slices.Insert(d.takes, i, takes(k))
	}
}

func TestStallsOfTheTool(t *testing.T) {
	table := drawRun(3, 60, 50, 0.01, 0.3, 0, 0).stallEvery(5, 10, 0.5).table()
	stop := Column{Attribute: ToolStop, Codes: make([]uint8, table.Len()), Edges: []float64{0, 100e6, 400e6}}
	for i, took := range table.Service {
		if took > 100_000 {
			stop.Codes[i] = 2
		}
	}
	table.Columns = []Column{stop}
	for at := 5 * time.Second; at < time.Minute; at += 10 * time.Second {
		table.Stops = append(table.Stops, Span{at, at + 500*time.Millisecond})
	}
	if ch := only(t, "the tool stood", changesIn(table), ToolStarved); ch.whose != OfTool || ch.try != OtherMachine {
		t.Errorf("stalls in which the tool itself did not run are %s's", ch.whose)
	}
}

// TestStallsOnAStarvedMachine: the tool's machine has no processor for it. Stalls then are the machine's, but for those at an even period.
func TestStallsOnAStarvedMachine(t *testing.T) {
	starved := func(d *drawn) *Table {
		table := d.table()
		table.Tool.CPUWait, table.Tool.Elapsed = 7*time.Second, 12*time.Second
		return table
	}
	for seed := range uint64(10) {
		even := drawRun(seed, 60, 100, 0.01, 0.3, 0, 0).stallEvery(5, 6, 0.4)
		only(t, "stalls at a period", changesIn(starved(even)), Periodic)
		odd := drawRun(seed, 60, 100, 0.01, 0.3, 0, 0)
		for at := 2.0; at < 60; at += 2 + 6*odd.r.Float64() {
			odd.stallEvery(at, 0, 0.1+0.1*odd.r.Float64())
		}
		if ch := only(t, "stalls now and then", changesIn(starved(odd)), ToolStarved); ch.whose != OfTool {
			t.Errorf("seed %d: stalls on a starved machine are %s's", seed, ch.whose)
		}
	}
}

// TestInRow: the most stalls that follow each other at one period; what comes between them does not count.
func TestInRow(t *testing.T) {
	for _, tc := range []struct {
		name string
		ends []float64
		want int
	}{
		{"three", []float64{10, 20, 30.1}, 3},
		{"two", []float64{10, 20}, 0},
		{"one is missing", []float64{10, 20, 40}, 0},
		{"others between them", []float64{2.26, 4.26, 6.26, 8.26, 9.39, 10.26}, 5},
		{"three of seven, by chance: too few of all to be told", []float64{3, 4, 9, 20, 22, 31, 55}, 3},
	} {
		var list []stall
		for _, end := range tc.ends {
			list = append(list, stall{from: int64(end*1e6) - 250_000, to: int64(end * 1e6)})
		}
		if got := inRow(list); len(got) != tc.want {
			t.Errorf("%s: %d stalls, want %d", tc.name, len(got), tc.want)
		}
	}
}

// TestStallsBesideTheTools: stalls of the target at a period on a starved machine, with stalls of the tool between them.
func TestStallsBesideTheTools(t *testing.T) {
	for seed := range uint64(10) {
		d := drawRun(seed, 20, 100, 0.01, 0.3, 0, 0).stallEvery(2, 3, 0.4)
		for at := 3.6; at < 20; at += 6 { // two in five of the long ones
			d.stallEvery(at, 0, 0.3)
		}
		table := d.table()
		table.Tool.CPUWait, table.Tool.Elapsed = 7*time.Second, 12*time.Second
		for at := 3600 * time.Millisecond; at < 20*time.Second; at += 6 * time.Second {
			table.Stops = append(table.Stops, Span{at, at + 300*time.Millisecond})
		}
		if ch := only(t, "stalls at a period", changesIn(table), Periodic); ch.whose != OfTarget || ch.period < 2900*time.Millisecond || ch.period > 3100*time.Millisecond {
			t.Errorf("seed %d: a period of %v, %s's", seed, ch.period, ch.whose)
		}
	}
}
