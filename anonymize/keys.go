package anonymize

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
)

// keys are made from the one key, each for one purpose, so that no output helps to guess another. Their names are part
// of what users keep (the same key gives the same people in every corpus): never change one.
type keys struct {
	tag   *hasher // of addresses: who is who
	body  *hasher // of texts
	place *hasher // of places, names and carriers
	link  *hasher // of the words of links
	// segment is of the segments of paths.
	segment *hasher
	perm    [32]byte // of the permutations of the pool's zones
	short   [32]byte // of the permutations of short codes and sender names
	ids     []byte

	fingerprint string
}

func newKeys(key []byte) (k keys, err error) {
	sub := func(purpose string) []byte {
		b, e := hkdf.Key(sha256.New, key, nil, "reprise/v1/"+purpose, KeySize)
		if e != nil && err == nil {
			err = fmt.Errorf("derive a key: %w", e)
		}
		return b
	}
	k = keys{
		tag: newHasher(sub("tag")), body: newHasher(sub("body")), place: newHasher(sub("place")), link: newHasher(sub("link")),
		segment: newHasher(sub("segment")), ids: sub("id"),
	}
	copy(k.perm[:], sub("permutation"))
	copy(k.short[:], sub("short"))
	print := newHasher(sub("fingerprint")).sum("fingerprint", "", "")
	k.fingerprint = hex.EncodeToString(print[:8])
	return k, err
}

// again returns the same keys with hashers of their own, for another goroutine.
func (k keys) again() keys {
	for _, h := range [...]**hasher{&k.tag, &k.body, &k.place, &k.link, &k.segment} {
		*h = newHasher((*h).key)
	}
	return k
}

// hasher is HMAC-SHA-256 with its state and its input's memory kept from call to call.
type hasher struct {
	key []byte
	mac hash.Hash
	in  []byte
	out [sha256.Size]byte
}

func newHasher(key []byte) *hasher { return &hasher{key: key, mac: hmac.New(sha256.New, key)} }

// sum returns the first 16 bytes of the MAC over a purpose and two strings, told apart by their lengths.
func (h *hasher) sum(purpose, a, b string) (out [16]byte) {
	h.in = h.in[:0]
	for _, s := range [...]string{purpose, a, b} {
		h.in = binary.BigEndian.AppendUint32(h.in, uint32(len(s)))
		h.in = append(h.in, s...)
	}
	h.mac.Reset()
	h.mac.Write(h.in)
	copy(out[:], h.mac.Sum(h.out[:0]))
	return out
}

// seed returns a sum as the generator takes it.
func (h *hasher) seed(purpose, a, b string) [2]uint64 {
	sum := h.sum(purpose, a, b)
	return [2]uint64{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}
