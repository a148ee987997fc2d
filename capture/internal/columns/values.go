package columns

// values are texts, one after another. As long as all are the same, the text is kept once.
type values struct {
	data []byte
	ends []uint32
	same int // how many there are, while all are the text that data is; 0: ends says where each ends
}

func (v *values) len() int {
	if v.same > 0 {
		return v.same
	}
	return len(v.ends)
}

func (v *values) at(i int) []byte {
	if v.same > 0 {
		return v.data[:len(v.data):len(v.data)]
	}
	from := uint32(0)
	if i > 0 {
		from = v.ends[i-1]
	}
	return v.data[from:v.ends[i]:v.ends[i]]
}

func (v *values) add(b []byte) { addValue(v, b) }

func addValue[T string | []byte](v *values, b T) {
	if len(v.ends) == 0 {
		if v.same == 0 {
			v.data, v.same = append(v.data, b...), 1
			return
		}
		if string(v.data) == string(b) {
			v.same++
			return
		}
		v.spread()
	}
	v.data = more(v.data, len(b))
	v.data = append(v.data, b...)
	v.ends = more(v.ends, 1)
	v.ends = append(v.ends, uint32(len(v.data)))
}

// spread writes down each of the values that were all the same.
func (v *values) spread() {
	w := len(v.data)
	v.data, v.ends = more(v.data, (v.same-1)*w), more(v.ends, v.same)
	for i := range v.same {
		if i > 0 {
			v.data = append(v.data, v.data[:w]...)
		}
		v.ends = append(v.ends, uint32((i+1)*w))
	}
	v.same = 0
}

// more returns s with room for n more. Memory is doubled: what grows to a block's size is not copied often.
func more[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]T, 0, max(2*cap(s), len(s)+n, 64)), s...)
}

// expect makes room for so many values and bytes.
func (v *values) expect(count, bytes int) {
	if len(v.data) == 0 && cap(v.data) < bytes {
		v.data = make([]byte, 0, bytes)
	}
	if len(v.ends) == 0 && cap(v.ends) < count {
		v.ends = make([]uint32, 0, count)
	}
}

// size is how many bytes they are.
func (v *values) size() int { return len(v.data) * max(v.same, 1) }

func (v *values) reset() { v.data, v.ends, v.same = v.data[:0], v.ends[:0], 0 }
