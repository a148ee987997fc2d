package cause

import (
	"math"
	"testing"
)

// The values are those of SciPy 1.10.1: genpareto.sf and isf, and probability-weighted moments of numpy at the same plotting positions.
func TestTail(t *testing.T) {
	for _, tc := range []struct {
		shape, scale float64
		above        [3]float64 // of 0.5, 2 and 10
		at           [3]float64 // where 0.1, 0.01 and 0.001 are above
	}{
		{0.2, 2, [3]float64{0.7835261664684591, 0.40187757201646096, 0.031250000000000014}, [3]float64{5.848931924611135, 15.1188643150958, 29.810717055349727}},
		{0, 1, [3]float64{0.6065306597126334, 0.1353352832366127, 4.5399929762484854e-05}, [3]float64{2.3025850929940455, 4.605170185988091, 6.907755278982137}},
		{0.45, 0.3, [3]float64{0.2883470066727048, 0.04592920288361247, 0.0021094916775240362}, [3]float64{1.2122552875096357, 4.628854898161876, 14.25814092378893}},
	} {
		x := tail{sorted: []float64{0}, scale: tc.scale, shape: tc.shape, part: 1}
		for i, v := range []float64{0.5, 2, 10} {
			equals(t, x.above(v), tc.above[i])
		}
		for i, p := range []float64{0.1, 0.01, 0.001} {
			equals(t, x.quantile(p), tc.at[i])
		}
	}
}

func equals(t *testing.T, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFitPareto(t *testing.T) {
	for _, tc := range []struct {
		values       []float64
		shape, scale float64
	}{
		{[]float64{
			0.051, 0.137, 0.151, 0.16, 0.492, 0.645, 0.703, 1.007, 1.223, 1.279, 1.486, 1.492, 1.673, 2.553, 2.932, 3.536, 3.849, 6.172, 7.08, 11.452,
		}, 0.2791273174801221, 1.7327256233389046},
		{[]float64{
			0.021, 0.08, 0.179, 0.296, 0.316, 0.379, 0.518, 0.604, 0.924, 1.211, 1.575, 1.607, 1.868, 2.026, 2.761, 3.084, 3.12, 6.62, 7.461, 11.702,
		}, 0.3616095192918778, 1.4795337780891438},
		{[]float64{1, 1, 1, 1, 1}, 0, 1}, // a tail shorter than an exponential one is taken for that
	} {
		scale, shape := fitPareto(tc.values)
		equals(t, scale, tc.scale)
		equals(t, shape, tc.shape)
	}
}

// TestTailCounts holds that what many shuffles reach is counted.
func TestTailCounts(t *testing.T) {
	values := make([]float64, 200)
	for i := range values {
		values[i] = float64(i)
	}
	x := fitTail(values)
	if got, want := x.above(100), 101./201; got != want {
		t.Errorf("100 of 200 shuffles are as strong: %v, want %v", got, want)
	}
	if got := x.above(1e9); got != leastP {
		t.Errorf("beyond everything: %v, want %v", got, leastP)
	}
}
