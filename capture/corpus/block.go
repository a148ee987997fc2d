package corpus

import (
	"encoding/binary"

	"reprise/capture/frame"
)

// The types of blocks. Part of the file format; never renumber.
const (
	typeRecords = 1
	typeHosts   = 2
	typeIndex   = 3
	typeHeader  = 4
	typeEnd     = 5
)

const (
	blockMagic = "\xc9rpb" // Part of the file format; never change.
	headLen    = 64

	maxRaw     = 16 << 20 // raw payload of any block
	maxHeader  = 1 << 20  // raw payload of a header block
	maxRecords = 1 << 16  // of one block
	maxTotal   = 1 << 62  // records of one corpus
)

type (
	head   = frame.Head
	fileID = frame.ID
)

// layout1 is how version 1 writes heads.
type layout1 struct{}

// Len implements frame.Layout.
func (layout1) Len() int { return headLen }

// Sync implements frame.Layout.
func (layout1) Sync(id fileID) []byte { return append([]byte(blockMagic), id[:]...) }

// Put implements frame.Layout.
func (layout1) Put(b []byte, h *head, _ []byte) {
	le := binary.LittleEndian
	copy(b, blockMagic)
	copy(b[4:], h.ID[:])
	b[12], b[13] = h.Type, h.Packing
	le.PutUint16(b[14:], h.Kinds)
	le.PutUint32(b[16:], h.Stored)
	le.PutUint32(b[20:], h.Raw)
	le.PutUint32(b[24:], h.Records)
	le.PutUint32(b[28:], h.RawCRC)
	le.PutUint64(b[32:], uint64(h.Seq))
	le.PutUint64(b[40:], uint64(h.First))
	le.PutUint64(b[48:], uint64(h.Last))
	le.PutUint32(b[56:], h.StoredCRC)
	le.PutUint32(b[60:], frame.CRC(b[:60]))
}

// Parse implements frame.Layout.
func (layout1) Parse(b []byte) (h head, ok bool) {
	le := binary.LittleEndian
	if len(b) < headLen || string(b[:4]) != blockMagic || le.Uint32(b[60:]) != frame.CRC(b[:60]) {
		return h, false
	}
	h = head{
		ID: fileID(b[4:12]), Type: b[12], Packing: b[13], Kinds: le.Uint16(b[14:]),
		Stored: le.Uint32(b[16:]), Raw: le.Uint32(b[20:]), Records: le.Uint32(b[24:]), RawCRC: le.Uint32(b[28:]),
		Seq: int64(le.Uint64(b[32:])), First: int64(le.Uint64(b[40:])), Last: int64(le.Uint64(b[48:])),
		StoredCRC: le.Uint32(b[56:]),
	}
	return h, valid(&h)
}

// Check implements frame.Layout.
func (layout1) Check(h *head, _, stored []byte) bool { return frame.CRC(stored) == h.StoredCRC }

// CheckRaw implements frame.Layout.
func (layout1) CheckRaw(h *head, raw []byte) bool { return frame.CRC(raw) == h.RawCRC }

// valid says whether a head is within the format's limits.
func valid(h *head) bool {
	if h.Raw > maxRaw || h.Stored > h.Raw || h.Records > maxRecords || h.Seq < 0 || h.Last < h.First {
		return false
	}
	if h.Type == typeHeader && h.Raw > maxHeader {
		return false
	}
	switch h.Packing {
	case frame.Stored:
		return h.Stored == h.Raw
	case frame.Zstd:
		return true
	}
	return false
}
