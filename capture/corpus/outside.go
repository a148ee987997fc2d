package corpus

import (
	"context"
	"errors"
	"time"

	"reprise/capture/sms"
)

// KindLimit bounds the kinds that a file can have.
const KindLimit = kindLimit

// Outside counts the records of each kind that are not in a window, from its start to just before its end; zero times are open ends. It reads
// no more than the heads of blocks, and the blocks in which the window begins and ends; then the reader stands at its beginning, as after a
// SeekTime. ok is false, and the reader stands where it stood, where it has to read everything for that: a stream, an unfinished file or one
// of version 1, and one with a head of a block that contradicts the index.
//
// The records of other blocks count as the index has them, whether or not they can be read.
func (r *Reader) Outside(ctx context.Context, from, to time.Time) (kinds [KindLimit]int64, ok bool, err error) {
	if r.index == nil || r.version == 1 {
		return kinds, false, nil
	}
	if err := r.checkHeads(); errors.Is(err, errCounts) {
		return kinds, false, nil
	} else if err != nil {
		return kinds, false, err
	}
	start, end := clampTime(time.Time{}), everything().to
	if !from.IsZero() {
		start = clampTime(from)
	}
	if !to.IsZero() {
		end = clampTime(to)
	}
	for i := range r.index.entries {
		e := &r.index.entries[i]
		switch {
		case e.last < start || e.first >= end:
			e.count(&kinds, 1)
		case e.first < start || e.last >= end:
			if err := r.countEdge(ctx, e, start, end, &kinds); err != nil {
				return kinds, false, err
			}
		}
	}
	r.from, r.err = start, nil
	return kinds, true, r.enter(start)
}

// countEdge counts what of a block is not in a window.
func (r *Reader) countEdge(ctx context.Context, e *entry, start, end int64, kinds *[KindLimit]int64) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.from, r.err = clampTime(time.Time{}), nil
	if err := r.enterAt(e.offset, e.seq); err != nil {
		return err
	}
	if err := r.block(everything()); err != nil {
		return err
	}
	if r.left == 0 { // it is damaged
		return nil
	}
	p := new(Projection)
	r.projectBlock(p, (*sms.Speller)(nil))
	if len(p.Times) == int(e.records) {
		r.base().spares.keepEdge(e.offset, p)
	}
	for i, at := range p.Times {
		if at < start || at >= end {
			kinds[p.Kinds[i]]++
		}
	}
	return nil
}
