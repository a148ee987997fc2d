package cause

// groups are the rows of each person, recipient or id, one group after the other and each in the order of time.
type groups[K uint32 | uint64] struct {
	of    []K
	order []uint32
}

// scratch is memory for the numbers of rows, which is used again and again.
type scratch [2][]uint32

// take returns one of the two, of n numbers that mean nothing.
func (s *scratch) take(which, n int) []uint32 {
	if cap(s[which]) < n {
		s[which] = make([]uint32, n)
	}
	return s[which][:n]
}

// digit is how many bits a pass of grouped sorts by.
const digit = 11

// grouped sorts rows by a key, digit after digit from the lowest (a radix sort, which keeps the order of equal keys). It leaves out
// rows whose key is 0. Groups are valid until room is used again.
func grouped[K uint32 | uint64](of []K, room *scratch) groups[K] {
	order := room.take(0, len(of))[:0]
	var all K
	for i, key := range of {
		if key != 0 {
			order = append(order, uint32(i))
			all |= key
		}
	}
	next := room.take(1, len(order))
	for shift := 0; all>>shift != 0; shift += digit {
		var from [1 << digit]int
		for _, row := range order {
			from[of[row]>>shift&(1<<digit-1)]++
		}
		sum := 0
		for d, n := range from {
			from[d], sum = sum, sum+n
		}
		for _, row := range order {
			d := of[row] >> shift & (1<<digit - 1)
			next[from[d]] = row
			from[d]++
		}
		order, next = next, order
	}
	return groups[K]{of, order}
}

// each calls f with the rows of each group.
func (g groups[K]) each(f func(rows []uint32)) {
	for from := 0; from < len(g.order); {
		to := from + 1
		for to < len(g.order) && g.of[g.order[to]] == g.of[g.order[from]] {
			to++
		}
		f(g.order[from:to])
		from = to
	}
}

// count is how many groups there are, and top the share of the rows that the largest has.
func (g groups[K]) count() (n int64, top float64) {
	most := 0
	g.each(func(rows []uint32) {
		n++
		most = max(most, len(rows))
	})
	if n == 0 {
		return 0, 0
	}
	return n, float64(most) / float64(len(g.order))
}
