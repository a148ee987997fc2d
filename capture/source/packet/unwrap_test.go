package packet

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// wrap puts headers around a packet; b begins with what the EtherType kind says.
type wrap func(kind uint16, b []byte) (outer uint16, made []byte)

func be16(values ...uint16) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func wrapFrame(kind uint16, b []byte) []byte {
	return append(append(make([]byte, 12), be16(kind)...), b...)
}

// wrapIPv4 is an IPv4 header without a checksum, which nobody verifies.
func wrapIPv4(protocol byte, b []byte) (uint16, []byte) {
	header := append([]byte{0x45, 0}, be16(uint16(20+len(b)), 1, 0)...)
	return typeIPv4, append(append(header, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2), b...)
}

// wrapIPv6 is an IPv6 header with a header of options before what it carries.
func wrapIPv6(protocol byte, b []byte) (uint16, []byte) {
	header := append([]byte{0x60, 0, 0, 0}, be16(uint16(8+len(b)))...)
	header = append(append(header, protoOptions, 64), make([]byte, 32)...)
	return typeIPv6, append(append(header, protocol, 0, 1, 4, 0, 0, 0, 0), b...)
}

func wrapUDP(port uint16, b []byte) []byte {
	return append(be16(49152, port, uint16(8+len(b)), 0), b...)
}

func protocolOf(kind uint16) byte {
	if kind == typeIPv6 {
		return protoIPv6
	}
	return protoIPv4
}

func wraps() map[string]wrap {
	tag := func(id uint16) wrap {
		return func(kind uint16, b []byte) (uint16, []byte) { return id, append(be16(42, kind), b...) }
	}
	gre := func(flags, kind uint16, fields int, b []byte) (uint16, []byte) {
		return wrapIPv4(protoGRE, append(append(be16(flags, kind), make([]byte, fields)...), b...))
	}
	return map[string]wrap{
		wrapVLAN: tag(typeVLAN), "VLAN 802.1ad": tag(typeQinQ), "VLAN 9100": tag(typeQinQOld),
		wrapMPLS: func(kind uint16, b []byte) (uint16, []byte) {
			return typeMPLS, append([]byte{0, 0, 16, 64, 0, 0, 33, 64}, b...)
		},
		"MPLS pseudowire": func(kind uint16, b []byte) (uint16, []byte) {
			return typeMPLS, append([]byte{0, 0, 33, 64, 0, 0, 0, 0}, wrapFrame(kind, b)...)
		},
		"MPLS over IP": func(kind uint16, b []byte) (uint16, []byte) {
			return wrapIPv4(protoMPLS, append([]byte{0, 0, 33, 64}, b...))
		},
		wrapPPPoE: func(kind uint16, b []byte) (uint16, []byte) {
			return typePPPoE, append(append([]byte{0x11, 0}, be16(7, uint16(2+len(b)), map[uint16]uint16{typeIPv4: 0x21, typeIPv6: 0x57}[kind])...), b...)
		},
		"PPPoE short": func(kind uint16, b []byte) (uint16, []byte) {
			return typePPPoE, append(append(append([]byte{0x11, 0}, be16(7, uint16(1+len(b)))...), map[uint16]byte{typeIPv4: 0x21, typeIPv6: 0x57}[kind]), b...)
		},
		wrapGRE:         func(kind uint16, b []byte) (uint16, []byte) { return gre(0, kind, 0, b) },
		"GRE with all":  func(kind uint16, b []byte) (uint16, []byte) { return gre(0xb000, kind, 12, b) },
		"GRE of frames": func(kind uint16, b []byte) (uint16, []byte) { return gre(0x2000, typeBridged, 4, wrapFrame(kind, b)) },
		"GRE,ERSPAN 1":  func(kind uint16, b []byte) (uint16, []byte) { return gre(0, typeERSPAN2, 0, wrapFrame(kind, b)) },
		"GRE,ERSPAN 2": func(kind uint16, b []byte) (uint16, []byte) {
			return gre(0x1000, typeERSPAN2, 4, append(make([]byte, 8), wrapFrame(kind, b)...))
		},
		"GRE,ERSPAN 3": func(kind uint16, b []byte) (uint16, []byte) {
			return gre(0x1000, typeERSPAN3, 4, append(make([]byte, 12), wrapFrame(kind, b)...))
		},
		"GRE,ERSPAN 3+": func(kind uint16, b []byte) (uint16, []byte) {
			return gre(0x1000, typeERSPAN3, 4, append(append(make([]byte, 11), 1), append(make([]byte, 8), wrapFrame(kind, b)...)...))
		},
		wrapVXLAN: func(kind uint16, b []byte) (uint16, []byte) {
			return wrapIPv4(protoUDP, wrapUDP(portVXLAN, append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, wrapFrame(kind, b)...)))
		},
		"VXLAN over IPv6": func(kind uint16, b []byte) (uint16, []byte) {
			return wrapIPv6(protoUDP, wrapUDP(portVXLANLinux, append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, wrapFrame(kind, b)...)))
		},
		"VXLAN GPE": func(kind uint16, b []byte) (uint16, []byte) {
			return wrapIPv4(protoUDP, wrapUDP(portVXLANGPE, append([]byte{0x0c, 0, 0, map[uint16]byte{typeIPv4: 1, typeIPv6: 2}[kind], 0, 0, 7, 0}, b...)))
		},
		wrapGENEVE: func(kind uint16, b []byte) (uint16, []byte) {
			return wrapIPv4(protoUDP, wrapUDP(portGENEVE, append(append([]byte{2, 0}, append(be16(kind), 0, 0, 7, 0, 1, 2, 3, 0, 4, 5, 6, 7)...), b...)))
		},
		"GENEVE of frames": func(kind uint16, b []byte) (uint16, []byte) {
			return wrapIPv4(protoUDP, wrapUDP(portGENEVE, append(append([]byte{0, 0}, append(be16(typeBridged), 0, 0, 7, 0)...), wrapFrame(kind, b)...)))
		},
		wrapIPIP:                func(kind uint16, b []byte) (uint16, []byte) { return wrapIPv4(protocolOf(kind), b) },
		"IP in IP of version 6": func(kind uint16, b []byte) (uint16, []byte) { return wrapIPv6(protocolOf(kind), b) },
	}
}

