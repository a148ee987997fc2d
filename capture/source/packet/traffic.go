package packet

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"reprise/capture"
)

// mostPorts is how many ports are named where no request was found.
const mostPorts = 5

// traffic counts the packets of a recording until the first request is found: where none is, they say what there was
// instead.
type traffic struct {
	packets, tcp, udp int64
	ports             [1 << 16]int32 // packets by the server's port, as far as that can be told
}

// count takes note of a packet; s is nil where it is no TCP.
func (t *traffic) count(s *segment, udp bool) {
	t.packets++
	switch {
	case s != nil:
		t.tcp++
		t.ports[s.serverPort()]++
	case udp:
		t.udp++
	}
}

// serverPort is the port of the side that was called, or of the two the lower one.
func (s *segment) serverPort() uint16 {
	switch s.flags & (flagSYN | flagACK) {
	case flagSYN:
		return s.dst.port
	case flagSYN | flagACK:
		return s.src.port
	}
	return min(s.src.port, s.dst.port)
}

// account is what there was, as an account has it.
func (t *traffic) account() *capture.Traffic {
	seen := make(map[uint16]int64)
	for port, n := range t.ports {
		if n > 0 {
			seen[uint16(port)] = int64(n)
		}
	}
	ports := slices.SortedFunc(maps.Keys(seen), func(a, b uint16) int { return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a, b)) })
	as := &capture.Traffic{Packets: t.packets, TCP: t.tcp, UDP: t.udp}
	for _, port := range ports[:min(len(ports), mostPorts)] {
		as.Ports = append(as.Ports, capture.PortTraffic{Port: port, Packets: seen[port]})
	}
	return as
}

// isHTTP2 says whether a segment is made of frames of HTTP/2 (RFC 9113, section 4), the last of which may go on in the next one.
func isHTTP2(b []byte) bool {
	whole := 0
	for len(b) >= 9 {
		size := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
		stream := binary.BigEndian.Uint32(b[5:])
		if stream>>31 != 0 || !isFrame(b[3], size, stream) {
			return false
		}
		if len(b) < 9+size {
			return whole > 0
		}
		b = b[9+size:]
		whole++
	}
	return whole > 0
}

// isFrame says whether there may be a frame of that type, size and stream.
func isFrame(kind byte, size int, stream uint32) bool {
	switch kind {
	case 0, 1, 9: // DATA, HEADERS, CONTINUATION
		return stream > 0 && size <= 1<<14
	case 2: // PRIORITY
		return stream > 0 && size == 5
	case 3: // RST_STREAM
		return stream > 0 && size == 4
	case 4: // SETTINGS
		return stream == 0 && size%6 == 0 && size <= 1<<10
	case 6: // PING
		return stream == 0 && size == 8
	case 7: // GOAWAY
		return stream == 0 && size >= 8 && size <= 1<<14
	case 8: // WINDOW_UPDATE
		return size == 4
	}
	return false
}
