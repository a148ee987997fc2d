package cause

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAdder compares the gains of shuffled scores with those of the sums that are made row by row.
func TestAdder(t *testing.T) {
	for _, n := range []int{61, 500, 5_001} {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		columns := make([]*Column, 6)
		of := []Attribute{InFlight, RunSecond, Copy, SameKindWithin, SameKindWithin, Kind}
		for a := range columns {
			columns[a] = &Column{Attribute: of[a], Codes: make([]uint8, n)}
		}
		rows, score := make([]int32, n), make([]float32, n)
		for i := range rows {
			rows[i], score[i] = int32(i), float32(r.ExpFloat64())
			columns[0].Codes[i] = uint8(r.IntN(40))          // many codes
			columns[1].Codes[i] = uint8(i * 30 / n)          // in a row
			columns[2].Codes[i] = uint8(r.IntN(20) / 19)     // nearly one
			columns[3].Codes[i] = uint8(r.IntN(4)+253) | 0x3 // most are not known
			columns[4].Codes[i] = columns[3].Codes[i]        // alike
			columns[5].Codes[i] = uint8(r.IntN(3))
			if r.IntN(3) == 0 {
				columns[3].Codes[i], columns[4].Codes[i] = uint8(i%7), uint8(i%7)
			}
		}
		g := newGrid(columns, rows, score)
		d := newAdder(g)
		for range 20 {
			shuffled := g.shuffle(r, 7)
			got := d.strongest(nil, shuffled)
			g.sums(shuffled)
			for a := range columns {
				want := g.tallies[a].best(g.shapes[a], float32(n)).gain
				if math.Abs(float64(got[a]-want)) > 1e-3*(1+float64(want)) {
					t.Errorf("%d rows, column %d: gain %v, want %v", n, a, got[a], want)
				}
			}
		}
	}
}
