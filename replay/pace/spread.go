package pace

import (
	"math"
	"time"

	"reprise/capture/splitmix"
)

// Neighbours is how many arrivals on either side an extra person's place is drawn from: they follow the recorded rate
// smoothed over twice as many. It is large enough that the chance clumps of the recording are not doubled, and small
// enough that a burst stays one.
const Neighbours = 32

// apart keeps an extra person's message from the instant of its original: each person has a constant of their own, up to
// this long.
const apart = 100 * time.Microsecond

// spread places the messages of extra people.
//
// An extra person has all messages of a recorded one, each moved by u · h(t): u is the person's own, between -1 and 1,
// and h(t) about half the time that the 2 · Neighbours arrivals around t take. h changes no faster than time passes, so
// that t + u · h(t) never goes back: a person's messages keep their order, and where the rate is even their exact
// distances. Since the persons' u are independent, extra arrivals come as independent draws of the recorded local rate.
type spread struct {
	seed uint64
	// thinned says that what is placed is for the greatest volume, and thinned when it comes out: each place gets its need.
	thinned bool
	around  neighbourhood
	heap    placeHeap
	final   time.Duration // what is to come is not before this
	// pending counts, for each record from base on, the plays that are still to be given out; -1 where its places are not
	// known yet.
	base    uint64
	pending []int32
}

// arrival is an arrival on its way to its places.
type arrival struct {
	at     time.Duration
	seq    int64
	person uint64
	loop   int
	volume float64
	factor float64 // that is in volume
	need   float64 // place.need of itself
	kept   bool    // it is played itself
	record uint64
}

func (s *spread) add(a arrival, record uint64) {
	if len(s.pending) == 0 {
		s.base = record
	}
	a.record = record
	s.pending = append(s.pending, -1)
	s.around.add(a)
	s.settle()
}

// end says that the loop has no more arrivals.
func (s *spread) end() {
	s.around.end()
	s.settle()
	s.final = math.MaxInt64
}

// begin starts the next loop, of which nothing is before a moment.
func (s *spread) begin(at time.Duration) { s.around, s.final = neighbourhood{}, at }

// settle places the arrivals of which the neighbours are known.
func (s *spread) settle() {
	for {
		a, h, ok := s.around.next()
		if !ok {
			return
		}
		s.place(a, h)
		s.final = a.at - h
	}
}

// place puts the plays of one arrival into the heap.
func (s *spread) place(a *arrival, h time.Duration) {
	n := int32(0)
	if a.kept {
		s.heap.push(place{at: a.at, record: a.record, seq: a.seq, loop: a.loop, need: a.need})
		n++
	}
	id := a.person
	if id == 0 {
		id = splitmix.Next(uint64(a.seq)) // nobody's: each record for itself
	}
	for k := 1; a.volume > float64(k); k++ {
		if a.volume < float64(k+1) && s.extra(id, k) >= a.volume-float64(k) {
			break
		}
		p := place{at: s.moved(a, h, id, k), record: a.record, seq: a.seq, loop: a.loop, person: k}
		if s.thinned {
			p.need = (float64(k) + s.extra(id, k)) / a.factor
		}
		s.heap.push(p)
		n++
	}
	s.pending[a.record-s.base] = n
}

// extra is drawn for the k-th extra person: of a volume above k, the part that must be above it for them to be there.
func (s *spread) extra(id uint64, k int) float64 { return unit(s.seed^saltExtra, id, k) }

// What is drawn for one person is independent of what else is drawn for them.
const (
	saltExtra = 0x6a09e667f3bcc908
	saltShift = 0xbb67ae8584caa73b
	saltApart = 0x3c6ef372fe94f82b
)

// moved is where the k-th extra person's message stands.
func (s *spread) moved(a *arrival, h time.Duration, id uint64, k int) time.Duration {
	u := 2*unit(s.seed^saltShift, id, k) - 1
	first, last, ended := s.around.bounds()
	switch {
	case u < 0:
		h = min(h, a.at-first)
	case ended:
		h = min(h, last-a.at)
	}
	return a.at + time.Duration(u*float64(h)) + 1 + time.Duration(unit(s.seed^saltApart, id, k)*float64(apart))
}

// next gives out the earliest place, if nothing to come can be before it.
func (s *spread) next() (place, bool) {
	if len(s.heap) == 0 || s.heap[0].at > s.final {
		return place{}, false
	}
	p := s.heap.pop()
	s.pending[p.record-s.base]--
	return p, true
}

