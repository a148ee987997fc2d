package packet

import "encoding/binary"

// Link types as files number them (https://www.tcpdump.org/linktypes.html).
const (
	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRawBSD   = 12
	linkRawOpen  = 14
	linkRaw      = 101
	linkLoop     = 108
	linkCooked   = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkNFLog    = 239
	linkCooked2  = 276
)

// What headers stand around an IP packet, as the account counts packets by them.
const (
	wrapVLAN   = "VLAN"
	wrapMPLS   = "MPLS"
	wrapPPPoE  = "PPPoE"
	wrapGRE    = "GRE"
	wrapERSPAN = "ERSPAN"
	wrapVXLAN  = "VXLAN"
	wrapGENEVE = "GENEVE"
	wrapIPIP   = "IP in IP"
)

// Kinds of content as EtherType numbers them (IEEE 802 Numbers of IANA).
const (
	typeIPv4      = 0x0800
	typeIPv6      = 0x86dd
	typeBridged   = 0x6558 // transparent Ethernet bridging: an Ethernet frame
	typeVLAN      = 0x8100
	typeQinQ      = 0x88a8
	typeQinQOld   = 0x9100
	typeMPLS      = 0x8847
	typeMPLSMulti = 0x8848
	typePPPoE     = 0x8864
	typePPP       = 0x880b
	typeERSPAN2   = 0x88be
	typeERSPAN3   = 0x22eb
)

// Protocols above IP (Protocol Numbers of IANA).
const (
	protoHopByHop = 0
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoOptions  = 60
	protoMPLS     = 137
)

// Ports of UDP at which tunnels end: VXLAN (RFC 7348, and Linux' of before), VXLAN-GPE, GENEVE (RFC 8926).
const (
	portVXLAN      = 4789
	portVXLANLinux = 8472
	portVXLANGPE   = 4790
	portGENEVE     = 6081
)

// maxNesting is how many headers are taken off one packet: more than any network puts around it.
const maxNesting = 16

// unwrapper takes off a packet what stands before its innermost IP header.
type unwrapper struct {
	rest  []byte
	what  uint16 // EtherType of rest; 0 where there is nothing to go on with
	wraps [maxNesting]string
	n     int
	short bool   // a header is cut off or makes no sense
	net   uint32 // tells the networks apart that the headers name: VLANs, VNIs, keys and the like
	since int64  // time of the first fragment, where the packet came in several

	protocol uint8  // above the innermost IP header
	data     []byte // and what is behind that
	cut      int    // bytes of it that the recording left out

	fragments *fragments
}

// unwrap leaves in rest the innermost IP packet that a frame holds, or in what 0 where it holds none.
func (u *unwrapper) unwrap(link uint16, data []byte) {
	*u = unwrapper{rest: data, fragments: u.fragments}
	u.link(link)
	for u.n < maxNesting {
		switch u.what {
		case typeIPv4:
			if !u.inIPv4() {
				return
			}
		case typeIPv6:
			if !u.inIPv6() {
				return
			}
		case typeBridged:
			u.ethernet()
		case typeVLAN, typeQinQ, typeQinQOld:
			u.vlan()
		case typeMPLS, typeMPLSMulti:
			u.mpls()
		case typePPPoE:
			u.wrapped(wrapPPPoE)
			if header := u.rest; u.skip(6) {
				u.in(typePPPoE, uint32(binary.BigEndian.Uint16(header[2:])))
				u.ppp()
			}
		case typePPP:
			u.ppp()
		case typeERSPAN2, typeERSPAN3:
			u.erspan()
		default:
			u.what = 0
			return
		}
	}
	u.what = 0
}

// link begins with the header of a link layer.
func (u *unwrapper) link(link uint16) {
	switch link {
	case linkEthernet:
		u.ethernet()
	case linkCooked:
		u.take(16, 14)
	case linkCooked2:
		u.take(20, 0)
	case linkNull, linkLoop: // the family's number is the sender's system's
		if u.skip(4) {
			u.byVersion()
		}
	case linkPPP:
		if len(u.rest) >= 2 && u.rest[0] == 0xff && u.rest[1] == 0x03 { // address and control of HDLC
			u.skip(2)
		}
		u.ppp()
	case linkNFLog:
		u.nflog()
	default:
		u.byVersion()
	}
}

// wrapped notes a header that is taken off.
func (u *unwrapper) wrapped(by string) { u.wraps[u.n], u.n = by, u.n+1 }

// skip takes n bytes off; false where there are not that many.
func (u *unwrapper) skip(n int) bool {
	if len(u.rest) < n {
		u.what, u.short = 0, true
		return false
	}
	u.rest = u.rest[n:]
	return true
}

