package packet

import (
	"bytes"
	"hash/maphash"
)

// sums are checksums of the segments that were delivered last: their bytes are gone, and what is sent again is to be the same.
type sums struct {
	seed maphash.Seed
	last [4]sum
	next int
}

type sum struct {
	off  int64
	size int
	hash uint64
}

func newSums() *sums { return &sums{seed: maphash.MakeSeed()} }

// empty makes sums ready for another connection.
func (s *sums) empty() *sums {
	if s != nil {
		s.last = [len(s.last)]sum{}
	}
	return s
}

func (s *sums) of(data []byte) uint64 { return maphash.Bytes(s.seed, data) }

func (s *sums) add(off int64, data []byte) {
	s.last[s.next] = sum{off, len(data), s.of(data)}
	s.next = (s.next + 1) % len(s.last)
}

// differs says whether bytes that were sent before, at off, are others now, as far as the first ones are known: those that the
// reader has left, and the last segments, each as a whole.
func (h *half) differs(off int64, data []byte) bool {
	if len(data) == 1 && off == h.next-1 {
		return false // it asks whether the connection is alive; its byte may be any
	}
	if from := h.next - int64(len(h.buffer)); h.urgent < from {
		a, b := max(off, from), min(off+int64(len(data)), h.next)
		if a < b && !bytes.Equal(h.buffer[a-from:b-from], data[a-off:b-off]) {
			return true
		}
	}
	if h.sums == nil {
		return false
	}
	for _, s := range h.sums.last {
		if s.off == off && s.size == len(data) {
			return s.hash != h.sums.of(data)
		}
	}
	return false
}
