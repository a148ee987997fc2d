package results

import (
	"math/bits"
	"time"
)

// coarse is a small histogram for a window: 16 steps to each doubling, so that values are true to 6 %, from 1 µs to a day.
// It is an array and two shifts because three of them take every result of a run.
type coarse struct {
	counts [coarseSteps]uint32
	n      int64
	max    time.Duration
}

const (
	coarseUnit  = 10 // what is below 2^10 ns is one step
	coarseSub   = 4  // 2^4 steps to a doubling
	coarseSteps = (47 - coarseUnit - coarseSub + 1) << coarseSub
)

// record adds a value, making the histogram first where there is none.
func record(h **coarse, v time.Duration) {
	if *h == nil {
		*h = new(coarse)
	}
	v = min(max(v, 0), longest)
	(*h).counts[step(v)]++
	(*h).n++
	(*h).max = max((*h).max, v)
}

// step is the place of a value of at most longest, which has 47 bits.
func step(v time.Duration) int {
	u := uint64(v) >> coarseUnit
	if u < 1<<coarseSub {
		return int(u)
	}
	shift := bits.Len64(u) - coarseSub - 1
	return shift<<coarseSub + int(u>>shift)
}

// edge is the largest value of a step.
func edge(i int) time.Duration {
	if i < 1<<coarseSub {
		return time.Duration(i+1)<<coarseUnit - 1
	}
	shift := i>>coarseSub - 1
	return time.Duration(i-shift<<coarseSub+1)<<(shift+coarseUnit) - 1
}

// add merges o into h.
func (h *coarse) add(o *coarse) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.n += o.n
	h.max = max(h.max, o.max)
}

func mergeCoarse(a, b *coarse) *coarse {
	switch {
	case a == nil:
		return b
	case b != nil:
		a.add(b)
	}
	return a
}

// percentile is 0 of a histogram without values.
func (h *coarse) percentile(percent int64) time.Duration {
	if h == nil || h.n == 0 {
		return 0
	}
	rank := (h.n*percent + 99) / 100
	for i, n := range h.counts {
		if rank -= int64(n); rank <= 0 {
			return min(edge(i), h.max)
		}
	}
	return h.max
}

// heatShift folds the steps to four to each doubling, which is what an eye tells apart.
const heatShift = 2

// heat counts the values in coarser steps.
func (h *coarse) heat() []uint32 {
	last := step(min(h.max, longest)) >> heatShift
	out := make([]uint32, last+1)
	for i, n := range h.counts[:min((last+1)<<heatShift, coarseSteps)] {
		out[i>>heatShift] += n
	}
	return out
}

// HeatEdge is the largest latency that Window.Heat counts at place i.
func HeatEdge(i int) time.Duration { return edge(min(i<<heatShift+1<<heatShift, coarseSteps) - 1) }
