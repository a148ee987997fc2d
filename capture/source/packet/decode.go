package packet

import "encoding/binary"

// Bits of segment.flags, as they stand in a TCP header; flagURG is not kept.
const (
	flagFIN = 0x01
	flagSYN = 0x02
	flagRST = 0x04
	flagACK = 0x10
	flagURG = 0x20
)

// endpoint is one end of a connection; IPv4 addresses are in their IPv6-mapped form.
type endpoint struct {
	ip   [16]byte
	port uint16
}

// segment is what the rest of the package needs of a TCP packet. payload belongs to the reader of packets and is
// valid until the next one.
type segment struct {
	src, dst endpoint
	seq, ack uint32
	flags    uint8
	urgent   uint16 // how many bytes from seq on the urgent one ends, as the sender's pointer has it; 0 where there is none
	payload  []byte
	cut      int    // bytes of payload that the sender sent and the recording left out
	net      uint32 // tells the networks apart that the headers around it name
	time     int64  // ns since 1970
	number   int64  // of the packet, from 1
}

// decoder takes the headers off packets. It allocates nothing per packet but for those that came in fragments.
type decoder struct {
	unwrapper unwrapper
	out       segment
}

func newDecoder() *decoder {
	return &decoder{unwrapper: unwrapper{fragments: newFragments()}}
}

func supported(link uint16) bool {
	switch link {
	case linkNull, linkEthernet, linkPPP, linkRawBSD, linkRawOpen, linkRaw, linkLoop, linkCooked, linkIPv4, linkIPv6, linkNFLog, linkCooked2:
		return true
	}
	return false
}

// decode returns the packet's TCP segment, valid until the next call; nil where it is another protocol's, with a
// reason where that is a pity. The headers that were taken off are in the unwrapper.
func (d *decoder) decode(f frame) (s *segment, reason string) {
	if !supported(f.link) {
		return nil, reasonLinkType
	}
	u := &d.unwrapper
	u.fragments.now = f.time
	u.unwrap(f.link, f.data)
	switch {
	case u.what == 0 && u.short:
		return nil, reasonHeaders
	case u.what == 0 || u.protocol != protoTCP:
		return nil, ""
	}
	b := u.data
	if len(b) < 20 {
		return nil, reasonHeaders
	}
	header := int(b[12]>>4) * 4
	if header < 20 || header > len(b) {
		return nil, reasonHeaders
	}
	s = &d.out
	s.src.port, s.dst.port = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	s.seq, s.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.flags, s.urgent = b[13]&(flagFIN|flagSYN|flagRST|flagACK), 0
	if b[13]&flagURG != 0 {
		s.urgent = binary.BigEndian.Uint16(b[18:])
	}
	s.payload, s.cut, s.net, s.number = b[header:], u.cut, u.net, 0
	if s.time = f.time; u.since != 0 {
		s.time = u.since
	}
	if ip := u.rest; u.what == typeIPv4 {
		s.src.ip, s.dst.ip = mapped(ip[12:16]), mapped(ip[16:20])
	} else {
		s.src.ip, s.dst.ip = [16]byte(ip[8:24]), [16]byte(ip[24:40])
	}
	return s, ""
}

func mapped(ip4 []byte) (ip [16]byte) {
	ip[10], ip[11] = 0xff, 0xff
	copy(ip[12:], ip4)
	return ip
}
