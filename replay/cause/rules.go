package cause

import (
	"slices"
)

// fewest is how many requests a group has at least, on either side of a rule.
const fewest = 15

// tally is the requests of one column by code: how many, and the sum of their scores.
type tally struct {
	count [256]float32
	sum   [256]float32
}

// cut is a rule of one column: the codes that it takes, and how much of the scores' variance it explains.
type cut struct {
	gain  float32
	codes codeSet
	// from and to are the codes that bound an amount or a gap: from ≤ code < to; below 0 there is no bound.
	from, to int
}

// codeSet is a set of codes.
type codeSet [4]uint64

func (s *codeSet) add(c int)        { s[c>>6] |= 1 << (c & 63) }
func (s *codeSet) has(c uint8) bool { return s[c>>6]>>(c&63)&1 != 0 }
func (s *codeSet) addRange(lo, hi int) { // lo ≤ code < hi
	for c := lo; c < hi; c++ {
		s.add(c)
	}
}

// gain is the sum of squares between a group and the rest, of scores whose sum over all is 0: 0 unless the group is the slower one.
func gain(sum, count, all float32) float32 {
	rest := all - count
	if sum <= 0 || count < fewest || rest < fewest {
		return 0
	}
	return sum * sum * all / (count * rest)
}

// shape says how rules are made of a column's codes.
type shape struct {
	form  Form
	width int // codes below it occur
	// below says that rules of an amount that is small, or of a gap that is long, are tried too.
	below bool
}

// best is the rule of a column that explains most.
func (b *tally) best(s shape, all float32) cut {
	switch s.form {
	case Names:
		return b.bestNames(s.width, all)
	case Flag:
		return b.bestFlag(all)
	case Gap:
		return b.bestGap(s, all)
	case Moment:
		return b.bestStretch(s.width, all)
	default:
		return b.bestAmount(s, all)
	}
}

func (b *tally) bestFlag(all float32) cut {
	c := cut{from: -1, to: -1}
	for code := range 2 {
		if g := gain(b.sum[code], b.count[code], all); g > c.gain {
			c.gain, c.codes = g, codeSet{}
			c.codes.add(code)
		}
	}
	return c
}

// bestAmount tries every threshold: at least, and where that makes sense below.
func (b *tally) bestAmount(s shape, all float32) cut {
	c := cut{from: -1, to: -1}
	var sum, count float32
	for code := s.width - 1; code > 0; code-- {
		sum, count = sum+b.sum[code], count+b.count[code]
		if g := gain(sum, count, all); g > c.gain {
			c.gain, c.from, c.to = g, code, -1
		}
	}
	if s.below {
		b.upTo(s, all, &c)
	}
	c.fill(s.width)
	return c
}

// bestGap tries every threshold: within, and longer ago or never.
func (b *tally) bestGap(s shape, all float32) cut {
	c := cut{from: -1, to: -1}
	b.upTo(s, all, &c)
	if s.below {
		sum, count := b.sum[NoCode], b.count[NoCode]
		for code := s.width - 1; code > 0; code-- {
			sum, count = sum+b.sum[code], count+b.count[code]
			if g := gain(sum, count, all); g > c.gain {
				c.gain, c.from, c.to = g, code, -1
			}
		}
	}
	if c.fill(s.width); c.from >= 0 {
		c.codes.add(NoCode)
	}
	return c
}

// upTo tries the rules of all codes below one.
func (b *tally) upTo(s shape, all float32, c *cut) {
	var sum, count float32
	for code := range s.width {
		sum, count = sum+b.sum[code], count+b.count[code]
		if g := gain(sum, count, all); g > c.gain {
			c.gain, c.from, c.to = g, -1, code+1
		}
	}
}

// fill sets the codes between from and to.
func (c *cut) fill(width int) {
	if c.from < 0 && c.to < 0 {
		return
	}
	hi := width
	if c.to >= 0 {
		hi = c.to
	}
	c.codes.addRange(max(c.from, 0), hi)
}

// setBeatsOne is by how much a set of names has to explain more than the best single one.
const setBeatsOne = 1.1

// bestNames tries each name, and the slowest names together: of names in order of their means one cut is the best set.
func (b *tally) bestNames(width int, all float32) cut {
	c := cut{from: -1, to: -1}
	var order [256]uint8
	present := 0
	for code := range width {
		if b.count[code] == 0 {
			continue
		}
		order[present] = uint8(code)
		present++
		if g := gain(b.sum[code], b.count[code], all); g > c.gain {
			c.gain, c.codes = g, codeSet{}
			c.codes.add(code)
		}
	}
	mean := func(code uint8) float32 { return b.sum[code] / (b.count[code] + 10) } // few requests say little
	slices.SortFunc(order[:present], func(x, y uint8) int {
		switch mx, my := mean(x), mean(y); {
		case mx > my:
			return -1
		case mx < my:
			return 1
		}
		return int(x) - int(y)
	})
	var sum, count, most float32
	upTo := 0
	for i, code := range order[:present] {
		sum, count = sum+b.sum[code], count+b.count[code]
		if g := gain(sum, count, all); g > most {
			most, upTo = g, i+1
		}
	}
	if most > setBeatsOne*c.gain {
		c.gain, c.codes = most, codeSet{}
		for _, code := range order[:upTo] {
			if b.count[code] >= fewest {
				c.codes.add(int(code))
			}
		}
	}
	return c
}
