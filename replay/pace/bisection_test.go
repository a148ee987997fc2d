package pace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"reprise/replay/pace"
)

func TestBisection(t *testing.T) {
	below := func(limit float64) func(int, float64) bool {
		return func(_ int, tempo float64) bool { return tempo <= limit }
	}
	for _, tc := range []struct {
		name  string
		from  float64
		holds func(step int, tempo float64) bool
		steps string // the tempos that were played
		low   float64
		high  float64
		found bool
		lost  int
	}{
		{"between 4 and 8", 1, below(5.1), "1 2 4 8 6 5 5.5 5.25 5.125 5", 5, 5.125, true, 0},
		{"at a tempo that is played", 1, below(4), "1 2 4 8 6 5 4.5 4.25 4.125 4", 4, 4.125, true, 0},
		{"tempos that can be typed", 0.7, below(2.05), "0.7 1.4 2.8 2.1 1.75 1.925 2.0125 2.0125", 2.0125, 2.1, true, 0},
		{"the first breaks", 3, below(2), "3", 0, 3, false, 0},
		{"slower than recorded", 0.25, below(0.3), "0.25 0.5 0.375 0.3125 0.28125 0.296875 0.3046875 0.296875", 0.296875, 0.3046875, true, 0},
		{
			"the answer breaks once when it is played once more: it is the upper end", 1, func(step int, tempo float64) bool { return tempo <= 5 && step != 10 },
			"1 2 4 8 6 5 5.5 5.25 5.125 5 4.5 4.75 4.875 4.875", 4.875, 5, true, 1,
		},
		{"it holds for ever less", 1, func(step int, tempo float64) bool { return tempo*float64(step) <= 45 }, "1 2 4 8 16 12 10 9 8.5 8.25 8 6 5 4.5 4.25 4.125 4 3 2.5 2.25 2.375 2.3125 2.25", 2, 2.25, false, 3},
		{"all holds at first, and then nothing", 1, func(step int, _ float64) bool { return step < 4 }, "1 2 4 8 6 5 4.5 4.25 4.125 4 3 2.5 2.25 2.125 2.0625 2 1.5 1.25 1.125 1.0625 1.03125 1", 0, 1, false, 3},
	} {
		b := pace.NewBisection(tc.from)
		var played []string
		for step := 1; ; step++ {
			tempo, ok := b.Next()
			if !ok {
				break
			}
			if step > pace.MaxSearchSteps {
				t.Fatalf("%s: it does not end: %v", tc.name, played)
			}
			played = append(played, fmt.Sprint(tempo))
			b.Took(tc.holds(step, tempo))
		}
		if got := strings.Join(played, " "); got != tc.steps {
			t.Errorf("%s: played %s, want %s", tc.name, got, tc.steps)
		}
		if b.Low() != tc.low || b.High() != tc.high || b.Found() != tc.found || b.Lost() != tc.lost {
			t.Errorf("%s: between %v and %v, found %v, lost %d; want %v, %v, %v, %d", tc.name, b.Low(), b.High(), b.Found(), b.Lost(), tc.low, tc.high, tc.found, tc.lost)
		}
	}
}

// TestBisectionEnds holds for whatever holds and breaks, also at random.
func TestBisectionEnds(t *testing.T) {
	for seed := range uint64(2000) {
		b, x := pace.NewBisection(1), seed*0x9e3779b97f4a7c15+1
		var held []float64
		for step := 1; ; step++ {
			tempo, ok := b.Next()
			if !ok {
				break
			}
			if step > pace.MaxSearchSteps {
				t.Fatalf("seed %d does not end", seed)
			}
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			holds := x%8 > 2
			if holds {
				held = append(held, tempo)
			}
			b.Took(holds)
		}
		switch low, high := b.Low(), b.High(); {
		case low > 0 && !slices.Contains(held, low):
			t.Fatalf("seed %d: %v never held", seed, low)
		case high > 0 && low >= high:
			t.Fatalf("seed %d: %v is not below %v", seed, low, high)
		case b.Found() && high-low >= pace.FoundWithin*low:
			t.Fatalf("seed %d: %v to %v is too wide", seed, low, high)
		}
	}
}
