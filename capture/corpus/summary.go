package corpus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

// BadSummary says that the counts by time contradict the records. Nothing is lost by it: readers count the records themselves.
const BadSummary = Reason("the summary of counts contradicts the records")

// column says where the cells of a column are.
type column struct {
	records, offset int64
	there           bool
}

// summary is what a summary in the footer says.
type summary struct {
	records int64
	digest  uint64
	width   int64
	columns [countColumn]column
}

// writeCounts writes the columns of counts, and returns the summary's payload; nil where there is nothing to say.
func (w *Writer) writeCounts() []byte {
	w.counts.flush()
	if w.index.full || w.index.records == 0 || w.plain {
		return nil
	}
	b := frame.AppendName(nil, extensionSummary)
	b = binary.AppendUvarint(b, uint64(w.index.records))
	b = binary.LittleEndian.AppendUint64(b, w.sum)
	b = binary.AppendUvarint(b, uint64(w.counts.width))
	for i := range w.counts.columns {
		c := &w.counts.columns[i]
		if c.sum == 0 || i > 0 && c.sum == w.index.records { // of one kind alone
			continue
		}
		b = binary.AppendUvarint(b, uint64(i))
		b = binary.AppendUvarint(b, uint64(c.sum))
		b = binary.AppendUvarint(b, uint64(w.offset))
		w.block(&head{Type: frame.Extension}, append(append(frame.AppendName(nil, extensionCounts), byte(i)), c.bytes...))
	}
	w.counts.columns = [countColumn]cells{}
	return b
}

// parseSummary reads a summary's payload.
func parseSummary(b []byte) (s *summary, ok bool) {
	d := cursor{raw: b}
	records, ok := d.uvarint()
	if !ok || records == 0 || records > maxTotal || len(b)-d.pos < 8 {
		return nil, false
	}
	s = &summary{records: int64(records), digest: binary.LittleEndian.Uint64(b[d.pos:])}
	d.pos += 8
	width, ok := d.uvarint()
	for _, w := range slotWidths() {
		if uint64(w) == width {
			s.width = w
		}
	}
	if !ok || s.width == 0 {
		return nil, false
	}
	for d.pos < len(b) {
		i, ok1 := d.uvarint()
		n, ok2 := d.uvarint()
		offset, ok3 := d.uvarint()
		if !ok1 || !ok2 || !ok3 || i >= countColumn || s.columns[i].there || n == 0 || n > records || offset > math.MaxInt64 {
			return nil, false
		}
		s.columns[i] = column{int64(n), int64(offset), true}
	}
	return s, s.columns[allKinds].there
}

// agrees says whether a summary is of the records of an index: as many of each kind.
func (s *summary) agrees(x *index, digest uint64) bool {
	if s.records != x.records || s.digest != digest || s.columns[allKinds].records != x.records {
		return false
	}
	for k, n := range x.kinds() {
		if c := s.columns[1+k]; c.records != n && (c.there || n != x.records) {
			return false
		}
	}
	return true
}

// kinds are how many records of each kind there are.
func (x *index) kinds() (sum [kindLimit]int64) {
	for i := range x.entries {
		x.entries[i].count(&sum, 1)
	}
	return sum
}

// count adds the records of each kind, so many times.
func (e *entry) count(sum *[kindLimit]int64, times int64) {
	for mask, i := e.mask, 0; mask != 0; mask &= mask - 1 {
		sum[bits.TrailingZeros16(mask)] += times * int64(e.kinds[i])
		i++
	}
}

// Counts are how many records came in each slot of time, from the file's own summary. They are for one goroutine at a time.
type Counts struct {
	width int64
	cells [][]byte // of the columns that are added up
}

// Width is how long a slot is. Slots begin at whole multiples of it since 1970.
func (c *Counts) Width() time.Duration { return time.Duration(c.width) * time.Second }

