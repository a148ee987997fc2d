package columns

import "encoding/binary"

// What follows from the record's template follows from byTemplate, whose name no column has.
const (
	byTemplate   = -1
	templateName = "\x00template"
)

const (
	longestKey = 64
	mostTries  = 20_000 // of keys in a block
)

// keyOf is a key: the first bytes of a column.
type keyOf struct{ to, length int }

// keyedAgain writes a column in the way that keyed found for it in the first block.
func (b *builder) keyedAgain(v *values, column, depth int) bool {
	if b.learning {
		return false
	}
	p, known := b.learned.parents[b.e.columns[column].name]
	if !known {
		return false
	}
	to, ok := b.e.byName[p.name]
	if p.name == templateName {
		to, ok = byTemplate, true
	}
	if !ok || to != byTemplate && !b.refers(column, to) {
		return false
	}
	f, ok := b.follow(v, column, keyOf{to, p.length}, v.len())
	return ok && f.quickCost() < guess(v) && b.writeKeyed(f, v.len(), keyOf{to, p.length}, depth)
}

// keyed writes a column that mostly follows from a part of another one: the city of a number from its first digits, the number
// that a message was sent to from the account. It has a value for each key that is new, and what does not follow.
func (b *builder) keyed(v *values, column, depth int, most float64) bool {
	if !b.learning {
		return false
	}
	name := b.e.columns[column].name
	best, cost, found := keyOf{}, most, false
	try := func(k keyOf) {
		if c, ok := b.keyCost(v, column, k, cost); ok {
			best, cost, found = k, c, true
		}
	}
	if _, known := b.learned.parents[name]; !known {
		try(keyOf{to: byTemplate})
		for _, to := range b.e.templates[b.places[column][0]].columns {
			if to == column || b.tries >= mostTries || !b.refers(column, to) {
				continue
			}
			for _, length := range b.lengthsOf(to) {
				b.tries++
				try(keyOf{to, length})
			}
		}
	}
	if !found {
		return false
	}
	p := parent{name: templateName}
	if best.to != byTemplate {
		p = parent{b.e.columns[best.to].name, best.length}
	}
	b.learned.parents[name] = p
	f, ok := b.follow(v, column, best, v.len())
	return ok && b.followCost(f) < most && b.writeKeyed(f, v.len(), best, depth)
}

// lengthsOf are how long the parts of a column may be that others may follow from: all of it, and a number without its last digits.
func (b *builder) lengthsOf(to int) []int {
	const tail = 4
	first := b.e.columns[to].at(0)
	if w := len(first); w >= 2*tail && w <= 24 && allDigits(first[w-2*tail:]) {
		return []int{longestKey, w - tail}
	}
	return []int{longestKey}
}

// keyIDs numbers the keys of all rows of a column.
func (b *builder) keyIDs(k keyOf) []uint32 {
	ids, known := b.keys[k]
	if !known {
		c := &b.e.columns[k.to].values
		b.distinct.count(c.len(), func(i int) []byte { s := c.at(i); return s[:min(k.length, len(s))] })
		ids = b.kept.copyOf(b.distinct.ids)
		b.keys[k] = ids
	}
	return ids
}

// followed is what follows from the keys of some rows: the values of those that are new, and of each row whether it is otherwise, and
// those values.
type followed struct {
	fresh, other *values
	exceptions   []uint32
}

// follow is false where too little follows.
func (b *builder) follow(v *values, column int, k keyOf, rows int) (followed, bool) {
	rows = min(rows, v.len())
	f := followed{b.parts.values(), b.parts.values(), b.parts.zeros(rows)}
	var place []uint32 // of each key's value, and 1
	next := func(i int, id uint32) bool {
		if int(id) >= len(place) {
			place = append(place, make([]uint32, int(id)+1-len(place))...)
		}
		switch {
		case place[id] == 0:
			f.fresh.add(v.at(i))
			place[id] = uint32(f.fresh.len())
		case string(f.fresh.at(int(place[id])-1)) != string(v.at(i)):
			f.exceptions[i] = 1
			f.other.add(v.at(i))
		}
		return i+1 < rows && f.other.len()*10 <= rows
	}
	if k.to == byTemplate {
		for i, record := range b.e.columns[column].of[:rows] {
			if !next(i, b.e.rows[record].template) {
				break
			}
		}
	} else {
		ids := b.keyIDs(k)
		place = make([]uint32, 0, rows)
		b.beside(column, k.to, func(i, at int) bool { return next(i, ids[at]) })
	}
	return f, f.other.len()*10 <= rows && f.fresh.len()*4 <= rows*3
}

// keyCost is about what the column takes by a key; false where that is not less than most. It looks at some rows alone.
func (b *builder) keyCost(v *values, column int, k keyOf, most float64) (float64, bool) {
	const some = 4096
	rows := min(v.len(), some)
	f, ok := b.follow(v, column, k, rows)
	if !ok {
		return 0, false
	}
	cost := b.followCost(f) * float64(v.len()) / float64(rows)
	return cost, cost < most
}

// followCost is about what is written of a key's values.
func (b *builder) followCost(f followed) float64 {
	cost := planesCost(f.exceptions, 1)
	for _, v := range [...]*values{f.fresh, f.other} {
		if v.len() == 0 {
			continue
		}
		b.distinct.count(v.len(), v.at)
		list, _ := b.listCost(v, b.parts.copyOf(b.distinct.ids), b.parts.copyOf(b.distinct.first))
		cost += min(guess(v), list)
	}
	return cost
}

// quickCost is at most about what followCost says.
func (f followed) quickCost() float64 {
	return planesCost(f.exceptions, 1) + guess(f.fresh) + guess(f.other)
}

func (b *builder) writeKeyed(f followed, rows int, k keyOf, depth int) bool {
	if !b.budget.list(rows, f.fresh.len(), f.fresh.size()) || !b.budget.list(0, f.other.len(), f.other.size()) {
		return false
	}
	number := uint64(0)
	if k.to != byTemplate {
		number = uint64(b.number[k.to]) + 1
	}
	b.plan = binary.AppendUvarint(append(b.plan, opKeyed), number)
	for _, n := range [...]int{0, k.length, f.fresh.len(), f.other.len()} {
		b.plan = binary.AppendUvarint(b.plan, uint64(n))
	}
	b.ints32(f.exceptions)
	b.node(f.fresh, alone, depth+1)
	b.node(f.other, alone, depth+1)
	return true
}
