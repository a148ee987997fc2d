package packet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/bits"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng, section 4).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacketOld = 2
	blockSimple    = 3
	blockPacket    = 6
)

const (
	byteOrderMagic   = 0x1a2b3c4d
	optionResolution = 9
	optionOffset     = 14
	maxInterfaces    = 1 << 16
)

// Sizes, in bytes, of what begins every block, of the smallest section block, and of what stands before a packet's bytes.
const (
	ngHeadSize   = 12
	sectionSize  = 28
	ngPacketHead = 28
)

// maxBlock bounds, in bytes, the blocks of which both ends are compared before they are passed over.
const maxBlock = maxOriginal + 4096

var (
	errNgVersion = errors.New("unknown pcapng version")
	errByteOrder = errors.New("unknown byte order")
)

// ngFile is a pcapng file: blocks that say their length at both ends. Where the two differ, judge (ngresync.go) finds
// out which of them is damaged.
type ngFile struct {
	in         *window
	order      binary.ByteOrder // of the section; nil before the first
	interfaces []ngInterface
	looked     int64 // bytes looked at to find out what is damaged
}

type ngInterface struct {
	link   uint16
	binary bool
	digits uint8 // a tick is 10^-digits s, or 2^-digits s
	offset int64 // s, to be added
}

// newNgFile reads the first section's header, without which nothing can be read.
func newNgFile(in *window) (*ngFile, error) {
	n := &ngFile{in: in}
	order, ok := sectionOrder(in.peek(ngHeadSize))
	if !ok {
		if len(in.peek(ngHeadSize)) < ngHeadSize {
			return nil, errTruncated
		}
		return nil, errByteOrder
	}
	n.order = order
	b := in.peek(sectionSize)
	switch {
	case len(b) < sectionSize:
		return nil, errTruncated
	case n.order.Uint16(b[12:14]) != 1:
		return nil, errNgVersion
	}
	return n, nil
}

func (n *ngFile) next() (frame, error) {
	for {
		head := n.in.peek(ngHeadSize)
		if len(head) < ngHeadSize {
			lost := len(head)
			n.in.take(lost)
			return ended(n.in, int64(lost))
		}
		size := n.size(head)
		if size > maxAhead && n.passable(head) {
			if f, gives, err := n.passBig(); gives {
				return f, err
			}
			continue
		}
		if !n.whole(0, maxAhead) {
			return n.judge()
		}
		if f, packet := n.block(int(size), frame{}); packet {
			return f, nil
		}
	}
}

// size returns the length that a block's first bytes say, in the order of the section that it begins or belongs to; 0
// where it is impossible.
func (n *ngFile) size(head []byte) int64 {
	order := n.order
	if own, ok := sectionOrder(head); ok {
		order = own
	}
	size := int64(order.Uint32(head[4:8]))
	if size < ngHeadSize || size%4 != 0 {
		return 0
	}
	return size
}

// whole says whether a block at an offset, of at most some bytes, has the same length at both ends.
func (n *ngFile) whole(at int, most int64) bool {
	head := n.in.peek(at + ngHeadSize)
	if len(head) < at+ngHeadSize {
		return false
	}
	size := n.size(head[at:])
	if size == 0 || size > most {
		return false
	}
	b := n.in.peek(at + int(size))
	return len(b) == at+int(size) && bytes.Equal(b[at+4:at+8], b[len(b)-4:])
}

// block takes a block of that many bytes and says whether it gives a packet; as says what is known of it.
func (n *ngFile) block(size int, as frame) (f frame, packet bool) {
	b := n.in.peek(size)
	n.in.take(size)
	order, section := sectionOrder(b)
	if section {
		n.order, n.interfaces = order, n.interfaces[:0]
		return as, as.damage != ""
	}
	switch n.order.Uint32(b) {
	case blockInterface:
		if size < 20 || len(n.interfaces) == maxInterfaces {
			as.damage, as.lost = reasonBadBlock, as.lost+int64(size)
			return as, true
		}
		n.description(b)
	case blockSimple:
		as.unusable = reasonNoTime
		return as, true
	case blockPacket, blockPacketOld:
		return n.packet(b, as), true
	}
	return as, as.damage != ""
}

// passable says whether a block that is too big to be looked into may be one: of a kind that holds no packet, or with
// a packet of about its own size.
func (n *ngFile) passable(head []byte) bool {
	switch n.order.Uint32(head) {
	case blockSection, blockInterface, blockSimple:
		return false
	case blockPacket, blockPacketOld:
		b := n.in.peek(ngPacketHead)
		if len(b) < ngPacketHead {
			return false
		}
		captured, length, size := int64(n.order.Uint32(b[20:])), int64(n.order.Uint32(b[24:])), n.size(b)
		return captured <= length && length <= maxOriginal && captured+ngPacketHead+4 <= size && size-captured < maxPacket
	}
	return n.size(head) <= maxBlock || n.known(head) && n.search(4) < 0
}

