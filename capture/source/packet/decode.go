package packet

import (
	"encoding/binary"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// Link types as files number them (https://www.tcpdump.org/linktypes.html).
const (
	linkNull     = 0
	linkEthernet = 1
	linkRawBSD   = 12
	linkRawOpen  = 14
	linkRaw      = 101
	linkLoop     = 108
	linkCooked   = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkCooked2  = 276
)

// cooked2Size is the length of a Linux cooked v2 header, which begins with the EtherType.
const cooked2Size = 20

// Bits of segment.flags.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagACK
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
	payload  []byte
	cut      int   // bytes of payload that the sender sent and the recording left out
	time     int64 // ns since 1970
	number   int64 // of the packet, from 1
}

// decoder takes the headers off packets. It holds one of each layer and allocates nothing per packet.
type decoder struct {
	ethernet layers.Ethernet
	vlan     layers.Dot1Q
	cooked   layers.LinuxSLL
	loopback layers.Loopback
	ip4      layers.IPv4
	ip6      layers.IPv6
	skipped  layers.IPv6ExtensionSkipper
	tcp      layers.TCP

	parsers map[gopacket.LayerType]*gopacket.DecodingLayerParser
	found   []gopacket.LayerType
	out     segment
}

func newDecoder() *decoder {
	d := &decoder{parsers: make(map[gopacket.LayerType]*gopacket.DecodingLayerParser)}
	var all gopacket.DecodingLayerContainer = gopacket.DecodingLayerArray(nil)
	for _, l := range []gopacket.DecodingLayer{
		&d.ip4, &d.tcp, &d.ethernet, &d.ip6, &d.vlan, &d.cooked, &d.loopback, &d.skipped,
	} {
		all = all.Put(l)
	}
	for _, first := range []gopacket.LayerType{
		layers.LayerTypeEthernet, layers.LayerTypeLinuxSLL, layers.LayerTypeLoopback, layers.LayerTypeDot1Q,
		layers.LayerTypeIPv4, layers.LayerTypeIPv6,
	} {
		p := gopacket.NewDecodingLayerParser(first)
		p.SetDecodingLayerContainer(all)
		p.IgnoreUnsupported = true
		d.parsers[first] = p
	}
	return d
}

func supported(link uint16) bool {
	switch link {
	case linkNull, linkEthernet, linkRawBSD, linkRawOpen, linkRaw, linkLoop, linkCooked, linkIPv4, linkIPv6, linkCooked2:
		return true
	}
	return false
}

// decode returns the packet's TCP segment, valid until the next call; nil where it is another protocol's, with a
// reason where that is a pity.
func (d *decoder) decode(f frame) (s *segment, reason string) {
	if !supported(f.link) {
		return nil, reasonLinkType
	}
	first, data := firstLayer(f)
	parser := d.parsers[first]
	if parser == nil {
		return nil, ""
	}
	err := parser.DecodeLayers(data, &d.found)
	if err != nil {
		return nil, reasonHeaders
	}
	return d.segment(f.time)
}

// firstLayer says where the layers that gopacket knows begin.
func firstLayer(f frame) (gopacket.LayerType, []byte) {
	switch f.link {
	case linkEthernet:
		return layers.LayerTypeEthernet, f.data
	case linkCooked:
		return layers.LayerTypeLinuxSLL, f.data
	case linkNull, linkLoop:
		return layers.LayerTypeLoopback, f.data
	case linkCooked2:
		if len(f.data) < cooked2Size {
			return gopacket.LayerTypeZero, nil
		}
		return layers.EthernetType(binary.BigEndian.Uint16(f.data)).LayerType(), f.data[cooked2Size:]
	}
	if len(f.data) > 0 {
		switch f.data[0] >> 4 {
		case 4:
			return layers.LayerTypeIPv4, f.data
		case 6:
			return layers.LayerTypeIPv6, f.data
		}
	}
	return gopacket.LayerTypeZero, nil
}

// segment collects what the parser found.
func (d *decoder) segment(at int64) (s *segment, reason string) {
	s = &d.out
	*s = segment{time: at}
	tcp := false
	for _, l := range d.found {
		switch l {
		case layers.LayerTypeIPv4:
			if d.ip4.Flags&layers.IPv4MoreFragments != 0 || d.ip4.FragOffset != 0 {
				return nil, fragment(d.ip4.Protocol)
			}
			s.src.ip, s.dst.ip = mapped(d.ip4.SrcIP), mapped(d.ip4.DstIP)
			s.cut = max(0, int(d.ip4.Length)-len(d.ip4.Contents)-len(d.ip4.Payload))
		case layers.LayerTypeIPv6:
			copy(s.src.ip[:], d.ip6.SrcIP)
			copy(s.dst.ip[:], d.ip6.DstIP)
			if s.cut = 0; d.ip6.HopByHop == nil {
				s.cut = max(0, int(d.ip6.Length)-len(d.ip6.Payload))
			}
		case layers.LayerTypeIPv6Fragment:
			return nil, fragment(d.skipped.NextHeader)
		case layers.LayerTypeTCP:
			tcp = true
		}
	}
	if !tcp {
		return nil, ""
	}
	s.src.port, s.dst.port = uint16(d.tcp.SrcPort), uint16(d.tcp.DstPort)
	s.seq, s.ack, s.payload = d.tcp.Seq, d.tcp.Ack, d.tcp.Payload
	s.flags = flags(&d.tcp)
	return s, ""
}

// fragment is the reason of a fragment, which is only worth a word if it is TCP's.
func fragment(p layers.IPProtocol) string {
	if p == layers.IPProtocolTCP {
		return reasonFragment
	}
	return ""
}

func flags(t *layers.TCP) (f uint8) {
	if t.FIN {
		f |= flagFIN
	}
	if t.SYN {
		f |= flagSYN
	}
	if t.RST {
		f |= flagRST
	}
	if t.ACK {
		f |= flagACK
	}
	return f
}

func mapped(ip4 []byte) (ip [16]byte) {
	ip[10], ip[11] = 0xff, 0xff
	copy(ip[12:], ip4)
	return ip
}
