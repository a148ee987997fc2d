package cause

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// flat is a run in which every request takes the same.
func flat(n int) *Table {
	t := &Table{}
	for i := range n {
		t.Intended = append(t.Intended, time.Duration(i)*10*time.Millisecond)
		t.Lag, t.Service = append(t.Lag, 50), append(t.Service, 10_000)
		t.Status, t.Failure = append(t.Status, 200), append(t.Failure, 0)
	}
	return t
}

func TestSearchTellsNothing(t *testing.T) {
	twenty := newWorld(1, 20, 100).table()
	failing := flat(500)
	failing.Failures = []string{"refused"}
	for i := range failing.Failure {
		failing.Failure[i], failing.Status[i], failing.Service[i] = 1, 0, NoMicros
	}
	never := flat(500)
	never.Completion, never.Never = make([]Micros, 500), make([]bool, 500)
	for i := range never.Never {
		never.Completion[i], never.Never[i] = NoMicros, true
	}
	for _, tc := range []struct {
		name  string
		table *Table
		want  Reason
	}{
		{"no requests", &Table{}, TooFew},
		{"one request", flat(1), TooFew},
		{"20 requests", twenty, TooFew},
		{"all failed alike", failing, NoAnswers},
		{"all the same", flat(500), NothingSlow},
		{"no request is ever completed", never, NothingSlow},
	} {
		r, err := Search(t.Context(), tc.table, Limits{})
		if err != nil || len(r.Findings) != 0 || r.Findings == nil || r.WhyNot == nil || r.WhyNot.Reason != tc.want {
			t.Errorf("%s: %+v, %v; want reason %d", tc.name, r, err, tc.want)
		}
	}
}

// TestAllFailed holds how a run is told in which nothing went well.
func TestAllFailed(t *testing.T) {
	for _, tc := range []struct {
		name     string
		fail     func(i int) (failure uint8, status uint16)
		class    string
		answered bool
	}{
		{"refused", func(int) (uint8, uint16) { return 1, 0 }, "refused", false},
		{"answered", func(int) (uint8, uint16) { return 2, 500 }, "status 500", true},
		{"answered but for one", func(i int) (uint8, uint16) { return map[bool]uint8{true: 1, false: 2}[i == 7], 500 }, "status 500", true},
		{"in two ways", func(i int) (uint8, uint16) { return uint8(1 + i%2), uint16(i % 2 * 500) }, "", false},
	} {
		table := flat(500)
		table.Failures = []string{"refused", "status 500"}
		for i := range table.Failure {
			table.Failure[i], table.Status[i] = tc.fail(i)
			table.Service[i] = NoMicros
		}
		r, err := Search(t.Context(), table, Limits{})
		if want := (WhyNot{Reason: NoAnswers, Class: tc.class, Answered: tc.answered}); err != nil || r.WhyNot == nil || *r.WhyNot != want {
			t.Errorf("%s: %+v, %v; want %+v", tc.name, r.WhyNot, err, want)
		}
	}
}

func TestSearchSaysHowManyItTakes(t *testing.T) {
	w := newWorld(3, 400, 100)
	for i := range w.at { // too faint for so few
		if w.kind[i] == 1 {
			w.service[i] *= 1.3
		}
		if w.r.Float64() < 0.03 {
			w.service[i] *= 4 // a tail without a pattern
		}
	}
	r, err := Search(t.Context(), w.table(), Limits{})
	if err != nil || len(r.Findings) > 0 || r.WhyNot == nil || r.WhyNot.Needed <= 400 || r.WhyNot.Needed > 40_000 {
		t.Errorf("%s, %v", tell(r), err)
	}
}

func TestSearchEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	if _, err := Search(ctx, newWorld(1, 2000, 100).table(), Limits{}); !errors.Is(err, why) {
		t.Errorf("ended with %v", err)
	}
}

func TestSearchIsDeterministic(t *testing.T) {
	w := newWorld(5, 3000, 100)
	ill()[0].make(w)
	table := w.table()
	a, _ := Search(t.Context(), table, Limits{})
	b, _ := Search(t.Context(), table, Limits{})
	if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
		t.Errorf("the same table gives\n%+v\nand\n%+v", a, b)
	}
}

// FuzzSearch gives small tables of any values: whatever they are, figures are numbers and shares are shares.
func FuzzSearch(f *testing.F) {
	f.Add(uint64(1), uint16(30), uint8(3), uint8(4))
	f.Add(uint64(2), uint16(300), uint8(1), uint8(1))
	f.Add(uint64(3), uint16(100), uint8(200), uint8(255))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, codes, spread uint8) {
		table := anything(rand.New(rand.NewPCG(seed, 0)), int(n%400), int(codes)+1, int(spread)+1)
		r, err := Search(t.Context(), table, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if (len(r.Findings) == 0) == (r.WhyNot == nil) {
			t.Errorf("%d findings, why not %v", len(r.Findings), r.WhyNot)
		}
		for _, x := range r.Findings {
			for _, v := range []float64{x.Share, x.TailExplained, x.ExcessExplained, x.FailedWith, x.FailedWithout, x.P} {
				if math.IsNaN(v) || v < 0 || v > 1 {
					t.Errorf("%v in %+v", v, x)
				}
			}
			if x.Requests <= 0 || x.Whose == "" {
				t.Errorf("%+v", x)
			}
		}
	})
}

// anything is a table of random values, of a few sorts each.
func anything(r *rand.Rand, n, codes, spread int) *Table {
	t := &Table{Failures: []string{"refused", "status 500"}}
	if r.IntN(2) == 0 {
		t.Completion, t.Never = make([]Micros, n), make([]bool, n)
	}
	at := time.Duration(0)
	micros := func() Micros {
		switch r.IntN(10) {
		case 0:
			return NoMicros
		case 1:
			return Micros(r.Uint32())
		}
		return Micros(1000 * r.IntN(spread))
	}
	for i := range n {
		at += time.Duration(r.IntN(3)) * time.Duration(r.IntN(1_000_000_000))
		t.Intended, t.Lag = append(t.Intended, at), append(t.Lag, min(micros(), NoMicros-1))
		t.Service, t.Status, t.Failure = append(t.Service, micros()), append(t.Status, 200), append(t.Failure, uint8(r.IntN(3)))
		if t.Never != nil {
			t.Completion[i] = micros()
			t.Never[i] = t.Completion[i] == NoMicros
		}
	}
	for _, d := range Definitions() {
		c := Column{Attribute: d.Attribute, Codes: make([]uint8, n)}
		width := min(codes, 250)
		switch d.Form {
		case Names:
			for i := range width {
				c.Labels = append(c.Labels, fmt.Sprint(i))
			}
		case Flag:
			width = min(width, 2)
		default:
			for i := range width {
				c.Edges = append(c.Edges, float64(i*1000))
			}
		}
		for i := range c.Codes {
			if c.Codes[i] = uint8(r.IntN(width)); r.IntN(20) == 0 {
				c.Codes[i] = NoCode
			}
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}
