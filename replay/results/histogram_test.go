package results

import (
	"math"
	"math/rand/v2"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// What users compare with other tools is told as HdrHistogram tells it.
func TestHistogramIsHdrHistogram(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		want, parts := hdr.New(1, int64(longest), 3), [3]histogram{}
		values := []int64{0, 1, 2047, 2048, 2049, 4095, 4096, int64(longest) - 1, int64(longest)}[:seed%10]
		for range rng.IntN(3000) {
			values = append(values, min(int64(math.Exp(rng.Float64()*33)), int64(longest)))
		}
		for i, v := range values {
			if err := want.RecordValue(v); err != nil {
				t.Fatal(err)
			}
			parts[i%len(parts)].record(v)
		}
		var got histogram
		for i := range parts {
			got.merge(&parts[i])
		}
		if got.n != want.TotalCount() {
			t.Fatalf("seed %d: %d values, want %d", seed, got.n, want.TotalCount())
		}
		for _, p := range []float64{0.001, 1, 50, 90, 95, 99, 99.9, 99.99, 100, rng.Float64() * 100} {
			if a, b := got.percentile(p), want.ValueAtPercentile(p); a != b {
				t.Errorf("seed %d, %d values: percentile %v is %d, want %d", seed, len(values), p, a, b)
			}
		}
	}
}

func BenchmarkHistogram(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]int64, 1<<16)
	for i := range values {
		values[i] = int64(20e6 * math.Exp(rng.NormFloat64()))
	}
	var h histogram
	b.ReportAllocs()
	for i := range b.N {
		h.record(values[i%len(values)])
	}
}