// passBig passes over such a block, and says whether that gives anything. One that is too big to be held is believed.
func (n *ngFile) passBig() (f frame, gives bool, err error) {
	head := n.in.peek(ngHeadSize)
	kind, size := n.order.Uint32(head), n.size(head)
	if size <= maxBlock && !n.whole(0, maxBlock) {
		f, err = n.judge()
		return f, true, err
	}
	if passed := n.in.skip(size); passed < size {
		return frame{lost: passed}, true, errTruncated
	}
	return frame{unusable: reasonBigPacket}, kind == blockPacket || kind == blockPacketOld, nil
}

func (n *ngFile) description(b []byte) {
	i := ngInterface{link: n.order.Uint16(b[8:10]), digits: 6}
	for options := b[16 : len(b)-4]; len(options) >= 4; {
		code, size := n.order.Uint16(options[0:2]), int(n.order.Uint16(options[2:4]))
		if options = options[4:]; code == 0 || size > len(options) {
			break
		}
		switch value := options[:size]; {
		case code == optionResolution && size >= 1:
			i.binary, i.digits = value[0]&0x80 != 0, value[0]&0x7f
		case code == optionOffset && size >= 8:
			i.offset = int64(n.order.Uint64(value))
		}
		options = options[min(len(options), (size+3)&^3):]
	}
	n.interfaces = append(n.interfaces, i)
}

// packet takes the packet out of its block, or says why not. The old block has 16 bits of drop count behind 16 of
// interface, where the enhanced one has 32 of interface.
func (n *ngFile) packet(b []byte, as frame) frame {
	if len(b) < ngPacketHead+4 {
		as.damage, as.lost = reasonBadBlock, as.lost+int64(len(b))
		return as
	}
	number := n.order.Uint32(b[8:])
	if n.order.Uint32(b) == blockPacketOld {
		number = uint32(n.order.Uint16(b[8:]))
	}
	captured, damaged, ok := n.captured(b)
	if int64(number) >= int64(len(n.interfaces)) || !ok {
		as.damage, as.lost = reasonBadBlock, as.lost+int64(len(b))
		return as
	}
	if damaged && as.damage == "" {
		as.damage, as.lost = reasonBadLength, 4
	}
	if captured > maxPacket {
		as.unusable = reasonBigPacket
		return as
	}
	i := &n.interfaces[number]
	t, ok := i.nanoseconds(uint64(n.order.Uint32(b[12:]))<<32 | uint64(n.order.Uint32(b[16:])))
	if !ok {
		as.unusable = reasonNoTime
		return as
	}
	as.time, as.link, as.data = t, i.link, b[ngPacketHead:ngPacketHead+captured]
	return as
}

// nanoseconds converts a count of ticks to nanoseconds since 1970, exactly but for what is below one.
func (i *ngInterface) nanoseconds(ticks uint64) (int64, bool) {
	var hi, lo uint64 // nanoseconds, 128 bits
	switch {
	case i.binary && i.digits < 64:
		hi, lo = bits.Mul64(ticks, 1e9)
		lo, hi = lo>>i.digits|hi<<(64-i.digits), hi>>i.digits
	case !i.binary && i.digits <= 9:
		hi, lo = bits.Mul64(ticks, power10(9-i.digits))
	case !i.binary && i.digits <= 28:
		lo = ticks / power10(i.digits-9)
	default:
		return 0, false
	}
	const century = 100 * 366 * 86400
	if hi != 0 || lo > math.MaxInt64 || i.offset > 2*century || i.offset < -2*century {
		return 0, false
	}
	t := int64(lo) + i.offset*1e9
	if (t < int64(lo)) != (i.offset < 0) {
		return 0, false
	}
	return t, true
}

func power10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// sectionOrder returns the byte order of the section that a block's first bytes begin.
func sectionOrder(head []byte) (binary.ByteOrder, bool) {
	if len(head) < ngHeadSize || binary.LittleEndian.Uint32(head) != blockSection {
		return nil, false
	}
	switch {
	case binary.LittleEndian.Uint32(head[8:]) == byteOrderMagic:
		return binary.LittleEndian, true
	case binary.BigEndian.Uint32(head[8:]) == byteOrderMagic:
		return binary.BigEndian, true
	}
	return nil, false
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}
