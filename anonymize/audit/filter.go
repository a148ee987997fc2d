package audit

import (
	"sync/atomic"

	"reprise/capture/splitmix"
)

// filter is a blocked Bloom filter: all bits of a key lie in one cache line, so that a look-up costs one miss.
// Its size is fixed; what it lets through by mistake is told apart later, exactly.
type filter struct {
	blocks []block
}

type block [8]uint64

// DefaultFilterBytes is the filter's size where Options leave it open, of up to four million records.
const DefaultFilterBytes = 32 << 20

func newFilter(size int) *filter {
	return &filter{blocks: make([]block, max(1, size/64))}
}

// place is the block for a key. A key that is looked up under two domains has one place, which costs one miss.
func (f *filter) place(key uint64) *block {
	// The high word of key × blocks spreads keys evenly over any count of blocks.
	return &f.blocks[(key>>32)*uint64(len(f.blocks))>>32]
}

// bits are the four of a block's 512 that stand for the key in this domain.
func bits(key uint64, d domain) uint64 { return splitmix.Mix(key ^ uint64(d)*splitmix.Gamma) }

func (b *block) set(bits uint64) {
	for range 4 {
		atomic.OrUint64(&b[bits>>6&7], 1<<(bits&63))
		bits >>= 9
	}
}

func (b *block) has(bits uint64) bool {
	for range 4 {
		if b[bits>>6&7]&(1<<(bits&63)) == 0 {
			return false
		}
		bits >>= 9
	}
	return true
}

// set may be called by several goroutines at once, has only after all of them are done.
func (f *filter) set(key uint64, d domain)      { f.place(key).set(bits(key, d)) }
func (f *filter) has(key uint64, d domain) bool { return f.place(key).has(bits(key, d)) }

// hold sets a key of the input, and the words by which the output is searched for it.
func (f *filter) hold(k *key) {
	f.set(k.hash, k.domain)
	for _, w := range k.words {
		if k.domain == run && w.foreign {
			f.set(w.hash, runWord)
		}
	}
	if k.domain == secret {
		f.set(k.words[k.anchor].hash, anchorWord)
	}
}

// domain keeps apart what is looked up for different reasons.
type domain uint64

const (
	runWord    domain = iota + 1 // a word, foreign to the vocabulary, of a run of text
	anchorWord                   // the longest word of a secret
	run                          // a run of one, two or three words of text
	secret                       // an id or a credential
	number                       // a telephone number, in one of its spellings
	address                      // a short code or a sender's name, as a whole
	email                        // an e-mail address, as a whole
)