// Slots goes through slots that have records, in order of time.
type Slots struct {
	// At is when the slot at hand begins, in seconds since 1970, and N how many records are in it.
	At, N int64

	width   int64
	readers []cellReader
}

// Slot is a stretch of time that has records: when it begins, in seconds since 1970, and how many there are.
type Slot struct{ At, N int64 }

// Slots begins before the first slot.
func (c *Counts) Slots() Slots {
	s := Slots{width: c.width, readers: make([]cellReader, 0, len(c.cells))}
	for _, b := range c.cells {
		if r := (cellReader{rest: b, slot: firstSlot - 1}); r.next() {
			s.readers = append(s.readers, r)
		}
	}
	return s
}

// Next goes on to the next slot; false at the end.
func (s *Slots) Next() bool {
	switch len(s.readers) {
	case 0:
		return false
	case 1: // the column of all
		r := &s.readers[0]
		if s.At, s.N = r.slot*s.width, int64(r.n); !r.next() {
			s.readers = s.readers[:0]
		}
		return true
	}
	slot := s.readers[0].slot
	for i := range s.readers {
		slot = min(slot, s.readers[i].slot)
	}
	s.At, s.N = slot*s.width, 0
	for i := len(s.readers) - 1; i >= 0; i-- {
		r := &s.readers[i]
		if r.slot != slot {
			continue
		}
		if s.N += int64(r.n); !r.next() {
			s.readers = slices.Delete(s.readers, i, i+1)
		}
	}
	return true
}

// Fill is Next for many slots at once: it fills a list from its beginning, and returns how many there were, 0 at the end.
func (s *Slots) Fill(list []Slot) (n int) {
	for n < len(list) {
		if len(s.readers) == 1 { // which stands at the slot that is next
			n += s.readers[0].fill(list[n:], s.width)
		}
		if n == len(list) || !s.Next() {
			break
		}
		list[n] = Slot{s.At, s.N}
		n++
	}
	return n
}

// Counts returns the counts by time of the records of some kinds, of all where none is named, without reading a record. ok is false where
// the file has none: it is a stream, an unfinished or an older one, or its summary contradicts its index, which Damage tells then. An error
// is the file's.
func (r *Reader) Counts(kinds ...capture.Kind) (c *Counts, ok bool, err error) {
	if r.summary == nil || r.index == nil {
		return nil, false, nil
	}
	wanted := uint16(math.MaxUint16)
	if len(kinds) > 0 {
		wanted = 0
		for _, k := range kinds {
			wanted |= 1 << (k & (kindLimit - 1))
		}
	}
	c, err = r.readCounts(wanted)
	if isDamage(err) || errors.Is(err, errCounts) {
		r.badSummary(r.footer)
		return nil, false, nil
	}
	return c, err == nil, err
}

// Miscounted says that Counts told other than the records do: the summary is not used any more, and Damage tells it.
func (r *Reader) Miscounted() { r.badSummary(r.footer) }

// badSummary says that the summary is not used.
func (r *Reader) badSummary(at int64) {
	r.summary = nil
	r.damage.Add(Damage{Offset: at, Reason: BadSummary, Spare: true})
}

var errCounts = errors.New("counts contradict the index")

func (r *Reader) readCounts(wanted uint16) (*Counts, error) {
	if err := r.checkHeads(); err != nil {
		return nil, err
	}
	c := &Counts{width: r.summary.width}
	have := r.index.kinds()
	columns := []int{allKinds}
	for k, n := range have {
		if n > 0 && wanted&(1<<k) == 0 {
			columns = columns[:0]
			break
		}
	}
	for k, n := range have {
		if len(columns) == 0 || columns[0] != allKinds {
			if n > 0 && wanted&(1<<k) != 0 {
				columns = append(columns, 1+k)
			}
		}
	}
	for _, i := range columns {
		cells, err := r.readColumn(i)
		if err != nil {
			return nil, err
		}
		c.cells = append(c.cells, cells)
	}
	return c, nil
}

