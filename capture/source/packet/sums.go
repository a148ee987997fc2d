package packet

import (
	"bytes"
	"hash/maphash"
)

// sums are checksums of the segments that were delivered last: their bytes are gone, and what is sent again is to be the same.
type sums struct {
	last [4]sum
	next int
}

type sum struct {
	off  int64
	size int
	hash uint64
}

func (s *sums) add(seed maphash.Seed, off int64, data []byte) {
	s.last[s.next] = sum{off, len(data), maphash.Bytes(seed, data)}
	s.next = (s.next + 1) % len(s.last)
}

// differs says whether bytes that were sent before, at off, are others now, as far as the first ones are known: those that the
// reader has left, and the client's last segments, each as a whole.
func (c *conn) differs(h *half, off int64, data []byte) bool {
	if len(data) == 1 && off == h.next-1 {
		return false // it asks whether the connection is alive; its byte may be any
	}
	if from := h.next - int64(len(h.buffer)); h.urgent < from {
		a, b := max(off, from), min(off+int64(len(data)), h.next)
		if a < b && !bytes.Equal(h.buffer[a-from:b-from], data[a-off:b-off]) {
			return true
		}
	}
	if h != &c.client {
		return false
	}
	for _, s := range c.sums.last {
		if s.off == off && s.size == len(data) {
			return maphash.Bytes(c.table.past.seed, data) != s.hash
		}
	}
	return false
}
