package cause

import "testing"

func BenchmarkSearch10k(b *testing.B) {
	benchmarkSearch(b, 10_000)
}

// BenchmarkSearch3M looks at a long run, of which a sample is shuffled.
func BenchmarkSearch3M(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes a minute")
	}
	benchmarkSearch(b, 3_000_000)
}

func benchmarkSearch(b *testing.B, n int) {
	w := newWorld(1, n, 200)
	ill()[0].make(w)
	t := w.table()
	w = nil
	b.ResetTimer()
	for b.Loop() {
		r, err := Search(b.Context(), t, Limits{})
		if err != nil || len(r.Findings) == 0 {
			b.Fatal(r, err)
		}
	}
}
