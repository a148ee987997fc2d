package results

import (
	"encoding/binary"
	"hash/crc32"

	"reprise/capture/frame"
)

// Part of the file format; never renumber.
const (
	magic         = "\x89RPR\r\n\x1a\n"
	formatVersion = 2
	preambleSize  = len(magic) + 2

	marker    = "\xc9rpr"
	marker1   = "RPRB" // of version 1
	frameSize = 24     // of version 1

	codecColumns = 1 // how the rows of a block are encoded

	blockHeader = 'H'
	blockRows   = 'R'
	blockFooter = 'F'
	blockAnswer = 'A'

	// maxStored bounds a block's payload in a file of version 1, maxRaw what it may unpack to, and maxRows its rows.
	maxStored = 1 << 20
	maxRaw    = 4 << 20
	maxRows   = 1 << 16
)

func layout2() frame.Layout2 {
	return frame.Layout2{Marker: marker, MaxRaw: maxRaw, MaxRecords: maxRows}
}

// layout1 is how version 1 wrote heads: without a file id, and with one checksum, which covers the head, too.
type layout1 struct{}

// Len implements frame.Layout.
func (layout1) Len() int { return frameSize }

// Sync implements frame.Layout.
func (layout1) Sync(frame.ID) []byte { return []byte(marker1) }

// Put implements frame.Layout: version 1 is written by nobody.
func (layout1) Put([]byte, *frame.Head, []byte) {
	panic("results: internal error: a block of version 1 was to be written")
}

// Parse implements frame.Layout.
func (layout1) Parse(b []byte) (h frame.Head, ok bool) {
	le := binary.LittleEndian
	if len(b) < frameSize || string(b[:4]) != marker1 {
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
