package results

import (
	"math"
	"math/bits"
)

// histogram counts nanoseconds as HdrHistogram does to three digits: each value by itself below 2,048, and in 1,024 steps to each doubling
// from there to a day. It holds those parts alone in which there is something, as the sums of a run by step and kind are many histograms.
type histogram struct {
	pages [histogramSteps / pageSteps]*[pageSteps]uint32
	n     int64
}

const (
	stepBits       = 10                 // 2^10 steps to a doubling
	histogramSteps = 38 << stepBits     // up to longest, which has 47 bits
	pageSteps      = 1 << stepBits >> 2 // in a page
)

// record counts a value from 0 to longest.
func (h *histogram) record(v int64) {
	i := fineStep(v)
	p := h.pages[i/pageSteps]
	if p == nil {
		p = new([pageSteps]uint32)
		h.pages[i/pageSteps] = p
	}
	h.n++
	if c := &p[i%pageSteps]; *c < math.MaxUint32 {
		*c++
	}
}

// fineStep is the place of a value.
func fineStep(v int64) int {
	shift := bits.Len64(uint64(v)|(2<<stepBits-1)) - stepBits - 1
	return shift<<stepBits + int(v>>shift)
}

// fineEdge is the largest value of a step.
func fineEdge(i int) int64 {
	shift := max(i>>stepBits-1, 0)
	return int64(i-shift<<stepBits+1)<<shift - 1
}

// merge adds all that o holds.
func (h *histogram) merge(o *histogram) {
	h.n += o.n
	for i, from := range o.pages {
		switch {
		case from == nil:
		case h.pages[i] == nil:
			own := *from
			h.pages[i] = &own
		default:
			for k, n := range from {
				h.pages[i][k] = uint32(min(uint64(h.pages[i][k])+uint64(n), math.MaxUint32))
			}
		}
	}
}

// percentile is the largest value that is counted with the one of this rank; 0 where there is none.
func (h *histogram) percentile(percent float64) int64 {
	rank := min(max(int64(percent/100*float64(h.n)+0.5), 1), h.n)
	last := int64(0)
	for i, p := range h.pages {
		if p == nil {
			continue
		}
		for k, n := range p {
			if n == 0 {
				continue
			}
			last = fineEdge(i*pageSteps + k)
			if rank -= int64(n); rank <= 0 {
				return last
			}
		}
	}
	return last
}
