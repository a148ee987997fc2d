package keyed

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// Permutation is a keyed bijection on [0, n): numbering people 0, 1, 2, … and mapping each through it gives them
// numbers that never collide and that say nothing of their order. It is a Feistel network with AES-256 for its round function.
//
// The mapping is part of what users keep (the same key gives the same people in every corpus): never change it.
// It may be used from several goroutines at once.
type Permutation struct {
	block cipher.Block
	net   feistel
}

// NewPermutation returns the bijection on [0, n) that key selects; n must be at least 1.
func NewPermutation(key [32]byte, n int) Permutation {
	if n < 1 {
		panic("keyed: internal error: permutation of nothing")
	}
	return NewPermutation64(key, uint64(n))
}

// NewPermutation64 is NewPermutation for up to 1<<62.
func NewPermutation64(key [32]byte, n uint64) Permutation {
	if n < 1 || n > 1<<62 {
		panic("keyed: internal error: permutation of nothing or of too much")
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("keyed: internal error: " + err.Error()) // a 32-byte key is always taken
	}
	return Permutation{block: block, net: newFeistel(n)}
}

// At returns where i is mapped to, 0 <= i < n.
func (p Permutation) At(i int) int { return int(p.At64(uint64(i))) }

// At64 is At for what NewPermutation64 made.
func (p Permutation) At64(i uint64) uint64 {
	if i >= p.net.n {
		panic("keyed: internal error: permutation index out of range")
	}
	return permuted(p.net, i, aesRound{p.block, p.net.n, new([aes.BlockSize]byte)})
}

// aesRound is AES of the round, the domain's size and half of the value.
type aesRound struct {
	block cipher.Block
	n     uint64
	b     *[aes.BlockSize]byte // all that is allocated
}

func (f aesRound) round(round, half uint64) uint64 {
	binary.BigEndian.PutUint64(f.b[:8], round<<56|f.n)
	binary.BigEndian.PutUint64(f.b[8:], half)
	f.block.Encrypt(f.b[:], f.b[:])
	return binary.BigEndian.Uint64(f.b[:8])
}
