package corpus

import (
	"errors"

	"reprise/capture/frame"
)

// recount returns counts to be made of all records, for recounted; nil where the file has none that they could be held to.
func (r *Reader) recount() *counts {
	if _, ok, err := r.Counts(); !ok || err != nil {
		return nil
	}
	c := newCounts()
	c.width = r.summary.width
	return &c
}

// recounted holds the summary to the counts of all records.
func (r *Reader) recounted(c *counts) error {
	if c.flush(); r.summary == nil || c.width != r.summary.width || !frame.Lossless(r.Damage()) {
		return nil
	}
	for i := range r.summary.columns {
		if !r.summary.columns[i].there {
			continue
		}
		cells, err := r.readColumn(i)
		if isDamage(err) || errors.Is(err, errCounts) || err == nil && !sameCells(cells, c.columns[i].bytes) {
			r.Miscounted()
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sameCells says whether two columns say the same.
func sameCells(a, b []byte) bool {
	x, y := cellReader{rest: a, slot: firstSlot - 1}, cellReader{rest: b, slot: firstSlot - 1}
	for x.next() {
		if !y.next() || x.slot != y.slot || x.n != y.n {
			return false
		}
	}
	return !x.bad && !y.next()
}
