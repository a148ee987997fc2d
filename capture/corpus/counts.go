package corpus

import (
	"encoding/binary"
	"slices"
	"time"

	"reprise/capture"
)

// Names of extensions. Part of the file format; never change.
const (
	extensionCounts  = "counts"
	extensionSummary = "summary"
)

// slotWidths are how many seconds a slot can have: each is a whole number of those before it. Part of the file format; never change.
func slotWidths() [9]int64 { return [...]int64{1, 5, 15, 60, 300, 900, 3600, 21600, widest} }

const (
	allKinds    = 0             // the column of all records; 1+k is that of kind k. Part of the file format; never renumber.
	countColumn = 1 + kindLimit // columns at most
	countLimit  = 8 << 20       // bytes of all columns, above which slots become wider
	firstSlot   = -10_000_000_000
	widest      = 86400
)

// counts are how many records of each kind came in each slot of time, as a writer gathers them. Slots become wider as they get many, so that
// memory is bounded.
type counts struct {
	width, slot int64 // in seconds; the number of the slot under way
	to          int64 // the end of the slot under way, in nanoseconds
	now         [kindLimit]uint64
	columns     [countColumn]cells
	size        int // of all columns
	begun       bool
}

// cells are the slots that have records, in order, as a column of the file has them.
type cells struct {
	bytes        []byte
	sum          int64
	slot, before int64  // the last one, and the one before it
	at           int    // where the last one is written
	n            uint64 // the records of the last one
}

// newCounts returns counts of every second.
func newCounts() counts { return counts{width: slotWidths()[0]} }

// add counts a record; times do not decrease.
func (c *counts) add(ns int64, k capture.Kind) {
	if !c.begun || ns >= c.to {
		c.next(ns)
	}
	c.now[k]++
}

// next begins the slot of a time.
func (c *counts) next(ns int64) {
	c.flush()
	c.begun = true
	c.slot = slotOf(ns, c.width)
	c.to = (c.slot + 1) * c.width * int64(time.Second) // within 64 bits: see earliest and latest
}

// slotOf is the number of the slot of a time.
func slotOf(ns, width int64) int64 {
	width *= int64(time.Second)
	slot := ns / width
	if ns%width < 0 {
		slot--
	}
	return slot
}

// flush ends the slot under way.
func (c *counts) flush() {
	if !c.begun {
		return
	}
	var all uint64
	for k, n := range c.now {
		if n > 0 {
			c.put(1+k, c.slot, n)
			all += n
		}
	}
	c.put(allKinds, c.slot, all)
	c.now, c.begun = [kindLimit]uint64{}, false
	for c.size > countLimit && c.width < widest {
		c.widen()
	}
}

func (c *counts) put(column int, slot int64, n uint64) {
	cl := &c.columns[column]
	before := len(cl.bytes)
	cl.put(slot, n)
	c.size += len(cl.bytes) - before
}

// put appends a slot with n records, at least one, or adds them to the last one.
func (c *cells) put(slot int64, n uint64) {
	c.sum += int64(n)
	if slot == c.slot && len(c.bytes) > 0 {
		n += c.n
		c.bytes = c.bytes[:c.at]
	} else {
		c.before = firstSlot - 1
		if len(c.bytes) > 0 {
			c.before = c.slot
		}
		c.at, c.slot = len(c.bytes), slot
	}
	c.n = n
	v := uint64(slot-c.before-1) << cellBits
	if n <= cellCount {
		c.bytes = binary.AppendUvarint(c.bytes, v|(n-1))
		return
	}
	c.bytes = binary.AppendUvarint(c.bytes, v|cellCount)
	c.bytes = binary.AppendUvarint(c.bytes, n-1-cellCount)
}

// How a cell is written. Part of the file format; never change.
const (
	cellBits  = 3
	cellCount = 1<<cellBits - 1
)

// widen makes slots wider by a step.
func (c *counts) widen() {
	widths := slotWidths()
	wider := widths[slices.Index(widths[:], c.width)+1]
	c.size = 0
	for i := range c.columns {
		var to cells
		for d := (cellReader{rest: c.columns[i].bytes, slot: firstSlot - 1}); d.next(); {
			to.put(floor(d.slot, wider/c.width), d.n)
		}
		c.columns[i] = to
		c.size += len(to.bytes)
	}
	c.width = wider
}

func floor(a, by int64) int64 {
	if a < 0 {
		return -((-a + by - 1) / by)
	}
	return a / by
}

// cellReader reads cells. Whatever they hold it ends, and slots never decrease.
type cellReader struct {
	rest []byte
	slot int64
	n    uint64
	bad  bool // they are malformed
}

// next goes on to the next slot that has records; false at the end, and where the rest is malformed.
func (r *cellReader) next() bool {
	if len(r.rest) == 0 {
		return false
	}
	v := uint64(r.rest[0])
	if v < 0x80 && v&cellCount < cellCount { // most are so
		r.rest = r.rest[1:]
		r.slot += int64(v>>cellBits) + 1
		r.n = v&cellCount + 1
		return r.slot <= -firstSlot || r.spoil()
	}
	if len(r.rest) > 1 && v < 0x80 && r.rest[1] < 0x80 { // and most others so
		r.n = cellCount + 1 + uint64(r.rest[1])
		r.rest = r.rest[2:]
		r.slot += int64(v>>cellBits) + 1
		return r.slot <= -firstSlot || r.spoil()
	}
	used := 1
	if v >= 0x80 {
		v, used = binary.Uvarint(r.rest)
	}
	const farthest = 4 << 34 // slots apart
	if used <= 0 || v>>cellBits > farthest {
		return r.spoil()
	}
	r.rest = r.rest[used:]
	r.slot += int64(v>>cellBits) + 1
	if r.n = v&cellCount + 1; r.n > cellCount {
		more, used := binary.Uvarint(r.rest)
		if used <= 0 || more > maxTotal {
			return r.spoil()
		}
		r.rest = r.rest[used:]
		r.n += more
	}
	if r.slot > -firstSlot {
		return r.spoil()
	}
	return true
}

// fill takes the slot that it stands at, and those after it, as long as the next one is of one byte or two.
func (r *cellReader) fill(list []Slot, width int64) int {
	const short = 1<<(7-cellBits) + 1 // slots that such a one goes on, and more
	rest, slot, records := r.rest, r.slot, int64(r.n)
	for i := range list {
		if len(rest) < 2 || rest[0] >= 0x80 || slot > -firstSlot-short {
			r.rest, r.slot, r.n = rest, slot, uint64(records)
			return i
		}
		list[i] = Slot{slot * width, records}
		v, used := rest[0], 1
		if records = int64(v&cellCount) + 1; records > cellCount {
			if rest[1] >= 0x80 {
				r.rest, r.slot, r.n = rest, slot, uint64(list[i].N)
				return i
			}
			records += int64(rest[1])
			used = 2
		}
		slot += int64(v>>cellBits) + 1
		rest = rest[used:]
	}
	r.rest, r.slot, r.n = rest, slot, uint64(records)
	return len(list)
}

func (r *cellReader) spoil() bool {
	r.rest, r.bad = nil, true
	return false
}
