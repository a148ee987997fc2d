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
	// typeDictionary is what columns of text are packed after.
	typeDictionary = 6
)

const (
	marker1  = "\xc9rpb" // Part of the file format; never change.
	headLen1 = 64
	marker2  = "\xc9rpc" // Part of the file format; never change.

	maxRaw     = 16 << 20 // raw payload of any block
	maxHeader  = 1 << 20  // raw payload of a header block and of a dictionary
	maxRecords = 1 << 16  // of one block
	maxTotal   = 1 << 62  // records of one corpus
)

type (
	head   = frame.Head
	fileID = frame.ID
)

// layout2 is how heads are written since version 2.
type layout2 struct{ frame.Layout2 }

func newLayout2() layout2 {
	return layout2{frame.Layout2{Marker: marker2, MaxRaw: maxRaw, MaxRecords: maxRecords}}
}

// Parse implements frame.Layout.
func (l layout2) Parse(b []byte) (h head, ok bool) {
	h, ok = l.Layout2.Parse(b)
	return h, ok && (h.Type != typeHeader && h.Type != typeDictionary || h.Raw <= maxHeader)
}

// layout1 is how version 1 wrote heads. Its records are always rows.
type layout1 struct{}

// Len implements frame.Layout.
func (layout1) Len() int { return headLen1 }

// Sync implements frame.Layout.
func (layout1) Sync(id fileID) []byte { return append([]byte(marker1), id[:]...) }

// Put implements frame.Layout: version 1 is written by nobody.
func (layout1) Put([]byte, *head, []byte) {
	panic("corpus: internal error: a block of version 1 was to be written")
}

// Parse implements frame.Layout.
func (layout1) Parse(b []byte) (h head, ok bool) {
	le := binary.LittleEndian
	if len(b) < headLen1 || string(b[:4]) != marker1 || le.Uint32(b[60:]) != frame.CRC(b[:60]) {
		return h, false
	}
	h = head{
		ID: fileID(b[4:12]), Type: b[12], Packing: b[13], Kinds: le.Uint16(b[14:]),
		Stored: le.Uint32(b[16:]), Raw: le.Uint32(b[20:]), Records: le.Uint32(b[24:]), RawCRC: le.Uint32(b[28:]),
		Seq: int64(le.Uint64(b[32:])), First: int64(le.Uint64(b[40:])), Last: int64(le.Uint64(b[48:])),
		StoredCRC: le.Uint32(b[56:]),
	}
	if h.Type == typeRecords {
		h.Codec = codecRows
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
