// Package keyed is what depends on a key and on nothing else: permutations of a range (Permutation), fresh ids of the shape of
// old ones (Fresh), HMACs (MACs), and Ed25519 signatures by keys as people write them (Ed25519).
//
// The mappings of Permutation and Fresh are part of what users keep: the same key gives the same people and the same ids in
// every corpus. They never change. Everything here may be used by several goroutines at once.
package keyed
