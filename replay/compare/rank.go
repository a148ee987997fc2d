package compare

import (
	"math"
	"slices"
)

// ranked holds the latencies of one kind in one run, sorted, each with its block, so that a quantile of any resampling
// of the blocks is found without sorting again: at every step'th value stands how many values of each block lie before
// it. A quantile then costs a binary search over those marks and a walk of one step.
type ranked struct {
	values []sample
	blocks int
	step   int
	// marks[m*blocks+k] counts the values of block k before values[m*step].
	marks []uint32
	// counts is the number of values in each block.
	counts []uint32
}

// sample is a latency and its block: block in the lowest 8 bits, nanoseconds above.
type sample uint64

const sampleBits = 8

func makeSample(ns int64, block int) sample { return sample(ns)<<sampleBits | sample(block) }

func (s sample) ns() int64  { return int64(s >> sampleBits) }
func (s sample) block() int { return int(s & (1<<sampleBits - 1)) }

// minStep keeps the marks smaller than the values.
const minStep = 64

// rank sorts values in place and keeps them.
func rank(values []sample, blocks int) *ranked {
	slices.Sort(values)
	r := &ranked{values: values, blocks: blocks, step: max(minStep, len(values)/256), counts: make([]uint32, blocks)}
	for i, v := range values {
		if i%r.step == 0 {
			r.marks = append(r.marks, r.counts...)
		}
		r.counts[v.block()]++
	}
	return r
}

// quantile returns the value at quantile q (above 0, at most 1) by nearest rank: the smallest that at least the share q
// of all values does not exceed. ok is false where there is none.
func (r *ranked) quantile(q float64) (ns int64, ok bool) {
	if len(r.values) == 0 {
		return 0, false
	}
	i := int(math.Ceil(q*float64(len(r.values)))) - 1
	return r.values[min(max(i, 0), len(r.values)-1)].ns(), true
}

// weighted is quantile where block k counts w[k] times.
func (r *ranked) weighted(q float64, w []uint8) (ns int64, ok bool) {
	total := weigh(r.counts, w)
	if total == 0 {
		return 0, false
	}
	need := max(uint64(math.Ceil(q*float64(total))), 1)
	lo, hi := 0, len(r.marks)/r.blocks
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if weigh(r.marks[mid*r.blocks:(mid+1)*r.blocks], w) < need {
			lo = mid
		} else {
			hi = mid
		}
	}
	sum := weigh(r.marks[lo*r.blocks:(lo+1)*r.blocks], w)
	for _, v := range r.values[lo*r.step:] {
		if sum += uint64(w[v.block()]); sum >= need {
			return v.ns(), true
		}
	}
	return 0, false
}

func weigh(counts []uint32, w []uint8) (sum uint64) {
	w = w[:len(counts)]
	for k, n := range counts {
		sum += uint64(n) * uint64(w[k])
	}
	return sum
}

// spread is the effective number of blocks that hold the values (Kish): the number itself where all hold the same, 1
// where one holds all. It counts the kept blocks alone; nil keeps all.
func spread(counts []uint32, kept []int) float64 {
	var sum, squares float64
	for k, n := range counts {
		if kept != nil && !slices.Contains(kept, k) {
			continue
		}
		sum += float64(n)
		squares += float64(n) * float64(n)
	}
	if squares == 0 {
		return 0
	}
	return sum * sum / squares
}
