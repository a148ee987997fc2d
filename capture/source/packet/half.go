package packet

import (
	"bytes"
	"slices"
)

// Limits of one direction of a connection.
const (
	maxPending  = 4 << 20  // bytes that may wait behind a hole
	maxSegments = 4096     // pieces that may wait behind a hole
	maxPlaces   = 1024     // segments whose marks are kept
	maxJump     = 64 << 20 // bytes; what is further off belongs to another connection
)

// mark says of bytes when they came and what their sender had received by then.
type mark struct {
	time   int64 // ns since 1970
	number int64 // of the packet
	ack    int64 // offset in the other direction's stream; -1 where not known
	urgent bool  // this is a byte that the receiver was to read apart from the stream
}

// piece is bytes that wait behind a hole.
type piece struct {
	off  int64
	data []byte
	mark mark
}

// size is what a piece takes, in bytes.
func (p *piece) size() int { return len(p.data) + pieceOverhead }

// place is a mark with the offset from which on it holds.
type place struct {
	off   int64
	mark  mark
	begun bool // a segment begins here; else a search
}

const placeSize = 48

// half is one direction of a connection: it puts the bytes in order. Offsets count bytes of the stream from where
// the half started; they do not wrap as sequence numbers do.
type half struct {
	started bool
	closed  bool   // its FIN has been reached
	first   uint32 // sequence number at offset 0

	next         int64 // offset of the next byte to deliver
	acked        int64 // the highest offset that the other side has acknowledged
	fin          int64 // offset of the FIN; -1 where none was seen
	urgent       int64 // offset of the last byte that was said to be urgent; -1 where none was
	holeSince    int64 // time at which the first hole was noticed; 0 where there is none
	holeAt       int64 // offset of that hole
	holeTo       int64 // where it ended then
	skipped      hole  // the last hole that was given up
	pending      []piece
	pendingBytes int // what pending takes

	sums   *sums   // of the segments delivered last; nil before the first
	buffer []byte  // delivered bytes that the reader has not taken yet
	places []place // marks of the bytes in buffer, while the reader looks for the start of a message
	at     mark    // of the bytes delivered last
}

func (h *half) release() {
	h.pending, h.places, h.buffer, h.pendingBytes = nil, nil, nil, 0
}

func (h *half) start(seq uint32) {
	h.started, h.first = true, seq
}

// offset converts a sequence number, which must be within 2 GiB of the next one.
func (h *half) offset(seq uint32) int64 {
	return h.next + int64(int32(seq-(h.first+uint32(h.next))))
}

// plausible says whether the other side would have accepted a reset with this number.
func (h *half) plausible(seq uint32) bool {
	d := h.offset(seq) - h.next
	return h.started && d >= -1<<20 && d <= 1<<20
}

// acknowledged notes what the other side has received.
func (h *half) acknowledged(ack uint32) {
	if off := h.offset(ack); off > h.acked && off-h.next <= maxJump {
		h.acked = off
	}
}

// hole returns the offset at which the half's first hole ends, -1 where there is none, and whether the other side
// has acknowledged the bytes up to there.
func (h *half) hole() (to int64, acked bool) {
	switch {
	case len(h.pending) > 0:
		if to = h.pending[0].off; to <= h.next {
			return -1, false
		}
		if h.acked > h.next {
			return min(to, h.acked), true
		}
		return to, false
	case h.acked > h.next:
		return h.acked, true
	}
	return -1, false
}

// keep stores the parts of data that are not there yet and returns how many bytes that takes. other says that what was
// there is not the same.
func (h *half) keep(off int64, data []byte, m mark) (kept int, other bool) {
	i, _ := slices.BinarySearchFunc(h.pending, off, func(p piece, off int64) int {
		if p.off+int64(len(p.data)) <= off {
			return -1
		}
		return 1
	})
	// pending[i] is the first piece that ends behind off.
	for len(data) > 0 {
		n := int64(len(data))
		if i < len(h.pending) {
			p := &h.pending[i]
			if have := p.off + int64(len(p.data)); p.off <= off {
				there := p.data[off-p.off:]
				both := min(len(there), len(data))
				other = other || !bytes.Equal(there[:both], data[:both])
				if have >= off+n {
					break
				}
				data, off, i = data[have-off:], have, i+1
				continue
			}
			n = min(n, p.off-off)
		}
		h.pending = slices.Insert(h.pending, i, piece{off: off, data: slices.Clone(data[:n]), mark: m})
		kept += int(n) + pieceOverhead
		data, off, i = data[n:], off+n, i+1
	}
	h.pendingBytes += kept
	return kept, other
}

// shift takes the first piece out.
func (h *half) shift() piece {
	p := h.pending[0]
	h.pending[0] = piece{}
	h.pending = h.pending[1:]
	h.pendingBytes -= p.size()
	return p
}

// held is what the delivered bytes that the reader has left take.
func (h *half) held() int { return cap(h.buffer) + placeSize*cap(h.places) }

// view returns the bytes that the reader has before it: those it left, then data.
func (h *half) view(data []byte) []byte {
	if len(h.buffer) == 0 {
		return data
	}
	h.buffer = append(h.buffer, data...)
	return h.buffer
}

// left keeps what the reader left of its view.
func (h *half) left(view []byte, taken int) {
	switch {
	case taken == len(view):
		h.buffer = nil
	case len(h.buffer) == 0:
		h.buffer = append([]byte(nil), view[taken:]...)
	case taken > 0:
		h.buffer = h.buffer[:copy(h.buffer, view[taken:])]
	}
}

// arrived takes note of the bytes that are delivered next.
func (h *half) arrived(off int64, m mark) {
	h.at = m
	if len(h.places) > 0 {
		if len(h.places) == maxPlaces { // bytes of which only the latest segments tell where they began
			h.places = slices.Delete(h.places, 0, maxPlaces/2)
		}
		h.places = append(h.places, place{off, m, true})
	}
}

// search begins to keep the marks of the bytes from off on, because a message may start at any of them.
func (h *half) search(off int64) {
	h.places = append(h.places[:0], place{off, h.at, false})
}

// begins says whether a segment begins at off, where marks are kept, and returns its mark.
func (h *half) begins(off int64) (mark, bool) {
	for i := len(h.places) - 1; i >= 0; i-- {
		if p := &h.places[i]; p.off <= off {
			return p.mark, p.off == off && p.begun
		}
	}
	return mark{}, false
}

// found returns the mark of the byte at off and ceases to keep marks.
func (h *half) found(off int64) mark {
	m := h.at
	for i := len(h.places) - 1; i >= 0; i-- {
		if h.places[i].off <= off {
			m = h.places[i].mark
			break
		}
	}
	h.places = h.places[:0]
	return m
}

// forget drops the marks of bytes before off.
func (h *half) forget(off int64) {
	n := 0
	for n+1 < len(h.places) && h.places[n+1].off <= off {
		n++
	}
	h.places = slices.Delete(h.places, 0, n)
}
