package keyed

import "math"

// rounds of the Feistel network. Ten is what NIST SP 800-38G asks of FF1.
const rounds = 10

// roundFunc is the keyed function of a Feistel network's rounds.
type roundFunc interface {
	// round returns 64 bits that depend on the key, the round and half of a value.
	round(round, half uint64) uint64
}

// feistel is a bijection on [0, n): a Feistel network over two digits of a mixed radix, L in [0, left) and R in [0, right),
// where left*right is the smallest such product not below n. A result that falls outside [0, n) is mapped again until it falls
// inside (cycle walking).
type feistel struct{ n, left, right uint64 }

// newFeistel returns the network on [0, n), 1 <= n <= 1<<62.
func newFeistel(n uint64) feistel {
	left := uint64(math.Sqrt(float64(n)))
	for left*left < n {
		left++
	}
	return feistel{n, left, (n + left - 1) / left}
}

// permuted returns what f makes of i, 0 <= i < n.
func permuted[F roundFunc](d feistel, i uint64, f F) uint64 {
	for {
		l, r := i/d.right, i%d.right
		for round := uint64(0); round < rounds; round += 2 {
			l = (l + f.round(round, r)%d.left) % d.left
			r = (r + f.round(round+1, l)%d.right) % d.right
		}
		if i = l*d.right + r; i < d.n {
			return i
		}
	}
}
