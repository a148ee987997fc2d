package packet

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

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
	urgent   uint16 // how many bytes from seq on the urgent one ends, as the sender's pointer has it; 0 where there is none
	payload  []byte
	cut      int    // bytes of payload that the sender sent and the recording left out
	net      uint32 // tells the networks apart that the headers around it name
	time     int64  // ns since 1970
	number   int64  // of the packet, from 1
}

// decoder takes the headers off packets. It holds one of each layer and allocates nothing per packet.
type decoder struct {
	unwrapper unwrapper
	ip4       layers.IPv4
	ip6       layers.IPv6
	skipped   layers.IPv6ExtensionSkipper
	tcp       layers.TCP

	four, six *gopacket.DecodingLayerParser
	found     []gopacket.LayerType
	out       segment
}

func newDecoder() *decoder {
	d := new(decoder)
	d.unwrapper.fragments = newFragments()
	var all gopacket.DecodingLayerContainer = gopacket.DecodingLayerArray(nil)
	for _, l := range []gopacket.DecodingLayer{&d.ip4, &d.tcp, &d.ip6, &d.skipped} {
		all = all.Put(l)
	}
	d.four, d.six = gopacket.NewDecodingLayerParser(layers.LayerTypeIPv4), gopacket.NewDecodingLayerParser(layers.LayerTypeIPv6)
	for _, p := range []*gopacket.DecodingLayerParser{d.four, d.six} {
		p.SetDecodingLayerContainer(all)
		p.IgnoreUnsupported = true
	}
	return d
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
	parser := d.four
	switch u.what {
	case typeIPv4:
	case typeIPv6:
		parser = d.six
	default:
		if u.short {
			return nil, reasonHeaders
		}
		return nil, ""
	}
	if err := parser.DecodeLayers(u.rest, &d.found); err != nil {
		return nil, reasonHeaders
	}
	at := f.time
	if u.since != 0 {
		at = u.since
	}
	return d.segment(at)
}

// segment collects what the parser found.
func (d *decoder) segment(at int64) (s *segment, reason string) {
	s = &d.out
	*s = segment{time: at, net: d.unwrapper.net}
	tcp := false
	for _, l := range d.found {
		switch l {
		case layers.LayerTypeIPv4:
			s.src.ip, s.dst.ip = mapped(d.ip4.SrcIP), mapped(d.ip4.DstIP)
			s.cut = max(0, int(d.ip4.Length)-len(d.ip4.Contents)-len(d.ip4.Payload))
		case layers.LayerTypeIPv6:
			copy(s.src.ip[:], d.ip6.SrcIP)
			copy(s.dst.ip[:], d.ip6.DstIP)
			if s.cut = 0; d.ip6.HopByHop == nil {
				s.cut = max(0, int(d.ip6.Length)-len(d.ip6.Payload))
			}
		case layers.LayerTypeTCP:
			tcp = true
		}
	}
	if !tcp {
		return nil, ""
	}
	s.src.port, s.dst.port = uint16(d.tcp.SrcPort), uint16(d.tcp.DstPort)
	s.seq, s.ack, s.payload = d.tcp.Seq, d.tcp.Ack, d.tcp.Payload
	if s.flags = flags(&d.tcp); d.tcp.URG {
		s.urgent = d.tcp.Urgent
	}
	return s, ""
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
