package payload

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Params is a list of a request's parameters, decoded and in the order of their keys and then of their values, as most
// signatures want them. Its memory is used again by the next list. It is for one goroutine at a time.
type Params struct {
	items   []param
	order   []int32 // of the last list: the next one's is mostly the same
	sorted  []param
	decoded []byte
}

// param is one parameter. The head is the key's first eight bytes: it tells most keys apart.
type param struct {
	head       uint64
	key, value []byte
	place      int32
}

// Len returns the number of parameters.
func (p *Params) Len() int { return len(p.sorted) }

// At returns parameter i, which is valid until the next Reset.
func (p *Params) At(i int) (key, value []byte) { return p.sorted[i].key, p.sorted[i].value }

// Reset empties the list.
func (p *Params) Reset() { p.items, p.sorted, p.decoded = p.items[:0], p.sorted[:0], p.decoded[:0] }

// Add adds one parameter, whose bytes must not change before the next Reset.
func (p *Params) Add(key, value []byte) {
	p.items = append(p.items, param{head: keyHead(key), key: key, value: value, place: int32(len(p.items))})
}

// AddForm adds the items of a form or of a query, whatever their keys look like.
func (p *Params) AddForm(form []byte) {
	if need := len(p.decoded) + len(form); cap(p.decoded) < need {
		p.decoded = append(make([]byte, 0, need), p.decoded...) // what was decoded before stays where it is
	}
	for start, eq, end := nextItem(form, 0); start < len(form); start, eq, end = nextItem(form, end) {
		key, value := form[start:eq], form[min(eq+1, end):end]
		if item := form[start:end]; bytes.IndexByte(item, '%') >= 0 || bytes.IndexByte(item, '+') >= 0 {
			key, value = p.decode(key), p.decode(value)
		}
		p.Add(key, value)
	}
}

func (p *Params) decode(raw []byte) []byte {
	start := len(p.decoded)
	p.decoded = appendDecodedForm(p.decoded, raw)
	return p.decoded[start:]
}

// Sort puts the parameters in order. It begins from the order of the last list.
func (p *Params) Sort() {
	p.sorted = p.sorted[:0]
	if len(p.order) == len(p.items) {
		for _, i := range p.order {
			p.sorted = append(p.sorted, p.items[i])
		}
	} else {
		p.sorted = append(p.sorted, p.items...)
	}
	list := p.sorted
	for i := 1; i < len(list); i++ {
		if !less(&list[i], &list[i-1]) {
			continue
		}
		if i > 64 {
			sortParams(list) // a form of hundreds of fields
			break
		}
		item, j := list[i], i
		for ; j > 0 && less(&item, &list[j-1]); j-- {
			list[j] = list[j-1]
		}
		list[j] = item
	}
	p.order = p.order[:0]
	for i := range list {
		p.order = append(p.order, list[i].place)
	}
}

// Compact takes repeated parameters, of equal key and value, out of the sorted list.
func (p *Params) Compact() {
	for i := 1; i < len(p.sorted); i++ {
		if a, b := &p.sorted[i-1], &p.sorted[i]; a.head == b.head && compareParams(a, b) == 0 {
			p.sorted = slices.CompactFunc(p.sorted, func(a, b param) bool { return compareParams(&a, &b) == 0 })
			return
		}
	}
}

// keyHead returns the first eight bytes of a key as a number that is in the order of the keys.
func keyHead(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var head [8]byte
	copy(head[:], key)
	return binary.BigEndian.Uint64(head[:])
}

func less(a, b *param) bool {
	if a.head != b.head {
		return a.head < b.head
	}
	return compareParams(a, b) < 0
}

func compareParams(a, b *param) int {
	if c := bytes.Compare(a.key, b.key); c != 0 {
		return c
	}
	return bytes.Compare(a.value, b.value)
}

func sortParams(list []param) {
	slices.SortFunc(list, func(a, b param) int { return compareParams(&a, &b) })
}
