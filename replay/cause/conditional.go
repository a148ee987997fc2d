package cause

import (
	"cmp"
	"context"
	"math"
	"slices"
)

const (
	// sameRequests is the part of the requests of two rules, of those that either has, from which on they are one answer.
	sameRequests = 0.9
	// rivalGain is the part of the best gain that another attribute's rule needs, so that it is asked which of the two it is.
	rivalGain = 0.5
	// rivalP is the probability by chance up to which one rule has an effect apart from another, or within it.
	rivalP = 0.01
	// pairGain is by how much two conditions explain more than one, so that both are told.
	pairGain = 1.01
	// kindGain is by how much a kind is preferred as a second condition: what goes with it explains as much at times.
	kindGain = 1.08
	// firstGain is by how much a pair with the best single condition is preferred.
	firstGain = 1.1
)

// mask says for the grid's rows whether a column's code is in a set.
func (g *grid) mask(column int, c cut) group {
	m := make(group, len(g.rows))
	w := len(g.columns)
	for i := range m {
		m[i] = c.codes.has(g.codes[i*w+column])
	}
	return m
}

// overlap is the part of the requests of two groups, of those that either has, that both have.
func overlap(a, b group) float64 {
	var both, either float64
	for i := range a {
		if a[i] && b[i] {
			both++
		}
		if a[i] || b[i] {
			either++
		}
	}
	return both / max(either, 1)
}

// rivals asks of each other attribute that explains nearly as much whether it is the cause in place of the best: each is tested among
// requests that are alike in the other.
func (s *search) rivals(ctx context.Context, g *grid, cuts []cut, p proof, best int, r *rule) error {
	for range 3 { // a rival that wins has rivals
		won := -1
		r.same = nil
		a := g.mask(best, cuts[best])
		for b := range cuts {
			if b == best || p.p[b] > s.level || cuts[b].gain < rivalGain*cuts[best].gain {
				continue
			}
			other := g.mask(b, cuts[b])
			verdict, err := s.between(ctx, g, a, other)
			if err != nil {
				return err
			}
			if verdict == alike {
				c := condition{g.columns[b], cuts[b]}
				r.same = append(r.same, []Condition{c.told()})
			} else if verdict == second && !(g.columns[b].Attribute == InFlight) && (won < 0 || cuts[b].gain > cuts[won].gain) {
				won = b
			}
		}
		if won < 0 {
			break
		}
		best = won
		r.conditions = []condition{{g.columns[best], cuts[best]}}
		r.gain, r.p = float64(cuts[best].gain), p.p[best]
	}
	return nil
}

// verdict is which of two rules is the cause.
type verdict uint8

const (
	first  verdict = iota // or both: the other is found later
	second                // the first goes with it
	alike                 // it cannot be told
)

// between decides between two groups.
func (s *search) between(ctx context.Context, g *grid, a, b group) (verdict, error) {
	if overlap(a, b) >= sameRequests {
		return alike, nil
	}
	pa, err := s.apart(ctx, g, a, b)
	if err != nil {
		return first, err
	}
	if pa <= rivalP {
		return first, nil
	}
	pb, err := s.apart(ctx, g, b, a)
	switch {
	case err != nil:
		return first, err
	case pb <= rivalP:
		return second, nil
	}
	return alike, nil
}

// apart is the probability that group a is so much slower by chance among requests that are alike in b.
func (s *search) apart(ctx context.Context, g *grid, a, b group) (float64, error) {
	strata := make([]uint8, len(b))
	for i := range strata {
		strata[i] = uint8(side(b[i]))
	}
	return s.apartIn(ctx, g, a, strata, 2, 0)
}

// sameTime is how many stretches of time requests are compared in, so that what is slow now and then is not taken for load.
const sameTime = 24

// apartInTime is the probability that group a is so much slower by chance among requests of about the same time.
func (s *search) apartInTime(ctx context.Context, g *grid, a group, block int) (float64, error) {
	strata := make([]uint8, len(a))
	for i := range strata {
		strata[i] = uint8(i * sameTime / len(a))
	}
	return s.apartIn(ctx, g, a, strata, sameTime, block)
}

