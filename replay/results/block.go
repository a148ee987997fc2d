package results

import (
	"encoding/binary"
	"hash/crc32"

	"reprise/capture/frame"
)

// Part of the file format; never renumber.
const (
	magic         = "\x89RPR\r\n\x1a\n"
	formatVersion = 1
	preambleSize  = len(magic) + 2

	marker    = "RPRB"
	frameSize = 24

	blockHeader = 'H'
	blockRows   = 'R'
	blockFooter = 'F'
	blockAnswer = 'A'

	// maxStored bounds a block's payload in the file, maxRaw what it may unpack to, and maxRows its rows.
	maxStored = 1 << 20
	maxRaw    = 4 << 20
	maxRows   = 1 << 16
)

// layout1 is how version 1 writes heads: without a file id, and with one checksum, which covers the head, too.
type layout1 struct{}

// Len implements frame.Layout.
func (layout1) Len() int { return frameSize }

// Sync implements frame.Layout.
func (layout1) Sync(frame.ID) []byte { return []byte(marker) }

// Put implements frame.Layout.
func (layout1) Put(b []byte, h *frame.Head, stored []byte) {
	le := binary.LittleEndian
	copy(b, marker)
	b[4], b[5], b[6], b[7] = h.Type, h.Packing, 0, 0
	le.PutUint32(b[8:], h.Records)
	le.PutUint32(b[12:], h.Raw)
	le.PutUint32(b[16:], h.Stored)
	le.PutUint32(b[20:], checksum(b[4:20], stored))
}

// Parse implements frame.Layout.
func (layout1) Parse(b []byte) (h frame.Head, ok bool) {
	le := binary.LittleEndian
	if len(b) < frameSize || string(b[:4]) != marker {
		return h, false
	}
	h = frame.Head{Type: b[4], Packing: b[5], Records: le.Uint32(b[8:]), Raw: le.Uint32(b[12:]), Stored: le.Uint32(b[16:])}
	return h, h.Stored <= maxStored && h.Raw <= maxRaw && h.Records <= maxRows && h.Packing <= frame.Zstd
}

// Check implements frame.Layout.
func (layout1) Check(_ *frame.Head, b, stored []byte) bool {
	return checksum(b[4:20], stored) == binary.LittleEndian.Uint32(b[20:])
}

// CheckRaw implements frame.Layout: there is no checksum of what is unpacked.
func (layout1) CheckRaw(*frame.Head, []byte) bool { return true }

// checksum is CRC-32C over the head's fields and the payload as stored.
func checksum(fields, payload []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(fields, table), table, payload)
}
