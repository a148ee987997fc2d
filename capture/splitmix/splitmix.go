// Package splitmix spreads the bits of a number over all bits of another: the mixer of SplitMix64 (Steele, Lea, Flood: Fast splittable
// pseudorandom number generators, 2014). What is drawn with it is drawn from a seed and what it is for, without state. It is no secret
// to anybody: what must not be guessed is capture/keyed's.
package splitmix

// Gamma is what SplitMix64 adds to its state for each number.
const Gamma = 0x9e3779b97f4a7c15

// Mix is a bijection whose every output bit depends on every input bit. Samples, plans and generated corpora depend on it: never
// change it.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Next is the number that SplitMix64 gives in the state x.
func Next(x uint64) uint64 { return Mix(x + Gamma) }
