package corpus

import (
	"math/rand/v2"
	"testing"
)

// TestHeldRecords takes records out in the order in which a heap alone gives them, however late they come.
func TestHeldRecords(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		late := []int64{1, 3, 200, 100_000}[seed%4]
		held, want := newHeldRecords(), heap[heldRecord]{less: (*heldRecord).less}
		for i := range int64(3000) {
			r := heldRecord{ns: i - rng.Int64N(late), order: i, run: rng.IntN(50) / 49}
			held.push(r)
			want.push(r)
			for range rng.IntN(3) {
				if want.len() == 0 {
					break
				}
				first := *held.first()
				if got, want := held.pop(), want.pop(); got != want || got != first {
					t.Fatalf("seed %d, record %d: %+v, first %+v, want %+v", seed, i, got, first, want)
				}
			}
			n := 0
			for range held.all() {
				n++
			}
			if n != want.len() || held.len() != n {
				t.Fatalf("seed %d, record %d: %d of %d", seed, i, n, want.len())
			}
		}
		for want.len() > 0 {
			if got, want := held.pop(), want.pop(); got != want {
				t.Fatalf("seed %d, at the end: %+v, want %+v", seed, got, want)
			}
		}
		if held.first() != nil {
			t.Fatalf("seed %d: there is one left", seed)
		}
	}
}