// in notes a network that a header names.
func (u *unwrapper) in(kind uint16, id uint32) { u.net = mixNet(u.net, kind, id) }

// vlan takes a tag off. The number 0 is of no VLAN: the tag is for its priority.
func (u *unwrapper) vlan() {
	header := u.rest
	u.wrapped(wrapVLAN)
	if u.take(4, 2); u.short {
		return
	}
	if id := binary.BigEndian.Uint16(header) & 0xfff; id != 0 {
		u.in(typeVLAN, uint32(id))
	}
}

// take takes a header of n bytes off, in which the EtherType of what follows stands at at.
func (u *unwrapper) take(n, at int) {
	if header := u.rest; u.skip(n) {
		u.what = binary.BigEndian.Uint16(header[at:])
	}
}

// ethernet takes a frame's header off. One that has a length for a type (IEEE 802.3) holds no IP but behind a SNAP header.
func (u *unwrapper) ethernet() {
	if u.take(14, 12); u.what > 0 && u.what < 0x600 {
		snap := len(u.rest) >= 8 && u.rest[0] == 0xaa && u.rest[1] == 0xaa
		if u.what = 0; snap {
			u.take(8, 6)
		}
	}
}

// byVersion tells IPv4 from IPv6 by its first bits.
func (u *unwrapper) byVersion() {
	if u.what = 0; len(u.rest) > 0 {
		switch u.rest[0] >> 4 {
		case 4:
			u.what = typeIPv4
		case 6:
			u.what = typeIPv6
		}
	}
}

// mpls takes labels off up to the last one (RFC 3032). What is behind them is told by its first bits: IP, or an Ethernet frame behind a
// control word (RFC 4448).
func (u *unwrapper) mpls() {
	u.wrapped(wrapMPLS)
	for last := false; !last; {
		header := u.rest
		if !u.skip(4) {
			return
		}
		if last = header[2]&1 != 0; last { // the others are of the way, not of the network
			u.in(typeMPLS, binary.BigEndian.Uint32(header)>>12)
		}
	}
	if u.byVersion(); u.what == 0 && len(u.rest) > 4 && u.rest[0]>>4 == 0 {
		u.skip(4)
		u.what = typeBridged
	}
}

// ppp takes the number of a protocol off, of which the first byte may be left away (RFC 1661).
func (u *unwrapper) ppp() {
	header := u.rest
	n := 2
	if len(header) > 0 && header[0]&1 != 0 {
		n = 1
	}
	if !u.skip(n) {
		return
	}
	switch header[n-1] {
	case 0x21:
		u.what = typeIPv4
	case 0x57:
		u.what = typeIPv6
	default:
		u.what = 0
	}
	if n == 2 && header[0] != 0 {
		u.what = 0
	}
}

