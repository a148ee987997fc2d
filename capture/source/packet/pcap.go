package packet

import (
	"encoding/binary"
	"fmt"
)

// pcapRecordSize is the size of the header before each packet: seconds, their fraction, captured and original length.
const pcapRecordSize = 16

// pcapFile is a classic pcap file: microseconds or nanoseconds, in either byte order, with one link type. Nothing but
// the captured lengths says where the next packet begins. So a packet is given when the header behind it is one; where
// it is not, judge (pcapresync.go) finds out what is damaged.
type pcapFile struct {
	in    *window
	order binary.ByteOrder
	link  uint16
	tick  int64 // ns
	known bool  // last is known
	last  int64 // time of the last packet, ns since 1970
}

// pcapHeader is a packet's header.
type pcapHeader struct {
	sec, frac        uint32
	captured, length uint32
}

// newPcapFile reads the file's header, which is there.
func newPcapFile(in *window, order binary.ByteOrder, nano bool) (*pcapFile, error) {
	head := in.peek(pcapHeaderSize)
	// The upper half of the field is about check sequences.
	link := uint16(order.Uint32(head[20:24]))
	if major := order.Uint16(head[4:6]); major != 2 {
		return nil, fmt.Errorf("version %d of the format is not known", major)
	}
	if !supported(link) {
		return nil, fmt.Errorf("link type %d is not supported", link)
	}
	in.take(pcapHeaderSize)
	f := &pcapFile{in: in, order: order, link: link, tick: 1000}
	if nano {
		f.tick = 1
	}
	return f, nil
}

func (f *pcapFile) header(b []byte) pcapHeader {
	return pcapHeader{f.order.Uint32(b), f.order.Uint32(b[4:]), f.order.Uint32(b[8:]), f.order.Uint32(b[12:])}
}

func (f *pcapFile) time(h pcapHeader) int64 { return int64(h.sec)*1e9 + int64(h.frac)*f.tick }

// size is how many bytes the packet takes with its header.
func (h pcapHeader) size() int { return pcapRecordSize + int(h.captured) }

func (f *pcapFile) next() (frame, error) {
	head := f.in.peek(pcapRecordSize)
	if len(head) < pcapRecordSize {
		return f.end(len(head))
	}
	h := f.header(head)
	if h.captured > maxPacket {
		if at := f.search(1); at >= 0 && at < h.size() || !f.plausible(h, f.last, f.known) {
			return f.judge(h)
		}
		return f.passBig(h)
	}
	n := h.size()
	ahead := f.in.peek(n + pcapRecordSize)
	switch {
	case len(ahead) == n+pcapRecordSize:
		behind := f.header(ahead[n:])
		if h.captured <= h.length && f.plausible(behind, f.last, f.known) {
			return f.give(h, f.repairedTime(h, behind)), nil
		}
	case len(ahead) >= n && h.captured <= h.length:
		return f.give(h, frame{time: f.time(h)}), nil
	}
	return f.judge(h)
}

// give gives the packet of a header, with what else is known of it.
func (f *pcapFile) give(h pcapHeader, as frame) frame {
	f.last, f.known = as.time, true
	n := h.size()
	as.link, as.data = f.link, f.in.peek(n)[pcapRecordSize:n]
	f.in.take(n)
	return as
}

// passBig passes a packet over that no wire carries: what writes such is a dump of joined segments.
func (f *pcapFile) passBig(h pcapHeader) (frame, error) {
	size := int64(pcapRecordSize) + int64(h.captured)
	if passed := f.in.skip(size); passed < size {
		return frame{lost: passed}, errTruncated
	}
	f.last, f.known = f.time(h), true
	return frame{unusable: reasonBigPacket}, nil
}

// end tells of the file's end, before which rest bytes are left that are no whole header.
func (f *pcapFile) end(rest int) (frame, error) {
	f.in.take(rest)
	return ended(f.in, int64(rest))
}
