package dialect

import (
	"encoding/binary"
	"math/bits"

	"reprise/capture/payload"
)

// maxVariants is how many tables of fields a vendor may have, one for each sort of payload.
const maxVariants = 3

// known is what a vendor's tables say of one name.
type known struct {
	hash    uint64
	name    string
	classes [maxVariants]Class
	any     Classes // all of classes
	form    bool    // a form's key can be of this name
}

// lookup finds names fast: a hash table with open addressing, filled once.
type lookup struct {
	slots []known // a power of two of them, at most half of which have a name
	shift uint8   // of a hash, to a slot's index
}

// newLookup returns the table of the names, a class for each variant.
func newLookup(all map[string][maxVariants]Class) lookup {
	if len(all) == 0 {
		return lookup{}
	}
	size := bits.Len(uint(2 * len(all)))
	l := lookup{slots: make([]known, 1<<size), shift: uint8(64 - size)}
	for name, classes := range all {
		k := known{hash: hashName([]byte(name)), name: name, classes: classes, form: payload.NameLike([]byte(name))}
		for _, c := range classes {
			k.any |= ClassSet(c)
		}
		if k.any&classesOfJSON != 0 { // any class may stand in it
			k.any = ^Classes(0)
		}
		i := k.hash >> l.shift
		for l.slots[i].any != 0 {
			i = (i + 1) & uint64(len(l.slots)-1)
		}
		l.slots[i] = k
	}
	return l
}

// find returns what is known of name, or nil.
func (l *lookup) find(name []byte) *known {
	if len(l.slots) == 0 {
		return nil
	}
	h := hashName(name)
	for i := h >> l.shift; ; i++ {
		k := &l.slots[i&uint64(len(l.slots)-1)]
		if k.any == 0 {
			return nil
		}
		if k.hash == h && k.name == string(name) {
			return k
		}
	}
}

// hashName hashes a name by its length and its first and last eight bytes, which tell nearly all names apart.
func hashName(name []byte) uint64 {
	var head, tail uint64
	switch n := len(name); {
	case n >= 8:
		head, tail = binary.LittleEndian.Uint64(name), binary.LittleEndian.Uint64(name[n-8:])
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(name)), uint64(binary.LittleEndian.Uint32(name[n-4:]))
	case n > 0:
		head, tail = uint64(name[0])|uint64(name[n/2])<<8, uint64(name[n-1])
	}
	hi, lo := bits.Mul64(head^0x9e3779b97f4a7c15, tail^0xd1b54a32d192ed03^uint64(len(name))<<56)
	return (hi ^ lo) * 0x9e3779b97f4a7c15
}
