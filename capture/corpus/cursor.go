package corpus

import (
	"encoding/binary"
	"math"
)

// cursor reads numbers and strings off a payload.
type cursor struct {
	raw []byte
	pos int
}

func (c *cursor) uvarint() (uint64, bool) {
	if c.pos < len(c.raw) && c.raw[c.pos] < 0x80 {
		c.pos++
		return uint64(c.raw[c.pos-1]), true
	}
	v, n := binary.Uvarint(c.raw[c.pos:])
	if n <= 0 {
		return 0, false
	}
	c.pos += n
	return v, true
}

func (c *cursor) varint() (int64, bool) {
	v, n := binary.Varint(c.raw[c.pos:])
	if n <= 0 {
		return 0, false
	}
	c.pos += n
	return v, true
}

// bytes reads a length and that many bytes, in place and with no room to grow into what follows.
func (c *cursor) bytes() ([]byte, bool) {
	n, ok := c.uvarint()
	if !ok || n > uint64(len(c.raw)-c.pos) || n > math.MaxInt32 {
		return nil, false
	}
	b := c.raw[c.pos : c.pos+int(n) : c.pos+int(n)]
	c.pos += int(n)
	if n == 0 {
		return nil, true
	}
	return b, true
}

func (c *cursor) string() (string, bool) {
	b, ok := c.bytes()
	return string(b), ok
}
