package packet

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Limits of the fragments that wait for the rest of their packets.
const (
	fragmentTime   = 30e9    // ns; RFC 791 and RFC 8200 ask for 15 s to 60 s
	fragmentSoon   = 1e9     // ns within which the number of a packet is not used again
	fragmentBytes  = 4 << 20 // of all packets, with what keeping a fragment takes
	fragmentsMost  = 256     // of a packet: 64 KiB in the smallest ones that any network makes
	assembliesMost = 8192
	pieceOverhead  = 96 // what a piece takes beside its bytes, in any list
)

// fragments puts IP packets together again. Where two fragments of a packet overlap, the packet is given up, as RFC 5722
// asks for, and as today's receivers do; a fragment that is there twice is passed over.
type fragments struct {
	waiting map[fragmentKey]*assembly
	order   []*assembly // by the time of the first fragment
	held    int
	now     int64
	number  int64 // of the packet that is read
	// gaveUp is called for each packet that is not whole, with the number of its first fragment.
	gaveUp func(number int64, reason string)
}

// fragmentKey is what the fragments of a packet have in common.
type fragmentKey struct {
	src, dst [16]byte
	id       uint32
	protocol uint8
	net      uint32
}

// assembly is a packet of which fragments have come.
type assembly struct {
	key    fragmentKey
	since  int64
	number int64
	header []byte // of the first fragment
	next   int    // where in the header the number of the protocol stands
	pieces []piece
	size   int64 // of what is behind the header; -1 until the last fragment has come
	held   int
	over   bool // whole and given, or given up
}

func newFragments() *fragments { return &fragments{waiting: make(map[fragmentKey]*assembly)} }

// fragment is one as it came.
type fragment struct {
	key    fragmentKey
	off    int64
	more   bool
	header []byte
	next   int
	data   []byte
}

// add takes a fragment in, and returns the packet if that is whole now, and the time of its first fragment.
func (f *fragments) add(g fragment) (packet []byte, since int64) {
	f.expire()
	a := f.waiting[g.key]
	if a == nil || a.over && f.now-a.since > fragmentSoon {
		a = f.begin(g.key)
	}
	fits := a.over || a.take(g, f)
	if !fits && f.now-a.since > fragmentSoon { // another packet of that number
		f.end(a, reasonFragment)
		a = f.begin(g.key)
		fits = a.take(g, f)
	}
	switch {
	case a.over:
		return nil, 0
	case !fits:
		f.end(a, reasonOverlap)
		return nil, 0
	case g.off == 0 && a.useless():
		f.end(a, "")
		return nil, 0
	}
	for f.held > fragmentBytes {
		f.drop()
	}
	if packet = a.whole(); packet != nil {
		f.end(a, "")
	}
	return packet, a.since
}

// begin makes place for a packet.
func (f *fragments) begin(key fragmentKey) *assembly {
	if len(f.order) >= assembliesMost {
		f.drop()
	}
	a := &assembly{key: key, since: f.now, number: f.number, size: -1}
	f.waiting[key] = a
	f.order = append(f.order, a)
	return a
}

// take keeps a fragment; false where it does not fit those that are there.
func (a *assembly) take(g fragment, f *fragments) bool {
	end := g.off + int64(len(g.data))
	if g.off == 0 && a.header == nil {
		a.header, a.next = bytes.Clone(g.header), g.next
		f.hold(a, len(g.header))
	}
	if !g.more {
		if a.size >= 0 && a.size != end {
			return false
		}
		a.size = end
	}
	i, _ := slices.BinarySearchFunc(a.pieces, g.off, func(p piece, off int64) int {
		if p.off+int64(len(p.data)) <= off {
			return -1
		}
		return 1
	})
	if i < len(a.pieces) && a.pieces[i].off < end {
		p := a.pieces[i]
		return p.off <= g.off && end <= p.off+int64(len(p.data)) && bytes.Equal(p.data[g.off-p.off:end-p.off], g.data)
	}
	if len(g.data) == 0 {
		return true
	}
	if len(a.pieces) >= fragmentsMost || end > 65535 {
		return false
	}
	a.pieces = slices.Insert(a.pieces, i, piece{off: g.off, data: bytes.Clone(g.data)})
	f.hold(a, len(g.data)+pieceOverhead)
	return true
}