func (s *spread) needs(added uint64) uint64 {
	n := 0
	for n < len(s.pending) && s.pending[n] == 0 {
		n++
	}
	if n > 0 {
		s.base += uint64(n)
		s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	}
	if len(s.pending) == 0 {
		return added
	}
	return s.base
}

// neighbourhood knows the arrivals around those that are not yet placed.
type neighbourhood struct {
	near  []nearby
	first int // the number of near[0] in its loop
	done  int // the number of the next arrival to place
	raws  int // up to this one, raw is known
	h     time.Duration
	begun time.Duration // of arrival 0
	ended bool
}

type nearby struct {
	arrival
	raw time.Duration // the time that the neighbours of one side take, the nearer side
}

func (n *neighbourhood) count() int                 { return n.first + len(n.near) }
func (n *neighbourhood) at(i int) time.Duration     { return n.near[i-n.first].at }
func (n *neighbourhood) add(a arrival)              { n.push(a); n.know() }
func (n *neighbourhood) end()                       { n.ended = true; n.know() }
func (n *neighbourhood) has(i int) bool             { return i < n.count() }
func (n *neighbourhood) rawAt(i int) *time.Duration { return &n.near[i-n.first].raw }

// bounds are the loop's first and, once it has ended, last moment.
func (n *neighbourhood) bounds() (first, last time.Duration, ended bool) {
	if n.ended {
		last = n.near[len(n.near)-1].at
	}
	return n.begun, last, n.ended
}

func (n *neighbourhood) push(a arrival) {
	if n.count() == 0 {
		n.begun = a.at
	}
	if len(n.near) == 16*Neighbours { // forget those that are neighbours of nobody to come
		keep := max(n.done-2*Neighbours-n.first, 0)
		n.near = n.near[:copy(n.near, n.near[keep:])]
		n.first += keep
	}
	n.near = append(n.near, nearby{arrival: a})
}

// know works out the raw half-widths that can be known by now.
func (n *neighbourhood) know() {
	for n.raws < n.count() && (n.ended || n.has(n.raws+Neighbours)) {
		*n.rawAt(n.raws) = min(n.at(n.raws)-n.before(n.raws-Neighbours), n.after(n.raws+Neighbours)-n.at(n.raws))
		n.raws++
	}
}

// before is the time of an arrival; what would be before the first is its mirror image.
func (n *neighbourhood) before(i int) time.Duration {
	if i >= 0 {
		return n.at(max(i, n.first))
	}
	return 2*n.begun - n.at(max(min(-i, n.count()-1), n.first))
}

// after is the time of an arrival; what would be after the last is its mirror image.
func (n *neighbourhood) after(i int) time.Duration {
	last := n.count() - 1
	if i <= last {
		return n.at(i)
	}
	return 2*n.at(last) - n.at(max(2*last-i, n.first))
}

// next returns the next arrival of which the half-width is certain: of all that are near enough to matter, raw is known.
func (n *neighbourhood) next() (a *arrival, h time.Duration, ok bool) {
	i := n.done
	if i >= n.count() || !n.ended && n.raws <= i+Neighbours {
		return nil, 0, false
	}
	here := n.at(i)
	h = math.MaxInt64
	if i > 0 && i > n.first {
		h = n.h + here - n.at(i-1)
	}
	for j := i; j < n.raws && j <= i+Neighbours; j++ {
		h = min(h, *n.rawAt(j)+n.at(j)-here)
	}
	n.h = h
	n.done++
	return &n.near[i-n.first].arrival, h, true
}

// placeHeap holds places, the earliest first; of equals the record that came first, and the recorded person before others.
type placeHeap []place

func (p place) before(q place) bool {
	switch {
	case p.at != q.at:
		return p.at < q.at
	case p.record != q.record:
		return p.record < q.record
	}
	return p.person < q.person
}

func (h *placeHeap) push(p place) {
	*h = append(*h, p)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !s[i].before(s[up]) {
			return
		}
		s[up], s[i] = s[i], s[up]
		i = up
	}
}

func (h *placeHeap) pop() place {
	s := *h
	top, n := s[0], len(s)-1
	s[0] = s[n]
	s = s[:n]
	*h = s
	for i := 0; ; {
		low := i
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if s[child].before(s[low]) {
				low = child
			}
		}
		if low == i {
			return top
		}
		s[low], s[i] = s[i], s[low]
		i = low
	}
}
