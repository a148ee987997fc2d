package cause

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// figureOf draws a figure every second over some seconds.
func figureOf(name string, seconds int, value func(at float64) float64) Series {
	s := Series{Name: name}
	for k := range seconds {
		s.At, s.Values = append(s.At, time.Duration(k)*time.Second), append(s.Values, value(float64(k)))
	}
	return s
}

// wander is noise with a memory: the same for each seed.
func wander(seed uint64, seconds int, memory float64) func(at float64) float64 {
	r := rand.New(rand.NewPCG(seed, 5))
	v, x, keep := make([]float64, seconds+1), 0.0, math.Exp(-1/memory)
	for i := range v {
		x = x*keep + math.Sqrt(1-keep*keep)*r.NormFloat64()
		v[i] = x
	}
	return func(at float64) float64 { return v[min(max(int(at), 0), seconds)] }
}

func figuresIn(t *Table, level float64) ([]Figure, []follow) {
	rows := make([]int32, t.Len())
	for i := range rows {
		rows[i] = int32(i)
	}
	return follows(t, ServiceTime, rows, func(row int32) Micros { return t.Service[row] }, level)
}

// TestFiguresOfAHealthyRun holds that every figure is told of, though nothing is slow that it could go with.
func TestFiguresOfAHealthyRun(t *testing.T) {
	table := flat(500)
	last := table.Intended[table.Len()-1]
	rising := Series{Name: "rising"}
	one := Series{Name: "one"}
	for i := range 50 {
		at := last * time.Duration(i) / 50
		rising.At, rising.Values = append(rising.At, at), append(rising.Values, float64(i))
		one.At, one.Values = append(one.At, at), append(one.Values, 1)
	}
	table.Series = []Series{rising, one, {Name: "none"}, {Name: "elsewhere", At: []time.Duration{-time.Hour}, Values: []float64{1}}}
	r, err := Search(t.Context(), table, Limits{})
	if err != nil || len(r.Findings) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	var states []FigureState
	for _, f := range r.Figures {
		states = append(states, f.State)
	}
	if want := []FigureState{FigureUnrelated, FigureConstant, FigureEmpty, FigureOutside}; !slices.Equal(states, want) {
		t.Errorf("the states are %v, want %v", states, want)
	}
}

func TestFiguresGoWith(t *testing.T) {
	for seed := range uint64(10) {
		w := wander(seed, 200, 4)
		d := drawRun(seed, 200, 60, 0.02, 0.4, 0, 0).times(func(at float64) float64 { return math.Exp(0.7 * w(at)) })
		table := d.table()
		table.Series = []Series{
			figureOf("leads", 200, func(at float64) float64 { return 5 + w(at+4) }),
			figureOf("free", 200, func(at float64) float64 { return 90 - 3*w(at) }),
			figureOf("other", 200, wander(seed+1000, 200, 4)),
		}
		figures, found := figuresIn(table, 0.001)
		if len(found) != 2 {
			t.Fatalf("seed %d: %d series go with the latency, want 2: %+v", seed, len(found), figures)
		}
		if f := figures[0]; f.State != FigureGoesWith || f.Correlation < 0.4 || f.Leads < 2*time.Second || f.Leads > 6*time.Second {
			t.Errorf("seed %d: the series that leads by 4 s: %+v", seed, f)
		}
		if f := figures[1]; f.State != FigureGoesWith || f.Correlation > -0.4 || f.Leads.Abs() > 2*time.Second {
			t.Errorf("seed %d: the series that falls: %+v", seed, f)
		}
		if figures[2].State != FigureUnrelated {
			t.Errorf("seed %d: a series of something else: %+v", seed, figures[2])
		}
		slow, quick := medianHit(table, found[0])
		if slow < 1.2*quick {
			t.Errorf("seed %d: requests at the figure's high take %v, others %v", seed, slow, quick)
		}
	}
}

// medianHit is the mean time of those that a series names, and of the rest.
func medianHit(t *Table, f follow) (hit, rest float64) {
	var sum, count [2]float64
	for i, h := range f.hit {
		k := 0
		if h {
			k = 1
		}
		sum[k] += float64(t.Service[i])
		count[k]++
	}
	return sum[1] / count[1], sum[0] / count[0]
}

func TestFigureSaturates(t *testing.T) {
	for seed := range uint64(10) {
		load := func(at float64) float64 { return 1.4 * math.Sin(math.Pi*at/200) }
		d := drawRun(seed, 200, 60, 0.02, 0.4, 0.05, 10).times(func(at float64) float64 { return 1 + 10*max(load(at)-1, 0) })
		table := d.table()
		w := wander(seed, 200, 2)
		table.Series = []Series{figureOf("cpu", 200, func(at float64) float64 { return min(100*load(at)+w(at), 100) })}
		figures, found := figuresIn(table, 0.001)
		if len(found) != 1 || figures[0].State != FigureSaturated || found[0].from < 90 {
			t.Errorf("seed %d: a processor at 100 %% while the latency grows: %+v", seed, figures)
		}
	}
}

// TestDriftsDoNotGoTogether: two that drift have nothing to do with each other, nor have two that wander.
func TestDriftsDoNotGoTogether(t *testing.T) {
	inOneGoroutine(t)
	told := 0
	for seed := range uint64(200) {
		d := drawRun(seed, 150, 40, 0.02, 0.4, 0.2, 10).times(func(at float64) float64 { return 1 + at/150 })
		table := d.table()
		w := wander(seed+5000, 150, 10)
		table.Series = []Series{
			figureOf("grows", 150, func(at float64) float64 { return at + 5*w(at) }),
			figureOf("wanders", 150, wander(seed+9000, 150, 10)),
			figureOf("steps", 150, func(at float64) float64 { return above(at, 75) + 0.01*w(at) }),
		}
		figures, found := figuresIn(table, 0.001)
		if len(found) > 0 {
			told++
			t.Logf("seed %d: %+v", seed, figures)
		}
	}
	if told > 2 {
		t.Errorf("%d of 200 runs go with what has nothing to do with them", told)
	}
}

func TestBadFigures(t *testing.T) {
	nan := math.NaN()
	table := drawRun(1, 120, 40, 0.02, 0.4, 0, 0).table()
	shifted := figureOf("yesterday", 120, wander(1, 120, 4))
	for i := range shifted.At {
		shifted.At[i] -= 24 * time.Hour
	}
	table.Series = []Series{
		{Name: "none"},
		figureOf("NaN", 120, func(float64) float64 { return nan }),
		figureOf("infinite", 120, func(float64) float64 { return math.Inf(1) }),
		figureOf("constant", 120, func(float64) float64 { return 3 }),
		shifted,
		figureOf("short", 10, wander(1, 120, 4)),
		figureOf("gaps", 120, func(at float64) float64 {
			if int(at)%10 > 2 {
				return nan
			}
			return wander(1, 120, 4)(at)
		}),
	}
	figures, found := figuresIn(table, 0.001)
	want := []FigureState{FigureEmpty, FigureEmpty, FigureEmpty, FigureConstant, FigureOutside, FigureSparse, FigureUnrelated}
	for i, w := range want {
		if figures[i].State != w {
			t.Errorf("%s: state %d, want %d", figures[i].Name, figures[i].State, w)
		}
	}
	if len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	if got, none := figuresIn(&Table{}, 0.001); got != nil || none != nil {
		t.Error("a run without series has figures")
	}
}
