package columns

import (
	"encoding/base64"
	"encoding/binary"
)

func allDigits(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// width returns how long all values are; -1 where they differ.
func width(v *values) int {
	w := len(v.at(0))
	for i := 1; i < v.len(); i++ {
		if len(v.at(i)) != w {
			return -1
		}
	}
	return w
}

// random says whether the first values look like ids that do not come again.
func random(v *values) bool {
	const few = 64
	if v.len() == 0 || len(v.at(0)) < 16 || width(v) < 0 {
		return false
	}
	for i := range min(few, v.len()) {
		for k := range i {
			if string(v.at(i)) == string(v.at(k)) {
				return false
			}
		}
	}
	return true
}

// ids writes values that are hexadecimal, UUIDs or base64, all of one length.
func (b *builder) ids(v *values) bool {
	w := width(v)
	switch {
	case w < 4:
		return false
	case w == 36 && b.uuids(v):
		return true
	case w%2 == 0 && (b.hex(v, opHex, "0123456789abcdef") || b.hex(v, opHEX, "0123456789ABCDEF")):
		return true
	}
	return w%4 == 0 && w >= 16 && b.base64(v)
}

// hex writes two digits as a byte. Values of decimal digits alone are numbers, which take less.
func (b *builder) hex(v *values, op byte, digits string) bool {
	letters := false
	out := b.idBytes[:0]
	for i := 0; i+1 < len(v.data); i += 2 {
		hi, lo := v.data[i], v.data[i+1]
		x, y := nibble[hi], nibble[lo]
		if x > 15 || y > 15 || digits[x] != hi || digits[y] != lo {
			return false
		}
		letters = letters || x > 9 || y > 9
		out = append(out, x<<4|y)
	}
	if !letters {
		return false
	}
	b.idBytes = out
	b.plan = binary.AppendUvarint(append(b.plan, op), uint64(width(v)/2))
	b.noise(out)
	return true
}

// noise writes bytes that are mostly random: as they are, but where a look at some of them says that packing is worth it.
func (b *builder) noise(out []byte) {
	const look = 4096
	var count [256]int32
	some := out[:min(len(out), look)]
	for _, c := range some {
		count[c]++
	}
	if len(some) < 512 || entropy(count[:], len(some)) > 0.95*float64(len(some)) {
		b.sections.Store(out)
		return
	}
	b.sections.Pack(b.packer, out, false)
}

// uuids writes the 16 bytes of each; of version 4, without what is the same in all.
func (b *builder) uuids(v *values) bool {
	out := b.idBytes[:0]
	version4 := true
	for i := range v.len() {
		s := v.at(i)
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return false
		}
		for k := 0; k < 36; k++ {
			if s[k] == '-' {
				if k != 8 && k != 13 && k != 18 && k != 23 {
					return false
				}
				continue
			}
			hi, lo := nibble[s[k]], nibble[s[k+1]]
			if hi > 15 || lo > 15 || s[k] >= 'A' && s[k] <= 'F' || s[k+1] >= 'A' && s[k+1] <= 'F' {
				return false
			}
			out = append(out, hi<<4|lo)
			k++
		}
		id := out[len(out)-16:]
		version4 = version4 && id[6]>>4 == 4 && id[8]>>6 == 2
	}
	b.idBytes = out
	if !version4 {
		b.plan = append(b.plan, opUUID)
		b.noise(out)
		return true
	}
	b.plan = append(b.plan, opUUID4)
	kept, low := out[:0], b.parts.wides(v.len())
	for i := range v.len() { // the digit of the version goes, and of the variant's two bits stay
		id := [16]byte(out[16*i:])
		low[i] = int64(id[8] >> 4 & 3)
		kept = append(kept, id[:6]...)
		kept = append(kept, id[6]<<4|id[7]>>4, id[7]<<4|id[8]&15)
		kept = append(kept, id[9:]...)
	}
	b.ints(low)
	b.noise(kept)
	return true
}

// base64 writes what values stand for, where encoding it gives them again.
func (b *builder) base64(v *values) bool {
	n, err := base64.StdEncoding.Strict().Decode(make([]byte, base64.StdEncoding.DecodedLen(len(v.at(0)))), v.at(0))
	if err != nil {
		return false
	}
	out := b.idBytes[:0]
	buf := make([]byte, base64.StdEncoding.DecodedLen(len(v.at(0))))
	for i := range v.len() {
		k, err := base64.StdEncoding.Strict().Decode(buf, v.at(i))
		if err != nil || k != n || base64.StdEncoding.EncodedLen(k) != len(v.at(i)) {
			return false
		}
		out = append(out, buf[:k]...)
	}
	b.idBytes = out
	b.plan = binary.AppendUvarint(append(b.plan, opBase64), uint64(n))
	b.noise(out)
	return true
}

// digits writes numbers: long ones of one width as a head and four last digits.
func (b *builder) digits(v *values, column, depth int) bool {
	const long, tail = 7, 4
	w := width(v)
	leading := false
	longest := 0
	for i := range v.len() {
		s := v.at(i)
		if len(s) == 0 || !allDigits(s) {
			return false
		}
		leading = leading || s[0] == '0' && len(s) > 1
		longest = max(longest, len(s))
	}
	switch {
	case w >= long && w <= 18 && depth < 4 && b.halves(v, column, depth, w-tail):
		return true
	case longest > 18 || w < 0 && leading:
		return false
	}
	list := b.parts.wides(v.len())
	for i := range list {
		list[i] = 0
		for _, c := range v.at(i) {
			list[i] = 10*list[i] + int64(c-'0')
		}
	}
	if w >= 0 {
		b.plan = binary.AppendUvarint(append(b.plan, opPadded), uint64(w))
	} else {
		b.plan = append(b.plan, opDecimal)
	}
	b.ints(list)
	return true
}
