package columns

// keys numbers the keys of a column as they come.
type keys struct {
	// memo has one more than the place of a key's value: by the class of the other column's value, or by the template where that is the key.
	memo    []uint32
	classes []uint32 // of each entry of the list that the other column has: those with one key are one class
	to      *node
	// Where that column has no list, or there are too many templates.
	found     *foundKeys
	templates map[uint32]uint32
	count     uint32
}

// keyPart is a part of another column that is a key.
type keyPart struct{ column, skip, width int }

func (p keyPart) of(s []byte) []byte {
	s = s[min(p.skip, len(s)):]
	return s[:min(p.width, len(s))]
}

// begin makes what a column's keys are numbered with.
func (d *Decoder) begin(n *node) {
	n.keys = keys{}
	if n.column == byTemplate {
		if len(d.templates) > 4*n.rows+64 {
			n.keys.templates = make(map[uint32]uint32)
			return
		}
		n.keys.memo = d.memory.zeros(len(d.templates))
		return
	}
	to, p := &d.columns[n.column], keyPart{n.column, n.skip, n.width}
	if to.isList() {
		if d.load(to); d.plan.bad {
			return
		}
	}
	if !to.isList() || to.values() > 4*n.rows+64 {
		n.keys.found = d.foundKeys(p, min(n.count, 4*n.rows))
		return
	}
	c, ok := d.classes[p]
	if !ok {
		d.distinct.count(to.values(), func(i int) []byte { return p.of(to.value(uint32(i))) })
		c = classes{d.memory.copyOf(d.distinct.ids), len(d.distinct.first)}
		d.classes[p] = c
	}
	n.keys.classes, n.keys.to = c.ids, to
	n.keys.memo = d.memory.zeros(c.count)
}

// classes are the keys of a list's values.
type classes struct {
	ids   []uint32
	count int
}

// entry returns the place of the value that follows from the key of the record under way.
func (d *Decoder) entry(n *node) (id uint32, ok bool) {
	k := &n.keys
	if k.found != nil || k.templates != nil {
		return d.search(n)
	}
	class := d.templateOf[d.at]
	if k.to != nil {
		class = k.classes[d.placeOf(n.column)]
	}
	if id = k.memo[class]; id > 0 {
		return id - 1, true
	}
	id, ok = k.fresh(n)
	k.memo[class] = id + 1
	return id, ok
}

// fresh returns the place of the value of a new key.
func (k *keys) fresh(n *node) (place uint32, ok bool) {
	id := k.count
	k.count++
	switch {
	case int(id) >= n.count:
		return 0, false
	case n.inner != nil:
		return n.inner[id], true
	}
	return id, true
}

func (d *Decoder) search(n *node) (id uint32, ok bool) {
	k := &n.keys
	if n.column == byTemplate {
		t := d.templateOf[d.at]
		if id, ok = k.templates[t]; ok {
			return id, true
		}
		if id, ok = k.fresh(n); ok {
			k.templates[t] = id
		}
		return id, ok
	}
	class := k.found.of(d.said[n.column], d.at)
	if int(class) >= len(k.memo) {
		k.memo = append(k.memo, make([]uint32, int(class)+1-len(k.memo))...)
	}
	if id = k.memo[class]; id > 0 {
		return id - 1, true
	}
	id, ok = k.fresh(n)
	k.memo[class] = id + 1
	return id, ok
}

// foundKeys numbers the keys that a part of a column has in the records so far. All nodes that follow from that part share it.
type foundKeys struct {
	part  keyPart
	known map[string]uint32
	at    int // the record that was asked for last, and its key's number
	class uint32
}

func (d *Decoder) foundKeys(p keyPart, room int) *foundKeys {
	f := d.found[p]
	if f == nil {
		f = &foundKeys{part: p, known: make(map[string]uint32, room), at: -1}
		d.found[p] = f
	}
	return f
}

// of returns the number of the key in a value, which is that of record at.
func (f *foundKeys) of(value []byte, at int) uint32 {
	if at == f.at {
		return f.class
	}
	key := f.part.of(value)
	class, ok := f.known[string(key)]
	if !ok {
		class = uint32(len(f.known))
		f.known[string(key)] = class
	}
	f.at, f.class = at, class
	return class
}
