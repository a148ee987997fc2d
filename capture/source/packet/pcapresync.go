package packet

import (
	"encoding/binary"
	"io"
)

const (
	// maxAhead bounds, in bytes, how far a damaged place is looked behind at once.
	maxAhead = 4 << 20
	// maxOriginal is the highest original length, in bytes, that is taken for one.
	maxOriginal = 64 << 20
	// Headers that must follow one another before a place is taken for a packet's: those that are right in every field,
	// and those of which the lengths alone are looked at, because the file's times may be odd.
	chain, looseChain = 3, 8
	// maxEmpty is how many empty packets may stand between them.
	maxEmpty = 8
	// maxChecksum is how many bytes of checksum a packet may have behind it.
	maxChecksum = 8
	// headerLapses is how many of a looseChain may say that more was captured than there was.
	headerLapses = 2

	// How far apart, in ns, the times of two neighbours in a file may be. Files that are joined need not be in order.
	mostBack, mostForward = 3600e9, 7 * 86400e9
	// mostOut is how far, in ns, a packet's time may be out of those of its neighbours.
	mostOut = 60e9
)

// plausible says whether a header is right in every field, behind a packet of the time last. A packet may be empty, and
// some writers leave the original length at zero.
func (f *pcapFile) plausible(h pcapHeader, last int64, known bool) bool {
	if h.captured > h.length && (h.length != 0 || h.captured > maxPacket) || h.length > maxOriginal {
		return false
	}
	return f.near(h, last, known)
}

// near says whether a header's time can be that behind a packet of the time last.
func (f *pcapFile) near(h pcapHeader, last int64, known bool) bool {
	frac := int64(h.frac) * f.tick
	apart := int64(h.sec)*1e9 + frac - last
	return frac < 1e9 && (!known || apart >= -mostBack && apart <= mostForward)
}

// repairedTime says when a packet came. A time that does not fit between its neighbours', which fit each other, is
// damaged; the one before stands in for it.
func (f *pcapFile) repairedTime(h, behind pcapHeader) frame {
	t, after := f.time(h), f.time(behind)
	between := t >= f.last-mostOut && t <= after+mostOut || !f.known || after < f.last-mostOut
	if between && int64(h.frac)*f.tick < 1e9 {
		return frame{time: t}
	}
	if t = f.last; !f.known {
		t = after
	}
	return frame{time: t, damage: reasonBadTime, lost: 8}
}

// judge deals with a packet behind which there is no plausible header: one of the two headers is damaged, or the
// file is odd. In turn, what it states itself is believed: the captured length, where lengths follow one another behind
// it; the original length, where headers do; and its own bounds, where its header is right. Only of a packet that can be
// none of these is looked into, for the next place at which headers follow one another.
func (f *pcapFile) judge(h pcapHeader) (frame, error) {
	original := f.record + int(h.length)
	whole := h.captured <= maxPacket || h.captured <= h.length && h.length <= maxOriginal
	switch {
	case whole && f.follows(h):
		if h.captured > h.length && f.tooLong(h) {
			return f.giveOriginal(h)
		}
		return f.give(h, frame{time: f.time(h)}), nil
	case h.length > 0 && h.length <= maxPacket && (f.in.endsAt(original) || f.chains(original)):
		return f.giveOriginal(h)
	}
	plausible := f.plausible(h, f.last, f.known)
	if plausible && h.captured <= f.snapshot {
		if rest := len(f.in.peek(f.size(h))); rest < f.size(h) {
			f.in.take(rest)
			return frame{lost: int64(rest)}, errTruncated
		}
		return f.give(h, frame{time: f.time(h)}), nil
	}
	at := f.search(1)
	if rest := len(f.in.peek(maxAhead)); at < 0 && rest < maxAhead && plausible && f.size(h) > rest {
		f.in.take(rest)
		return frame{lost: int64(rest)}, errTruncated
	}
	return f.pass(at)
}

// tooLong says whether more was captured than there was, and headers lead from where what there was ends to where the
// packet does: it has swallowed the packets behind it.
func (f *pcapFile) tooLong(h pcapHeader) bool {
	if h.length == 0 {
		return false
	}
	b := f.in.peek(f.size(h))
	last, known := f.last, f.known
	for at := f.record + int(h.length); at+f.record <= len(b); {
		f.looked += int64(f.record)
		inner := f.header(b[at:])
		if inner.captured > inner.length || !f.plausible(inner, last, known) {
			return false
		}
		last, known = f.time(inner), true
		if at += f.size(inner); at == f.size(h) {
			return true
		}
	}
	return false
}

