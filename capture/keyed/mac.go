package keyed

import (
	"bytes"
	"crypto/hmac"
	"hash"
	"sync"
)

// MACs computes HMACs without keying a new one for each: those that were used are kept for the next of the same
// secret. It may be used by several goroutines at once.
type MACs struct {
	hash func() hash.Hash
	pool sync.Pool // of *mac
}

// mac is an HMAC and the secret that it was keyed with.
type mac struct {
	secret []byte
	hash   hash.Hash
	sum    []byte
}

// NewMACs returns HMACs over that hash, such as sha256.New.
func NewMACs(h func() hash.Hash) *MACs { return &MACs{hash: h} }

// Append appends the HMAC of message under secret to dst.
func (m *MACs) Append(dst, secret, message []byte) []byte {
	k, ok := m.pool.Get().(*mac)
	if !ok || !bytes.Equal(k.secret, secret) {
		k = &mac{secret: bytes.Clone(secret), hash: hmac.New(m.hash, secret)}
	} else {
		k.hash.Reset()
	}
	k.hash.Write(message)
	k.sum = k.hash.Sum(k.sum[:0])
	dst = append(dst, k.sum...)
	m.pool.Put(k)
	return dst
}
