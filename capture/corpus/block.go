package corpus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

// blockType says what a block's payload is.
type blockType uint8

// Part of the file format; never renumber.
const (
	typeRows   blockType = 1
	typeHosts  blockType = 2
	typeIndex  blockType = 3
	typeHeader blockType = 4
	typeEnd    blockType = 5
)

// Part of the file format; never renumber.
const (
	codecStored = 0
	codecZstd   = 1
)

const (
	blockMagic = "\xc9rpb" // Part of the file format; never change.
	headLen    = 64
	syncLen    = 12 // magic and file id

	maxRaw     = 16 << 20 // raw payload of any block
	maxHeader  = 1 << 20  // raw payload of a header block
	maxRecords = 1 << 16  // of one block
	maxTotal   = 1 << 62  // records of one corpus
)

// fileID is what all blocks of one file share.
type fileID [8]byte

// head is a block's header.
type head struct {
	typ        blockType
	codec      uint8
	kinds      uint16
	stored     uint32
	raw        uint32
	records    uint32
	rawCRC     uint32
	firstSeq   int64
	first      int64 // ns since 1970
	last       int64
	payloadCRC uint32
}

func castagnoli(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// put writes the header to b[:headLen].
func (h *head) put(b []byte, id fileID) {
	le := binary.LittleEndian
	copy(b, blockMagic)
	copy(b[4:], id[:])
	b[12], b[13] = byte(h.typ), h.codec
	le.PutUint16(b[14:], h.kinds)
	le.PutUint32(b[16:], h.stored)
	le.PutUint32(b[20:], h.raw)
	le.PutUint32(b[24:], h.records)
	le.PutUint32(b[28:], h.rawCRC)
	le.PutUint64(b[32:], uint64(h.firstSeq))
	le.PutUint64(b[40:], uint64(h.first))
	le.PutUint64(b[48:], uint64(h.last))
	le.PutUint32(b[56:], h.payloadCRC)
	le.PutUint32(b[60:], castagnoli(b[:60]))
}

// parseHead reads a header that begins b. It is false where b is no header within the format's limits.
func parseHead(b []byte) (h head, id fileID, ok bool) {
	le := binary.LittleEndian
	if len(b) < headLen || string(b[:4]) != blockMagic || le.Uint32(b[60:]) != castagnoli(b[:60]) {
		return h, id, false
	}
	copy(id[:], b[4:])
	h = head{
		typ: blockType(b[12]), codec: b[13], kinds: le.Uint16(b[14:]),
		stored: le.Uint32(b[16:]), raw: le.Uint32(b[20:]), records: le.Uint32(b[24:]), rawCRC: le.Uint32(b[28:]),
		firstSeq: int64(le.Uint64(b[32:])), first: int64(le.Uint64(b[40:])), last: int64(le.Uint64(b[48:])),
		payloadCRC: le.Uint32(b[56:]),
	}
	return h, id, h.valid()
}

func (h *head) valid() bool {
	if h.raw > maxRaw || h.stored > h.raw || h.records > maxRecords || h.firstSeq < 0 || h.last < h.first {
		return false
	}
	if h.typ == typeHeader && h.raw > maxHeader {
		return false
	}
	switch h.codec {
	case codecStored:
		return h.stored == h.raw
	case codecZstd:
		return true
	}
	return false
}

// size is the block's length in the file.
func (h *head) size() int64 { return headLen + int64(h.stored) }

// packer compresses blocks.
type packer struct {
	enc *zstd.Encoder
	out []byte
}

func newPacker(level zstd.EncoderLevel) (*packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(level), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(2<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("corpus: start the compressor: %w", err)
	}
	return &packer{enc: enc}, nil
}

// pack completes h and returns the whole block, valid until the next call. Small payloads are not worth compressing.
func (p *packer) pack(h *head, raw []byte, id fileID) []byte {
	const small = 64
	out := append(p.out[:0], make([]byte, headLen)...)
	h.codec, h.raw, h.rawCRC = codecStored, uint32(len(raw)), castagnoli(raw)
	if len(raw) > small && h.typ != typeEnd {
		out = p.enc.EncodeAll(raw, out)
		h.codec = codecZstd
	}
	if h.codec == codecStored || len(out)-headLen >= len(raw) {
		out = append(out[:headLen], raw...)
		h.codec = codecStored
	}
	h.seal(out, id)
	p.out = out
	return out
}

// store completes h and returns the whole block with its payload as it is.
func store(h *head, raw []byte, id fileID) []byte {
	out := append(make([]byte, headLen, headLen+len(raw)), raw...)
	h.codec, h.raw, h.rawCRC = codecStored, uint32(len(raw)), castagnoli(raw)
	h.seal(out, id)
	return out
}

// seal completes h from a block's payload, and writes it in front.
func (h *head) seal(block []byte, id fileID) {
	h.stored, h.payloadCRC = uint32(len(block)-headLen), castagnoli(block[headLen:])
	h.put(block, id)
}

func (p *packer) close() { _ = p.enc.Close() }

// Why a payload could not be used.
var (
	errChecksum = errors.New("checksum mismatch")
	errCompress = errors.New("payload does not decompress")
)

// unpacker decompresses blocks.
type unpacker struct {
	dec *zstd.Decoder
	buf []byte
}

func newUnpacker() (*unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRaw),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("corpus: start the decompressor: %w", err)
	}
	return &unpacker{dec: dec}, nil
}

// unpack returns the raw payload, valid until the next call; what it allocates is bounded by the header, and that by maxRaw.
func (u *unpacker) unpack(h *head, stored []byte) ([]byte, error) {
	if castagnoli(stored) != h.payloadCRC {
		return nil, errChecksum
	}
	if cap(u.buf) < int(h.raw) {
		u.buf = make([]byte, h.raw)
	}
	raw := u.buf[:h.raw:h.raw]
	if h.codec == codecStored {
		copy(raw, stored)
	} else if out, err := u.dec.DecodeAll(stored, raw[:0]); err != nil || len(out) != len(raw) {
		return nil, errCompress
	}
	if castagnoli(raw) != h.rawCRC {
		return nil, errChecksum
	}
	return raw, nil
}

func (u *unpacker) close() { u.dec.Close() }
