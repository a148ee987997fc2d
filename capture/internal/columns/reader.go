package columns

import (
	"encoding/binary"
	"math"
)

// reader reads the plan of a block. After the first thing that is not as it must be, it reads nothing more.
type reader struct {
	raw    []byte
	bad    bool
	nodes  int
	pieces int
}

func (r *reader) fail() { r.bad, r.raw = true, nil }

// number reads a number that is at most limit.
func (r *reader) number(limit int) int {
	v, n := binary.Uvarint(r.raw)
	if n <= 0 || v > uint64(limit) {
		r.fail()
		return 0
	}
	r.raw = r.raw[n:]
	return int(v)
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.raw)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.raw = r.raw[n:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.raw)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.raw = r.raw[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.raw) == 0 {
		r.fail()
		return 0
	}
	c := r.raw[0]
	r.raw = r.raw[1:]
	return c
}

// text reads a length and that many bytes, in place.
func (r *reader) text() []byte {
	n := r.number(min(len(r.raw), math.MaxInt32))
	if n > len(r.raw) {
		r.fail()
		return nil
	}
	t := r.raw[:n:n]
	r.raw = r.raw[n:]
	return t
}