// nflog looks for the packet among the attributes of a message of netfilter's log.
func (u *unwrapper) nflog() {
	const payload = 9 // NFULA_PAYLOAD
	if !u.skip(4) {
		return
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if len(u.rest) >= 4 && binary.LittleEndian.Uint16(u.rest) > binary.BigEndian.Uint16(u.rest) && binary.LittleEndian.Uint16(u.rest) > 0xff {
		order = binary.BigEndian // of the machine that recorded; the first attribute is short
	}
	for len(u.rest) >= 4 {
		size, kind := int(order.Uint16(u.rest)), order.Uint16(u.rest[2:])
		if size < 4 || size > len(u.rest) && kind != payload {
			break
		}
		if kind == payload {
			u.rest = u.rest[4:min(size, len(u.rest))]
			u.byVersion()
			return
		}
		if !u.skip(min((size+3)&^3, len(u.rest))) {
			return
		}
	}
	u.what, u.short = 0, true
}

// erspan takes the header of a mirrored frame off: version II has 8 bytes, version III 12 and sometimes 8 more
// (https://datatracker.ietf.org/doc/html/draft-foschiano-erspan-03).
func (u *unwrapper) erspan() {
	n := 8
	if u.what == typeERSPAN3 {
		if n = 12; len(u.rest) >= n && u.rest[n-1]&1 != 0 {
			n += 8
		}
	}
	header := u.rest
	if u.wrapped(wrapERSPAN); u.skip(n) {
		u.in(typeERSPAN2, uint32(binary.BigEndian.Uint16(header)&0xfff)<<10|uint32(binary.BigEndian.Uint16(header[2:])&0x3ff)) // VLAN and session
		u.what = typeBridged
	}
}

// broken says that a header is cut off or makes no sense.
func (u *unwrapper) broken() bool {
	u.what, u.short = 0, true
	return false
}

// inIPv4 takes an IPv4 header off that has a tunnel behind it; false where rest is the packet to read.
func (u *unwrapper) inIPv4() bool {
	b := u.rest
	if len(b) < 20 || b[0]>>4 != 4 || int(b[0]&0xf) < 5 {
		return u.broken()
	}
	u.cut = 0
	switch total := int(binary.BigEndian.Uint16(b[2:])); {
	case total == 0: // the network card was to fill it in
	case total < 20:
		return u.broken()
	case total < len(b): // short frames are filled up
		b = b[:total]
	default:
		u.cut = total - len(b)
	}
	header := int(b[0]&0xf) * 4
	if len(b) < header {
		return u.broken()
	}
	if binary.BigEndian.Uint16(b[6:])&0x3fff != 0 {
		u.fragment4(b, header)
		return true
	}
	return u.tunnel(b[9], b[header:])
}

// inIPv6 is inIPv4 for IPv6.
func (u *unwrapper) inIPv6() bool {
	b := u.rest
	if len(b) < 40 || b[0]>>4 != 6 {
		return u.broken()
	}
	u.cut = 0
	switch total := 40 + int(binary.BigEndian.Uint16(b[4:])); {
	case total == 40: // the network card was to fill it in
	case total < len(b):
		b = b[:total]
	default:
		u.cut = total - len(b)
	}
	next, at, rest := b[6], 6, b[40:]
	for next == protoHopByHop || next == protoRouting || next == protoOptions || next == protoFragment {
		if next == protoFragment {
			u.fragment6(b, len(b)-len(rest), at)
			return true
		}
		if len(rest) < 8 {
			return u.broken()
		}
		size := 8 + 8*int(rest[1])
		if len(rest) < size {
			return u.broken()
		}
		at = len(b) - len(rest)
		next, rest = rest[0], rest[size:]
	}
	return u.tunnel(next, rest)
}

// tunnel goes on behind an IP header, where the protocol is a tunnel's.
func (u *unwrapper) tunnel(protocol uint8, b []byte) bool {
	u.protocol, u.data = protocol, b
	switch protocol {
	case protoIPv4, protoIPv6:
		u.wrapped(wrapIPIP)
		u.rest, u.what = b, typeIPv4
		if protocol == protoIPv6 {
			u.what = typeIPv6
		}
	case protoMPLS:
		u.rest, u.what = b, typeMPLS
	case protoGRE:
		u.rest = b
		u.gre()
	case protoUDP:
		return u.udp(b)
	default:
		return false
	}
	return true
}

// gre takes a header off (RFC 2784, RFC 2890). Frames of ERSPAN have no header of their own where there is no sequence number.
func (u *unwrapper) gre() {
	const checksum, routing, key, sequence, version = 0x8000, 0x4000, 0x2000, 0x1000, 7
	header := u.rest
	u.wrapped(wrapGRE)
	if !u.skip(4) {
		return
	}
	flags := binary.BigEndian.Uint16(header)
	if flags&version != 0 {
		u.what = 0
		return
	}
	n, keyAt := 0, -1
	for _, bit := range [...]uint16{checksum | routing, key, sequence} {
		if flags&bit != 0 {
			if n += 4; bit == key {
				keyAt = n // from the header's beginning
			}
		}
	}
	if !u.skip(n) {
		return
	}
	if keyAt > 0 {
		u.in(protoGRE, binary.BigEndian.Uint32(header[keyAt:]))
	}
	if u.what = binary.BigEndian.Uint16(header[2:]); u.what == typeERSPAN2 && flags&sequence == 0 && u.n < maxNesting {
		u.wrapped(wrapERSPAN)
		u.what = typeBridged
	}
}

// udp goes on behind a UDP header, where the port is a tunnel's.
func (u *unwrapper) udp(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	port := binary.BigEndian.Uint16(b[2:])
	b = b[8:]
	switch {
	case len(b) < 8:
		return false
	case (port == portVXLAN || port == portVXLANLinux) && b[0]&0x08 != 0:
		u.wrapped(wrapVXLAN)
		u.in(portVXLAN, binary.BigEndian.Uint32(b[4:])>>8)
		u.rest, u.what = b[8:], typeBridged
	case port == portVXLANGPE && b[0]&0x0c == 0x0c:
		u.wrapped(wrapVXLAN)
		u.in(portVXLAN, binary.BigEndian.Uint32(b[4:])>>8)
		u.rest, u.what = b[8:], [4]uint16{0, typeIPv4, typeIPv6, typeBridged}[b[3]&3]
	case port == portGENEVE && b[0]>>6 == 0:
		size := 8 + 4*int(b[0]&0x3f)
		if len(b) < size {
			return false
		}
		u.wrapped(wrapGENEVE)
		u.in(portGENEVE, binary.BigEndian.Uint32(b[4:])>>8)
		u.rest, u.what = b[size:], binary.BigEndian.Uint16(b[2:])
	default:
		return false
	}
	return true
}
