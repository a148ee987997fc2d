package keyed

import "encoding/binary"

// Hasher hashes numbers under a key (SipHash-2-4), so that who does not have the key cannot tell which number a hash is of, also where
// the numbers are few enough to try them all. It may be used from many goroutines.
type Hasher struct{ key sipKey }

// NewHasher returns the hasher of a key.
func NewHasher(key [16]byte) Hasher {
	return Hasher{sipKey{binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])}}
}

// Sum is the hash of v.
func (h Hasher) Sum(v uint64) uint64 { return h.key.sum(v, nil)[0] }