// pass passes what is no packet, up to the next header at the offset at, or, where it is not known, to wherever one is.
func (f *pcapFile) pass(at int) (frame, error) {
	lost := int64(0)
	for at < 0 {
		n := len(f.in.peek(maxAhead))
		if n < maxAhead {
			f.in.take(n)
			return frame{damage: reasonBadHeader, lost: lost + int64(n)}, nil
		}
		n -= f.record
		f.in.take(n)
		lost += int64(n)
		at = f.search(0)
	}
	f.in.take(at)
	return frame{damage: reasonBadHeader, lost: lost + int64(at)}, nil
}

// search returns the offset of the next header at or behind from, or -1 where none begins within maxAhead. What it has
// looked at is passed, so that no byte is looked at again.
func (f *pcapFile) search(from int) int {
	b := f.in.peek(maxAhead)
	for at := from; at+f.record <= len(b); at++ {
		f.looked++
		if !f.plausible(f.header(b[at:]), f.last, f.known) {
			continue
		}
		if f.chains(at) {
			return at
		}
		b = f.in.peek(maxAhead) // looking at the chain may have moved it
	}
	return -1
}

// chains says whether a packet begins at an offset: its header and the next ones are plausible, each behind the other,
// and it is a packet of the file's link type; or the file ends with it. Empty packets between them count for nothing.
func (f *pcapFile) chains(at int) bool {
	last, known := f.last, f.known
	for n, empty := 0, 0; n < chain; {
		b := f.in.peek(at + f.record + linkHead)
		if len(b) < at+f.record {
			return len(b) == at && n > 0 || n > 1
		}
		f.looked += int64(f.record)
		h := f.header(b[at:])
		if !f.plausible(h, last, known) {
			return false
		}
		last, known = f.time(h), true
		if h.captured == 0 {
			if empty++; empty > maxEmpty {
				return n > 0
			}
		} else {
			if n == 0 && !begins(f.link, b[at+f.record:], int(h.captured)) {
				return false
			}
			n++
		}
		if at += f.size(h); at > 2*maxAhead {
			return n > 0
		}
	}
	return true
}

// follows says whether headers follow one another behind a packet, by their lengths alone: times may jump, and where they
// do not, more may be captured than there was. Empty packets between them count for nothing.
func (f *pcapFile) follows(h pcapHeader) bool {
	at, good, last := f.size(h), 0, f.time(h)
	limit := at + maxAhead
	for n, empty := 0, 0; n < looseChain; {
		b := f.in.peek(at + f.record)
		if len(b) < at+f.record {
			return good > 0 && good+headerLapses >= n && (len(b) == at || n >= chain)
		}
		f.looked += int64(f.record)
		h := f.header(b[at:])
		right := h.captured <= h.length && h.length <= maxOriginal
		if h == (pcapHeader{}) || !right && h.captured > maxPacket {
			return false
		}
		if h.captured == 0 {
			if empty++; empty > maxEmpty {
				return false
			}
		} else {
			checksum := h.length > 0 && h.captured-h.length <= maxChecksum // which some count as captured alone
			if right || checksum || h.length <= maxOriginal && f.near(h, last, true) {
				good++
				last = f.time(h)
			}
			n++
		}
		if at += f.size(h); at > limit {
			return good > chain
		}
	}
	return good+headerLapses >= looseChain
}

// linkHead is how many bytes of a packet begins looks at.
const linkHead = 16

// begins says whether bytes can be the beginning of a packet of a link type, of which size bytes were captured.
func begins(link uint16, b []byte, size int) bool {
	b = b[:min(len(b), size)]
	two := func(at int) uint16 {
		if len(b) < at+2 {
			return 0
		}
		return binary.BigEndian.Uint16(b[at:])
	}
	switch link {
	case linkEthernet:
		return etherType(two(12))
	case linkCooked:
		return two(0) <= 4 && etherType(two(14))
	case linkCooked2:
		return etherType(two(0))
	case linkNull, linkLoop:
		return len(b) >= 4 && (b[0]|b[1]|b[2] == 0 || b[1]|b[2]|b[3] == 0)
	}
	return len(b) > 0 && (b[0]>>4 == 4 || b[0]>>4 == 6)
}

// etherType says whether a frame with this type or length is among what a host sees.
func etherType(t uint16) bool {
	switch t {
	case 0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x88cc, 0x8863, 0x8864, 0x888e, 0x88e5, 0x8847:
		return true
	}
	return t > 0 && t <= 1500
}

// ended tells how the input ended, before which lost bytes could not be used.
func ended(in *window, lost int64) (frame, error) {
	switch err := in.failed(); {
	case err != nil && truncated(err) != errTruncated:
		return frame{lost: lost}, err
	case err != nil || lost > 0:
		return frame{lost: lost}, errTruncated
	}
	return frame{}, io.EOF
}
