package corpus

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"time"

	"reprise/capture"
)

const (
	indexChunk = 1 << 14 // entries of one index block
	maxIndex   = 1 << 20 // entries of one index
	endLen     = 24      // payload of the end block
	endLen1    = 16      // as of version 1
)

// Index is a corpus' table of contents.
type Index struct {
	Records int64
	// First and Last are the times of the first and the last record; zero where there is none.
	First, Last time.Time
	// Kinds counts the records of each kind that occurs.
	Kinds  map[capture.Kind]int64
	Blocks []BlockInfo
}

// BlockInfo says what a block of records holds.
type BlockInfo struct {
	Offset      int64 // in the file
	Records     int64
	FirstSeq    int64
	First, Last time.Time
	Kinds       map[capture.Kind]int64
}

// entry is an index entry as it is kept in memory.
type entry struct {
	offset      int64
	seq         int64
	first, last int64
	raw, crc    uint32 // of version 1 alone
	records     uint32
	mask        uint16
	kinds       []uint32 // one for each bit of mask, from the lowest
}

// index is what is known of a corpus' blocks of records.
type index struct {
	entries []entry
	records int64
	full    bool // more blocks than an index may have
}

// add appends the entry of a block that is at offset.
func (x *index) add(h *head, offset int64, kinds *[kindLimit]uint32) {
	if x.records += int64(h.Records); len(x.entries) >= maxIndex {
		x.entries, x.full = nil, true
	}
	if x.full {
		return
	}
	e := entry{
		offset: offset, seq: h.Seq, first: h.First, last: h.Last, records: h.Records, mask: h.Kinds, kinds: make([]uint32, 0, bits.OnesCount16(h.Kinds)),
	}
	for _, n := range kinds {
		if n > 0 {
			e.kinds = append(e.kinds, n)
		}
	}
	x.entries = append(x.entries, e)
}

// encode returns the payloads of the index blocks.
func (x *index) encode() (payloads [][]byte) {
	var offset, last int64
	for rest := x.entries; len(rest) > 0; {
		n := min(len(rest), indexChunk)
		b := binary.AppendUvarint(nil, uint64(n))
		for i := range rest[:n] {
			e := &rest[i]
			b = binary.AppendUvarint(b, uint64(e.offset-offset))
			b = binary.AppendUvarint(b, uint64(e.records))
			b = binary.AppendVarint(b, e.first-last)
			b = binary.AppendUvarint(b, uint64(e.last-e.first))
			b = binary.AppendUvarint(b, uint64(e.mask))
			for _, k := range e.kinds {
				b = binary.AppendUvarint(b, uint64(k))
			}
			offset, last = e.offset, e.last
		}
		payloads, rest = append(payloads, b), rest[n:]
	}
	return payloads
}

var errIndex = errors.New("malformed index")

// decode appends the entries of an index block's payload, as the format's version has them; end is where the blocks that it names
// must end.
func (x *index) decode(b []byte, version byte, end int64) error {
	d := cursor{raw: b}
	n, ok := d.uvarint()
	if !ok || n > indexChunk || len(x.entries)+int(n) > maxIndex {
		return errIndex
	}
	x.entries = slices.Grow(x.entries, min(int(n), len(b)/5)) // an entry has five numbers at least
	var room []uint32
	for ; n > 0; n-- {
		var before entry
		if len(x.entries) > 0 {
			before = x.entries[len(x.entries)-1]
		}
		e, ok := decodeEntry(&d, version, before, &room)
		if !ok || e.offset <= before.offset || e.offset > end-headLen1 || len(x.entries) > 0 && e.first < before.last {
			return errIndex
		}
		x.entries = append(x.entries, e)
		x.records += int64(e.records)
	}
	if d.pos != len(b) {
		return errIndex
	}
	return nil
}

// decodeEntry reads an entry. Its counts by kind are taken out of a room that entries share.
func decodeEntry(d *cursor, version byte, before entry, room *[]uint32) (e entry, ok bool) {
	offset, ok1 := d.uvarint()
	if !ok1 || version == 1 && !e.decodeSum(d) {
		return e, false
	}
	records, ok1 := d.uvarint()
	first, ok2 := d.varint()
	span, ok3 := d.uvarint()
	mask, ok4 := d.uvarint()
	if !ok1 || !ok2 || !ok3 || !ok4 || records == 0 || records > maxRecords || mask >= 1<<kindLimit || offset > 1<<62 {
		return e, false
	}
	e.offset, e.records, e.mask = before.offset+int64(offset), uint32(records), uint16(mask)
	e.seq = before.seq + int64(before.records)
	e.first = before.last + first
	e.last = e.first + int64(span)
	kinds := bits.OnesCount16(e.mask)
	if len(*room) < kinds {
		*room = make([]uint32, 1024)
	}
	e.kinds, *room = (*room)[:kinds:kinds], (*room)[kinds:]
	var sum uint64
	for i := range e.kinds {
		n, ok := d.uvarint()
		if !ok || n == 0 || n > records {
			return e, false
		}
		e.kinds[i] = uint32(n)
		sum += n
	}
	return e, sum == records && e.last >= e.first && e.offset >= before.offset
}

// public returns the index as users see it.
func (x *index) public() Index {
	p := Index{Records: x.records, Kinds: make(map[capture.Kind]int64), Blocks: make([]BlockInfo, 0, len(x.entries))}
	for i := range x.entries {
		e := &x.entries[i]
		info := BlockInfo{
			Offset: e.offset, Records: int64(e.records), FirstSeq: e.seq,
			First: time.Unix(0, e.first).UTC(), Last: time.Unix(0, e.last).UTC(), Kinds: make(map[capture.Kind]int64),
		}
		j := 0
		for k := range capture.Kind(kindLimit) {
			if e.mask&(1<<k) != 0 {
				info.Kinds[k] = int64(e.kinds[j])
				p.Kinds[k] += int64(e.kinds[j])
				j++
			}
		}
		p.Blocks = append(p.Blocks, info)
	}
	if n := len(p.Blocks); n > 0 {
		p.First, p.Last = p.Blocks[0].First, p.Blocks[n-1].Last
	}
	return p
}

// decodeSum reads what version 1 knows of a block's payload.
func (e *entry) decodeSum(d *cursor) bool {
	raw, ok := d.uvarint()
	if !ok || raw > maxRaw || len(d.raw)-d.pos < 4 {
		return false
	}
	e.raw, e.crc = uint32(raw), binary.LittleEndian.Uint32(d.raw[d.pos:])
	d.pos += 4
	return true
}
