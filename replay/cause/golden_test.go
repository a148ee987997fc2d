package cause

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// golden is testdata/golden.json, which golden.py made with SciPy.
type golden struct {
	Lines []struct {
		X, Y, Ranks                       []float64
		TheilSen                          float64 `json:"theil_sen"`
		Spearman, Slope, Error, Explained float64
	}
	Rising  []struct{ Load, Y, Rest []float64 }
	Poisson []struct {
		K       int
		Mean    float64
		AtLeast float64 `json:"at_least"`
	}
	Discoveries []struct {
		P     []float64
		Level float64
		Is    []bool
	}
	Pareto []struct {
		Sorted       []float64
		Shape, Scale float64
		At, Above    []float64
	}
	Exponential struct{ Drawn, At, Above []float64 }
}

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Lines) == 0 || len(g.Rising) == 0 || len(g.Poisson) == 0 || len(g.Discoveries) == 0 || len(g.Pareto) == 0 || len(g.Exponential.At) == 0 {
		t.Fatal("golden.json has no cases of something")
	}
	return g
}

// near says whether two numbers are the same but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

func allNear(a, b []float64) bool { return slices.EqualFunc(a, b, near) }

func TestGoldenLines(t *testing.T) {
	for i, c := range readGolden(t).Lines {
		if got, ok := theilSen(c.X, c.Y); !ok || !near(got, c.TheilSen) {
			t.Errorf("case %d: slope %v, want %v", i, got, c.TheilSen)
		}
		if got := spearman(c.X, c.Y); !near(got, c.Spearman) {
			t.Errorf("case %d: rank correlation %v, want %v", i, got, c.Spearman)
		}
		if got := ranks(c.Y); !allNear(got, c.Ranks) {
			t.Errorf("case %d: ranks %v, want %v", i, got, c.Ranks)
		}
		// Points hold whole microseconds: the line is tried on the values in billionths.
		course := &course{}
		var of []int32
		for k := range c.X {
			start := int64(math.Round((c.X[k] + 10) * 1e6))
			took := Micros(math.Round((c.Y[k] + 100) * 1e5))
			if c.Y[k] < -100 || c.Y[k] > 4e4 {
				t.Fatalf("case %d does not fit into points", i)
			}
			course.points = append(course.points, point{start: start, took: took})
			of = append(of, int32(k))
		}
		l := course.lineOf(of)
		if math.Abs(l.slope*10-c.Slope) > 1e-3 || math.Abs(l.slopeError()*10-c.Error) > 1e-3 || math.Abs(l.explained()-c.Explained) > 1e-4 {
			t.Errorf("case %d: line %v ± %v, explained %v; want %v ± %v, %v", i, l.slope*10, l.slopeError()*10, l.explained(), c.Slope, c.Error, c.Explained)
		}
	}
}

func TestGoldenRising(t *testing.T) {
	for i, c := range readGolden(t).Rising {
		l := levels{load: c.Load, order: make([]int, len(c.Load)), scratch: newLevelScratch(len(c.Load))}
		for k := range l.order {
			l.order[k] = k
		}
		slices.SortStableFunc(l.order, func(a, b int) int { return cmp.Compare(c.Load[a], c.Load[b]) })
		if got := l.rising(c.Y, make([]float64, len(c.Y))); !allNear(got, c.Rest) {
			t.Errorf("case %d: %v, want %v", i, got, c.Rest)
		}
	}
}

func TestGoldenProbabilities(t *testing.T) {
	g := readGolden(t)
	for _, c := range g.Poisson {
		if got := poissonTail(c.K, c.Mean); math.Abs(got-c.AtLeast) > 1e-9*c.AtLeast {
			t.Errorf("at least %d of %v: %v, want %v", c.K, c.Mean, got, c.AtLeast)
		}
	}
	for i, c := range g.Discoveries {
		if got := discovered(c.P, c.Level); !slices.Equal(got, c.Is) {
			t.Errorf("list %d: %v, want %v", i, got, c.Is)
		}
	}
	for i, c := range g.Pareto {
		scale, shape := fitPareto(c.Sorted)
		if !near(scale, c.Scale) || !near(shape, c.Shape) {
			t.Errorf("tail %d: scale %v, shape %v; want %v, %v", i, scale, shape, c.Scale, c.Shape)
		}
		fit := tail{scale: c.Scale, shape: c.Shape, part: 1}
		for k, at := range c.At {
			if got := fit.above(at); !near(got, max(c.Above[k], leastP)) {
				t.Errorf("tail %d: above %v is %v, want %v", i, at, got, c.Above[k])
			}
		}
	}
	for k, at := range g.Exponential.At {
		if got := exponentialTail(slices.Clone(g.Exponential.Drawn), at); !near(got, g.Exponential.Above[k]) {
			t.Errorf("beyond %v: %v, want %v", at, got, g.Exponential.Above[k])
		}
	}
}
