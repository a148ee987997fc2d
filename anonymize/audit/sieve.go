package audit

import (
	"context"
	mathbits "math/bits"

	"reprise/capture"
)

const (
	// bytesOfRecord is how much of a filter the keys of a record take, with which one look-up in seven passes by mistake: few enough to sieve.
	bytesOfRecord = 8
	// mostFilterBytes bounds the filter where Options leave its size open: of more than 33 million records it lets more pass.
	mostFilterBytes = 256 << 20
	// lookUpsOfRecord is about how much of a record of the output is looked up.
	lookUpsOfRecord = 16
	// mostSieves bounds the rounds of sieve; each leaves less than half of what the filter lets pass, or is the last.
	mostSieves = 4
	// bytesOfLookUp is how much of a filter one key takes, with which one look-up in four hundred passes by mistake.
	bytesOfLookUp = 2
	leastSieve    = 1 << 20 // bytes
)

// filterBytes is the filter's size for so many records.
func filterBytes(records int64) int {
	return int(min(max(records*bytesOfRecord, DefaultFilterBytes), mostFilterBytes))
}

// passes is the share of look-ups that the filter lets pass by mistake.
func (f *filter) passes() float64 {
	set := 0
	for i := range f.blocks {
		for _, word := range f.blocks[i] {
			set += mathbits.OnesCount64(word)
		}
	}
	filled := float64(set) / float64(len(f.blocks)*512)
	return filled * filled * filled * filled // a key has four bits
}

// sieve takes out of the filter what the output holds nothing of, where the filter would let so much pass by mistake that the input had to
// be read many times to tell it apart: the output is looked through for what passes, and the input for what that was. What the output holds of
// the input stays in, whatever was sieved.
func (a *auditor) sieve(ctx context.Context, records int64) error {
	passes := a.filter.passes()
	for range mostSieves {
		if passes*float64(records)*lookUpsOfRecord < 2*float64(a.batch) {
			return nil
		}
		whole := len(a.filter.blocks) * 64
		size := min(max(int(passes*float64(records))*lookUpsOfRecord*bytesOfLookUp, leastSieve), whole)
		looked := newFilter(size)
		if err := a.lookThrough(ctx, looked); err != nil {
			return err
		}
		left := newFilter(size)
		a.filter = left // the large one is not needed any more
		err := a.eachInput(ctx, func(h *hand, r *capture.Record) {
			h.keys.of(r, func(k key) {
				if looked.has(k.hash, k.domain) {
					left.hold(&k)
				}
			})
		})
		if err != nil {
			return err
		}
		before := passes
		if passes = left.passes(); passes > before/2 {
			return nil
		}
	}
	return nil
}

// lookThrough puts into looked what of the output the filter lets pass. Nothing is reported.
func (a *auditor) lookThrough(ctx context.Context, looked *filter) error {
	for _, h := range a.hands {
		h.sift = &scanner{auditor: a, keys: &h.keys, report: &Report{}, sifted: looked}
		h.sift.look = h.sift.view
	}
	defer func() {
		for _, h := range a.hands {
			h.sift = nil
		}
	}()
	in, out, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	defer out.close()
	n := int64(0)
	return inBatches(ctx, a.hands, func(b *batch) (bool, error) {
		return b.fill(ctx, n, in, out, func(_, _ *capture.Record) { n++ })
	}, func(h *hand, b *batch, i int) {
		h.sift.record(b.first+int64(i), b.counterpart(i), &b.out[i], &b.marks[i])
	}, func(*batch) error { return nil })
}
