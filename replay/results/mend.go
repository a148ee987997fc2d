package results

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"reprise/capture/frame"
)

// HeaderState says what became of a header that was read by Salvage.
type HeaderState uint8

// The states.
const (
	// HeaderWhole is one without damage.
	HeaderWhole HeaderState = iota
	// HeaderMended is one that was damaged, or what stands before it, and of which a copy was whole; in a file of version 1, which
	// has no copy, one of which a single byte was wrong: its checksums tell which byte that was.
	HeaderMended
	// HeaderLost is one that cannot be known: Header returns an empty one.
	HeaderLost
)

// Detect says whether an input that begins with prefix is a run file, also one whose first bytes are damaged. It needs
// DetectLen bytes.
func Detect(prefix []byte) bool {
	if len(prefix) < len(magic) {
		return false
	}
	if string(prefix[:len(magic)]) == magic {
		return true
	}
	if len(prefix) < DetectLen {
		return false
	}
	begin := string(prefix[preambleSize:DetectLen])
	return begin == marker || begin == marker1
}

// DetectLen is how many bytes Detect needs.
const DetectLen = preambleSize + len(marker)

// Salvage reads a run file whose header may be damaged: then the header is put right where its checksums allow that, and else
// the rows are read without it. It is ErrFormat where the input is no run file, and ErrVersion where it is of a newer version.
func Salvage(in io.Reader) (*Reader, HeaderState, error) {
	r, err := newReader(in)
	if err != nil {
		return nil, 0, err
	}
	state, err := r.salvage()
	if err != nil {
		r.unpacker.Close()
		return nil, 0, err
	}
	return r, state, nil
}

func (r *Reader) salvage() (HeaderState, error) {
	start := r.in.Peek(DetectLen + frameSize + maxStored)
	if err := r.in.Failed(); err != nil && len(start) == 0 {
		return 0, err
	}
	if !Detect(start) {
		return 0, ErrFormat
	}
	version := uint16(formatVersion)
	if len(start) >= preambleSize {
		version = binary.LittleEndian.Uint16(start[len(magic):])
	}
	// The first block tells which version it is of, also where the number is damaged.
	is, begin := version, string(start[min(preambleSize, len(start)):min(DetectLen, len(start))])
	switch begin {
	case marker:
		is = formatVersion
	case marker1:
		is = 1
	}
	if is == 0 || is > formatVersion {
		return 0, fmt.Errorf("results: format version %d: %w", is, ErrVersion)
	}
	r.version = is
	damaged := version != is || string(start[:len(magic)]) != magic
	if damaged {
		r.damaged(0, int64(preambleSize), "the file's first bytes are damaged")
	}
	r.in.Skip(int64(preambleSize))
	state, err := r.salvageHeader(start)
	if err != nil {
		return 0, err
	}
	// A newer version raises the header's schema too, so that one bit of damage does not pass for one.
	if version != is && (state != HeaderWhole || r.header.Schema != int(is) || bits.OnesCount16(version^is) > 1) {
		return 0, fmt.Errorf("results: format version %d: %w", version, ErrVersion)
	}
	if damaged {
		state = max(state, HeaderMended)
	}
	return state, nil
}

// salvageHeader reads the header, whatever is left of it.
func (r *Reader) salvageHeader(start []byte) (HeaderState, error) {
	if r.version > 1 {
		return r.header2()
	}
	h, size, mended := mendHeader(start[preambleSize:], r.unpacker)
	if size == 0 {
		return HeaderLost, r.resync(headerDamaged, &frame.Head{})
	}
	state := HeaderWhole
	if mended {
		r.damaged(r.in.Offset(), int64(size), headerDamaged)
		state = HeaderMended
	}
	r.header = h
	r.in.Skip(int64(size))
	return state, nil
}

// mendHeader reads the block of version 1 that b begins with, which is a header, and returns how long it is: 0 where it cannot be read.
func mendHeader(b []byte, u *frame.Unpacker) (h Header, size int, mended bool) {
	if len(b) < frameSize {
		return h, 0, false
	}
	for _, size := range lengths(b) {
		block := bytes.Clone(b[:size])
		mended := mend(block)
		if f, ok := (layout1{}).Parse(block); !ok || f.Type != blockHeader {
			continue
		}
		if h, ok := parseHeader(block, u); ok {
			return h, size, mended
		}
	}
	return h, 0, false
}

// lengths are those that a header's block may have: what it says itself, and up to where the next block begins.
func lengths(b []byte) (list []int) {
	if n := frameSize + int(binary.LittleEndian.Uint32(b[16:])); n > frameSize && n <= len(b) {
		list = append(list, n)
	}
	if i := bytes.Index(b[frameSize:], []byte(marker1)); i > 0 {
		list = append(list, frameSize+i)
	}
	return list
}

// mend puts a block right of which one byte is wrong, and says whether it changed one.
func mend(block []byte) (changed bool) {
	if string(block[:len(marker1)]) != marker1 {
		copy(block, marker1)
		changed = true
	}
	sum := binary.LittleEndian.Uint32(block[20:])
	is := checksum(block[4:20], block[frameSize:])
	switch wrong := sum ^ is; {
	case wrong == 0:
		return changed
	case wrong&(wrong-1) == 0 || oneByte(wrong): // the checksum itself
		binary.LittleEndian.PutUint32(block[20:], is)
		return true
	default:
		at, v, ok := wrongByte(len(block)-8, wrong)
		if !ok {
			return changed
		}
		if at += 4; at >= 20 {
			at += 4 // the checksum is not part of what it is of
		}
		block[at] ^= v
	}
	return true
}

// oneByte says whether all bits of v are in one of its bytes.
func oneByte(v uint32) bool {
	n := 0
	for ; v > 0; v >>= 8 {
		if v&0xff != 0 {
			n++
		}
	}
	return n == 1
}

// wrongByte finds the byte, of n that a CRC-32C is of, that is wrong where the sum is wrong by so much, and by what. A CRC is
// linear: what a change does to it depends on the change and on how many bytes follow it.
func wrongByte(n int, wrong uint32) (at int, by byte, ok bool) {
	table := crc32.MakeTable(crc32.Castagnoli)
	var does [8]uint32 // what each bit of the byte at hand does to the sum
	for i := range does {
		does[i] = table[1<<i]
	}
	for at := n - 1; at >= 0; at-- {
		if v, ok := combine(&does, wrong); ok {
			return at, v, true
		}
		for i := range does {
			does[i] = table[byte(does[i])] ^ does[i]>>8
		}
	}
	return 0, 0, false
}

// combine finds the bits whose effects together are wrong.
func combine(does *[8]uint32, wrong uint32) (v byte, ok bool) {
	var sums [256]uint32
	for i := 1; i < len(sums); i++ {
		low := bits.TrailingZeros(uint(i))
		if sums[i] = sums[i&(i-1)] ^ does[low]; sums[i] == wrong {
			return byte(i), true
		}
	}
	return 0, false
}

// parseHeader unpacks a block that is as it was written, and no other: its payload has a checksum of its own.
func parseHeader(block []byte, u *frame.Unpacker) (h Header, ok bool) {
	f, ok := layout1{}.Parse(block)
	if !ok || f.Type != blockHeader || int(f.Stored) != len(block)-frameSize {
		return h, false
	}
	raw, err := u.Unpack(layout1{}, &f, block)
	return h, err == nil && json.Unmarshal(raw, &h) == nil
}