// apartIn is the probability that group a is so much slower by chance among requests of the same stratum; a block of
// 0 is of the usual length.
func (s *search) apartIn(ctx context.Context, g *grid, a group, b []uint8, strata, block int) (float64, error) {
	residual := &grid{score: make([]float32, len(g.score)), shuffled: make([]float32, len(g.score))}
	sum, count := make([]float64, strata), make([]float64, strata)
	for i, v := range g.score {
		sum[b[i]] += float64(v)
		count[b[i]]++
	}
	for i, v := range g.score {
		residual.score[i] = v - float32(sum[b[i]]/count[b[i]])
	}
	w := newByStratum(a, b, strata)
	observed := w.difference(residual.score)
	if block == 0 {
		block = blockLength(residual.score)
	}
	return s.chance(ctx, observed, func() float64 { return w.difference(residual.shuffle(s.random, block)) })
}

// chance is the probability that a shuffle gives as much as was observed.
func (s *search) chance(ctx context.Context, observed float64, shuffled func() float64) (float64, error) {
	if observed <= 0 {
		return 1, nil
	}
	const times = 200
	var null [times]float64
	more := 0
	for i := range null {
		if err := ctx.Err(); err != nil {
			return 0, context.Cause(ctx)
		}
		null[i] = max(shuffled(), 0)
		if null[i] >= observed {
			if more++; more >= 5 {
				return float64(more) / float64(i+1), nil
			}
		}
	}
	t := fitTail(null[:])
	return t.above(observed), nil
}

func side(in bool) int {
	if in {
		return 1
	}
	return 0
}

// byStratum compares the requests of a group with the rest, stratum by stratum. Only the sums change from one shuffle to the next.
type byStratum struct {
	place []uint8   // of each request: twice its stratum, and one more in the group
	count []float64 // by place
	sum   []float64
	parts [4][places]float64 // sums of a quarter of the requests each, beside each other, as one addition would wait for the other
}

// places is more than strata have.
const places = 64

func newByStratum(of group, strata []uint8, n int) *byStratum {
	w := &byStratum{place: make([]uint8, len(of)), count: make([]float64, 2*n), sum: make([]float64, 2*n)}
	for i := range of {
		w.place[i] = 2*strata[i] + uint8(side(of[i]))
		w.count[w.place[i]]++
	}
	return w
}

// add sums scores up by place.
func (w *byStratum) add(score []float32) {
	clear(w.parts[:])
	n := len(score) / 4
	p0, p1, p2, p3 := w.place[:n], w.place[n:2*n], w.place[2*n:3*n], w.place[3*n:4*n]
	v0, v1, v2, v3 := score[:n], score[n:2*n], score[2*n:3*n], score[3*n:4*n]
	for i := range p0 {
		w.parts[0][p0[i]%places] += float64(v0[i])
		w.parts[1][p1[i]%places] += float64(v1[i])
		w.parts[2][p2[i]%places] += float64(v2[i])
		w.parts[3][p3[i]%places] += float64(v3[i])
	}
	for i := 4 * n; i < len(score); i++ {
		w.parts[0][w.place[i]%places] += float64(score[i])
	}
	for k := range w.sum {
		w.sum[k] = w.parts[0][k] + w.parts[1][k] + w.parts[2][k] + w.parts[3][k]
	}
}

// difference is that of the means of scores between the group and the rest within each stratum, weighed by what it can tell.
func (w *byStratum) difference(score []float32) float64 {
	w.add(score)
	var diff, weight float64
	for k := 0; k < len(w.sum); k += 2 {
		n0, n1 := w.count[k], w.count[k+1]
		if n1 < 3 || n0 < 3 {
			continue
		}
		part := n1 * n0 / (n1 + n0)
		diff += part * (w.sum[k+1]/n1 - w.sum[k]/n0)
		weight += part
	}
	if weight == 0 {
		return 0
	}
	return diff / math.Sqrt(weight)
}

// pairs are rules of two conditions that a first one may become.
type pairs struct {
	first  condition
	sub    *grid
	cuts   []cut
	second int
	gain   float64
}

const (
	// pairsFrom is how many first conditions are tried, and pairsPart the part of the best gain that they have at least.
	pairsFrom, pairsPart = 4, 0.25
	// pairsProven is how many pairs are proven until one is.
	pairsProven = 2
)

