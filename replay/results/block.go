package results

import (
	"encoding/binary"
	"hash/crc32"
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

	packPlain = 0
	packZstd  = 1

	// maxStored bounds a block's payload in the file, maxRaw what it may unpack to, and maxRows its rows.
	maxStored = 1 << 20
	maxRaw    = 4 << 20
	maxRows   = 1 << 16
)

// frame is what stands before a block's payload.
type frame struct {
	kind, pack byte
	rows       uint32
	raw        uint32
	stored     uint32
}

// appendBlock appends a framed block. The checksum covers everything after the marker but itself.
func appendBlock(dst []byte, f frame, payload []byte) []byte {
	f.stored = uint32(len(payload))
	at := len(dst)
	dst = append(dst, marker...)
	dst = append(dst, f.kind, f.pack, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, f.rows)
	dst = binary.LittleEndian.AppendUint32(dst, f.raw)
	dst = binary.LittleEndian.AppendUint32(dst, f.stored)
	dst = binary.LittleEndian.AppendUint32(dst, checksum(dst[at+4:at+20], payload))
	return append(dst, payload...)
}

// parseFrame reads a frame; reason is empty where it can be one. sum is the checksum that the payload must give.
func parseFrame(b []byte) (f frame, sum uint32, reason string) {
	if string(b[:4]) != marker {
		return f, 0, "no block begins here"
	}
	f = frame{
		kind: b[4], pack: b[5],
		rows:   binary.LittleEndian.Uint32(b[8:]),
		raw:    binary.LittleEndian.Uint32(b[12:]),
		stored: binary.LittleEndian.Uint32(b[16:]),
	}
	if f.stored > maxStored || f.raw > maxRaw || f.rows > maxRows || f.pack > packZstd {
		return f, 0, "a block's frame is not possible"
	}
	return f, binary.LittleEndian.Uint32(b[20:]), ""
}

// checksum is CRC-32C over the frame's fields and the payload as stored.
func checksum(fields, payload []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(fields, table), table, payload)
}
