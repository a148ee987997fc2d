package keyed

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// FreshID returns an id of the shape of old: same length, same punctuation and prefix, digits in place of
// digits, hex in place of hex in the same case, a UUID of the same version in place of a UUID. It depends on
// key and old alone, and anonymized corpora depend on it: never change the mapping. Ids of one shape never
// meet where that shape has fewer than 2^62 values, and above that as rarely as 62-bit hashes do.
//
// Whoever makes many ids under one key uses Fresh, which gives the same ids.
func FreshID(key []byte, old string) string {
	return string(NewFresh(key).Append(make([]byte, 0, 64), []byte(old)))
}

// Fresh is FreshID under one key. It does not change, and may be used by several goroutines at once.
//
// Its hash is SipHash-2-4 with 128 bits of result: a keyed pseudo-random function that is fast on the few dozen
// bytes of an id.
type Fresh struct{ key sipKey }

// NewFresh returns the ids under key, which may be of any length.
func NewFresh(key []byte) *Fresh {
	h := sha256.New()
	h.Write([]byte("reprise fresh ids\x00"))
	h.Write(key)
	sum := h.Sum(nil)
	return &Fresh{sipKey{binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])}}
}

// globalID is what an id begins with that tells of what it is one, as in gid://shopify/Customer/207119551
// (https://github.com/rails/globalid, https://shopify.dev/docs/api/usage/gids): that stays, and the id at its end becomes what it becomes
// alone.
const globalID = "gid://"

// shapeTweak sets the hash of a shape apart from those of ids.
const shapeTweak = 1 << 63

// Append appends what FreshID makes of old, and as long, to dst. It allocates nothing but room in dst, unless old has
// more than 128 bytes.
func (f *Fresh) Append(dst, old []byte) []byte {
	switch {
	case isSID(old):
		return f.appendSID(dst, old)
	case isLowerUUID(old):
		return f.appendUUID(dst, old)
	case bytes.HasPrefix(old, []byte(globalID)):
		at := bytes.LastIndexByte(old, '/') + 1
		return f.Append(append(dst, old[:at]...), old[at:])
	}
	var buffer [128]alphabet
	shape := idShape(buffer[:0], old)
	size, small := uint64(1), true
	for _, a := range shape {
		if n := uint64(len(a.letters())); n > 0 && small {
			small = size <= (1<<62)/n
			size *= n
		}
	}
	start := len(dst)
	dst = append(dst, old...)
	switch id := dst[start:]; {
	case !small:
		f.hash(id, old, shape)
	case size > 1:
		f.permute(id, shape, size)
	}
	return dst
}

// isSID says whether id is two capitals and 32 hex digits in lower case, as all of Twilio's are.
func isSID(id []byte) bool {
	return len(id) == 34 && id[0]-'A' <= 25 && id[1]-'A' <= 25 && areLowerHex(id[2:])
}

// notLowerHex is 1 for every byte that is no hex digit in lower case. In ids the digits come at random: a table has no
// branches to guess.
var notLowerHex = func() (t [256]byte) {
	for c := range t {
		if !lowerHex.has(byte(c)) {
			t[c] = 1
		}
	}
	return t
}()

func areLowerHex(word []byte) bool {
	var not byte
	for _, c := range word {
		not |= notLowerHex[c]
	}
	return not == 0
}

// appendSID is hash for the shape that most ids have: all its digits are of one hash.
func (f *Fresh) appendSID(dst, old []byte) []byte {
	sum := f.key.sum(0, old)
	dst = append(dst, old...)
	id := (*[34]byte)(dst[len(dst)-34:])
	for i, word := range sum {
		binary.LittleEndian.PutUint64(id[2+16*i:], hexDigits(uint32(word)))
		binary.LittleEndian.PutUint64(id[10+16*i:], hexDigits(uint32(word>>32)))
	}
	return dst
}

// isLowerUUID says whether id is a UUID in lower case (RFC 9562, section 4) of the variant that all are of today.
func isLowerUUID(id []byte) bool {
	return len(id) == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' && isLowerVariant(id[19]) &&
		areLowerHex(id[:8]) && areLowerHex(id[9:13]) && areLowerHex(id[14:18]) && areLowerHex(id[19:23]) && areLowerHex(id[24:])
}

