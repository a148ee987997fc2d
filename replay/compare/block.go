package compare

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"reprise/replay"
)

// What the resampling is made of.
const (
	// replicates is how often the run is resampled.
	replicates = 2000
	// minBlocks and maxBlocks bound how many blocks a run is cut into, and blockLength is a block's length where the run
	// allows it: several correlation times of what disturbs a server.
	minBlocks   = 20
	maxBlocks   = 120
	blockLength = 30 * time.Second
)

// cut divides run time into blocks of equal length, by intended moment, the same for both runs.
type cut struct {
	first  time.Duration
	length time.Duration
	n      int
	// end bounds what is looked at, from first on; 0 for all.
	end time.Duration
}

func cutBlocks(a, b []row) cut {
	first, last := span(a, b)
	return cutSpan(first, last)
}

// cutStep divides what was planned from a moment on, before another; some is false where nothing was.
func cutStep(a, b []row, from, until time.Duration) (c cut, some bool) {
	first, last := until, from
	for _, rows := range [][]row{a, b} {
		for i := range rows {
			if at := time.Duration(rows[i].intended); at >= from && at < until {
				first, last, some = min(first, at), max(last, at), true
			}
		}
	}
	if !some {
		return cut{}, false
	}
	c = cutSpan(first, last)
	c.end = last + 1
	return c, true
}

func cutSpan(first, last time.Duration) cut {
	whole := last - first + 1
	n := int(min(max(whole/blockLength, minBlocks), maxBlocks))
	length := (whole + time.Duration(n) - 1) / time.Duration(n)
	return cut{first: first, length: max(length, 1), n: n}
}

// of returns the block that holds a deadline.
func (c cut) of(intended int64) int {
	return min(max(int((time.Duration(intended)-c.first)/c.length), 0), c.n-1)
}

// holds says whether a deadline is within what is looked at.
func (c cut) holds(intended int64) bool {
	return c.end == 0 || intended >= int64(c.first) && intended < int64(c.end)
}

// seed is what a row adds to the seed beside its key and its moment. It is part of what a comparison says: the same runs are
// resampled alike by every version.
func (r row) seed() uint64 {
	return ((uint64(r.latency())<<4|uint64(r.kind))<<4|r.outcome.seed())<<10 | uint64(r.status)
}

// seed is the outcome's number in the seed. Reasons that the first versions did not tell apart have the one of Lost.
func (o Outcome) seed() uint64 {
	if o < firstReason {
		return uint64(o)
	}
	for i, r := range [...]replay.Reason{
		replay.ReasonConnect, replay.ReasonTimeout, replay.ReasonReset, replay.ReasonTLS, replay.ReasonInvalid, replay.ReasonLocal,
		replay.ReasonShed, replay.ReasonUnsent, replay.ReasonUnsigned,
	} {
		if r == o.Reason() {
			return uint64(firstReason) + uint64(i)
		}
	}
	return 14
}

// seedOf derives a seed from the contents of two runs.
func seedOf(a, b []row) [32]byte {
	h := sha256.New()
	var buf []byte
	for _, rows := range [][]row{a, b} {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(len(rows)))
		for _, r := range rows {
			buf = binary.LittleEndian.AppendUint64(buf, r.key)
			buf = binary.LittleEndian.AppendUint64(buf, uint64(r.intended))
			buf = binary.LittleEndian.AppendUint64(buf, r.seed())
			if len(buf) > 32<<10 {
				h.Write(buf)
				buf = buf[:0]
			}
		}
	}
	h.Write(buf)
	return [32]byte(h.Sum(nil))
}

// draws says how often each block was drawn in each replicate: weight[i*n+k] for block k in replicate i.
type draws struct {
	n      int
	weight []uint8
}

// draw resamples the blocks that are kept with replacement, replicates times; n is the number of all. A block drawn 255
// times or more counts 255 times, which with 120 blocks does not come to pass.
func draw(n int, kept []int, seed [32]byte) draws {
	rng := rand.New(rand.NewChaCha8(seed))
	d := draws{n: n, weight: make([]uint8, replicates*n)}
	for i := range replicates {
		w := d.of(i)
		for range kept {
			k := kept[rng.IntN(len(kept))]
			w[k] += min(1, 255-w[k])
		}
	}
	return d
}

// of returns the weights of one replicate.
func (d draws) of(i int) []uint8 { return d.weight[i*d.n : (i+1)*d.n] }

// trimmed is the share of blocks that are left aside at each end.
const trimmed = 0.1

// keep returns the blocks that latency is resampled from: all but those in which the two runs are most unlike each other,
// equally many at either end. A stall that lasts a block or two says nothing of the server as it mostly is, but where such
// a block is drawn twice or thrice it decides the quantile. Leaving out both ends alike favours neither run.
func keep(a, b []row, cut cut) []int {
	x, y := means(a, cut), means(b, cut)
	order := make([]int, cut.n)
	unlike := make([]float64, cut.n)
	for k := range order {
		order[k] = k
		if x[k] > 0 && y[k] > 0 {
			unlike[k] = math.Log(y[k] / x[k])
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(unlike[i], unlike[j]), cmp.Compare(i, j)) })
	aside := int(trimmed * float64(cut.n))
	kept := order[aside : cut.n-aside]
	slices.Sort(kept)
	return kept
}

// means returns the mean latency of every block; 0 where there is none.
func means(rows []row, cut cut) []float64 {
	sum, n := make([]float64, cut.n), make([]float64, cut.n)
	for _, r := range rows {
		if r.answered() && cut.holds(r.intended) {
			k := cut.of(r.intended)
			sum[k] += float64(r.latency())
			n[k]++
		}
	}
	for k := range sum {
		sum[k] /= max(n[k], 1)
	}
	return sum
}
