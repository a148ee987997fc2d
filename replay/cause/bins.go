package cause

import (
	"cmp"
	"math"
	"slices"
)

// bins are the lower edges of what values are put into, at most NoCode of them.
type bins []float64

// rounds are the round numbers of a decade, times 100 (Renard's R10, as people round it).
func rounds() [10]float64 { return [...]float64{100, 125, 160, 200, 250, 320, 400, 500, 630, 800} }

// decades appends the round numbers from 10^from on and below 10^to; from is 2 at least, so that all are exact.
func (b bins) decades(from, to int) bins {
	for n := from; n < to; n++ {
		for _, r := range rounds() {
			b = append(b, r*math.Pow10(n-2))
		}
	}
	return b
}

// exact is up to where each count has a bin of its own.
const exact = 20

// countBins are for counts.
func countBins() (b bins) {
	for i := range exact + 1 {
		b = append(b, float64(i))
	}
	return append(b, 25, 32, 40, 50, 63, 80).decades(2, 9)
}

// byteBins are for sizes in bytes.
func byteBins() bins {
	return bins{0, 10, 13, 16, 20, 25, 32, 40, 50, 63, 80}.decades(2, 10)
}

// timeBins are for times in nanoseconds: from 1 µs to 11 days.
func timeBins() bins { return bins{0}.decades(3, 15) }

// most is how many bins or names a column has at most.
const most = 250

// momentBins cut a run of a length in nanoseconds into equal stretches of a round length, in seconds.
func momentBins(length float64) (b bins) {
	tenths := 1.0
	for i := 0; length >= tenths*1e8*(most-1); i++ {
		tenths = []float64{2, 5, 10}[i%3] * math.Pow10(i/3)
	}
	for i := range most {
		if b = append(b, float64(i)*tenths/10); float64(i+1)*tenths*1e8 > length {
			break
		}
	}
	return b
}

// code is the bin of a value; what is below the first is in that.
func (b bins) code(v float64) uint8 {
	i, found := slices.BinarySearch(b, v)
	if !found {
		i--
	}
	return uint8(max(i, 0))
}

// binned makes a column of codes that bins gave: without the bins before the first value and after the last.
func binned(a Attribute, codes []uint8, b bins) Column {
	low, high := uint8(NoCode), uint8(0)
	for _, c := range codes {
		if c != NoCode {
			low, high = min(low, c), max(high, c)
		}
	}
	if low == NoCode {
		return Column{Attribute: a}
	}
	if low > 0 {
		for i, c := range codes {
			if c != NoCode {
				codes[i] = c - low
			}
		}
	}
	return Column{Attribute: a, Codes: codes, Edges: b[low : high+1 : high+1]}
}

// names gives names codes in the order in which they come, until Column is asked for.
type names struct {
	codes map[string]uint8
	list  []string
}

// others stands for every name beyond the most.
const others = "others"

func (n *names) code(name string) uint8 {
	if c, ok := n.codes[name]; ok {
		return c
	}
	if n.codes == nil {
		n.codes = make(map[string]uint8)
	}
	if len(n.list) >= most-1 {
		name = others
	}
	if c, ok := n.codes[name]; ok {
		return c
	}
	c := uint8(len(n.list))
	n.codes[name], n.list = c, append(n.list, name)
	return c
}

// sorted has the names in the order of the alphabet, the others last, and place where in it each code's name is.
func (n *names) sorted() (list []string, place []uint8) {
	list = slices.Clone(n.list)
	slices.SortFunc(list, func(x, y string) int {
		return cmp.Or(cmp.Compare(isOthers(x), isOthers(y)), cmp.Compare(x, y))
	})
	place = make([]uint8, len(n.list))
	for i, name := range n.list {
		place[i] = uint8(slices.Index(list, name))
	}
	return list, place
}

// isOthers is 1 for the others and 0 for a name, by which they sort.
func isOthers(name string) int {
	if name == others {
		return 1
	}
	return 0
}

// column is of codes that code gave.
func (n *names) column(a Attribute, codes []uint8) Column {
	list, place := n.sorted()
	for i, c := range codes {
		if c != NoCode {
			codes[i] = place[c]
		}
	}
	return Column{Attribute: a, Codes: codes, Labels: list}
}
