package packet

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
)

// mostHeap is what floods may hold at most, in bytes, garbage that is not collected yet among it: the whole program is to stay
// within 256 MiB.
const mostHeap = 200 << 20

// flood hands count segments to a table and asks that what is held stays bounded, whatever they are.
func flood(t *testing.T, name string, count int, next func(i int) *segment) {
	t.Helper()
	var g got
	s := New(nil, Options{Ports: []int{8080}, Account: &g.account})
	s.drained = true // there is no file
	runtime.GC()
	most := uint64(0)
	for i := range count {
		seg := next(i)
		seg.time, seg.number = 1e18+int64(i)*1000, int64(i)
		s.table.segment(seg)
		for e := s.table.ready(); e != nil; e = s.table.ready() {
			s.opts.Account.Read++
			g.account.Kept++
			s.table.recycle(e)
		}
		if i%50_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
		if s.table.memory > maxMemory+maxPending || s.table.count > maxConnections {
			t.Fatalf("%s: %d bytes of %d connections are held", name, s.table.memory, s.table.count)
		}
	}
	if most > mostHeap {
		t.Errorf("%s: the heap had %d MiB", name, most>>20)
	}
	t.Logf("%s: at most %d MiB of heap, %d connections", name, most>>20, s.table.count)
	if err := g.drain(s); err != nil {
		t.Fatal(err)
	}
	g.balance(t)
}

// floodFrom is the i-th client.
func floodFrom(i int) (client, server endpoint) {
	binary.BigEndian.PutUint32(client.ip[12:], uint32(i/60000)+0x0a000000)
	client.port = uint16(1024 + i%60000)
	server.ip[15], server.port = 1, 8080
	return client, server
}

// floods runs every kind.
func floods(t *testing.T, count int) {
	seg := new(segment)
	half, whole := []byte(post[:len(post)-1]), []byte(post)
	big := []byte(strings.Repeat("x", 1400))
	flood(t, "SYNs", count, func(i int) *segment {
		c, s := floodFrom(i)
		*seg = segment{src: c, dst: s, seq: uint32(i), flags: flagSYN}
		return seg
	})
	flood(t, "half a request from each", count, func(i int) *segment {
		c, s := floodFrom(i)
		*seg = segment{src: c, dst: s, seq: 1, ack: 1, flags: flagACK, payload: half}
		return seg
	})
	flood(t, "a request from each, without an answer", count, func(i int) *segment {
		c, s := floodFrom(i)
		*seg = segment{src: c, dst: s, seq: 1, ack: 1, flags: flagACK, payload: whole}
		return seg
	})
	flood(t, "connections that end at once", count, func(i int) *segment {
		c, s := floodFrom(i / 4)
		switch i % 4 {
		case 0:
			*seg = segment{src: c, dst: s, seq: 1, ack: 1, flags: flagACK, payload: whole}
		case 1:
			*seg = segment{src: s, dst: c, seq: 1, ack: 1 + uint32(len(whole)), flags: flagACK | flagFIN, payload: []byte(ok)}
		case 2:
			*seg = segment{src: c, dst: s, seq: 1 + uint32(len(whole)), ack: 2 + uint32(len(ok)), flags: flagACK | flagFIN}
		default:
			*seg = segment{src: c, dst: s, seq: 9, flags: flagRST}
		}
		return seg
	})
	flood(t, "bytes behind a hole", count, func(i int) *segment {
		c, s := floodFrom(i % 1000)
		*seg = segment{src: c, dst: s, seq: 1000 + uint32(i/1000)*1400, ack: 1, flags: flagACK, payload: big}
		if i < 1000 {
			seg.seq, seg.payload = 1, half
		}
		return seg
	})
	flood(t, "single bytes far apart", count, func(i int) *segment {
		c, s := floodFrom(i % 1000)
		*seg = segment{src: c, dst: s, seq: 1000 + uint32(i/1000)*3, ack: 1, flags: flagACK, payload: big[:1]}
		if i < 1000 {
			seg.seq, seg.payload = 1, half
		}
		return seg
	})
	flood(t, "one network after another", count, func(i int) *segment {
		c, s := floodFrom(i % 10)
		*seg = segment{src: c, dst: s, seq: uint32(i) * 100_000_007, ack: uint32(i) * 200_000_011, flags: flagACK, payload: whole, net: uint32(i)}
		return seg
	})
}

// Memory is bounded, whatever comes. The long form is TestSoakFloods.
func TestFloods(t *testing.T) { floods(t, 150_000) }
