package sms

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"math"
)

// rounds of the Feistel network. Ten is what NIST SP 800-38G asks of FF1.
const rounds = 10

// Permutation is a keyed bijection on [0, n): numbering people 0, 1, 2, … and mapping each through it gives them
// numbers that never collide and that say nothing of their order. It is a Feistel network over two digits of a
// mixed radix, L in [0, left) and R in [0, right) with left*right the smallest such product not below n; results
// that fall outside [0, n) are mapped again until they fall inside (cycle walking). The round function is AES-256.
//
// The mapping is part of what users keep (the same key gives the same people in every corpus): never change it.
// It may be used from several goroutines at once.
type Permutation struct {
	block       cipher.Block
	n           uint64
	left, right uint64
}

// NewPermutation returns the bijection on [0, n) that key selects; n must be at least 1.
func NewPermutation(key [32]byte, n int) Permutation {
	if n < 1 {
		panic("sms: internal error: permutation of nothing")
	}
	return NewPermutation64(key, uint64(n))
}

// NewPermutation64 is NewPermutation for up to 1<<62.
func NewPermutation64(key [32]byte, n uint64) Permutation {
	if n < 1 || n > 1<<62 {
		panic("sms: internal error: permutation of nothing or of too much")
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("sms: internal error: " + err.Error()) // a 32-byte key is always taken
	}
	left := uint64(math.Sqrt(float64(n)))
	for left*left < n {
		left++
	}
	right := (n + left - 1) / left
	return Permutation{block: block, n: n, left: left, right: right}
}

// At returns where i is mapped to, 0 <= i < n.
func (p Permutation) At(i int) int { return int(p.At64(uint64(i))) }

// At64 is At for what NewPermutation64 made.
func (p Permutation) At64(i uint64) uint64 {
	if i >= p.n {
		panic("sms: internal error: permutation index out of range")
	}
	var b [aes.BlockSize]byte
	for {
		i = p.once(i, &b)
		if i < p.n {
			return i
		}
	}
}

// once maps [0, left*right) onto itself.
func (p Permutation) once(v uint64, b *[aes.BlockSize]byte) uint64 {
	l, r := v/p.right, v%p.right
	for round := uint64(0); round < rounds; round += 2 {
		l = (l + p.f(round, r, b)%p.left) % p.left
		r = (r + p.f(round+1, l, b)%p.right) % p.right
	}
	return l*p.right + r
}

// f is the round function: AES of the round, the domain's size and half of the value.
func (p Permutation) f(round, half uint64, b *[aes.BlockSize]byte) uint64 {
	binary.BigEndian.PutUint64(b[:8], round<<56|p.n)
	binary.BigEndian.PutUint64(b[8:], half)
	p.block.Encrypt(b[:], b[:])
	return binary.BigEndian.Uint64(b[:8])
}
