package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// content1 is the running content hash of version 1: of the blocks as they are encoded. Files of that version keep it, since the runs
// that were made of them have it.
type content1 struct{ h hash.Hash }

func newContent1() content1 { return content1{sha256.New()} }

func (c content1) add(rawCRC, raw, records uint32, first, last int64) {
	var b [28]byte
	le := binary.LittleEndian
	le.PutUint32(b[0:], rawCRC)
	le.PutUint32(b[4:], raw)
	le.PutUint32(b[8:], records)
	le.PutUint64(b[12:], uint64(first))
	le.PutUint64(b[20:], uint64(last))
	c.h.Write(b[:])
}

func (c content1) String() string { return hex.EncodeToString(c.h.Sum(nil)) }

// content1 returns the content hash of the blocks that the index of a file of version 1 names.
func (x *index) content1() string {
	c := newContent1()
	for i := range x.entries {
		e := &x.entries[i]
		c.add(e.crc, e.raw, e.records, e.first, e.last)
	}
	return c.String()
}
