package columns

import "hash/maphash"

// distinct numbers the different values of a column in the order of their first coming.
type distinct struct {
	ids   []uint32 // of each row
	first []uint32 // the row of each value's first coming
	table []uint32
}

var seed = maphash.MakeSeed() // of tables alone: no output depends on it

// count numbers n values.
func (d *distinct) count(n int, at func(int) []byte) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	if len(d.table) < size {
		d.table = make([]uint32, size)
	}
	table := d.table[:size]
	clear(table)
	d.ids, d.first = d.ids[:0], d.first[:0]
	for i := range n {
		v := at(i)
		for k := maphash.Bytes(seed, v); ; k++ {
			slot := &table[k&uint64(size-1)]
			if *slot == 0 {
				d.first = append(d.first, uint32(i))
				*slot = uint32(len(d.first))
			} else if string(at(int(d.first[*slot-1]))) != string(v) {
				continue
			}
			d.ids = append(d.ids, *slot-1)
			break
		}
	}
}
