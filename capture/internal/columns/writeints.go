package columns

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// How numbers are written. Part of the file format; never renumber.
const (
	intsConstant = 0   // all are the base
	intsPacked   = 1   // to 56: with that many bits each
	intsPlanes   = 64  // and k, 1 to 8: all lowest bytes, then all next ones
	intsTokens   = 73  // how large each is, and then its lower bits
	intsSums     = 128 // a start, and numbers as above that are added one after another
)

// ints writes numbers: as base + unit*u, with u in as few bits as it takes, or its bytes apart where the entropy coder makes less of them.
func (b *builder) ints(list []int64) {
	if len(list) == 0 {
		b.plan = binary.AppendVarint(append(b.plan, intsConstant), 0)
		return
	}
	least, most := list[0], list[0]
	for _, v := range list {
		least, most = min(least, v), max(most, v)
	}
	if least == most {
		b.plan = binary.AppendVarint(append(b.plan, intsConstant), least)
		return
	}
	unit := uint64(0)
	for _, v := range list {
		if unit = gcd(unit, uint64(v)-uint64(least)); unit == 1 {
			break
		}
	}
	b.wide = b.wide[:0]
	for _, v := range list {
		b.wide = append(b.wide, uint64(v)-uint64(least))
	}
	if unit > 1 {
		for i, u := range b.wide {
			b.wide[i] = u / unit
		}
	}
	how := intsHow(b.wide, (uint64(most)-uint64(least))/unit)
	b.plan = binary.AppendUvarint(binary.AppendVarint(append(b.plan, how), least), unit)
	b.budget.numbers += len(list)
	switch {
	case how == intsTokens:
		b.tokens(b.wide)
	case how >= intsPlanes:
		b.planes(b.wide, int(how-intsPlanes))
	default:
		b.packed(b.wide, uint(how))
	}
}

func (b *builder) ints32(list []uint32) {
	wide := b.parts.wides(len(list))
	for i, v := range list {
		wide[i] = int64(v)
	}
	b.ints(wide)
}

// sums writes numbers that mostly grow: where they start, and what each adds.
func (b *builder) sums(list []int64) {
	start := int64(0)
	if len(list) > 0 {
		start = list[0]
	}
	b.budget.numbers += len(list)
	steps, last := b.parts.wides(len(list)), start
	for i, v := range list {
		steps[i], last = v-last, v
	}
	b.plan = binary.AppendVarint(append(b.plan, intsSums), start)
	b.ints(steps)
}

// intsHow chooses how numbers up to top are written by what they take.
func intsHow(list []uint64, top uint64) (how byte) {
	width, bytes := bits.Len64(top), (bits.Len64(top)+7)/8
	how, cost := byte(width), float64(width*len(list))/8
	if width > 56 {
		cost = math.Inf(1)
	}
	if c := planesCost(list, bytes); width > 1 && c < cost {
		how, cost = intsPlanes+byte(bytes), c
	}
	if bytes > 1 && tokensCost(list) < cost {
		how = intsTokens
	}
	return how
}

// tokenOf splits a number: those under 16 are tokens; of others a token says the highest bit and the two after it, and so many bits follow.
func tokenOf(v uint64) (token byte, extra uint) {
	if v < 16 {
		return byte(v), 0
	}
	e := uint(bits.Len64(v)) - 1
	return byte(16 + (e-4)*4 + uint(v>>(e-2)&3)), e - 2
}

func tokensCost(list []uint64) float64 {
	var count [256]int32
	more := uint(0)
	for _, u := range list {
		t, extra := tokenOf(u)
		count[t]++
		more += extra
	}
	return 24 + entropy(count[:], len(list)) + float64(more)/8
}

// tokens writes the tokens of all numbers, and then the bits that follow them.
func (b *builder) tokens(list []uint64) {
	out := b.scratch[:0]
	rest := bitWriter{out: b.idBytes[:0]}
	for _, u := range list {
		t, extra := tokenOf(u)
		out = append(out, t)
		rest.write(u&(1<<extra-1), extra)
	}
	b.scratch = out
	b.sections.Pack(b.packer, out, false)
	b.idBytes = rest.end()
	b.noise(b.idBytes)
}

// bitWriter writes bits, from the lowest of the first byte on.
type bitWriter struct {
	out  []byte
	acc  uint64
	have uint
}

// write appends the lowest width bits of v, which has no others.
func (w *bitWriter) write(v uint64, width uint) {
	if width > 32 {
		w.write(v&(1<<32-1), 32)
		v, width = v>>32, width-32
	}
	w.acc |= v << w.have
	for w.have += width; w.have >= 8; w.have -= 8 {
		w.out = append(w.out, byte(w.acc))
		w.acc >>= 8
	}
}

func (w *bitWriter) end() []byte {
	if w.have > 0 {
		return append(w.out, byte(w.acc))
	}
	return w.out
}

// planesCost is about how many bytes the planes take.
func planesCost[T uint32 | uint64](list []T, planes int) float64 {
	cost := 0.0
	for k := range planes {
		var count [256]int32
		for _, u := range list {
			count[byte(u>>(8*k))]++
		}
		cost += 12 + entropy(count[:], len(list))
	}
	return cost
}

// entropy is how many bytes an ideal coder of single symbols takes for n of them, and its table.
func entropy(count []int32, n int) float64 {
	sum, used := 0.0, 0
	for _, c := range count {
		if c > 0 {
			used++
			sum -= float64(c) * math.Log2(float64(c)/float64(n))
		}
	}
	return sum/8 + float64(used)*0.4
}

func (b *builder) planes(list []uint64, planes int) {
	out := b.scratch[:0]
	for k := range planes {
		for _, u := range list {
			out = append(out, byte(u>>(8*k)))
		}
	}
	b.scratch = out
	b.sections.Pack(b.packer, out, false)
}

// packed writes numbers of so many bits.
func (b *builder) packed(list []uint64, width uint) {
	w := bitWriter{out: b.scratch[:0]}
	for _, u := range list {
		w.write(u, width)
	}
	b.scratch = w.end()
	b.sections.Pack(b.packer, b.scratch, false)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
