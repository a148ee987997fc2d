package packet

// judge deals with a block whose two lengths differ, or that the file does not hold as a whole. What it states itself
// is believed first: its first length, where a block begins behind it; the length that its packet takes, where the one at
// the end says the same; its own bounds, where its packet fills them. Otherwise the next place at which a block is whole
// decides: the bytes before it may say the distance. If not, everything up to there is passed.
func (n *ngFile) judge() (frame, error) {
	head := n.in.peek(ngHeadSize)
	size, known := n.size(head), n.known(head)
	filled := n.filled()
	switch {
	case known && size > 0 && size <= maxAhead && (n.begins(int(size)) || size == filled && !n.cut(size)):
		f, _ := n.block(int(size), frame{damage: reasonBadEnd, lost: 4})
		return f, nil
	case filled > 0 && n.saysAtEnd(int(filled)) && n.begins(int(filled)):
		f, _ := n.block(int(filled), frame{damage: reasonBadBegin, lost: 4})
		return f, nil
	case filled > 0 && size >= filled && size <= filled+usualOptions && n.cut(size):
		rest := len(n.in.peek(int(size)))
		n.in.take(rest)
		return frame{lost: int64(rest)}, errTruncated
	}
	at := n.search(4)
	rest := at
	if at < 0 {
		if rest = len(n.in.peek(maxAhead)); rest == maxAhead {
			rest = -1 // the window ends, and not the file
		}
	}
	switch {
	case known && n.saysAtEnd(rest):
		f, _ := n.block(rest, frame{damage: reasonBadBegin, lost: 4})
		return f, nil
	case known && at < 0 && rest >= 0 && size > int64(rest):
		n.in.take(rest)
		return frame{lost: int64(rest)}, errTruncated
	}
	return n.pass(at)
}

// usualOptions is how many bytes of options are usual behind a packet.
const usualOptions = 64

// filled returns the size of a packet's block without options, as its packet says; 0 where it is none, or that cannot be.
func (n *ngFile) filled() int64 {
	b := n.in.peek(ngPacketHead)
	if len(b) < ngPacketHead {
		return 0
	}
	kind, captured := n.order.Uint32(b), n.order.Uint32(b[20:])
	if kind != blockPacket && kind != blockPacketOld || captured > n.order.Uint32(b[24:]) || captured > maxPacket {
		return 0
	}
	return ngPacketHead + padded(int64(captured)) + 4
}

// cut says whether the file ends before the next size bytes do.
func (n *ngFile) cut(size int64) bool { return int64(len(n.in.peek(int(size)))) < size }

// begins says whether a whole block begins at an offset, or the file ends there.
func (n *ngFile) begins(at int) bool { return n.in.endsAt(at) || n.whole(at, maxAhead) }

// saysAtEnd says whether the last of size bytes are the length of a block of that size.
func (n *ngFile) saysAtEnd(size int) bool {
	if size < ngHeadSize {
		return false
	}
	b := n.in.peek(size)
	return len(b) == size && int64(n.order.Uint32(b[size-4:])) == int64(size)
}

// pass passes what is no block, up to the next one at the offset at, or, where it is not known, to wherever one is.
func (n *ngFile) pass(at int) (frame, error) {
	lost := int64(0)
	for at < 0 {
		here := len(n.in.peek(maxAhead))
		if here < maxAhead {
			n.in.take(here)
			return frame{damage: reasonBadBlock, lost: lost + int64(here)}, nil
		}
		here -= ngHeadSize
		n.in.take(here)
		lost += int64(here)
		at = n.search(0)
	}
	n.in.take(at)
	return frame{damage: reasonBadBlock, lost: lost + int64(at)}, nil
}

// search returns the offset of the next block that is whole, and behind which the file ends or a block of a known kind
// begins, at or behind from; -1 where none begins within maxAhead. All blocks begin at a multiple of four.
func (n *ngFile) search(from int) int {
	for at := from; ; at += 4 {
		b := n.in.peek(min(at+ngHeadSize, maxAhead))
		if len(b) < at+ngHeadSize {
			return -1
		}
		n.looked += 4
		if !n.known(b[at:]) || !n.whole(at, maxAhead) {
			continue
		}
		end := at + int(n.size(n.in.peek(at + ngHeadSize)[at:]))
		if b = n.in.peek(end + ngHeadSize); len(b) <= end+4 || n.known(b[end:]) {
			return at
		}
	}
}

// known says whether a block is of a kind that files hold: those of the draft's registry and those for private use.
func (n *ngFile) known(b []byte) bool {
	if _, ok := sectionOrder(b); ok {
		return true
	}
	if len(b) < 4 {
		return false
	}
	switch kind := n.order.Uint32(b); kind {
	case 0x00000bad, 0x40000bad:
		return true
	default:
		return kind >= 1 && kind <= 0x0a
	}
}

// captured returns how many bytes of the packet a block holds, and whether the field that says so is damaged: it is not
// above the original length and leaves room for well-formed options. Where the original length fills the block, or
// leaves such room and the field does not, that counts.
func (n *ngFile) captured(b []byte) (size int, damaged, ok bool) {
	captured, length, room := int64(n.order.Uint32(b[20:])), int64(n.order.Uint32(b[24:])), int64(len(b)-ngPacketHead-4)
	switch {
	case captured == length && n.leaves(b, length):
		return int(captured), false, true
	case padded(length) == room && (padded(captured) != room || captured > length || anySet(b, captured, length)):
		return int(length), true, true
	case captured <= length && n.leaves(b, captured):
		return int(captured), false, true
	case n.leaves(b, length):
		return int(length), true, true
	}
	return int(captured), false, captured <= room
}

// padded is a length with the bytes that fill it up to a multiple of four.
func padded(size int64) int64 { return (size + 3) &^ 3 }

// leaves says whether a packet of that many bytes leaves room for well-formed options, and nothing else, in its block.
func (n *ngFile) leaves(b []byte, size int64) bool {
	size = padded(size)
	if size > int64(len(b)-ngPacketHead-4) {
		return false
	}
	options := b[ngPacketHead+size : len(b)-4]
	for len(options) >= 4 {
		code, size := n.order.Uint16(options), (int(n.order.Uint16(options[2:]))+3)&^3
		if code == 0 {
			return size == 0 && len(options) == 4
		}
		if size > len(options)-4 {
			return false
		}
		options = options[4+size:]
	}
	return len(options) == 0
}

// anySet says whether any byte of a packet from one offset to another is not zero, as padding is.
func anySet(b []byte, from, to int64) bool {
	for _, c := range b[ngPacketHead+from : ngPacketHead+to] {
		if c != 0 {
			return true
		}
	}
	return false
}
