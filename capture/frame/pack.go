package frame

import (
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Level says how hard a Packer tries.
type Level int

// The levels.
const (
	// Default is for what is written once and read often.
	Default Level = iota
	// Fastest takes a quarter less time.
	Fastest
	// NoEntropy finds repetitions alone: for numbers that are mostly noise.
	NoEntropy
)

// Packer compresses payloads.
type Packer struct {
	enc    *zstd.Encoder
	layout Layout
	out    []byte
}

// NewPacker returns a packer for blocks of a layout.
func NewPacker(layout Layout, level Level) (*Packer, error) {
	options := []zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(2 << 20), zstd.WithLowerEncoderMem(true)}
	switch level {
	case Fastest:
		options = append(options, zstd.WithEncoderLevel(zstd.SpeedFastest))
	case NoEntropy:
		options = []zstd.EOption{
			zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithNoEntropyCompression(true), zstd.WithEncoderCRC(false),
		}
	}
	enc, err := zstd.NewWriter(nil, options...)
	if err != nil {
		return nil, fmt.Errorf("start the compressor: %w", err)
	}
	return &Packer{enc: enc, layout: layout}, nil
}

// Pack completes h and returns the whole block, valid until the next call. Small payloads are not worth compressing.
func (p *Packer) Pack(h *Head, raw []byte) []byte {
	const small = 64
	head := p.layout.Len()
	out := append(p.out[:0], make([]byte, head)...)
	h.Packing, h.Raw, h.RawCRC = Stored, uint32(len(raw)), CRC(raw)
	if len(raw) > small {
		out = p.enc.EncodeAll(raw, out)
		h.Packing = Zstd
	}
	if h.Packing == Stored || len(out)-head >= len(raw) {
		out = append(out[:head], raw...)
		h.Packing = Stored
	}
	seal(p.layout, h, out)
	p.out = out
	return out
}

// Close gives the packer's memory back.
func (p *Packer) Close() { _ = p.enc.Close() }

// Store completes h and returns the whole block with its payload as it is. It may be written to the memory of buf.
func Store(buf []byte, layout Layout, h *Head, raw []byte) []byte {
	head := layout.Len()
	out := append(slices.Grow(buf[:0], head+len(raw))[:head], raw...)
	clear(out[:head])
	h.Packing, h.Raw, h.RawCRC = Stored, uint32(len(raw)), CRC(raw)
	seal(layout, h, out)
	return out
}

// seal completes h from a block's payload, and writes it in front.
func seal(layout Layout, h *Head, block []byte) {
	head := layout.Len()
	h.Stored, h.StoredCRC = uint32(len(block)-head), CRC(block[head:])
	layout.Put(block[:head], h, block[head:])
}

// Unpacker decompresses payloads.
type Unpacker struct {
	dec *zstd.Decoder
	buf []byte
}

// NewUnpacker returns an unpacker of payloads of at most so many bytes.
func NewUnpacker(most int) (*Unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(most)),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("start the decompressor: %w", err)
	}
	return &Unpacker{dec: dec}, nil
}

// Unpack returns the payload of a block, valid until the next call and as long as the block is: one that is stored as it is, is part of
// it. What it allocates is bounded by the head, and that by the layout's limits. It fails with BadChecksum or BadPayload.
func (u *Unpacker) Unpack(layout Layout, h *Head, block []byte) ([]byte, error) {
	head := layout.Len()
	stored := block[head:]
	if !layout.Check(h, block[:head], stored) {
		return nil, BadChecksum
	}
	raw := stored[:len(stored):len(stored)]
	if h.Packing != Stored {
		if cap(u.buf) < int(h.Raw) {
			u.buf = make([]byte, h.Raw)
		}
		raw = u.buf[:h.Raw:h.Raw]
		if out, err := u.dec.DecodeAll(stored, raw[:0]); err != nil || len(out) != len(raw) {
			return nil, BadPayload
		}
	}
	if len(raw) != int(h.Raw) || !layout.CheckRaw(h, raw) {
		return nil, BadChecksum
	}
	return raw, nil
}

// Keep lets the caller have the memory of the last payload: the next one takes another.
func (u *Unpacker) Keep() { u.buf = nil }

// Close gives the unpacker's memory back.
func (u *Unpacker) Close() { u.dec.Close() }
