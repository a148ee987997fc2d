package logs

import (
	"hash/maphash"
	"strconv"
)

// interned gives strings that were seen of late without making them again. Its size is fixed.
type interned struct {
	seed  maphash.Seed
	table []string
}

const (
	internedSlots = 1 << 10 // a power of two
	internedMax   = 256     // the longest string kept, in bytes
)

func newInterned() interned {
	return interned{seed: maphash.MakeSeed(), table: make([]string, internedSlots)}
}

func (t *interned) of(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internedMax {
		return string(b)
	}
	slot := &t.table[maphash.Bytes(t.seed, b)&(internedSlots-1)]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

func (t *interned) number(n int) string {
	var digits [20]byte
	return t.of(strconv.AppendInt(digits[:0], int64(n), 10))
}
