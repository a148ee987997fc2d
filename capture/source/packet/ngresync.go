package packet

// judge deals with a block whose two lengths differ, or that the file does not hold as a whole. The next place at which
// a block is whole decides: if it is where this one's first length says, the length at the end is damaged; if the bytes
// before it say the distance, the first one is. Otherwise everything up to there is passed.
func (n *ngFile) judge() (frame, error) {
	head := n.in.peek(ngHeadSize)
	size := n.size(head)
	at := n.search(4)
	rest := at
	if at < 0 {
		if rest = len(n.in.peek(maxAhead)); rest == maxAhead {
			rest = -1 // the window ends, and not the file
		}
	}
	switch {
	case size > 0 && size == int64(rest) && n.known(head):
		f, _ := n.block(rest, frame{damage: reasonBadEnd, lost: 4})
		return f, nil
	case rest >= ngHeadSize && int64(n.order.Uint32(n.in.peek(rest)[rest-4:])) == int64(rest) && n.known(head):
		f, _ := n.block(rest, frame{damage: reasonBadBegin, lost: 4})
		return f, nil
	case at < 0 && rest >= 0 && size > int64(rest) && n.known(head):
		n.in.take(rest)
		return frame{lost: int64(rest)}, errTruncated
	}
	return n.pass(at)
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
		if !n.known(b[at:]) || !n.whole(at) {
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
