package packet

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"reprise/capture"
)

// tapeStart is the time of a tape's first packet; it has a part below a microsecond.
const tapeStart = 1669392000_123456789

// tape is a recording under way: IP packets with their times.
type tape struct {
	tb      testing.TB
	packets []taped
	now     int64
	six     bool
}

type taped struct {
	at  int64
	ip  []byte
	cut int // bytes that the recording leaves off the end
}

func newTape(tb testing.TB) *tape { return &tape{tb: tb, now: tapeStart} }

func (t *tape) wait(d time.Duration) { t.now += int64(d) }

// dialog is one connection on a tape.
type dialog struct {
	*tape
	port, serverPort uint16
	client, server   uint32 // next sequence numbers
	urgent           int    // the urgent pointer of the next packets; 0 for none
}

// dial begins a dialog in mid-stream; open does the handshake.
func (t *tape) dial(port uint16) *dialog {
	return &dialog{tape: t, port: port, serverPort: 8080, client: 1000, server: 5000}
}

func (t *tape) open(port uint16) *dialog { return t.dial(port).open() }

func (d *dialog) open() *dialog {
	d.put(true, d.client, 0, "S", "")
	d.client++
	d.put(false, d.server, d.client, "SA", "")
	d.server++
	d.put(true, d.client, d.server, "A", "")
	return d
}

// say sends text from the client; answer from the server.
func (d *dialog) say(text string) *dialog {
	d.put(true, d.client, d.server, "PA", text)
	d.client += uint32(len(text))
	return d
}

func (d *dialog) answer(text string) *dialog {
	d.put(false, d.server, d.client, "PA", text)
	d.server += uint32(len(text))
	return d
}

func (d *dialog) close() *dialog {
	d.put(true, d.client, d.server, "FA", "")
	d.client++
	d.put(false, d.server, d.client, "FA", "")
	d.server++
	d.put(true, d.client, d.server, "A", "")
	return d
}

// put adds a packet, 1 ms after the last one.
func (d *dialog) put(fromClient bool, seq, ack uint32, flags, text string) {
	d.tb.Helper()
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(d.port), DstPort: layers.TCPPort(d.serverPort), Seq: seq, Ack: ack, Window: 512,
		SYN: strings.Contains(flags, "S"), ACK: strings.Contains(flags, "A"), FIN: strings.Contains(flags, "F"),
		RST: strings.Contains(flags, "R"), PSH: strings.Contains(flags, "P"),
		URG: d.urgent > 0, Urgent: uint16(d.urgent),
		Options: []layers.TCPOption{{OptionType: layers.TCPOptionKindNop}},
	}
	a, b := net.IP{10, 1, 2, 3}, net.IP{10, 9, 8, 7}
	if d.six {
		a, b = net.ParseIP("2001:db8::3"), net.ParseIP("2001:db8::7")
	}
	if !fromClient {
		a, b = b, a
		tcp.SrcPort, tcp.DstPort = tcp.DstPort, tcp.SrcPort
	}
	var ip gopacket.SerializableLayer
	if d.six {
		v6 := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: a, DstIP: b}
		ip = v6
		_ = tcp.SetNetworkLayerForChecksum(v6)
	} else {
		v4 := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: a, DstIP: b}
		ip = v4
		_ = tcp.SetNetworkLayerForChecksum(v4)
	}
	buf := gopacket.NewSerializeBuffer()
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opts, ip, tcp, gopacket.Payload(text)); err != nil {
		d.tb.Fatal(err)
	}
	d.packets = append(d.packets, taped{at: d.now, ip: bytes.Clone(buf.Bytes())})
	d.now += int64(time.Millisecond)
}

// swap exchanges the contents of the last packet and the one i before it, so that they come in the other order.
func (t *tape) swap(i int) *tape {
	a, b := &t.packets[len(t.packets)-1], &t.packets[len(t.packets)-1-i]
	a.ip, b.ip = b.ip, a.ip
	return t
}

