package corpus

import (
	"iter"

	"reprise/capture"
)

// heldRecord is a record in memory, the run that it belongs to and its place in the order of arrival.
type heldRecord struct {
	rec   *capture.Record
	ns    int64
	order int64
	run   int
	size  int64
}

func (a *heldRecord) less(b *heldRecord) bool {
	if a.run != b.run {
		return a.run < b.run
	}
	return a.ns < b.ns || a.ns == b.ns && a.order < b.order
}

// heldRecords gives records in order, the first of them first. Most come nearly in order: these stand in a row, and one that is
// a little late is put in its place there. Those that come later than that are in a heap.
type heldRecords struct {
	row  []heldRecord // in order, from first on
	from int          // the first that is still held
	late heap[heldRecord]
}

// nearby is how many records of the row a late one may pass.
const nearby = 64

func newHeldRecords() heldRecords {
	return heldRecords{late: heap[heldRecord]{less: (*heldRecord).less}}
}

func (h *heldRecords) len() int { return len(h.row) - h.from + h.late.len() }

func (h *heldRecords) push(r heldRecord) {
	at := len(h.row)
	for least := max(h.from, at-nearby); at > h.from && r.less(&h.row[at-1]); at-- {
		if at == least {
			h.late.push(r)
			return
		}
	}
	if len(h.row) == cap(h.row) && h.from > len(h.row)/2 { // most of the memory is of records that have left
		n := copy(h.row, h.row[h.from:])
		clear(h.row[n:])
		h.row, h.from, at = h.row[:n], 0, at-h.from
	}
	h.row = append(h.row, r)
	if at < len(h.row)-1 {
		copy(h.row[at+1:], h.row[at:])
		h.row[at] = r
	}
}

// first is the record that pop would give; nil where there is none.
func (h *heldRecords) first() *heldRecord {
	switch {
	case h.from == len(h.row) && h.late.len() == 0:
		return nil
	case h.late.len() == 0:
		return &h.row[h.from]
	case h.from == len(h.row) || h.late.items[0].less(&h.row[h.from]):
		return &h.late.items[0]
	}
	return &h.row[h.from]
}

func (h *heldRecords) pop() heldRecord {
	if h.late.len() > 0 && h.first() == &h.late.items[0] {
		return h.late.pop()
	}
	r := h.row[h.from]
	h.row[h.from] = heldRecord{}
	if h.from++; h.from == len(h.row) {
		h.row, h.from = h.row[:0], 0
	}
	return r
}

// all gives the records in no order.
func (h *heldRecords) all() iter.Seq[heldRecord] {
	return func(yield func(heldRecord) bool) {
		for _, part := range [][]heldRecord{h.row[h.from:], h.late.items} {
			for _, r := range part {
				if !yield(r) {
					return
				}
			}
		}
	}
}