// readColumn reads a column of counts and holds it against the index.
func (r *Reader) readColumn(i int) ([]byte, error) {
	col := r.summary.columns[i]
	if !col.there { // all records are of that kind
		i, col = allKinds, r.summary.columns[allKinds]
	}
	if cells := r.columns[i]; cells != nil {
		return cells, nil
	}
	if col.offset < int64(magicLen) || col.offset >= r.footer {
		return nil, errCounts
	}
	section := io.NewSectionReader(r.random, col.offset, r.footer-col.offset)
	in := frame.NewReader(section, r.in.Layout(), r.unpack)
	in.Seekable(section, section.Size())
	in.SetID(r.in.ID())
	defer r.unpack.Keep() // the cells are kept
	h, err := in.Head()
	if err != nil || h.Type != frame.Extension {
		return nil, errCounts
	}
	payload, err := in.Payload(&h)
	if err != nil {
		return nil, err
	}
	name, rest, ok := frame.CutName(payload)
	if !ok || name != extensionCounts || len(rest) < 2 || int(rest[0]) != i {
		return nil, errCounts
	}
	if !r.index.confirms(rest[1:], i, r.summary.width, col.records) {
		return nil, errCounts
	}
	r.columns[i] = rest[1:]
	return rest[1:], nil
}

// confirms holds a column against the blocks: until a block's first slot there are no more records than before the block, and with that slot
// more; the same of its last one.
func (x *index) confirms(b []byte, column int, width, records int64) bool {
	cells := cellReader{rest: b, slot: firstSlot - 1}
	more := cells.next()
	var before, through int64 // before the slot at hand, and with it
	if more {
		through = int64(min(cells.n, maxTotal))
	}
	reach := func(slot int64) { // go on to a slot, or to the first after it
		for more && cells.slot < slot {
			before = through
			if more = cells.next(); more {
				through += int64(min(cells.n, maxTotal))
			}
			if through > records {
				more = false
			}
		}
	}
	at := func(slot int64) (low, high int64) {
		reach(slot)
		if more && cells.slot == slot {
			return before, through
		}
		if more {
			return before, before
		}
		return through, through
	}
	var seq int64
	for i := range x.entries {
		e := &x.entries[i]
		n := e.of(column)
		low, high := at(slotOf(e.first, width))
		if low > seq || high < seq || column == allKinds && high == seq {
			return false
		}
		seq += n
		if low, high = at(slotOf(e.last, width)); low > seq || high < seq || column == allKinds && low == seq {
			return false
		}
	}
	for more {
		reach(cells.slot + 1)
	}
	return !cells.bad && through == records && seq == records
}

// of is how many records a column has in a block.
func (e *entry) of(column int) int64 {
	if column == allKinds {
		return int64(e.records)
	}
	var sum [kindLimit]int64
	e.count(&sum, 1)
	return sum[column-1]
}

// checkHeads holds the index against the heads of all blocks, once: each is where the index says and has those records, and they are those
// of the corpus. Payloads are not read.
func (r *Reader) checkHeads() error {
	if r.base().spares.headsAgree() {
		return nil
	}
	var b [frameHead]byte
	layout := r.in.Layout()
	var digest uint64
	for i := range r.index.entries {
		e := &r.index.entries[i]
		if _, err := r.random.ReadAt(b[:], e.offset); errors.Is(err, io.EOF) {
			return errCounts
		} else if err != nil {
			return fmt.Errorf("corpus: read at offset %d: %w", e.offset, err)
		}
		h, ok := layout.Parse(b[:])
		if !ok || h.ID != r.in.ID() || h.Type != typeRecords || h.Seq != e.seq || h.Records != e.records || h.First != e.first || h.Last != e.last || h.Kinds != e.mask {
			return errCounts
		}
		digest += h.Digest
	}
	if r.total == nil || digest != *r.total {
		return errCounts
	}
	r.base().spares.keepHeads()
	return nil
}

// frameHead is how many bytes a block's head has.
const frameHead = 80
