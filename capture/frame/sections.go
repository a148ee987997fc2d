package frame

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Sections is a payload of many parts of which each is packed by itself, so that a reader unpacks those alone that it needs, and what is
// noise is stored as it is. FORMAT.md of the corpus has the layout.
type Sections struct {
	head, body []byte
	count, raw int
}

// How a section is packed. Part of the file format; never renumber.
const (
	sectionStored  = 0
	sectionZstd    = 1
	sectionHistory = 2 // zstd, after the file's dictionary
)

const maxSections = 1 << 18

// SectionPacker packs sections. It is for one goroutine at a time.
type SectionPacker struct {
	plain   *zstd.Encoder
	similar *zstd.Encoder // with the file's dictionary; nil: there is none
}

// historyID is what frames that need the dictionary of the file call it: nothing, as a dictionary without a number is called.
const historyID = 0

// NewSectionPacker returns a packer; history is the dictionary of the file, or empty.
func NewSectionPacker(history []byte) (*SectionPacker, error) {
	p := &SectionPacker{}
	// The best level takes 200 MB more for half a percent.
	start := func(more ...zstd.EOption) (*zstd.Encoder, error) {
		e, err := zstd.NewWriter(nil, append(more, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20),
			zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithSingleSegment(true))...)
		if err != nil {
			return nil, fmt.Errorf("start the compressor: %w", err)
		}
		return e, nil
	}
	var err error
	if p.plain, err = start(); err != nil || len(history) == 0 {
		return p, err
	}
	p.similar, err = start(zstd.WithEncoderDictRaw(historyID, history))
	return p, err
}

// Close gives the packer's memory back.
func (p *SectionPacker) Close() {
	_ = p.plain.Close()
	if p.similar != nil {
		_ = p.similar.Close()
	}
}

// Reset empties s.
func (s *Sections) Reset() { s.head, s.body, s.count, s.raw = s.head[:0], s.body[:0], 0, 0 }

// Store appends a section that would not become smaller.
func (s *Sections) Store(raw []byte) {
	s.count++
	s.raw += len(raw)
	s.head = binary.AppendUvarint(append(s.head, sectionStored), uint64(len(raw)))
	s.body = append(s.body, raw...)
}

// Pack appends a section. With similar, it is alike to the file's dictionary.
func (s *Sections) Pack(p *SectionPacker, raw []byte, similar bool) {
	const small = 24 // a frame's own bytes are not worth less
	if len(raw) < small {
		s.Store(raw)
		return
	}
	packing, enc := byte(sectionZstd), p.plain
	if similar && p.similar != nil {
		packing, enc = sectionHistory, p.similar
	}
	at := len(s.body)
	s.body = enc.EncodeAll(raw, s.body)
	if n := len(s.body) - at; n < len(raw) {
		s.count++
		s.raw += len(raw)
		s.head = binary.AppendUvarint(append(s.head, packing), uint64(n))
		s.head = binary.AppendUvarint(s.head, uint64(len(raw)))
		return
	}
	s.body = s.body[:at]
	s.Store(raw)
}

// Append appends the payload.
func (s *Sections) Append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.count))
	return append(append(dst, s.head...), s.body...)
}

// Size is how many bytes they take.
func (s *Sections) Size() int { return len(s.head) + len(s.body) }

// Raw is how many bytes they are when they are unpacked.
func (s *Sections) Raw() int { return s.raw }

// Len is how many sections there are.
func (s *Sections) Len() int { return s.count }

// SectionReader gives the sections of payloads.
type SectionReader struct {
	dec    *zstd.Decoder
	list   []section
	memory []byte // for what is unpacked
}

type section struct {
	packing byte
	stored  []byte
	raw     int
	open    []byte
}

// NewSectionReader returns a reader of payloads whose sections are at most so many bytes together; history is the dictionary of the file.
func NewSectionReader(most int, history []byte) (*SectionReader, error) {
	options := []zstd.DOption{
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(most)), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true),
	}
	if len(history) > 0 {
		options = append(options, zstd.WithDecoderDictRaw(historyID, history))
	}
	dec, err := zstd.NewReader(nil, options...)
	if err != nil {
		return nil, fmt.Errorf("start the decompressor: %w", err)
	}
	return &SectionReader{dec: dec}, nil
}

// Close gives the reader's memory back.
func (s *SectionReader) Close() { s.dec.Close() }

// Reset begins with a payload, which must not change while it is used. It says whether the payload is one of sections that are at most
// most bytes together.
func (s *SectionReader) Reset(payload []byte, most int) bool {
	s.list = s.list[:0]
	n, used := binary.Uvarint(payload)
	if used <= 0 || n > maxSections || n > uint64(len(payload)) {
		return false
	}
	p, total, stored := payload[used:], 0, 0
	number := func(limit int) (int, bool) {
		v, used := binary.Uvarint(p)
		if used <= 0 || v > uint64(limit) {
			return 0, false
		}
		p = p[used:]
		return int(v), true
	}
	for range n {
		if len(p) == 0 || p[0] > sectionHistory {
			return false
		}
		c := section{packing: p[0]}
		p = p[1:]
		size, ok := number(len(payload))
		if c.raw = size; ok && c.packing != sectionStored {
			c.raw, ok = number(most)
		}
		if total += c.raw; !ok || total > most || size > len(payload)-stored {
			return false
		}
		c.stored = payload[stored : stored+size : stored+size] // where from is known when all sizes are
		stored += size
		s.list = append(s.list, c)
	}
	if stored != len(p) {
		return false
	}
	from := len(payload) - stored
	for i := range s.list {
		c := &s.list[i]
		size := len(c.stored)
		c.stored = payload[from : from+size : from+size]
		from += size
	}
	if cap(s.memory) < total {
		s.memory = make([]byte, 0, total)
	}
	s.memory = s.memory[:0]
	return true
}

// Len is how many sections the payload has.
func (s *SectionReader) Len() int { return len(s.list) }

// Stored is how many bytes a section takes in the payload.
func (s *SectionReader) Stored(i int) int { return len(s.list[i].stored) }

// NeedsHistory says whether a section was packed after the file's dictionary.
func (s *SectionReader) NeedsHistory() bool {
	return slices.ContainsFunc(s.list, func(c section) bool { return c.packing == sectionHistory })
}

// Section returns a section, unpacked: valid until the next Reset. ok is false where it is not what it says.
func (s *SectionReader) Section(i int) (raw []byte, ok bool) {
	if i < 0 || i >= len(s.list) {
		return nil, false
	}
	c := &s.list[i]
	switch {
	case c.packing == sectionStored:
		return c.stored, true
	case c.open != nil:
		return c.open, true
	}
	at := len(s.memory)
	out, err := s.dec.DecodeAll(c.stored, s.memory[at:at:at+c.raw])
	if err != nil || len(out) != c.raw {
		return nil, false
	}
	s.memory = s.memory[:at+c.raw]
	c.open = out
	return out, true
}
