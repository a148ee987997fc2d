package columns

import "encoding/binary"

// hexTail splits values of one length before the hexadecimal digits that they end with.
func (b *builder) hexTail(v *values, column, depth int) bool {
	const least = 16
	w := width(v)
	tail := w
	for i := 0; i < v.len() && tail >= least; i++ {
		s := v.at(i)
		k := w
		for k > w-tail && nibble[s[k-1]] < 10 || k > w-tail && s[k-1] >= 'a' && s[k-1] <= 'f' {
			k--
		}
		tail = w - k
	}
	tail -= tail % 2
	if tail < least || tail == w {
		return false
	}
	return b.halves(v, column, depth, w-tail)
}

// separators are what stands between the fields of a value.
const separators = "/-.:,;=_ +%?&|@~T"

// isSeparator says which bytes they are.
var isSeparator = func() (t [256]bool) {
	for _, c := range []byte(separators) {
		t[c] = true
	}
	return t
}()

// fields splits values that have the same separators in the same order.
func (b *builder) fields(v *values, column, depth int) bool {
	const most = 24
	var marks []byte
	for _, c := range v.at(0) {
		if isSeparator[c] {
			marks = append(marks, c)
		}
	}
	if len(marks) == 0 || len(marks) > most {
		return false
	}
	parts := make([]*values, len(marks)+1)
	for i := range parts {
		parts[i] = b.parts.values()
	}
	for i := range v.len() {
		s := v.at(i)
		k, from := 0, 0
		for j, c := range s {
			if !isSeparator[c] {
				continue
			}
			if k == len(marks) || c != marks[k] {
				return false
			}
			parts[k].add(s[from:j])
			k, from = k+1, j+1
		}
		if k != len(marks) {
			return false
		}
		parts[k].add(s[from:])
	}
	if !b.budget.split(v.len(), 2*len(marks)+1, 0) {
		return false
	}
	b.plan = binary.AppendUvarint(append(b.plan, opConcat), uint64(2*len(marks)+1))
	for i, p := range parts {
		if i > 0 {
			b.plan = appendText(append(b.plan, opConst), marks[i-1:i])
			b.budget.begin(v.len())
		}
		b.node(p, column, depth+1)
	}
	return true
}

// Classes are what values have in common that are written in one way: how long they are, and of what characters. What reads like text,
// or is long, is one class whatever its length.
const (
	longestClass = 64
	classOfText  = (longestClass + 1) << 8
	classCount   = classOfText + 1
)

func classOf(s []byte) int {
	if len(s) == 0 {
		return 0
	}
	if len(s) > longestClass {
		return classOfText
	}
	for i, x := range s {
		if x == ' ' || x >= 0x80 || x == '+' && i > 0 || x == '%' && i+2 < len(s) && s[i+1] == '2' && s[i+2] == '0' {
			return classOfText
		}
	}
	c := len(s) << 8
	if d := s[0]; d < '0' || d > '9' {
		c |= int(d)
	}
	return c
}

// choice splits values of a few classes, each of which is written for itself.
func (b *builder) choice(v *values, depth int) bool {
	const most, different = 12, 4096
	clear(b.classes[:])
	var count []int
	which := b.parts.numbers(v.len())
	for i := range which {
		n := &b.classes[classOf(v.at(i))]
		if *n == 0 {
			if len(count) == different {
				return false
			}
			count = append(count, 0)
			*n = uint16(len(count))
		}
		count[*n-1]++
		which[i] = uint32(*n - 1)
	}
	kept := 0 // classes that are large enough, and then one for the others
	place := make([]int, len(count))
	for n, c := range count {
		place[n] = -1
		if kept < most && c*50 > v.len() && c >= 4 {
			place[n] = kept
			kept++
		}
	}
	rest := 0
	for n, c := range count {
		if place[n] < 0 {
			place[n] = kept
			rest += c
		}
	}
	groups := kept
	if rest > 0 {
		groups++
	}
	if kept == 0 || rest*4 > v.len() || groups == 1 || !b.budget.split(v.len(), 1, 2*v.len()) || !b.budget.split(0, groups, 0) {
		return false
	}
	parts := make([]*values, groups)
	for i := range parts {
		parts[i] = b.parts.values()
	}
	for i := range which {
		which[i] = uint32(place[which[i]])
		parts[which[i]].add(v.at(i))
	}
	b.plan = binary.AppendUvarint(append(b.plan, opChoice), uint64(groups))
	b.ints32(which)
	for _, p := range parts {
		b.plan = binary.AppendUvarint(b.plan, uint64(p.len()))
		b.node(p, alone, depth+1)
	}
	return true
}
