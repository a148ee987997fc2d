package packet

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// pcapRecordSize is the size of the header before each packet: seconds, their fraction, captured and original length.
const pcapRecordSize = 16

// modifiedRecordSize is its size in files of a libpcap that was changed for Linux, which add an interface and a protocol.
const modifiedRecordSize = 24

// oddMajor is the version that DG/UX wrote, in the form of 2.2.
const oddMajor = 543

// Which of a packet's two lengths comes first. Before version 2.3 of the format it was the original one, and of version 2.3
// there are files of both kinds: what was captured is the lesser one.
const (
	lengthsUsual = iota
	lengthsSwapped
	lengthsMaybeSwapped
)

// pcapFile is a classic pcap file: microseconds or nanoseconds, in either byte order, with one link type. Nothing but
// the captured lengths says where the next packet begins. As long as they lead from header to header, nothing inside a
// packet is looked at; where they do not, judge (pcapresync.go) finds out what is damaged.
type pcapFile struct {
	in       *window
	swapped  bool // big-endian
	link     uint16
	tick     int64      // ns
	record   int        // size of a packet's header
	lengths  uint8      // lengthsUsual and the like
	snapshot uint32     // the longest packet that the file's header announces
	known    bool       // last is known
	last     int64      // time of the last packet, ns since 1970
	here     pcapHeader // the header at the window's beginning, where parsed says so
	parsed   bool
	looked   int64 // bytes looked at to find out what is damaged
}

// pcapHeader is a packet's header.
type pcapHeader struct {
	sec, frac        uint32
	captured, length uint32
}

// maxSnapshot is the longest packet, in bytes, that capture programs write.
const maxSnapshot = 256 << 10

// newPcapFile reads the file's header, which is there.
func newPcapFile(in *window, order binary.ByteOrder, kind uint32) (*pcapFile, error) {
	head := in.peek(pcapHeaderSize)
	// The upper half of the field is about check sequences.
	link := uint16(order.Uint32(head[20:24]))
	major, minor := order.Uint16(head[4:6]), order.Uint16(head[6:8])
	if major != 2 && major != oddMajor {
		return nil, fmt.Errorf("version %d of the format is not known", major)
	}
	if !supported(link) {
		return nil, fmt.Errorf("link type %d is not supported", link)
	}
	f := &pcapFile{in: in, swapped: order == binary.BigEndian, link: link, tick: 1000, snapshot: order.Uint32(head[16:20]), record: pcapRecordSize}
	if f.snapshot == 0 || f.snapshot > maxSnapshot {
		f.snapshot = maxSnapshot
	}
	switch kind {
	case fileNano:
		f.tick = 1
	case fileModified:
		f.record = modifiedRecordSize
	}
	switch {
	case major == oddMajor, minor < 3:
		f.lengths = lengthsSwapped
	case minor == 3:
		f.lengths = lengthsMaybeSwapped
	}
	in.take(pcapHeaderSize)
	return f, nil
}

func (f *pcapFile) header(b []byte) pcapHeader {
	_ = b[pcapRecordSize-1]
	order := binary.LittleEndian
	h := pcapHeader{order.Uint32(b), order.Uint32(b[4:]), order.Uint32(b[8:]), order.Uint32(b[12:])}
	if f.swapped {
		h.sec, h.frac = bits.ReverseBytes32(h.sec), bits.ReverseBytes32(h.frac)
		h.captured, h.length = bits.ReverseBytes32(h.captured), bits.ReverseBytes32(h.length)
	}
	if f.lengths == lengthsSwapped || f.lengths == lengthsMaybeSwapped && h.captured > h.length {
		h.captured, h.length = h.length, h.captured
	}
	return h
}

func (f *pcapFile) time(h pcapHeader) int64 { return int64(h.sec)*1e9 + int64(h.frac)*f.tick }

// size is how many bytes the packet takes with its header.
func (f *pcapFile) size(h pcapHeader) int { return f.record + int(h.captured) }

func (f *pcapFile) next() (frame, error) {
	h := f.here
	if !f.parsed {
		head := f.in.peek(f.record)
		if len(head) < f.record {
			return f.end(len(head))
		}
		h = f.header(head)
	}
	f.parsed = false
	if h.captured > maxPacket && (h.captured > h.length || h.length > maxOriginal) {
		return f.judge(h)
	}
	n := f.size(h)
	ahead := f.in.peek(n + f.record)
	if len(ahead) < n+f.record {
		return f.atEnd(h, len(ahead))
	}
	behind := f.header(ahead[n:])
	if !f.behind(h, behind) {
		return f.judge(h)
	}
	if h.captured > h.length && f.tooLong(h) {
		return f.giveOriginal(h)
	}
	as := f.give(h, f.repairedTime(h, behind))
	f.here, f.parsed = behind, true
	return as, nil
}

// behind says whether the header behind a packet is one, as to the packet before or to this one, whose time may jump.
func (f *pcapFile) behind(h, behind pcapHeader) bool {
	return f.known && f.plausible(behind, f.last, true) || h.captured > 0 && f.plausible(behind, f.time(h), true)
}

// atEnd deals with a packet behind which the file has no whole header: rest bytes are left of it.
func (f *pcapFile) atEnd(h pcapHeader, rest int) (frame, error) {
	n := f.size(h)
	switch {
	case rest < n || rest > n && int(h.length)+f.record == rest:
		return f.judge(h)
	case h.captured > h.length && f.tooLong(h):
		return f.giveOriginal(h)
	}
	return f.give(h, frame{time: f.time(h)}), nil
}

// give gives the packet of a header, with what else is known of it. One that no wire carries is passed over: what writes
// such is a dump of joined segments.
func (f *pcapFile) give(h pcapHeader, as frame) frame {
	f.last, f.known = as.time, true
	n := f.size(h)
	if h.captured > maxPacket {
		as = frame{unusable: reasonBigPacket}
	} else {
		as.link, as.data = f.link, f.in.peek(n)[f.record:n]
	}
	f.in.take(n)
	return as
}

// giveOriginal gives a packet of which the captured length is damaged, by its original length.
func (f *pcapFile) giveOriginal(h pcapHeader) (frame, error) {
	h.captured = h.length
	return f.give(h, frame{time: f.time(h), damage: reasonBadLength, lost: 4}), nil
}

// end tells of the file's end, before which rest bytes are left that are no whole header.
func (f *pcapFile) end(rest int) (frame, error) {
	f.in.take(rest)
	return ended(f.in, int64(rest))
}
