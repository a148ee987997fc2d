// Package frame is the container under the corpus and the run file: blocks, each with a head and checksums of its own, which a
// reader finds again after damage.
//
// The one idea: a block stands alone. Whatever happens to the bytes around it, a block whose head and payload have right
// checksums is what was written, and any other block is passed over, named as damage, and costs nothing but itself.
//
// What the payloads mean, and which blocks a file needs, is the business of the packages that use the container: capture/corpus
// and replay/results. A Reader, a Writer and a Packer belong to one goroutine at a time.
package frame

import (
	"errors"
	"hash/crc32"
)

// ID is what all blocks of one file share: it is random, so that no text within a payload passes for a block.
type ID [8]byte

// How a payload is packed. Part of the file formats; never renumber.
const (
	Stored = 0 // as it is
	Zstd   = 1 // one zstd frame (RFC 8878)
)

// Head is what stands before a block's payload. A layout that lacks a field leaves it 0.
type Head struct {
	Type    byte // of the format that uses the container
	Packing byte
	Codec   byte   // how the records are encoded, of the format that uses the container
	Kinds   uint16 // bit k is set where a record has kind k
	Stored  uint32 // bytes of the payload in the file
	Raw     uint32 // bytes of the payload once unpacked
	Records uint32
	// RawCRC and StoredCRC are checksums of the payload unpacked and as it is in the file.
	RawCRC, StoredCRC uint32
	// Seq is the number of the first record; First and Last are the times of the first and the last, in nanoseconds since 1970.
	Seq, First, Last int64
	// Digest is the sum of the records' digests, modulo 2^64.
	Digest uint64
	ID     ID
}

// Layout is how the heads of one version of a format are written.
type Layout interface {
	// Len is how many bytes a head has.
	Len() int
	// Sync is what the heads of a file begin with: what a reader looks for after damage.
	Sync(id ID) []byte
	// Parse reads the head that begins b, which has Len bytes. It is false where those are no head within the format's limits.
	Parse(b []byte) (Head, bool)
	// Put writes a head to b, which has Len bytes; stored is the payload that follows it.
	Put(b []byte, h *Head, stored []byte)
	// Check says whether the payload as stored is what was written behind the head that b holds.
	Check(h *Head, b, stored []byte) bool
	// CheckRaw says whether the unpacked payload is what was written.
	CheckRaw(h *Head, raw []byte) bool
}

// ErrNewer says that a file has something without which its records cannot be read, and which this program does not know. It is no
// damage.
var ErrNewer = errors.New("written by a newer reprise")

// CRC is the checksum of all formats: CRC-32C (Castagnoli).
func CRC(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// Reason is why a part of a file could not be used. It is an error, too.
type Reason string

// Error implements error.
func (r Reason) Error() string { return string(r) }

// The reasons that the container knows.
const (
	NoBlock     Reason = "no block where one should begin"
	BadChecksum Reason = "a block's checksum does not match"
	BadPayload  Reason = "a block does not decompress"
	Truncated   Reason = "the file ends inside a block"
	Missing     Reason = "records are missing"
)