// counted are the headers that the account has for a name of wraps: "GRE,ERSPAN 2" has both.
func counted(names ...string) (headers []string) {
	for _, name := range names {
		for part := range strings.SplitSeq(name, ",") {
			if part != wrapIPIP && !strings.HasPrefix(part, wrapIPIP) {
				part, _, _ = strings.Cut(part, " ")
			} else {
				part = wrapIPIP
			}
			headers = append(headers, part)
		}
	}
	return headers
}

// taped is a recording of two exchanges, each packet within the headers, the first name outermost.
func tapedWithin(t *testing.T, six bool, names ...string) []byte {
	t.Helper()
	tp := newTape(t)
	tp.six = six
	tp.open(1).say(post).answer(ok).say(postAt(1)).answer(answerAt(201)).close()
	within(tp, names...)
	return tp.pcap(binary.LittleEndian, true, linkTyped, 0)
}

// within puts headers around each packet of a tape, the first name outermost, for linkTyped.
func within(tp *tape, names ...string) {
	all := wraps()
	for i := range tp.packets {
		kind, b := uint16(typeIPv4), tp.packets[i].ip
		if tp.six {
			kind = typeIPv6
		}
		for _, name := range slices.Backward(names) {
			kind, b = all[name](kind, b)
		}
		tp.packets[i].ip = append(be16(kind), b...)
	}
}

// carriesIP says of which headers of wraps nothing but an IP packet can stand in.
func carriesIP(name string) bool {
	return strings.HasPrefix(name, wrapIPIP) || strings.HasPrefix(name, wrapPPPoE) || name == wrapMPLS || name == "MPLS over IP" || name == "VXLAN GPE"
}

