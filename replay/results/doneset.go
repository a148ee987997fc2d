package results

import "slices"

// DoneSet is a set of requests, each a record's seq and which copy of it. Its zero value is empty.
//
// It is cut into tiles of 1,024 records by 16 copies, as requests that are near to each other are done near to each other:
// few of them are a sorted list of 2 bytes each, many a bitmap of 2 KiB. Ten million requests of a corpus played once take
// 25 MB, of one played sixteen times 2 MB, and of every hundredth record of a large one 80 MB.
type DoneSet struct {
	tiles map[tileKey]*tile
	n     int64
	// last is the tile that was used last.
	last    *tile
	lastKey tileKey
}

const (
	tileSeqBits  = 10
	tileCopyBits = 4
	tilePlaces   = 1 << (tileSeqBits + tileCopyBits)
	// tileFew is how many places a list holds before it becomes a bitmap of the same size.
	tileFew = tilePlaces / 16
)

type tileKey struct {
	seq, copy int64
}

type tile struct {
	few  []uint16 // sorted; nil once there is many
	many *[tilePlaces / 64]uint64
}

// place returns the tile of a request and its place in it.
func place(seq int64, replica int) (tileKey, uint16) {
	const seqs, copies = 1<<tileSeqBits - 1, 1<<tileCopyBits - 1
	return tileKey{seq >> tileSeqBits, int64(replica >> tileCopyBits)}, uint16(replica&copies)<<tileSeqBits | uint16(seq&seqs)
}

// Len is the number of requests in the set.
func (s *DoneSet) Len() int64 { return s.n }

// Has says whether a request is in the set. It may be called by many goroutines at once while none adds.
func (s *DoneSet) Has(seq int64, replica int) bool {
	key, at := place(seq, replica)
	t := s.tiles[key]
	return t != nil && t.has(at)
}

// Add puts a request into the set.
func (s *DoneSet) Add(seq int64, replica int) {
	key, at := place(seq, replica)
	if s.last == nil || s.lastKey != key {
		s.turn(key)
	}
	if s.last.add(at) {
		s.n++
	}
}

func (s *DoneSet) turn(key tileKey) {
	if s.tiles == nil {
		s.tiles = make(map[tileKey]*tile)
	}
	t := s.tiles[key]
	if t == nil {
		t = new(tile)
		s.tiles[key] = t
	}
	s.last, s.lastKey = t, key
}

func (t *tile) has(at uint16) bool {
	if t.many != nil {
		return t.many[at/64]&(1<<(at%64)) != 0
	}
	_, ok := slices.BinarySearch(t.few, at)
	return ok
}

// add says whether the place is new.
func (t *tile) add(at uint16) bool {
	if t.many != nil {
		old := t.many[at/64]
		t.many[at/64] |= 1 << (at % 64)
		return t.many[at/64] != old
	}
	i, ok := slices.BinarySearch(t.few, at)
	if ok {
		return false
	}
	if len(t.few) < tileFew {
		t.few = slices.Insert(t.few, i, at)
		return true
	}
	t.many = new([tilePlaces / 64]uint64)
	for _, p := range t.few {
		t.many[p/64] |= 1 << (p % 64)
	}
	t.few = nil
	return t.add(at)
}
