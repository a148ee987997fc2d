package cause

// remainder is what of an outcome no rule explains yet.
type remainder struct {
	places []int32   // into outcome.rows
	score  []float32 // by outcome.rows: less what a gradual cause explains
}

func newRemainder(o *outcome) *remainder {
	r := &remainder{places: make([]int32, len(o.rows)), score: append([]float32(nil), o.score...)}
	for i := range r.places {
		r.places[i] = int32(i)
	}
	return r
}

// stretches is how many parts of the run a sample is taken of.
const stretches = 64

// sample takes requests in stretches that are spread over the run.
func (r *remainder) sample(o *outcome, most int) (rows []int32, score []float32) {
	take := func(from, to int) {
		for _, p := range r.places[from:to] {
			rows = append(rows, o.rows[p])
			score = append(score, r.score[p])
		}
	}
	n := len(r.places)
	if n <= most {
		take(0, n)
		return rows, score
	}
	for i := range stretches {
		from := i * n / stretches
		take(from, from+most/stretches)
	}
	return rows, score
}

// only are those of a group that are left.
func (r *remainder) only(in group) group {
	out := make(group, len(in))
	for _, p := range r.places {
		out[p] = in[p]
	}
	return out
}

// explain takes away what a rule explains: its requests, and of a gradual cause what its other values add.
func (r *remainder) explain(o *outcome, found *rule, in group) {
	kept := r.places[:0]
	for _, p := range r.places {
		if !in[p] {
			kept = append(kept, p)
		}
	}
	r.places = kept
	if len(found.conditions) == 1 {
		if c := found.conditions[0].column; isGradual(c.Attribute) {
			r.level(o.rows, c)
		}
	}
}

// level takes the mean of each value of a column away.
func (r *remainder) level(rows []int32, c *Column) {
	var sum, count [256]float64
	var all float64
	for _, p := range r.places {
		code := c.Codes[rows[p]]
		sum[code] += float64(r.score[p])
		count[code]++
		all += float64(r.score[p])
	}
	mean := all / float64(max(len(r.places), 1))
	for _, p := range r.places {
		code := c.Codes[rows[p]]
		r.score[p] -= float32((sum[code] - mean*count[code]) / (count[code] + 5))
	}
}

// isGradual says that an effect grows with the attribute, so that a threshold does not explain all of it.
func isGradual(a Attribute) bool {
	f := Definitions()[a].Form
	return f == Amount || f == Gap
}
