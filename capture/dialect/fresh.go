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
// key and old alone. Ids of one shape never meet where that shape has fewer than 2^62 values, and above that
// no more often than a 62-bit hash.
func FreshID(key []byte, old string) string {
	shape, alphabets := idShape(old)
	size, small := 1, true
	for _, a := range alphabets {
		if n := len(a.letters); size > (1<<62)/n {
			small = false
			break
		} else {
			size *= n
		}
	}
	if size == 1 && small {
		return old
	}
	out := []byte(shape)
	if small {
		permuteID(key, out, old, alphabets, size)
	} else {
		hashID(key, out, old, alphabets)
	}
	return string(out)
}

// position is one character of an id that changes, and the letters it may become.
type position struct {
	at      int
	letters string
}

// permuteID writes the image of old under a permutation of all ids of its shape.
func permuteID(key []byte, out []byte, old string, positions []position, size int) {
	index := 0
	for _, p := range positions {
		index = index*len(p.letters) + max(0, strings.IndexByte(p.letters, old[p.at]))
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("id shape\x00"))
	mac.Write(out)
	for _, p := range positions {
		mac.Write([]byte(p.letters))
		mac.Write([]byte{0})
	}
	var seed [32]byte
	mac.Sum(seed[:0])
	permutation := sms.NewPermutation(seed, size)
	index = permutation.At(index)
	for i := len(positions) - 1; i >= 0; i-- {
		letters := positions[i].letters
		out[positions[i].at] = letters[index%len(letters)]
		index /= len(letters)
	}
}

// hashID fills the positions from a keyed hash of old.
func hashID(key []byte, out []byte, old string, positions []position) {
	mac := hmac.New(sha256.New, key)
	var sum [sha256.Size]byte
	block, used := uint32(0), len(sum)
	var counter [4]byte
	for _, p := range positions {
		n := len(p.letters)
		for {
			if used == len(sum) {
				binary.BigEndian.PutUint32(counter[:], block)
				mac.Reset()
				mac.Write(counter[:])
				mac.Write([]byte(old))
				mac.Sum(sum[:0])
				block, used = block+1, 0
			}
			b := int(sum[used])
			used++
			if b < 256-256%n { // else some letters would come up more often than others
				out[p.at] = p.letters[b%n]
				break
			}
		}
	}
}

const (
	decimalLetters = "0123456789"
	lowerHex       = "0123456789abcdef"
	upperHex       = "0123456789ABCDEF"
	lowerLetters   = "abcdefghijklmnopqrstuvwxyz"
	upperLetters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	crockford      = "ABCDEFGHJKMNPQRSTVWXYZ" // the letters of a ULID
)

// idShape returns old with a mark in each position that changes, and those positions.
func idShape(old string) (shape string, positions []position) {
	out := []byte(old)
	positions = make([]position, 0, len(old))
	if isUUID(old) {
		positions = uuidPositions(old, positions)
	} else {
		first := true
		for i := 0; i < len(old); {
			end := i
			for end < len(old) && isAlnum(old[end]) {
				end++
			}
			switch {
			case end == i:
				if old[i] >= 0x80 {
					positions = append(positions, position{i, lowerLetters})
				}
				end++
			case first && end < len(old) && end-i <= 5 && strings.Trim(old[i:end], lowerLetters+upperLetters) == "":
				// A word before the first joint, as in msg_01H…, names the sort of id.
				first = false
			default:
				positions = wordPositions(old, i, end, positions)
				first = false
			}
			i = end
		}
	}
	for _, p := range positions {
		out[p.at] = '?'
	}
	return string(out), positions
}

// wordPositions adds the positions of one run of letters and digits.
func wordPositions(old string, start, end int, positions []position) []position {
	word := old[start:end]
	if digits([]byte(word)) == len(word) {
		i := 0
		for i < len(word)-1 && word[i] == '0' {
			i++
		}
		if word[i] != '0' {
			positions = append(positions, position{start + i, decimalLetters[1:]})
		}
		return fill(positions, start+i+1, end, decimalLetters)
	}
	if letters := hexLetters(word); letters != "" && len(word) >= 8 {
		return fill(positions, start, end, letters)
	}
	if letters := hexLetters(word[min(2, len(word)):]); letters != "" && len(word) >= 18 &&
		!isDecimal(word[0]) && !isDecimal(word[1]) {
		return fill(positions, start+2, end, letters) // SM…, AC…: the prefix says what the id names
	}
	if isULID(word) {
		start++
		for i := start; i < end; i++ {
			letters := crockford
			if isDecimal(old[i]) {
				letters = decimalLetters
			}
			positions = append(positions, position{i, letters})
		}
		return positions
	}
	for i := start; i < end; i++ {
		switch c := old[i]; {
		case isDecimal(c):
			positions = append(positions, position{i, decimalLetters})
		case c >= 'a':
			positions = append(positions, position{i, lowerLetters})
		default:
			positions = append(positions, position{i, upperLetters})
		}
	}
	return positions
}

func fill(positions []position, start, end int, letters string) []position {
	for i := start; i < end; i++ {
		positions = append(positions, position{i, letters})
	}
	return positions
}

func isDecimal(c byte) bool { return c >= '0' && c <= '9' }

// hexLetters returns the hex digits in the case of word, and "" where word is not all hex of one case.
func hexLetters(word string) string {
	switch {
	case word == "":
		return ""
	case strings.Trim(word, lowerHex) == "":
		return lowerHex
	case strings.Trim(word, upperHex) == "":
		return upperHex
	}
	return ""
}

func isULID(word string) bool {
	return len(word) == 26 && word[0] >= '0' && word[0] <= '7' && strings.Trim(word, decimalLetters+crockford) == ""
}

func isUUID(id string) bool {
	if len(id) != 36 || hexLetters(strings.ReplaceAll(id, "-", "")) == "" {
		return false
	}
	return id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' && strings.Count(id, "-") == 4
}

// uuidPositions keeps a UUID's version, and its variant where it is that of RFC 9562.
func uuidPositions(id string, positions []position) []position {
	letters := hexLetters(strings.ReplaceAll(id, "-", ""))
	for i := 0; i < len(id); i++ {
		switch {
		case id[i] == '-' || i == 14:
		case i == 19 && strings.IndexByte("89abAB", id[i]) >= 0:
			positions = append(positions, position{i, letters[8:12]})
		default:
			positions = append(positions, position{i, letters})
		}
	}
	return positions
}
