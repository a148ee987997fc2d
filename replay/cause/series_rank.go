package cause

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// correlate finds the lag at which the changes of the series go best with those of the latency.
func (b figurePieces) correlate(f *follow) {
	x, y := ranksOf(changesOf(b.figure)), ranksOf(changesOf(b.latency))
	r := rand.New(rand.NewPCG(uint64(len(x)), 17))
	lag, best := strongest(x, y)
	if math.Abs(best) < leastCorrelation {
		return
	}
	drawn := make([]float64, figureRuns)
	shuffled := make([]float64, len(x))
	for i := range drawn {
		shuffleBlocks(r, x, shuffled)
		_, rho := strongest(shuffled, y)
		drawn[i] = math.Atanh(min(math.Abs(rho), 0.999999))
	}
	f.P = exponentialTail(drawn, math.Atanh(min(math.Abs(best), 0.999999)))
	f.Correlation, f.Leads, f.State = best, time.Duration(float64(lag)*b.width*1e9), FigureGoesWith
}

// changesOf are the differences from one piece to the next, NaN where one is not known.
func changesOf(v []float64) []float64 {
	out := make([]float64, max(len(v)-1, 0))
	for i := range out {
		out[i] = v[i+1] - v[i]
	}
	return out
}

// ranksOf are the ranks of the known values, less their mean; NaN stays.
func ranksOf(v []float64) []float64 {
	known := slices.DeleteFunc(slices.Clone(v), math.IsNaN)
	r, k := ranks(known), 0
	out := make([]float64, len(v))
	for i, x := range v {
		if out[i] = math.NaN(); !math.IsNaN(x) {
			out[i] = r[k] - float64(len(known)+1)/2
			k++
		}
	}
	return out
}

// strongest is the lag with the strongest correlation of ranks: x leads y by so many pieces.
func strongest(x, y []float64) (lag int, rho float64) {
	for k := -mostLag; k <= mostLag; k++ {
		a, b := x, y
		if k > 0 {
			a, b = x[:max(len(x)-k, 0)], y[min(k, len(y)):]
		} else if k < 0 {
			a, b = x[min(-k, len(x)):], y[:max(len(y)+k, 0)]
		}
		if r := alongside(a, b); math.Abs(r) > math.Abs(rho) || k == 0 && math.Abs(r) == math.Abs(rho) {
			lag, rho = k, r
		}
	}
	return lag, rho
}

// alongside is the correlation of values with mean 0, of the pairs of which both are known; 0 where there are too few.
func alongside(x, y []float64) float64 {
	var xy, xx, yy float64
	n := 0
	for i, v := range x {
		if w := y[i]; v == v && w == w { // not NaN
			xy, xx, yy, n = xy+v*w, xx+v*v, yy+w*w, n+1
		}
	}
	if n < FewestFigures/2 || xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// spearman is the rank correlation of the pairs of which both are known, 0 where there are too few, or one does not vary. Equal values
// have the mean of their ranks.
func spearman(x, y []float64) float64 {
	var a, b []float64
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	if len(a) < 3 {
		return 0
	}
	ra, rb := ranks(a), ranks(b)
	ca, va := centre(ra, make([]float64, len(ra)))
	cb, vb := centre(rb, make([]float64, len(rb)))
	if va == 0 || vb == 0 {
		return 0
	}
	dot := 0.0
	for i := range ca {
		dot += ca[i] * cb[i]
	}
	return dot / math.Sqrt(va*vb)
}

func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		k := i
		for k < len(order) && v[order[k]] == v[order[i]] {
			k++
		}
		for j := i; j < k; j++ {
			out[order[j]] = float64(i+k+1) / 2
		}
		i = k
	}
	return out
}

// shuffleBlocks puts blocks of values, cut from a random place on, in random order.
func shuffleBlocks(r *rand.Rand, v, out []float64) {
	n, start := len(v), r.IntN(len(v))
	blocks := r.Perm((n + figureBlock - 1) / figureBlock)
	to := 0
	for _, b := range blocks {
		for i := b * figureBlock; i < min((b+1)*figureBlock, n); i++ {
			out[to] = v[(i+start)%n]
			to++
		}
	}
}

// top is the part of a series' range from which on it is at its top.
const top = 0.97

// saturates says whether the latency is high where the series is at its top, for a good part of the run, and how likely noise with a
// memory makes it so.
func (b figurePieces) saturates() follow {
	f := follow{Figure: Figure{P: 1}}
	known := slices.DeleteFunc(slices.Clone(b.figure), math.IsNaN)
	low, high := slices.Min(known), slices.Max(known)
	f.from = low + top*(high-low)
	l := levels{width: b.width}
	var at []bool
	count, leaps := 0, 0
	for i, y := range b.latency {
		if math.IsNaN(y) || math.IsNaN(b.figure[i]) {
			continue
		}
		l.at, l.value = append(l.at, b.first+(float64(i)+0.5)*b.width), append(l.value, y)
		is := b.figure[i] >= f.from
		if len(at) > 0 && is != at[len(at)-1] {
			leaps++
		}
		if at = append(at, is); is {
			count++
		}
	}
	// At the top for a while: more than a tenth of the run, not all of it, and in stretches and not now and then.
	if 10*count < len(at) || 10*count > 9*len(at) || 4*leaps > count {
		return f
	}
	share, change := groupsApart(l.value, at)
	if change < math.Log1p(leastChange) {
		return f
	}
	l.scratch = newLevelScratch(len(l.at))
	l.keeps(levelMemory)
	r := rand.New(rand.NewPCG(uint64(len(l.at)), 18))
	drawn := make([]float64, figureRuns)
	for i := range drawn {
		l.draw(r)
		s, _ := groupsApart(l.value, at)
		drawn[i] = logit(s)
	}
	f.P, f.Correlation = exponentialTail(drawn, logit(share)), math.Sqrt(share)
	return f
}

// groupsApart is the part of how values differ that lies between those that are in a group and the rest, and by how much the group is higher.
func groupsApart(values []float64, in []bool) (share, higher float64) {
	var sum, count [2]float64
	for i, v := range values {
		sum[side(in[i])] += v
		count[side(in[i])]++
	}
	higher = sum[1]/count[1] - sum[0]/count[0]
	mean := (sum[0] + sum[1]) / (count[0] + count[1])
	total := 0.0
	for _, v := range values {
		total += (v - mean) * (v - mean)
	}
	if total == 0 {
		return 0, higher
	}
	return higher * higher * count[0] * count[1] / (count[0] + count[1]) / total, higher
}
