package dialect

import (
	"encoding/binary"
	"math/bits"
)

// sipKey is a key of SipHash-2-4 (Aumasson and Bernstein, 2012) in its variant with 128 bits of result.
type sipKey [2]uint64

// sipState is the state of one hash.
type sipState struct{ v0, v1, v2, v3 uint64 }

func (k sipKey) start() sipState {
	return sipState{
		k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d ^ 0xee,
		k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573,
	}
}

func (s *sipState) round() {
	s.v0 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 13) ^ s.v0
	s.v0 = bits.RotateLeft64(s.v0, 32)
	s.v2 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 16) ^ s.v2
	s.v0 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 21) ^ s.v0
	s.v2 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 17) ^ s.v2
	s.v2 = bits.RotateLeft64(s.v2, 32)
}

func (s *sipState) word(m uint64) {
	s.v3 ^= m
	s.round()
	s.round()
	s.v0 ^= m
}

// sum hashes the eight bytes of tweak, the lowest first, and then message.
func (k sipKey) sum(tweak uint64, message []byte) (lo, hi uint64) {
	s := k.start()
	s.word(tweak)
	last := uint64(len(message)+8) << 56
	for ; len(message) >= 8; message = message[8:] {
		s.word(binary.LittleEndian.Uint64(message))
	}
	for i, c := range message {
		last |= uint64(c) << (8 * i)
	}
	s.word(last)
	s.v2 ^= 0xee
	for range 4 {
		s.round()
	}
	lo = s.v0 ^ s.v1 ^ s.v2 ^ s.v3
	s.v1 ^= 0xdd
	for range 4 {
		s.round()
	}
	return lo, s.v0 ^ s.v1 ^ s.v2 ^ s.v3
}

// pair hashes two words.
func (k sipKey) pair(a, b uint64) uint64 {
	var message [8]byte
	binary.LittleEndian.PutUint64(message[:], b)
	lo, _ := k.sum(a, message[:])
	return lo
}