func isLowerVariant(c byte) bool { return c == '8' || c == '9' || c == 'a' || c == 'b' }

// appendUUID is hash for a UUID, of which the version and the variant stay.
func (f *Fresh) appendUUID(dst, old []byte) []byte {
	sum := f.key.sum(0, old)
	dst = append(dst, old...)
	id := (*[36]byte)(dst[len(dst)-36:])
	var digits [4]uint64
	for i, word := range sum {
		digits[2*i], digits[2*i+1] = hexDigits(uint32(word)), hexDigits(uint32(word>>32))
	}
	binary.LittleEndian.PutUint64(id[:], digits[0])
	binary.LittleEndian.PutUint32(id[9:], uint32(digits[1]))
	binary.LittleEndian.PutUint32(id[14:], uint32(digits[1]>>32))
	binary.LittleEndian.PutUint32(id[19:], uint32(digits[2]))
	binary.LittleEndian.PutUint32(id[24:], uint32(digits[2]>>32))
	binary.LittleEndian.PutUint64(id[28:], digits[3])
	id[14], id[19] = old[14], "89ab"[sum[1]&3]
	return dst
}

// hexDigits spreads eight times four bits over eight bytes, the lowest first, and makes digits of all at once.
func hexDigits(bits uint32) uint64 {
	x := uint64(bits)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (x + 0x0606060606060606) >> 4 & 0x0101010101010101 // 1 where it is ten or more
	return x + 0x3030303030303030 + letters*('a'-'0'-10)
}

// hash fills id from a keyed hash of old, what it was: hex digits of four bits of it each, all else of eight.
func (f *Fresh) hash(id, old []byte, shape []alphabet) {
	var lo, hi uint64
	block, left := uint64(0), 0 // left counts the bits of lo and hi
	for i := 0; i < len(id); {
		letters := shape[i].letters()
		n := byte(len(letters))
		if n == 0 {
			i++
			continue
		}
		width := 8
		if n == 16 {
			width = 4
		}
		if left < width {
			sum := f.key.sum(block, old)
			lo, hi = sum[0], sum[1]
			left = 128
			block++
		}
		b := byte(lo) & (1<<width - 1)
		lo = lo>>width | hi<<(64-width)
		hi >>= width
		left -= width
		if n == 16 || b <= 255-byte(256%int(n)) { // else some letters would come up more often than others
			id[i] = letters[b%n]
			i++
		}
	}
}

// permute replaces id by its image under a permutation of all ids of its shape, which has that many.
func (f *Fresh) permute(id []byte, shape []alphabet, size uint64) {
	var buffer [256]byte
	frame := buffer[:0]
	index := uint64(0)
	for i, a := range shape {
		letters := a.letters()
		if letters == "" {
			frame = append(frame, byte(a), id[i])
			continue
		}
		frame = append(frame, byte(a), 0)
		index = index*uint64(len(letters)) + uint64(max(0, strings.IndexByte(letters, id[i])))
	}
	index = permuted(newFeistel(size), index, sipKey(f.key.sum(shapeTweak, frame)))
	for i := len(id) - 1; i >= 0; i-- {
		if letters := shape[i].letters(); letters != "" {
			n := uint64(len(letters))
			id[i] = letters[index%n]
			index /= n
		}
	}
}

// alphabet is what one character of an id may become. The numbers go into FreshID's hash: never renumber.
type alphabet byte

const (
	fixed alphabet = iota
	decimal
	decimalNotZero
	lowerHex
	upperHex
	lowerVariant // of a UUID
	upperVariant
	lowerLetter
	upperLetter
	ulidLetter
)

// letters returns the characters of the alphabet, in an order that FreshID depends on: none where the
// character stays.
func (a alphabet) letters() string {
	switch a {
	case decimal:
		return "0123456789"
	case decimalNotZero:
		return "123456789"
	case lowerHex:
		return "0123456789abcdef"
	case upperHex:
		return "0123456789ABCDEF"
	case lowerVariant:
		return "89ab"
	case upperVariant:
		return "89AB"
	case lowerLetter:
		return "abcdefghijklmnopqrstuvwxyz"
	case upperLetter:
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	case ulidLetter:
		return "ABCDEFGHJKMNPQRSTVWXYZ"
	}
	return ""
}

