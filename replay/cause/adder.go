package cause

import (
	"bytes"
	"slices"
)

// adder adds shuffled scores by column and code, several hundred times for the same columns: of a column of which most rows have one code
// the other rows are added, what is left is that code's, and of two columns that are alike one is.
type adder struct {
	g       *grid
	total   float64 // of the scores
	columns []added
	twinOf  []int // of each column, the earlier one that is the same, -1 for none
	parts   sums
	scratch []float32
}

// added is a column as it is added.
type added struct {
	column int
	codes  []uint8
	rows   []int32 // of the codes, where they are not of all rows
	usual  uint8   // the code of the other rows
}

// sums are of the quarters of a column, side by side: one addition to a code would wait for the one before it.
type sums [4][256]float32

// usualPart is the part of a column's rows that have one code from which on the other rows are listed: a row of a list takes longer.
const usualPart = 0.4

func newAdder(g *grid) *adder {
	d := &adder{g: g, twinOf: make([]int, len(g.columns)), scratch: make([]float32, len(g.rows))}
	for _, v := range g.score {
		d.total += float64(v)
	}
	w := len(g.columns)
	columns := make([][]uint8, w)
	for a := range columns {
		columns[a] = make([]uint8, len(g.rows))
		for i := range columns[a] {
			columns[a][i] = g.codes[i*w+a]
		}
		d.twinOf[a] = slices.IndexFunc(columns[:a], func(c []uint8) bool { return bytes.Equal(c, columns[a]) })
		if b := d.twinOf[a]; b >= 0 && g.shapes[a] == g.shapes[b] {
			continue
		}
		d.twinOf[a] = -1
		d.columns = append(d.columns, newAdded(a, columns[a], &g.tallies[a]))
	}
	return d
}

func newAdded(column int, codes []uint8, b *tally) added {
	c := added{column: column, codes: codes, usual: b.usual()}
	if float64(b.count[c.usual]) < usualPart*float64(len(codes)) {
		return c
	}
	var others []uint8
	c.rows = []int32{}
	for i, code := range codes {
		if code != c.usual {
			c.rows, others = append(c.rows, int32(i)), append(others, code)
		}
	}
	c.codes = others
	return c
}

// usual is the code that most requests have.
func (b *tally) usual() (usual uint8) {
	for code, n := range b.count {
		if n > b.count[usual] {
			usual = uint8(code)
		}
	}
	return usual
}

// strongest appends the gain of each column's best rule for scores in another order.
func (d *adder) strongest(gains []float32, score []float32) []float32 {
	for k := range d.columns {
		d.add(&d.columns[k], score)
	}
	first, all := len(gains), float32(len(d.g.rows))
	for a := range d.g.tallies {
		if twin := d.twinOf[a]; twin >= 0 {
			gains = append(gains, gains[first+twin])
			continue
		}
		gains = append(gains, d.g.tallies[a].best(d.g.shapes[a], all).gain)
	}
	return gains
}

// add sums a column up.
func (d *adder) add(c *added, score []float32) {
	if c.rows != nil {
		few := d.scratch[:len(c.rows)]
		for k, row := range c.rows {
			few[k] = score[row]
		}
		score = few
	}
	clear(d.parts[:])
	d.parts.add(c.codes, score)
	b, width := &d.g.tallies[c.column], d.g.shapes[c.column].width
	var sum float64
	for code := range width {
		b.sum[code] = d.parts.of(code)
		sum += float64(b.sum[code])
	}
	b.sum[NoCode] = d.parts.of(NoCode)
	if c.rows != nil {
		b.sum[c.usual] = float32(d.total - sum - float64(b.sum[NoCode]))
	}
}

func (s *sums) add(codes []uint8, score []float32) {
	n := len(codes) / 4
	c0, c1, c2, c3 := codes[:n], codes[n:2*n], codes[2*n:3*n], codes[3*n:4*n]
	v0, v1, v2, v3 := score[:n], score[n:2*n], score[2*n:3*n], score[3*n:4*n]
	for i := range c0 {
		s[0][c0[i]] += v0[i]
		s[1][c1[i]] += v1[i]
		s[2][c2[i]] += v2[i]
		s[3][c3[i]] += v3[i]
	}
	for i := 4 * n; i < len(codes); i++ {
		s[0][codes[i]] += score[i]
	}
}

func (s *sums) of(code int) float32 { return s[0][code] + s[1][code] + s[2][code] + s[3][code] }