func TestUnwrap(t *testing.T) {
	all := slices.Sorted(maps.Keys(wraps()))
	lists := [][]string{{}, {wrapVLAN, wrapVLAN}, {wrapGENEVE, wrapVXLAN, wrapVLAN}, {wrapMPLS, wrapGRE, wrapIPIP}, {wrapVLAN, wrapPPPoE, wrapIPIP, wrapVXLAN, "GRE,ERSPAN 2"}}
	for _, name := range all {
		lists = append(lists, []string{name})
		for _, inner := range all {
			if kind, _ := wraps()[inner](typeIPv4, nil); kind != typeIPv4 && kind != typeIPv6 && carriesIP(name) {
				continue
			}
			lists = append(lists, []string{name, inner})
		}
	}
	for _, names := range lists {
		for _, six := range []bool{false, true} {
			g := read(t, tapedWithin(t, six, names...))
			want := map[string]int64{}
			for _, header := range counted(names...) {
				want[header] += 10
			}
			if len(want) == 0 {
				want = nil
			}
			if len(g.records) != 2 || g.records[0].Response.Status != 200 || g.records[1].Response.Status != 201 || len(g.problems) > 0 || !maps.Equal(g.account.Unwrapped, want) {
				t.Errorf("%q, six %v: %s; unwrapped %v, want %v; %v", names, six, summary(&g), g.account.Unwrapped, want, g.problems)
			}
		}
	}
}

// A packet within more headers than there can be is passed over, and no cut makes more of it than the whole.
func TestUnwrapEnds(t *testing.T) {
	many := slices.Repeat([]string{wrapVLAN}, maxNesting+1)
	if g := read(t, tapedWithin(t, false, many...)); len(g.records) != 0 {
		t.Errorf("%d nested headers: %s", len(many), summary(&g))
	}
	for name, w := range wraps() {
		tp := newTape(t)
		tp.dial(1).say(post)
		kind, b := w(typeIPv4, tp.packets[0].ip)
		frame := wrapFrame(kind, b)
		for n := range frame {
			var u unwrapper
			u.unwrap(linkEthernet, frame[:n])
			if u.what != 0 && len(u.rest) > n || u.n > maxNesting {
				t.Fatalf("%s cut at %d: %+v", name, n, u)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	nflog := func(order binary.AppendByteOrder, b []byte) []byte {
		text := []byte{2, 0, 0, 5} // the family, the version, the group
		attribute := func(kind uint16, value []byte) {
			text = append(order.AppendUint16(order.AppendUint16(text, uint16(4+len(value))), kind), value...)
			text = append(text, make([]byte, -len(text)&3)...)
		}
		attribute(1, []byte{8, 0, 0, 0})
		attribute(10, []byte("prefix\x00"))
		attribute(9, b)
		return text
	}
	for name, tc := range map[string]struct {
		link uint16
		made func(b []byte) []byte
	}{
		"PPP":                           {linkPPP, func(b []byte) []byte { return append([]byte{0, 0x21}, b...) }},
		"PPP with HDLC":                 {linkPPP, func(b []byte) []byte { return append([]byte{0xff, 3, 0, 0x21}, b...) }},
		"NFLOG":                         {linkNFLog, func(b []byte) []byte { return nflog(binary.LittleEndian, b) }},
		"NFLOG of a big-endian machine": {linkNFLog, func(b []byte) []byte { return nflog(binary.BigEndian, b) }},
		"raw":                           {linkRaw, func(b []byte) []byte { return b }},
		"SNAP": {linkEthernet, func(b []byte) []byte {
			return append(append(wrapFrame(uint16(8+len(b)), nil), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), b...)
		}},
	} {
		tp := newTape(t)
		tp.open(1).say(post).answer(ok).close()
		d := newDecoder()
		for i, p := range tp.packets {
			seg, reason := d.decode(frame{data: tc.made(p.ip), link: tc.link})
			if seg == nil || reason != "" || seg.src.port != 1 && seg.dst.port != 1 {
				t.Fatalf("%s: packet %d: %s", name, i, reason)
			}
		}
	}
}

// FuzzUnwrap asks that whatever is taken off a packet leaves a part of it.
func FuzzUnwrap(f *testing.F) {
	for _, w := range wraps() {
		tp := newTape(f)
		tp.dial(1).say(post)
		kind, b := w(typeIPv4, tp.packets[0].ip)
		f.Add(uint16(linkEthernet), wrapFrame(kind, b))
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		var u unwrapper
		u.unwrap(link, data)
		if u.n > maxNesting || len(u.rest) > len(data) {
			t.Fatal(fmt.Sprint(u.n, len(u.rest), len(data)))
		}
		newDecoder().decode(frame{data: data, link: link})
	})
}
