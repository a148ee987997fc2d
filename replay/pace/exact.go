package pace

import (
	"errors"
	"fmt"

	"reprise/capture/splitmix"
)

// Exact plays a number of requests that is known beforehand, over all of the arrivals. Where that is more than there are, each arrival is
// played by so many people as it is whole times as many, and the rest is chosen.
type Exact struct {
	// Messages is how many requests are played, and Recorded how many arrivals there are.
	Messages, Recorded int64
	// People, where set, says by whose messages the rest is chosen. Else it is drawn from all without replacement, each arrival as likely as
	// the next, so that bursts stay bursts.
	People *PeopleCut `json:",omitempty"`
}

// PeopleCut chooses whole people in the order of a hash: those whose hash is below Below, and of the one of hash Last the First messages.
type PeopleCut struct {
	Below, Last uint64
	First       int64
}

func (o *Options) checkExact() error {
	e := o.Exact
	switch {
	case e == nil:
		return nil
	case e.Messages < 1 || e.Recorded < 1:
		return fmt.Errorf("%d messages of %d are not at least one of one", e.Messages, e.Recorded)
	case o.Volume != 1 || o.Limit > 0 || o.Loops > 1 || o.MostFactor > 0 || !o.Shape.IsZero():
		return errors.New("an exact number of messages is not with a volume, a limit, loops, factors or a shape")
	}
	return nil
}

// copies is the most plays of one arrival.
func (e *Exact) copies() int64 { return (e.Messages-1)/e.Recorded + 1 }

// exact is an Exact on its way.
type exact struct {
	Exact
	seed         uint64
	seen, chosen int64
	ofLast       int64 // messages seen of the one who is cut
}

// volume is how often the next arrival is played.
func (e *exact) volume(a *Arrival) float64 {
	whole, rest := e.Messages/e.Recorded, e.Messages%e.Recorded
	if e.choose(a, rest) {
		whole++
	}
	e.seen++
	return float64(whole)
}

// choose says whether an arrival is one of those beyond the whole times (Knuth, The Art of Computer Programming 3.4.2, algorithm S).
func (e *exact) choose(a *Arrival, rest int64) bool {
	if cut := e.People; cut != nil {
		h := rank(e.seed, a.Seq, a.Person)
		if h == cut.Last && e.ofLast < cut.First {
			e.ofLast++
			return true
		}
		return h < cut.Below
	}
	if unit(e.seed^saltExact, uint64(a.Seq), 0)*float64(e.Recorded-e.seen) >= float64(rest-e.chosen) {
		return false
	}
	e.chosen++
	return true
}

const (
	saltExact = 0x510e527fade682d1
	saltRank  = 0x9b05688c2b3e6c1f
)

// rank is where a person stands among those who are chosen by people. A record of nobody stands for itself.
func rank(seed uint64, seq int64, person uint64) uint64 {
	if person == 0 {
		person = splitmix.Next(uint64(seq))
	}
	return draw(seed^saltRank, person, 0)
}

const rankBuckets = 1 << 16

// Ranking finds the PeopleCut that chooses a number of messages, in two passes over the same arrivals and in memory that hardly grows:
// Count them, then Narrow, then Look at them again.
type Ranking struct {
	seed   uint64
	counts [rankBuckets]int64
	total  int64

	rest   int64 // messages of the bucket that are chosen
	bucket uint64
	people map[uint64]int64
}

// NewRanking returns a ranking under a schedule's seed.
func NewRanking(seed uint64) *Ranking { return &Ranking{seed: seed, people: make(map[uint64]int64)} }

// Count takes an arrival in the first pass.
func (r *Ranking) Count(seq int64, person uint64) {
	r.counts[rank(r.seed, seq, person)/(1<<48)]++
	r.total++
}

// Narrow says, after the first pass, how many messages are to be chosen, of those that there are.
func (r *Ranking) Narrow(n int64) {
	r.rest = min(n, r.total)
	for r.rest > r.counts[r.bucket] {
		r.rest -= r.counts[r.bucket]
		r.bucket++
	}
}

// Look takes an arrival in the second pass.
func (r *Ranking) Look(seq int64, person uint64) {
	if h := rank(r.seed, seq, person); h/(1<<48) == r.bucket {
		r.people[h]++
	}
}

// Cut is the cut, after the second pass.
func (r *Ranking) Cut() *PeopleCut {
	cut := &PeopleCut{Below: r.bucket << 48, First: r.rest}
	for {
		last, n := uint64(0), int64(0)
		for h, count := range r.people {
			if h >= cut.Below && (n == 0 || h < last) {
				last, n = h, count
			}
		}
		if cut.Last = last; n == 0 || n >= cut.First {
			return cut
		}
		cut.First -= n
		cut.Below = last + 1
	}
}