// holds says whether every character of word is of the alphabet.
func (a alphabet) holds(word []byte) bool {
	for _, c := range word {
		if !a.has(c) {
			return false
		}
	}
	return true
}

// has says whether c is of the alphabet.
func (a alphabet) has(c byte) bool {
	switch a {
	case decimal:
		return c-'0' <= 9
	case lowerHex:
		return c-'0' <= 9 || c-'a' <= 5
	case upperHex:
		return c-'0' <= 9 || c-'A' <= 5
	}
	return strings.IndexByte(a.letters(), c) >= 0
}

// idShape appends the alphabet of each character of old.
func idShape(shape []alphabet, old []byte) []alphabet {
	if isUUID(old) {
		return uuidShape(shape, old)
	}
	first := true
	for i := 0; i < len(old); {
		end := i
		for end < len(old) && isAlnum(old[end]) {
			end++
		}
		switch {
		case end == i && old[i] >= 0x80:
			shape = append(shape, lowerLetter)
			end++
		case end == i:
			shape = append(shape, fixed)
			end++
		default:
			// A short word before the first joint, as in msg_01H…, names the sort of id.
			prefix := first && end < len(old) && end-i <= 5 && bytes.IndexFunc(old[i:end], isDecimal) < 0
			if first = false; prefix {
				shape = repeat(shape, fixed, end-i)
			} else {
				shape = wordShape(shape, old[i:end])
			}
		}
		i = end
	}
	return shape
}

// wordShape appends the alphabets of one run of letters and digits.
func wordShape(shape []alphabet, word []byte) []alphabet {
	switch {
	case decimal.holds(word):
		zeros := len(word) - len(bytes.TrimLeft(word, "0"))
		if shape = repeat(shape, fixed, zeros); zeros < len(word) {
			shape = repeat(append(shape, decimalNotZero), decimal, len(word)-zeros-1)
		}
		return shape
	case len(word) == 34 && upperLetter.holds(word[:2]) && lowerHex.holds(word[2:]):
		return repeat(append(shape, fixed, fixed), lowerHex, 32) // SM…, AC…: the prefix says what the id names
	case len(word) >= 8 && lowerHex.holds(word):
		return repeat(shape, lowerHex, len(word))
	case len(word) >= 8 && upperHex.holds(word):
		return repeat(shape, upperHex, len(word))
	}
	letters := upperLetter
	if isULID(word) {
		shape, word, letters = append(shape, fixed), word[1:], ulidLetter
	}
	for _, c := range word {
		switch {
		case isDecimal(rune(c)):
			shape = append(shape, decimal)
		case c >= 'a':
			shape = append(shape, lowerLetter)
		default:
			shape = append(shape, letters)
		}
	}
	return shape
}

func repeat(shape []alphabet, a alphabet, n int) []alphabet {
	for range n {
		shape = append(shape, a)
	}
	return shape
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDecimal(c rune) bool { return c >= '0' && c <= '9' }

// isULID says whether word is 26 characters of Crockford's base 32, the first of which may not pass 7.
func isULID(word []byte) bool {
	return len(word) == 26 && word[0] >= '0' && word[0] <= '7' &&
		allULID(word)
}

func allULID(word []byte) bool {
	for _, c := range word {
		if !decimal.has(c) && !ulidLetter.has(c) {
			return false
		}
	}
	return true
}

// isUUID says whether id is 32 hex digits of one case in the groups of a UUID.
func isUUID(id []byte) bool {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return false
	}
	for _, a := range [...]alphabet{lowerHex, upperHex} {
		if a.holds(id[:8]) && a.holds(id[9:13]) && a.holds(id[14:18]) && a.holds(id[19:23]) && a.holds(id[24:]) {
			return true
		}
	}
	return false
}

// uuidShape keeps a UUID's version, and its variant where that is RFC 9562's.
func uuidShape(shape []alphabet, id []byte) []alphabet {
	hex, variant := lowerHex, lowerVariant
	if bytes.ContainsAny(id, "ABCDEF") {
		hex, variant = upperHex, upperVariant
	}
	for i := 0; i < len(id); i++ {
		switch {
		case id[i] == '-' || i == 14:
			shape = append(shape, fixed)
		case i == 19 && variant.holds(id[i:i+1]):
			shape = append(shape, variant)
		default:
			shape = append(shape, hex)
		}
	}
	return shape
}
