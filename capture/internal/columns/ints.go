package columns

// ints are the numbers of a column. What the plan says of them is known at once; they themselves after load.
type ints struct {
	how     byte
	sums    bool // each is what it adds to the one before
	start   int64
	base    int64
	unit    int64
	count   int
	section int
	list    []uint32 // nil: all are the base, or wide has them
	wide    []int64  // where one does not fit
}

func (n *ints) at(i int) int64 {
	switch {
	case n.list != nil:
		return n.base + n.unit*int64(n.list[i])
	case n.wide != nil:
		return n.wide[i]
	}
	return n.base
}

// constant says whether all numbers are the base.
func (n *ints) constant() bool { return n.how == intsConstant && !n.sums }

// isBits says whether numbers are 0 or 1 and have a bit each.
func (n *ints) isBits() bool { return n.how == 1 && n.base == 0 && n.unit == 1 && !n.sums }

// ints reads how count numbers are written.
func (d *Decoder) ints(count int) (n ints) {
	p := &d.plan
	n.count, n.unit, n.how = count, 1, p.byte()
	if n.how == intsSums {
		n.sums, n.start, n.how = true, p.varint(), p.byte()
		d.counted(count)
	}
	n.base = p.varint()
	if n.how == intsConstant || p.bad {
		return n
	}
	n.unit = int64(p.uvarint())
	d.counted(count)
	if count == 0 {
		p.fail()
	}
	n.section = d.section()
	switch {
	case n.how == intsTokens:
		d.section() // of the bits
	case n.how > 56 && n.how <= intsPlanes || n.how > intsPlanes+8:
		p.fail()
	}
	return n
}

// counted adds to the numbers of the block.
func (d *Decoder) counted(n int) {
	if d.numbers += n; d.numbers > maxNumbers {
		d.plan.fail()
	}
}

// loadInts reads the numbers themselves.
func (d *Decoder) loadInts(n *ints) {
	if n.how != intsConstant {
		raw := d.open(n.section)
		if d.plan.bad {
			return
		}
		switch {
		case n.how == intsTokens:
			d.joinTokens(n, raw)
		case n.how > intsPlanes:
			d.joinPlanes(n, raw, int(n.how-intsPlanes))
		default:
			d.unpack(n, raw, uint(n.how))
		}
	}
	if n.sums && !d.plan.bad {
		d.addUp(n)
	}
}

// addUp makes numbers of what each adds.
func (d *Decoder) addUp(n *ints) {
	list := n.wide
	if list == nil {
		list = d.memory.wides(n.count)
	}
	sum := n.start
	for i := range list {
		sum += n.at(i)
		list[i] = sum
	}
	n.list, n.wide = nil, list
}

// joinTokens puts numbers together of their tokens and of the bits that follow them, in the next section.
func (d *Decoder) joinTokens(n *ints, raw []byte) {
	rest := bitReader{raw: d.open(n.section + 1)}
	if len(raw) != n.count || d.plan.bad {
		d.plan.fail()
		return
	}
	n.wide = d.memory.wides(n.count)
	for i, t := range raw {
		u := uint64(t)
		if t >= 16 {
			e := uint(t-16)/4 + 4
			low, ok := rest.read(e - 2)
			if !ok {
				d.plan.fail()
				return
			}
			u = (4|uint64(t&3))<<(e-2) | low
		}
		n.wide[i] = n.base + n.unit*int64(u)
	}
	if !rest.ended() {
		d.plan.fail()
	}
}

// bitReader reads bits, from the lowest of the first byte on.
type bitReader struct {
	raw  []byte
	at   int
	acc  uint64
	have uint
}

func (r *bitReader) read(width uint) (v uint64, ok bool) {
	if width > 32 {
		low, ok := r.read(32)
		if !ok {
			return 0, false
		}
		high, ok := r.read(width - 32)
		return high<<32 | low, ok
	}
	for r.have < width {
		if r.at == len(r.raw) {
			return 0, false
		}
		r.acc |= uint64(r.raw[r.at]) << r.have
		r.at++
		r.have += 8
	}
	v = r.acc & (1<<width - 1)
	r.acc >>= width
	r.have -= width
	return v, true
}

// ended says whether less than a byte is left.
func (r *bitReader) ended() bool { return r.at == len(r.raw) && r.have < 8 }

// unpack reads numbers of so many bits each.
func (d *Decoder) unpack(n *ints, raw []byte, width uint) {
	if len(raw) != (n.count*int(width)+7)/8 {
		d.plan.fail()
		return
	}
	if width <= 32 {
		n.list = d.memory.numbers(n.count)
	} else {
		n.wide = d.memory.wides(n.count)
	}
	mask := uint64(1)<<width - 1
	var acc uint64
	have, at := uint(0), 0
	for i := range n.count {
		for have < width {
			acc |= uint64(raw[at]) << have
			at++
			have += 8
		}
		v := acc & mask
		acc >>= width
		have -= width
		if n.list != nil {
			n.list[i] = uint32(v)
			continue
		}
		n.wide[i] = n.base + n.unit*int64(v)
	}
}

// joinPlanes reads numbers whose lowest bytes come first, then all next ones.
func (d *Decoder) joinPlanes(n *ints, raw []byte, planes int) {
	count := n.count
	if len(raw) != count*planes {
		d.plan.fail()
		return
	}
	if planes <= 4 {
		n.list = d.memory.numbers(count)
		for i, c := range raw[:count] {
			n.list[i] = uint32(c)
		}
		for k := 1; k < planes; k++ {
			for i, c := range raw[k*count : (k+1)*count] {
				n.list[i] |= uint32(c) << (8 * k)
			}
		}
		return
	}
	n.wide = d.memory.wides(count)
	for i := range n.wide {
		v := uint64(0)
		for k := range planes {
			v |= uint64(raw[k*count+i]) << (8 * k)
		}
		n.wide[i] = n.base + n.unit*int64(v)
	}
}

// within says whether all numbers are from 0 to most.
func (n *ints) within(most int64) bool {
	if n.list == nil && n.wide == nil {
		return n.base >= 0 && n.base <= most || n.count == 0
	}
	if n.list != nil && n.base >= 0 && n.base <= most && n.unit > 0 {
		highest := uint32(0)
		for _, v := range n.list {
			highest = max(highest, v)
		}
		return uint64(highest) <= uint64(most-n.base)/uint64(n.unit)
	}
	for i := range n.count {
		if v := n.at(i); v < 0 || v > most {
			return false
		}
	}
	return true
}

// loadIndex reads numbers from 0 to most as places in a list.
func (d *Decoder) loadIndex(n *ints, most int) []uint32 {
	d.loadInts(n)
	if d.plan.bad || !n.within(int64(most)) {
		d.plan.fail()
		return nil
	}
	if n.list != nil && n.base == 0 && n.unit == 1 {
		return n.list
	}
	list := d.memory.numbers(n.count)
	for i := range list {
		list[i] = uint32(n.at(i))
	}
	return list
}
