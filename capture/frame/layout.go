package frame

import "encoding/binary"

// headLen is how many bytes a head of Layout2 has. Part of the file formats; never change.
const headLen = 80

// Layout2 is how heads are written since version 2 of both formats.
type Layout2 struct {
	// Marker is the four bytes with which each head begins.
	Marker string
	// MaxRaw and MaxRecords bound a block.
	MaxRaw, MaxRecords uint32
}

// Len implements Layout.
func (Layout2) Len() int { return headLen }

// Sync implements Layout.
func (l Layout2) Sync(id ID) []byte { return append([]byte(l.Marker), id[:]...) }

// Put implements Layout.
func (l Layout2) Put(b []byte, h *Head, _ []byte) {
	le := binary.LittleEndian
	clear(b[:headLen])
	copy(b, l.Marker)
	copy(b[4:], h.ID[:])
	b[12], b[13], b[14] = h.Type, h.Packing, h.Codec
	le.PutUint16(b[16:], h.Kinds)
	le.PutUint32(b[20:], h.Stored)
	le.PutUint32(b[24:], h.Raw)
	le.PutUint32(b[28:], h.Records)
	le.PutUint64(b[32:], uint64(h.Seq))
	le.PutUint64(b[40:], uint64(h.First))
	le.PutUint64(b[48:], uint64(h.Last))
	le.PutUint64(b[56:], h.Digest)
	le.PutUint32(b[68:], h.RawCRC)
	le.PutUint32(b[72:], h.StoredCRC)
	le.PutUint32(b[76:], CRC(b[:76]))
}

// Parse implements Layout. A packing that is not known is right here: Reader.Payload answers ErrNewer.
func (l Layout2) Parse(b []byte) (h Head, ok bool) {
	le := binary.LittleEndian
	if len(b) < headLen || string(b[:4]) != l.Marker || le.Uint32(b[76:]) != CRC(b[:76]) {
		return h, false
	}
	h = Head{
		ID: ID(b[4:12]), Type: b[12], Packing: b[13], Codec: b[14], Kinds: le.Uint16(b[16:]),
		Stored: le.Uint32(b[20:]), Raw: le.Uint32(b[24:]), Records: le.Uint32(b[28:]),
		Seq: int64(le.Uint64(b[32:])), First: int64(le.Uint64(b[40:])), Last: int64(le.Uint64(b[48:])),
		Digest: le.Uint64(b[56:]), RawCRC: le.Uint32(b[68:]), StoredCRC: le.Uint32(b[72:]),
	}
	return h, h.Raw <= l.MaxRaw && h.Stored <= h.Raw && h.Records <= l.MaxRecords && h.Seq >= 0 && h.Last >= h.First &&
		(h.Packing != Stored || h.Stored == h.Raw)
}

// Check implements Layout.
func (Layout2) Check(h *Head, _, stored []byte) bool { return CRC(stored) == h.StoredCRC }

// CheckRaw implements Layout.
func (Layout2) CheckRaw(h *Head, raw []byte) bool { return CRC(raw) == h.RawCRC }
