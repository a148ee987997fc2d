package dialect

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"reprise/capture/sms"
)

// FreshID returns an id of the shape of old: same length, same punctuation and prefix, digits in place of
// digits, hex in place of hex in the same case, a UUID of the same version in place of a UUID. It depends on
// key and old alone, and anonymized corpora depend on it: never change the mapping. Ids of one shape never
// meet where that shape has fewer than 2^62 values, and above that as rarely as 62-bit hashes do.
func FreshID(key []byte, old string) string {
	var buffer [64]alphabet
	shape := idShape(buffer[:0], old)
	size, small := 1, true
	for _, a := range shape {
		if n := len(a.letters()); n > 0 && small {
			small = size <= (1<<62)/n
			size *= n
		}
	}
	if small && size == 1 {
		return old
	}
	out := []byte(old)
	if small {
		permuteID(key, out, shape, size)
	} else {
		hashID(key, out, shape)
	}
	return string(out)
}

// permuteID replaces id by its image under a permutation of all ids of its shape.
func permuteID(key, id []byte, shape []alphabet, size int) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("id shape\x00"))
	index := 0
	frame := make([]byte, 0, 2*len(id))
	for i, a := range shape {
		letters := a.letters()
		if letters == "" {
			frame = append(frame, byte(a), id[i])
			continue
		}
		frame = append(frame, byte(a), 0)
		index = index*len(letters) + max(0, strings.IndexByte(letters, id[i]))
	}
	mac.Write(frame)
	var seed [32]byte
	mac.Sum(seed[:0])
	index = sms.NewPermutation(seed, size).At(index)
	for i := len(id) - 1; i >= 0; i-- {
		if letters := shape[i].letters(); letters != "" {
			id[i] = letters[index%len(letters)]
			index /= len(letters)
		}
	}
}

// hashID fills id from a keyed hash of what it was.
func hashID(key, id []byte, shape []alphabet) {
	mac := hmac.New(sha256.New, key)
	seed := make([]byte, 4+len(id), 4+len(id)+sha256.Size)
	copy(seed[4:], id)
	var sum []byte
	for i, block := 0, uint32(0); i < len(id); {
		letters := shape[i].letters()
		if letters == "" {
			i++
			continue
		}
		if len(sum) == 0 {
			binary.BigEndian.PutUint32(seed, block)
			mac.Reset()
			mac.Write(seed)
			sum = mac.Sum(seed[len(seed):])
			block++
		}
		b, n := int(sum[0]), len(letters)
		sum = sum[1:]
		if b < 256-256%n { // else some letters would come up more often than others
			id[i] = letters[b%n]
			i++
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
func (a alphabet) holds(word string) bool { return strings.Trim(word, a.letters()) == "" }

// idShape appends the alphabet of each character of old.
func idShape(shape []alphabet, old string) []alphabet {
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
			prefix := first && end < len(old) && end-i <= 5 && strings.IndexFunc(old[i:end], isDecimal) < 0
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
func wordShape(shape []alphabet, word string) []alphabet {
	switch {
	case decimal.holds(word):
		zeros := len(word) - len(strings.TrimLeft(word, "0"))
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
		case isDecimal(c):
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

func isDecimal(c rune) bool { return c >= '0' && c <= '9' }

// isULID says whether word is 26 characters of Crockford's base 32, the first of which may not pass 7.
func isULID(word string) bool {
	return len(word) == 26 && word[0] >= '0' && word[0] <= '7' &&
		strings.Trim(word, decimal.letters()+ulidLetter.letters()) == ""
}

// isUUID says whether id is 32 hex digits of one case in the groups of a UUID.
func isUUID(id string) bool {
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
func uuidShape(shape []alphabet, id string) []alphabet {
	hex, variant := lowerHex, lowerVariant
	if strings.ContainsAny(id, "ABCDEF") {
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
