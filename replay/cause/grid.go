package cause

import "math/rand/v2"

// grid is the codes of some requests by rows, for columns that rules are made of, with a score each. It is what is shuffled.
type grid struct {
	columns []*Column
	shapes  []shape
	rows    []int32   // places in the table, in order of time
	codes   []uint8   // one row after the other
	score   []float32 // their sum is 0
	offset  float64   // what was taken from each score for that
	tallies []tally
	// Scratch of shuffles.
	shuffled []float32
	order    []int
}

// newGrid takes the given rows; scores are by row and are moved so that their sum is 0.
func newGrid(columns []*Column, rows []int32, score []float32) *grid {
	g := &grid{columns: columns, rows: rows, score: make([]float32, len(rows)), shuffled: make([]float32, len(rows)), tallies: make([]tally, len(columns))}
	var sum float64
	for _, s := range score {
		sum += float64(s)
	}
	g.offset = sum / float64(max(len(score), 1))
	mean := float32(g.offset)
	for i, s := range score {
		g.score[i] = s - mean
	}
	w := len(columns)
	g.codes = make([]uint8, len(rows)*w)
	for a, c := range columns {
		for i, r := range rows {
			g.codes[i*w+a] = c.Codes[r]
		}
	}
	for a, c := range columns {
		b := &g.tallies[a]
		width := 0
		for i := range rows {
			code := g.codes[i*w+a]
			b.count[code]++
			if code != NoCode {
				width = max(width, int(code)+1)
			}
		}
		g.shapes = append(g.shapes, shapeOf(c.Attribute, width))
	}
	return g
}

// shapeOf says which rules are tried of an attribute.
func shapeOf(a Attribute, width int) shape {
	s := shape{form: Definitions()[a].Form, width: width}
	switch a {
	case RecordedHour:
		s.form = Moment // of hours of a day only those that follow each other: some of 24 that are picked at will fit anything
	case SamePersonWithin, SameRecipientWithin, SameKindWithin, Watched:
		s.below = true // what rested is cold
	}
	return s
}

// sums adds scores, one a row, by column and code.
func (g *grid) sums(score []float32) {
	for a := range g.tallies {
		clear(g.tallies[a].sum[:g.shapes[a].width])
		g.tallies[a].sum[NoCode] = 0
	}
	w := len(g.columns)
	for i, v := range score {
		row := g.codes[i*w : i*w+w]
		b := g.tallies[:len(row)]
		for a, code := range row {
			b[a].sum[code] += v
		}
	}
}

// cuts are the best rules, one a column, as things are.
func (g *grid) cuts() []cut {
	g.sums(g.score)
	out := make([]cut, len(g.columns))
	for a := range out {
		out[a] = g.tallies[a].best(g.shapes[a], float32(len(g.rows)))
	}
	return out
}

// shuffle moves scores against rows: cut into blocks of time from a random place on, the blocks in random order.
func (g *grid) shuffle(r *rand.Rand, block int) []float32 {
	n := len(g.score)
	start := r.IntN(n)
	blocks := (n + block - 1) / block
	if cap(g.order) < blocks {
		g.order = make([]int, blocks)
	}
	order := g.order[:blocks]
	for i := range order {
		order[i] = i
	}
	r.Shuffle(blocks, func(i, j int) { order[i], order[j] = order[j], order[i] })
	to := g.shuffled
	for _, b := range order {
		from, size := b*block+start, min(block, n-b*block)
		if from >= n {
			from -= n
		}
		first := copy(to[:size], g.score[from:])
		copy(to[first:size], g.score)
		to = to[size:]
	}
	return g.shuffled
}

// blockLength is how many requests a block has: several times as many as scores remember, and at least twenty blocks.
func blockLength(score []float32) int {
	n := len(score)
	most := max(n/20, 1)
	return min(max(int(5*memory(score)), n/200, 5), most)
}

// product is the scalar product of two series, of the length of the first. Four sums run beside each other, as one would wait for each
// addition.
func product(a, b []float32) float64 {
	b = b[:len(a)]
	var c [4]float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		c[0] += float64(a[i]) * float64(b[i])
		c[1] += float64(a[i+1]) * float64(b[i+1])
		c[2] += float64(a[i+2]) * float64(b[i+2])
		c[3] += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		c[0] += float64(a[i]) * float64(b[i])
	}
	return c[0] + c[1] + c[2] + c[3]
}

// memory is the integrated autocorrelation time of scores with mean 0, in requests, by Sokal's window: a sum up to five times itself.
func memory(score []float32) float64 {
	n := len(score)
	var all float64
	for _, s := range score {
		all += float64(s) * float64(s)
	}
	if all == 0 {
		return 1
	}
	tau := 1.0
	for lag := 1; lag <= n/20; lag++ {
		if tau += 2 * product(score[lag:], score) / all; tau < 1 {
			tau = 1
		}
		if float64(lag) >= 5*tau {
			break
		}
	}
	return tau
}
