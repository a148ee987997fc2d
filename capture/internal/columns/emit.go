package columns

import (
	"encoding/binary"
	"strconv"
)

// emit appends the value of row i.
func (d *Decoder) emit(dst []byte, n *node, i int) ([]byte, bool) {
	switch n.op {
	case opConst:
		dst = append(dst, n.text...)
	case opConcat:
		limit := len(dst) + maxRecord
		for k := range n.kids {
			var ok bool
			if dst, ok = d.emit(dst, &n.kids[k], i); !ok || len(dst) > limit {
				return dst, false
			}
		}
	case opCopy:
		dst = append(dst, d.said[n.column]...)
	case opForm, opJSON:
		return derive(dst, n.op, d.said[n.column])
	case opLength:
		dst = strconv.AppendUint(dst, uint64(d.length), 10)
	case opBytes:
		dst = append(dst, n.text[n.bounds[i]:n.bounds[i+1]]...)
	case opHex:
		dst = appendHex(dst, n.text[i*n.width:(i+1)*n.width], &lower)
	case opHEX:
		dst = appendHex(dst, n.text[i*n.width:(i+1)*n.width], &upper)
	case opUUID:
		dst = appendUUID(dst, (*[16]byte)(n.text[16*i:]))
	case opUUID4:
		id := version4((*[15]byte)(n.text[15*i:]), byte(n.numbers.at(i)))
		dst = appendUUID(dst, &id)
	case opBase64:
		dst = appendBase64(dst, n.text[i*n.width:(i+1)*n.width])
	case opDecimal:
		dst = strconv.AppendInt(dst, n.numbers.at(i), 10)
	case opPadded:
		return appendPadded(dst, n.numbers.at(i), n.width)
	case opTime:
		record := d.first + d.columnOf[rowTime].at(d.at)
		if record < 0 {
			return dst, false
		}
		return n.clock.append(dst, record/n.clock.unit+n.numbers.at(i))
	case opDict, opRecent:
		dst = append(dst, n.entries.at(n.picks[i])...)
	case opKeyed:
		place, ok := d.pick(n, uint32(i))
		if !ok {
			return dst, false
		}
		dst = append(dst, n.value(place)...)
	case opChoice:
		p := n.picks[i]
		return d.emit(dst, &n.kids[p>>choiceShift], int(p&(1<<choiceShift-1)))
	}
	return dst, true
}

// pick returns the place of the value of a node of a list, see value.
func (d *Decoder) pick(n *node, row uint32) (place uint32, ok bool) {
	switch n.op {
	case opKeyed:
		if place, ok = n.exception(row); ok { // the key has come before
			return uint32(n.first) + place, true
		}
		return d.entry(n)
	case opDict, opRecent:
		return n.picks[row], true
	}
	return d.placeOf(n.column), true
}

// placeOf is the place of the value that a column of a list has in the record under way, which was made already where it follows from others.
func (d *Decoder) placeOf(column int) uint32 {
	if to := &d.columns[column]; to.op != opKeyed {
		return to.picks[d.row(column)]
	}
	return d.places[column]
}

// value is the value of a list at a place. Those that do not follow from a key come behind the others.
func (n *node) value(place uint32) []byte {
	if n.op == opKeyed && place >= uint32(n.first) {
		return n.other.at(place - uint32(n.first))
	}
	return n.entries.at(place)
}

// values is how many places a list has.
func (n *node) values() int {
	if n.op == opKeyed {
		return n.first + n.kids[1].rows
	}
	return n.count
}

// isList says whether the values of a node have places, which those of others can be found by.
func (n *node) isList() bool { return n.op == opDict || n.op == opRecent || n.op == opKeyed }

// lower and upper have the two digits of each byte.
var lower, upper = pairs("0123456789abcdef"), pairs("0123456789ABCDEF")

func pairs(digits string) (t [256]uint16) {
	for i := range t {
		t[i] = uint16(digits[i>>4]) | uint16(digits[i&15])<<8
	}
	return t
}

func appendHex(dst, raw []byte, digits *[256]uint16) []byte {
	at := len(dst)
	dst = extend(dst, 2*len(raw))
	out := dst[at:]
	for i, c := range raw {
		binary.LittleEndian.PutUint16(out[2*i:], digits[c])
	}
	return dst
}

// extend makes dst longer by n bytes, which the caller sets.
func extend(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst[:len(dst)+n]
	}
	return append(dst, make([]byte, n)...)
}

func appendUUID(dst []byte, id *[16]byte) []byte {
	at := len(dst)
	dst = extend(dst, 36)
	out := (*[36]byte)(dst[at:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	put := func(to, from int) { binary.LittleEndian.PutUint16(out[to:], lower[id[from]]) }
	put(0, 0)
	put(2, 1)
	put(4, 2)
	put(6, 3)
	put(9, 4)
	put(11, 5)
	put(14, 6)
	put(16, 7)
	put(19, 8)
	put(21, 9)
	for i := range 6 {
		put(24+2*i, 10+i)
	}
	return dst
}

// version4 puts back what uuids left out.
func version4(kept *[15]byte, variant byte) (id [16]byte) {
	copy(id[:6], kept[:])
	id[6] = 0x40 | kept[6]>>4
	id[7] = kept[6]<<4 | kept[7]>>4
	id[8] = 0x80 | variant<<4 | kept[7]&15
	copy(id[9:], kept[8:])
	return id
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// base64Pairs has the two digits of each twelve bits.
var base64Pairs = func() (t [1 << 12]uint16) {
	for i := range t {
		t[i] = uint16(base64Digits[i>>6]) | uint16(base64Digits[i&63])<<8
	}
	return t
}()

func appendBase64(dst, raw []byte) []byte {
	at := len(dst)
	dst = extend(dst, (len(raw)+2)/3*4)
	out := dst[at:]
	for len(raw) >= 3 {
		v := uint32(raw[0])<<16 | uint32(raw[1])<<8 | uint32(raw[2])
		binary.LittleEndian.PutUint16(out, base64Pairs[v>>12])
		binary.LittleEndian.PutUint16(out[2:], base64Pairs[v&0xfff])
		raw, out = raw[3:], out[4:]
	}
	switch len(raw) {
	case 1:
		binary.LittleEndian.PutUint16(out, base64Pairs[uint32(raw[0])<<4])
		out[2], out[3] = '=', '='
	case 2:
		v := uint32(raw[0])<<16 | uint32(raw[1])<<8
		binary.LittleEndian.PutUint16(out, base64Pairs[v>>12])
		out[2], out[3] = base64Digits[v>>6&63], '='
	}
	return dst
}

// appendPadded appends a number with leading zeros, in width digits.
func appendPadded(dst []byte, v int64, width int) ([]byte, bool) {
	from := len(dst)
	dst = extend(dst, width)
	for i := len(dst) - 1; i >= from; i-- {
		next := v / 10
		dst[i] = byte('0' + v - 10*next)
		v = next
	}
	return dst, v == 0
}