// refine replaces a rule by one of two conditions that explains more. The first may be another one than the best alone: of a kind that
// waits only in bursts, the burst of anything explains much.
func (s *search) refine(ctx context.Context, g *grid, cuts []cut, p proof, r *rule) error {
	var order []int
	for a := range cuts {
		if p.p[a] <= s.level && float64(cuts[a].gain) >= pairsPart*r.gain && (g.columns[a].Attribute != InFlight || r.conditions[0].column.Attribute == InFlight) {
			order = append(order, a)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cuts[b].gain, cuts[a].gain) })
	var tried []pairs
	for _, a := range order[:min(len(order), pairsFrom)] {
		if x, ok := g.pairsOf(condition{g.columns[a], cuts[a]}); ok && x.gain > pairGain*r.gain {
			tried = append(tried, x)
		}
	}
	worth := func(x pairs) float64 {
		if x.first.column == r.conditions[0].column {
			return firstGain * x.gain
		}
		return x.gain
	}
	slices.SortStableFunc(tried, func(a, b pairs) int { return cmp.Compare(worth(b), worth(a)) })
	for _, x := range tried[:min(len(tried), pairsProven)] {
		proof, err := x.sub.prove(ctx, s.random, x.cuts, s.level)
		if err != nil {
			return err
		}
		if proof.p[x.second] <= rivalP {
			r.conditions = []condition{x.first, {x.sub.columns[x.second], x.cuts[x.second]}}
			r.gain, r.p, r.same = x.gain, max(r.p, min(proof.p[x.second], s.level)), nil
			return s.single(ctx, g, cuts, p, r)
		}
	}
	g.nameKind(r)
	return nil
}

// single asks of each other attribute whether its rule is the cause in place of a pair, or names the same.
func (s *search) single(ctx context.Context, g *grid, cuts []cut, p proof, r *rule) error {
	both := make(group, len(g.rows))
	for i, row := range g.rows {
		both[i] = r.holds(row)
	}
	for a, c := range g.columns {
		if p.p[a] > s.level || float64(cuts[a].gain) < rivalGain*r.gain || c.Attribute == InFlight || slices.Contains(r.attributes(), c.Attribute) {
			continue
		}
		one := condition{c, cuts[a]}
		switch verdict, err := s.between(ctx, g, both, g.mask(a, cuts[a])); {
		case err != nil:
			return err
		case verdict == alike:
			r.same = append(r.same, []Condition{one.told()})
		case verdict == second:
			r.conditions, r.gain, r.p, r.same = []condition{one}, float64(cuts[a].gain), p.p[a], nil
			return nil
		}
	}
	return nil
}

// mostOfKind is the part of the requests of a burst of their kind that one kind has, so that it is named.
const mostOfKind = 0.8

// nameKind says of a burst of a kind which kind that mostly is, where what is left out is no slower.
func (g *grid) nameKind(r *rule) {
	k := slices.IndexFunc(g.columns, func(c *Column) bool { return c.Attribute == Kind })
	if len(r.conditions) != 1 || !isKindBurst(r.conditions[0].column.Attribute) || k < 0 {
		return
	}
	var count [256]int
	all, most := 0, uint8(0)
	for _, row := range g.rows {
		if !r.holds(row) {
			continue
		}
		code := g.columns[k].Codes[row]
		if all++; code != NoCode {
			if count[code]++; count[code] > count[most] {
				most = code
			}
		}
	}
	if float64(count[most]) >= mostOfKind*float64(all) {
		c := cut{from: -1, to: -1}
		c.codes.add(int(most))
		r.conditions = append(r.conditions, condition{g.columns[k], c})
	}
}

// pairsOf finds the best second condition among the rows for which a first one holds.
func (g *grid) pairsOf(first condition) (pairs, bool) {
	var rows []int32
	var score []float32
	for i, row := range g.rows {
		if first.cut.codes.has(first.column.Codes[row]) {
			rows, score = append(rows, row), append(score, g.score[i])
		}
	}
	if len(rows) < 4*fewest {
		return pairs{}, false
	}
	var columns []*Column
	for _, c := range g.columns {
		if c != first.column && c.Attribute != InFlight && !spoken(c.Attribute, []Attribute{first.column.Attribute}) && varies(c, rows) {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return pairs{}, false
	}
	x := pairs{first: first, sub: newGrid(columns, rows, score), second: -1}
	x.cuts = x.sub.cuts()
	most := 0.0
	for a := range x.cuts {
		both := g.pair(x.sub, a, x.cuts[a])
		worth := both
		if columns[a].Attribute == Kind {
			worth *= kindGain
		}
		if worth > most {
			x.second, x.gain, most = a, both, worth
		}
	}
	return x, x.second >= 0
}

// pair is the gain of the rows of a part of the grid for which a cut holds.
func (g *grid) pair(sub *grid, column int, c cut) float64 {
	w := len(sub.columns)
	var sum, count, mean float64
	for i := range sub.rows {
		if c.codes.has(sub.codes[i*w+column]) {
			sum += float64(sub.score[i])
			count++
		}
	}
	mean = sub.offset
	return float64(gain(float32(sum+mean*count), float32(count), float32(len(g.rows))))
}