// useless says whether the first fragment shows that nothing is in the packet that is looked for: it is UDP of no tunnel.
func (a *assembly) useless() bool {
	if a.key.protocol != protoUDP || len(a.pieces) == 0 || a.pieces[0].off > 0 || len(a.pieces[0].data) < 4 {
		return false
	}
	switch binary.BigEndian.Uint16(a.pieces[0].data[2:]) {
	case portVXLAN, portVXLANLinux, portVXLANGPE, portGENEVE:
		return false
	}
	return true
}

// whole puts the packet together, if all of it is there.
func (a *assembly) whole() []byte {
	if a.size < 0 || a.header == nil {
		return nil
	}
	at := int64(0)
	for _, p := range a.pieces {
		if p.off != at {
			return nil
		}
		at += int64(len(p.data))
	}
	if at != a.size {
		return nil
	}
	packet := slices.Grow(a.header, int(at))
	for _, p := range a.pieces {
		packet = append(packet, p.data...)
	}
	if packet[0]>>4 == 4 {
		binary.BigEndian.PutUint16(packet[2:], uint16(min(len(packet), 65535)))
		packet[6], packet[7] = 0, 0
	} else {
		binary.BigEndian.PutUint16(packet[4:], uint16(min(len(packet)-40, 65535)))
		packet[a.next] = a.key.protocol
	}
	return packet
}

// hold counts bytes that an assembly begins, or ceases, to hold.
func (f *fragments) hold(a *assembly, n int) {
	a.held += n
	f.held += n
}

// end lets go of the fragments of a packet; what still comes of it is passed over. The reason, where set, is why it is given up.
func (f *fragments) end(a *assembly, reason string) {
	if reason != "" && f.gaveUp != nil {
		f.gaveUp(a.number, reason)
	}
	a.header, a.pieces, a.over = nil, nil, true
	f.hold(a, -a.held)
}

// drop forgets the one that has waited for longest.
func (f *fragments) drop() {
	a := f.order[0]
	if !a.over {
		f.end(a, reasonFragment)
	}
	f.order[0] = nil
	f.order = f.order[1:]
	if f.waiting[a.key] == a {
		delete(f.waiting, a.key)
	}
}

// expire gives up what has waited for too long.
func (f *fragments) expire() {
	for len(f.order) > 0 && f.now-f.order[0].since > fragmentTime {
		f.drop()
	}
}

// finish gives up what is left.
func (f *fragments) finish() {
	for len(f.order) > 0 {
		f.drop()
	}
}

// reassembled says which protocols may hold what is looked for.
func reassembled(protocol uint8) bool {
	switch protocol {
	case protoTCP, protoUDP, protoIPv4, protoIPv6, protoGRE, protoMPLS, protoRouting, protoOptions:
		return true
	}
	return false
}

// fragment4 takes in an IPv4 packet that is a fragment.
func (u *unwrapper) fragment4(b []byte, header int) {
	at := binary.BigEndian.Uint16(b[6:])
	u.fragment(fragment{
		key: fragmentKey{mapped(b[12:16]), mapped(b[16:20]), uint32(binary.BigEndian.Uint16(b[4:])), b[9], u.net},
		off: int64(at&0x1fff) * 8, more: at&0x2000 != 0, header: b[:header], data: b[header:],
	}, typeIPv4)
}

// fragment6 takes in an IPv6 packet whose header of a fragment begins at at; the number of that header stands at next.
func (u *unwrapper) fragment6(b []byte, at, next int) {
	if len(b) < at+8 {
		u.what, u.short = 0, true
		return
	}
	off := binary.BigEndian.Uint16(b[at+2:])
	g := fragment{
		key: fragmentKey{[16]byte(b[8:24]), [16]byte(b[24:40]), binary.BigEndian.Uint32(b[at+4:]), b[at], u.net},
		off: int64(off &^ 7), more: off&1 != 0, header: b[:at], next: next, data: b[at+8:],
	}
	u.fragment(g, typeIPv6)
}

func (u *unwrapper) fragment(g fragment, kind uint16) {
	u.what = 0
	if u.fragments == nil || !reassembled(g.key.protocol) {
		return
	}
	if packet, since := u.fragments.add(g); packet != nil {
		u.rest, u.what, u.since = packet, kind, since
	}
}
