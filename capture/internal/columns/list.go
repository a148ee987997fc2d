package columns

import (
	"encoding/binary"
	"math"
	"slices"
)

// guess is about how many bytes values take that are written one by one.
func guess(v *values) float64 { return guessOf(v.len(), v.at) }

// guessOf is guess of n values that at gives.
func guessOf(count int, at func(int) []byte) float64 {
	if count == 0 {
		return 0
	}
	const look = 8192
	w, bytes, digits, hex, text := len(at(0)), 0, 0, 0, 0
	for i := range count {
		s := at(i)
		if len(s) != w {
			w = -1
		}
		if bytes < look {
			for _, c := range s[:min(len(s), look-bytes)] {
				switch {
				case c >= '0' && c <= '9':
					digits++
				case nibble[c] < 16:
					hex++
				default:
					text++
				}
			}
		}
		bytes += len(s)
	}
	all, n, size := float64(max(digits+hex+text, 1)), float64(count), float64(bytes)
	switch {
	case w == 36 && float64(text) < 0.12*all:
		return 15.25 * n
	case w > 0 && float64(text) < 0.15*all && hex > 0:
		return size / 2
	case w > 0 && float64(digits) > 0.75*all:
		return size * float64(digits) / all * 0.42
	case float64(digits) > 0.75*all:
		return size*0.42 + n/2
	}
	return size*0.4 + n*0.6
}

// listCost is about how many bytes values take as a list of those that differ and the numbers of them, and whether these are cheaper as
// how long ago a value was new.
func (b *builder) listCost(v *values, ids, first []uint32) (cost float64, again bool) {
	if len(first) == v.len() {
		return guess(v) * 2, false
	}
	cost, again = b.numbersOf(ids, len(first))
	return cost + guessOf(len(first), func(i int) []byte { return v.at(int(first[i])) }), again
}

func (b *builder) numbersOf(ids []uint32, n int) (cost float64, again bool) {
	byOrder := math.Inf(1)
	switch {
	case n <= 256:
		byOrder = planesCost(ids, 1) // in which order does not matter
	case 2*n < len(ids):
		byOrder = planesCost(b.fromOrder(ids, b.ranks(ids, n)), planesFor(n))
	}
	back, most := b.fromAge(ids)
	byAge := planesCost(back, planesFor(int(most)+1))
	return min(byOrder, byAge), byAge < byOrder
}

func planesFor(n int) int {
	k := 1
	for n > 1<<(8*k) {
		k++
	}
	return k
}

// ranks orders a list's values by how often they come: returns the place of each.
func (b *builder) ranks(ids []uint32, n int) []uint32 {
	order := make([]uint64, n)
	for _, id := range ids {
		order[id] -= 1 << 32 // those that come most often are lowest
	}
	for i := range order {
		order[i] |= uint64(i)
	}
	slices.Sort(order)
	place := b.parts.numbers(n)
	for i, o := range order {
		place[uint32(o)] = uint32(i)
	}
	return place
}

func (b *builder) fromOrder(ids, place []uint32) []uint32 {
	out := b.parts.numbers(len(ids))
	for i, id := range ids {
		out[i] = place[id]
	}
	return out
}

// fromAge says 0 for a value that is new, and otherwise how many have been new since it was, itself among them.
func (b *builder) fromAge(ids []uint32) (out []uint32, most uint32) {
	out = b.parts.numbers(len(ids))
	known := uint32(0)
	for i, id := range ids {
		if out[i] = known - id; id == known {
			known++
		}
		most = max(most, out[i])
	}
	return out, most
}

// list writes the values that differ once, and the number of one for each row.
func (b *builder) list(v *values, ids, first []uint32, again bool, depth int) bool {
	bytes := 0
	for _, i := range first {
		bytes += len(v.at(int(i)))
	}
	if !b.budget.list(v.len(), len(first), bytes) {
		return false
	}
	op, numbers := byte(opRecent), ids
	if again {
		numbers, _ = b.fromAge(ids)
	} else {
		op = opDict
		place := b.ranks(ids, len(first))
		order := b.parts.numbers(len(first))
		for id, p := range place {
			order[p] = first[id]
		}
		numbers, first = b.fromOrder(ids, place), order
	}
	entries := b.parts.values()
	for _, i := range first {
		entries.add(v.at(int(i)))
	}
	b.plan = binary.AppendUvarint(append(b.plan, op), uint64(len(first)))
	b.ints32(numbers)
	b.node(entries, alone, depth+1)
	return true
}
