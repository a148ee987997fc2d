package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// recordedPackets are the requests of a corpus, with answers, as packets of twelve connections; within VXLAN as a mirror sends them.
func recordedPackets(b *testing.B, file string, vxlan bool) []byte {
	b.Helper()
	in, err := corpus.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	t := tape{vxlan: vxlan}
	t.file.Write(binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4))
	t.file.Write([]byte{2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0})
	const server, connections = 8080, 12
	var sent, answered [connections]uint32
	var r capture.Record
	for n := 0; ; n++ {
		if err := in.Next(b.Context(), &r); errors.Is(err, io.EOF) {
			return t.file.Bytes()
		} else if err != nil {
			b.Fatal(err)
		}
		c := n % connections
		client := uint16(40_000 + c)
		if n < connections {
			t.packet(r.Time, client, server, 0, 0, 0x02, "") // SYN
			t.packet(r.Time, server, client, 0, 1, 0x12, "")
			sent[c], answered[c] = 1, 1
		}
		var text bytes.Buffer
		fmt.Fprintf(&text, "%s %s HTTP/1.1\r\n", r.Method, r.URL)
		for _, h := range r.Headers {
			fmt.Fprintf(&text, "%s: %s\r\n", h.Name, h.Value)
		}
		fmt.Fprintf(&text, "\r\n%s", r.Body)
		t.packet(r.Time, client, server, sent[c], answered[c], 0x18, text.String())
		sent[c] += uint32(text.Len())
		const answer = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n<Response/>"
		t.packet(r.Time.Add(time.Millisecond), server, client, answered[c], sent[c], 0x18, answer)
		answered[c] += uint32(len(answer))
	}
}

// tape writes packets of Ethernet to a pcap file.
type tape struct {
	file  bytes.Buffer
	vxlan bool
}

func (t *tape) packet(at time.Time, from, to uint16, seq, ack uint32, flags byte, text string) {
	tcp := binary.BigEndian.AppendUint16(nil, from)
	tcp = binary.BigEndian.AppendUint16(tcp, to)
	tcp = binary.BigEndian.AppendUint32(tcp, seq)
	tcp = binary.BigEndian.AppendUint32(tcp, ack)
	tcp = append(append(tcp, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0), text...)
	hosts := []byte{10, 0, 0, 1, 10, 0, 0, 2}
	if from < to { // the server's
		hosts = []byte{10, 0, 0, 2, 10, 0, 0, 1}
	}
	frame := inEthernet(6, hosts, tcp)
	if t.vxlan {
		udp := binary.BigEndian.AppendUint16([]byte{0xc0, 0, 4789 >> 8, 4789 & 0xff}, uint16(16+len(frame)))
		udp = append(udp, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0)
		frame = inEthernet(17, []byte{192, 0, 2, 1, 192, 0, 2, 2}, append(udp, frame...))
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(at.Unix()))
	head = binary.LittleEndian.AppendUint32(head, uint32(at.Nanosecond()/1000))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(frame)))
	t.file.Write(binary.LittleEndian.AppendUint32(head, uint32(len(frame))))
	t.file.Write(frame)
}

// inEthernet is an IPv4 packet of a protocol in an Ethernet frame. Nobody looks at its checksum.
func inEthernet(protocol byte, hosts, content []byte) []byte {
	frame := append(make([]byte, 12, 34+len(content)), 8, 0, 0x45, 0)
	frame = binary.BigEndian.AppendUint16(frame, uint16(20+len(content)))
	frame = append(append(frame, 0, 0, 0x40, 0, 64, protocol, 0, 0), hosts...)
	return append(frame, content...)
}