// drop removes the last packet.
func (t *tape) drop() *tape {
	t.packets = t.packets[:len(t.packets)-1]
	return t
}

// linkTyped stands, in tapes alone, for Ethernet packets that begin with their EtherType.
const linkTyped = 0xffff

// encapsulate puts a link layer's header before an IP packet.
func encapsulate(link uint16, vlans int, ip []byte) []byte {
	kind := uint16(0x0800)
	if ip[0]>>4 == 6 {
		kind = 0x86dd
	}
	two := binary.BigEndian.AppendUint16
	var b []byte
	switch link {
	case linkTyped:
		return append(make([]byte, 12), ip...)
	case linkEthernet:
		b = make([]byte, 12, 14)
		for range vlans {
			b = two(two(b, 0x8100), 42)
		}
		b = two(b, kind)
	case linkCooked:
		b = two([]byte{0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0}, kind)
	case linkCooked2:
		b = append(two(nil, kind), 0, 0, 0, 0, 0, 7, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0)
	case linkNull:
		b = []byte{2, 0, 0, 0}
		if kind == 0x86dd {
			b[0] = 30
		}
	case linkLoop:
		b = []byte{0, 0, 0, 2}
		if kind == 0x86dd {
			b[3] = 24
		}
	}
	return append(b, ip...)
}

// pcap writes the tape as a classic file.
func (t *tape) pcap(order binary.AppendByteOrder, nano bool, link uint16, vlans int) []byte {
	magic, tick := uint32(fileMicro), int64(1000)
	if nano {
		magic, tick = fileNano, 1
	}
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	number := link
	if link == linkTyped {
		number = linkEthernet
	}
	for _, v := range []uint32{0, 0, 65535, uint32(number)} {
		b = order.AppendUint32(b, v)
	}
	for _, p := range t.packets {
		data := encapsulate(link, vlans, p.ip)
		for _, v := range []uint32{
			uint32(p.at / 1e9), uint32(p.at % 1e9 / tick), uint32(len(data) - p.cut), uint32(len(data)),
		} {
			b = order.AppendUint32(b, v)
		}
		b = append(b, data[:len(data)-p.cut]...)
	}
	return b
}

// file writes the tape in the most usual form, with nanoseconds.
func (t *tape) file() []byte { return t.pcap(binary.LittleEndian, true, linkEthernet, 0) }

// got is what a source made of a recording.
type got struct {
	records  []capture.Record
	account  capture.Account
	problems []capture.Problem
	servers  []string
	table    *table
}

// read runs a source over a file.
func read(tb testing.TB, file []byte, ports ...int) got {
	tb.Helper()
	g, err := tryRead(bytes.NewReader(file), ports...)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func tryRead(r io.Reader, ports ...int) (got, error) {
	var g got
	g.account.Report = func(p capture.Problem) { g.problems = append(g.problems, p) }
	s := New(r, Options{
		File: "tape.pcap", Ports: ports, Account: &g.account,
		OnServer: func(host string) { g.servers = append(g.servers, host) },
	})
	err := g.drain(s)
	return g, err
}

func (g *got) drain(s *Source) error {
	g.table = s.table
	for {
		var r capture.Record
		switch err := s.Next(context.Background(), &r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		g.records = append(g.records, *r.Clone())
		g.account.Kept++
	}
}

// skipped is the number of requests that were skipped, for whatever reason.
func (g *got) skipped() (n int64) {
	for _, c := range g.account.Skipped {
		n += c
	}
	return n
}

// balance checks what must be true of every account, and that nothing is held in the end.
func (g *got) balance(tb testing.TB) {
	tb.Helper()
	if err := g.account.Check(); err != nil {
		tb.Error(err)
	}
	if g.table.memory != 0 || g.table.live.first != nil {
		tb.Errorf("%d bytes still charged at the end", g.table.memory)
	}
}
