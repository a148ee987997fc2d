package results

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

func TestDoneSet(t *testing.T) {
	type request struct {
		seq     int64
		replica int
	}
	for _, tc := range []struct {
		name        string
		seqs        int64
		copies, add int
	}{{"few", 1 << 40, 1 << 20, 1000}, {"dense", 5000, 40, 150_000}, {"one copy", 100_000, 1, 90_000}, {"one record", 1, 100_000, 50_000}} {
		rng := rand.New(rand.NewPCG(1, uint64(tc.add)))
		var s DoneSet
		want := make(map[request]bool)
		for range tc.add {
			q := request{rng.Int64N(tc.seqs), rng.IntN(tc.copies)}
			want[q] = true
			s.Add(q.seq, q.replica)
		}
		if s.Len() != int64(len(want)) {
			t.Errorf("%s: %d of %d", tc.name, s.Len(), len(want))
		}
		for range 200_000 {
			q := request{rng.Int64N(tc.seqs), rng.IntN(tc.copies)}
			if s.Has(q.seq, q.replica) != want[q] {
				t.Fatalf("%s: Has(%v) is %v", tc.name, q, !want[q])
			}
		}
	}
	var none DoneSet
	if none.Has(0, 0) || none.Len() != 0 {
		t.Error("the empty set holds something")
	}
}

// The documented sizes, a tenth of them.
func TestDoneSetIsSmall(t *testing.T) {
	for name, tc := range map[string]struct {
		step   int64
		copies int
		most   uint64
	}{"once": {1, 1, 3 << 20}, "sixteen times": {1, 16, 1 << 20}, "every hundredth": {100, 1, 10 << 20}} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := new(DoneSet)
		for i := range 1_000_000 / tc.copies {
			for c := range tc.copies {
				s.Add(int64(i)*tc.step, c)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if used := after.HeapAlloc - before.HeapAlloc; used > tc.most {
			t.Errorf("%s: a million requests take %d bytes, want less than %d", name, used, tc.most)
		}
		if s.Len() != int64(1_000_000/tc.copies*tc.copies) {
			t.Errorf("%s: holds %d", name, s.Len())
		}
	}
}

func BenchmarkDoneSet(b *testing.B) {
	s := new(DoneSet)
	var i int64
	for b.Loop() {
		s.Add(i%10_000_000, 0)
		i++
	}
}
