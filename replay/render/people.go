package render

import (
	"fmt"
	"math/bits"
	"sort"
	"strings"

	"reprise/capture"
	"reprise/capture/keyed"
	"reprise/capture/sms"
)

// Used remembers which numbers of a pool a corpus holds, a bit each (514 kB for the wide pool), so that no copy is sent
// as someone who is in it. Fill it before the Renderer is made and leave it alone after.
type Used struct {
	pool sms.Pool
	bits []uint64
}

// NewUsed returns an empty set.
func NewUsed(pool sms.Pool) *Used {
	return &Used{pool: pool, bits: make([]uint64, (pool.Len()+63)/64)}
}

// Observe marks the sender and the recipient of a record's message, and whatever in its body has the digits of a number of
// the pool: others in a group, numbers in texts. It fits replay.ScanOptions.Observe.
func (u *Used) Observe(r *capture.Record) {
	u.Mark(r.Message.From)
	u.Mark(r.Message.To)
	for body := r.Body; len(body) > 0; {
		n := digits(body)
		switch {
		case n == 11 && body[0] == '1' && string(body[4:7]) == "555":
			u.Mark(string(body[:n]))
		case n == 10 && string(body[3:6]) == "555":
			u.Mark(string(body[:n]))
		}
		body = body[max(n, 1):]
	}
}

// digits is the length of the run of digits at the beginning.
func digits(b []byte) (n int) {
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}

// Mark marks one number, in any notation. A number outside the pool is of no consequence.
func (u *Used) Mark(number string) {
	canonical, _ := sms.Canonical(number)
	if i, ok := u.pool.Index(canonical); ok {
		u.bits[i/64] |= 1 << (i % 64)
	}
}

// Count is the number of marks.
func (u *Used) Count() (n int) {
	for _, word := range u.bits {
		n += bits.OnesCount64(word)
	}
	return n
}

func (u *Used) has(i int) bool { return u.bits[i/64]&(1<<(i%64)) != 0 }

// people gives every (person, copy) a number of its own that the corpus does not hold. It keeps no table of them: the
// persons of the corpus are the marked slots, ranked, and rank and copy number make an index into the unmarked ones,
// through a permutation under the run's key. Persons outside the pool, whom only a corpus that was not anonymized has,
// take the indices beyond as they come.
type people struct {
	used   *Used
	before []int // marked slots before each word
	marked int
	copies int
	order  keyed.Permutation
	free   int
	others map[other]int
}

type other struct {
	number string
	play   int
}

// newPeople fails where the pool has not a new number for every person of the corpus in every copy.
func newPeople(used *Used, copies int, key [32]byte) (*people, error) {
	p := &people{used: used, before: make([]int, len(used.bits)), copies: copies, others: make(map[other]int)}
	for i, word := range used.bits {
		p.before[i] = p.marked
		p.marked += bits.OnesCount64(word)
	}
	p.free = used.pool.Len() - p.marked
	if p.free == 0 || p.marked > p.free/copies {
		return nil, fmt.Errorf("%d copies of %d people need more numbers than the pool %s has left (%d): lower the volume",
			copies, p.marked, used.pool.Name(), p.free)
	}
	p.order = keyed.NewPermutation(key, p.free)
	return p, nil
}

// of returns the canonical number that stands for a person in a copy; ok is false where there is none.
func (p *people) of(canonical string, play int) (number string, ok bool) {
	index, ok := p.index(canonical, play)
	if !ok {
		return "", false
	}
	return p.used.pool.At(p.unmarked(p.order.At(index))), true
}

// index is below free and different for every person and copy.
func (p *people) index(canonical string, play int) (int, bool) {
	if play < 1 || play > p.copies {
		return 0, false
	}
	if slot, ok := p.used.pool.Index(canonical); ok && p.used.has(slot) {
		word := slot / 64
		rank := p.before[word] + bits.OnesCount64(p.used.bits[word]&(1<<(slot%64)-1))
		return (play-1)*p.marked + rank, true
	}
	n, ok := p.others[other{canonical, play}]
	if !ok {
		n = len(p.others)
		if p.copies*p.marked+n >= p.free {
			return 0, false
		}
		p.others[other{strings.Clone(canonical), play}] = n
	}
	return p.copies*p.marked + n, true
}

// unmarked returns the nth slot without a mark.
func (p *people) unmarked(n int) int {
	// The last word with at most n unmarked slots before it.
	word := sort.Search(len(p.before), func(i int) bool { return i*64-p.before[i] > n }) - 1
	n -= word*64 - p.before[word]
	free := ^p.used.bits[word]
	for ; n > 0; n-- {
		free &= free - 1
	}
	return word*64 + bits.TrailingZeros64(free)
}
