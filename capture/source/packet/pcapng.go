package packet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"github.com/google/gopacket/pcapgo"
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

var (
	errBlockLength = errors.New("the two lengths of a block differ")
	errBlockSize   = errors.New("a block's length is impossible")
	errNgVersion   = errors.New("unknown pcapng version")
	errByteOrder   = errors.New("unknown byte order")
)

// ngFile is a pcapng file. pcapgo's reader trusts lengths, panics on short options, keeps only 8 bits of a link type
// and rounds binary time resolutions; so it is fed from an ngFilter, which knows better about all of these.
type ngFile struct {
	filter *ngFilter
	r      *pcapgo.NgReader
}

func newNgFile(br *bufio.Reader) (*ngFile, error) {
	f := &ngFilter{in: br}
	r, err := pcapgo.NewNgReader(f, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	switch {
	case f.failed != nil:
		return nil, f.failed
	case err != nil:
		return nil, fmt.Errorf("read the first section: %w", err)
	}
	return &ngFile{filter: f, r: r}, nil
}

func (n *ngFile) next() (frame, error) {
	f := n.filter
	if f.unusable == "" {
		data, info, err := n.r.ZeroCopyReadPacketData()
		switch {
		case err == nil && info.CaptureLength != f.length:
			panic("packet: internal error: pcapng readers out of step")
		case err == nil:
			return frame{data: data, time: f.time, link: f.link}, nil
		case f.unusable == "":
			if f.failed != nil {
				return frame{}, f.failed
			}
			return frame{}, err
		}
	}
	reason := f.unusable
	f.unusable = ""
	return frame{unusable: reason}, nil
}

// ngFilter passes on the blocks that matter, checked and without their options, one block in one Read at most: what
// it says of the last packet is therefore true of the packet that a reader behind it returns.
type ngFilter struct {
	in         *bufio.Reader
	order      binary.ByteOrder
	interfaces []ngInterface
	block      []byte // checked bytes
	rest       []byte // those of block that are still to be read
	failed     error  // why nothing more comes, other than a clean end

	// Of the last packet.
	link     uint16
	time     int64
	length   int
	unusable string // a packet was met that cannot be passed on; the next Read goes on after it
}

type ngInterface struct {
	link   uint16
	binary bool
	digits uint8 // a tick is 10^-digits s, or 2^-digits s
	offset int64 // s, to be added
}

// Read implements io.Reader. It ends with io.EOF at the file's end, at damage (failed says which) and at a packet
// that cannot be used (unusable says why; reading may go on).
func (f *ngFilter) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if f.failed != nil || f.unusable != "" {
			return 0, io.EOF
		}
		if err := f.advance(); err != nil {
			if !errors.Is(err, io.EOF) {
				f.failed = err
			}
			return 0, io.EOF
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// advance reads one block, and puts it into rest if it is to be passed on.
func (f *ngFilter) advance() error {
	head, err := f.in.Peek(12)
	if err != nil {
		if len(head) == 0 && errors.Is(err, io.EOF) {
			return io.EOF
		}
		return truncated(err)
	}
	if binary.LittleEndian.Uint32(head) == blockSection {
		if f.order, err = byteOrder(head[8:12]); err != nil {
			return err
		}
	}
	if f.order == nil {
		return errByteOrder
	}
	kind, size := f.order.Uint32(head[0:4]), f.order.Uint32(head[4:8])
	if size < 12 || size%4 != 0 {
		return errBlockSize
	}
	if size > maxPacket+1024 || !passed(kind) {
		return f.discard(kind, int64(size))
	}
	if cap(f.block) < int(size) {
		f.block = make([]byte, max(int(size), 64<<10))
	}
	f.block = f.block[:size]
	if _, err := io.ReadFull(f.in, f.block); err != nil {
		return truncated(err)
	}
	if f.order.Uint32(f.block[size-4:]) != size {
		return errBlockLength
	}
	switch kind {
	case blockSection:
		return f.section()
	case blockInterface:
		return f.description()
	}
	f.packet(kind)
	return nil
}

func passed(kind uint32) bool {
	switch kind {
	case blockSection, blockInterface, blockPacket, blockPacketOld, blockSimple:
		return true
	}
	return false
}

// discard passes over a block that holds nothing of use, or more than any packet does.
func (f *ngFilter) discard(kind uint32, size int64) error {
	if _, err := io.CopyN(io.Discard, f.in, size-4); err != nil {
		return truncated(err)
	}
	var end [4]byte
	if _, err := io.ReadFull(f.in, end[:]); err != nil {
		return truncated(err)
	}
	if int64(f.order.Uint32(end[:])) != size {
		return errBlockLength
	}
	if passed(kind) {
		f.unusable = reasonBadBlock
	}
	return nil
}

func (f *ngFilter) section() error {
	if len(f.block) < 28 {
		return errBlockSize
	}
	// Minor version 2 was never made but is written by some; it is to be read as 0.
	if f.order.Uint16(f.block[12:14]) != 1 {
		return errNgVersion
	}
	f.order.PutUint16(f.block[14:16], 0)
	f.interfaces = f.interfaces[:0]
	f.pass(28)
	return nil
}

func (f *ngFilter) description() error {
	if len(f.block) < 20 || len(f.interfaces) == maxInterfaces {
		return errBlockSize
	}
	i := ngInterface{link: f.order.Uint16(f.block[8:10]), digits: 6}
	for options := f.block[16 : len(f.block)-4]; len(options) >= 4; {
		code, n := f.order.Uint16(options[0:2]), int(f.order.Uint16(options[2:4]))
		if options = options[4:]; code == 0 || n > len(options) {
			break
		}
		switch value := options[:n]; {
		case code == optionResolution && n >= 1:
			i.binary, i.digits = value[0]&0x80 != 0, value[0]&0x7f
		case code == optionOffset && n >= 8:
			i.offset = int64(f.order.Uint64(value))
		}
		options = options[min(len(options), (n+3)&^3):]
	}
	f.interfaces = append(f.interfaces, i)
	// pcapgo allocates as many bytes as the file announces for a packet, be it 4 GiB; more than this only as needed.
	f.order.PutUint32(f.block[12:16], 64<<10)
	f.pass(20)
	return nil
}

// packet checks a packet block and passes it on as an enhanced one, or says why not.
func (f *ngFilter) packet(kind uint32) {
	b := f.block
	switch {
	case kind == blockSimple:
		f.unusable = reasonNoTime
		return
	case len(b) < 32:
		f.unusable = reasonBadBlock
		return
	case kind == blockPacketOld: // as the enhanced one, but with 16 bits of drop count behind 16 of interface
		f.order.PutUint32(b[8:12], uint32(f.order.Uint16(b[8:10])))
		f.order.PutUint32(b[0:4], blockPacket)
	}
	number, length := f.order.Uint32(b[8:12]), f.order.Uint32(b[20:24])
	if int64(number) >= int64(len(f.interfaces)) || int64(length) > int64(len(b)-32) {
		f.unusable = reasonBadBlock
		return
	}
	i := &f.interfaces[number]
	t, ok := i.nanoseconds(uint64(f.order.Uint32(b[12:16]))<<32 | uint64(f.order.Uint32(b[16:20])))
	if !ok {
		f.unusable = reasonNoTime
		return
	}
	f.time, f.link, f.length = t, i.link, int(length)
	f.pass(28 + (int(length)+3)&^3 + 4)
}

// pass hands on the first size bytes of the block, with its lengths set right.
func (f *ngFilter) pass(size int) {
	f.order.PutUint32(f.block[4:8], uint32(size))
	f.order.PutUint32(f.block[size-4:size], uint32(size))
	f.rest = f.block[:size]
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

func byteOrder(magic []byte) (binary.ByteOrder, error) {
	switch {
	case binary.LittleEndian.Uint32(magic) == byteOrderMagic:
		return binary.LittleEndian, nil
	case binary.BigEndian.Uint32(magic) == byteOrderMagic:
		return binary.BigEndian, nil
	}
	return nil, errByteOrder
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}
