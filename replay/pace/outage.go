package pace

import (
	"errors"
	"fmt"
	"math/bits"
	"time"
)

// Outage is a stretch in which the vendor was down: what is due then is held, and sent when it is back. What is sent does not depend on
// outages, only when.
type Outage struct {
	// From and To bound it, since the loop's first arrival and without what MaxGap leaves out; To is not part of it. Each loop has it.
	From, To time.Duration
	// Drain is the run's own time after the end of the outage in which the queue is sent, evenly: the first message at the end of the
	// outage, the last just before Drain is over. What comes after the outage goes on at its own times.
	Drain time.Duration
	// Shuffled says that the queue is not sent in its order.
	Shuffled bool `json:",omitempty"`
	// Held is how many plays it holds in each loop; see Held of Play.
	Held []int64 `json:"-"`
}

// MaxOutages is how many outages a schedule can have.
const MaxOutages = 1000

// Held says of a play that an outage holds it; the zero value says that none does.
type Held struct {
	// Outage is the number of the outage, from 1.
	Outage int
	// Due is the deadline that the play would have without it. From and To are when the outage begins and ends. All are in the run's time.
	Due, From, To time.Duration
}

func (o *Options) checkOutages() error {
	if len(o.Outages) > MaxOutages {
		return fmt.Errorf("there are %d outages, more than %d", len(o.Outages), MaxOutages)
	}
	var last time.Duration
	for i, a := range o.Outages {
		switch {
		case a.From < last:
			return fmt.Errorf("outage %d begins at %v, before the start or before the end of another", i+1, a.From)
		case a.To <= a.From:
			return fmt.Errorf("outage %d ends at %v, not after its beginning %v", i+1, a.To, a.From)
		case a.Drain <= 0:
			return fmt.Errorf("outage %d: its queue is sent in %v, which is not above 0", i+1, a.Drain)
		}
		last = a.To
	}
	return nil
}

// held says which outage holds a play at a place, whose deadline without one is due.
func (s *Schedule) held(p place, due time.Duration) Held {
	begun := s.begun[p.loop&1]
	for i := range s.o.Outages {
		if o := &s.o.Outages[i]; o.From <= p.at-begun && p.at-begun < o.To {
			return Held{Outage: i + 1, Due: due, From: s.tempo.ideal(begun + o.From), To: s.tempo.ideal(begun + o.To)}
		}
	}
	return Held{}
}

// ErrDrain says that a queue is still being sent when the next outage begins.
var ErrDrain = errors.New("the queue of an outage is still being sent when the next one begins")

// Queue gives the plays that outages hold the moments at which they are sent. They are given to it in the order in which they are.
type Queue struct {
	outages []Outage
	loop    int
	outage  int
	given   int64
	end     time.Duration // of the queue before
}

// NewQueue returns the queue of a schedule of these options, of which Held is known.
func NewQueue(o Options) *Queue { return &Queue{outages: o.Outages} }

// Next returns when the next play is sent. It is one that an outage holds.
func (q *Queue) Next(p *Play) (time.Duration, error) {
	if p.Held.Outage != q.outage || p.Loop != q.loop {
		if p.Held.From < q.end {
			return 0, ErrDrain
		}
		q.outage, q.loop, q.given = p.Held.Outage, p.Loop, 0
		q.end = p.Held.To + q.outages[q.outage-1].Drain
	}
	o := &q.outages[q.outage-1]
	var n int64
	if q.loop < len(o.Held) {
		n = o.Held[q.loop]
	}
	at := p.Held.To + part(o.Drain, q.given, n)
	q.given++
	return at, nil
}

// part is i/n of a time, and all of it where i is not below n.
func part(d time.Duration, i, n int64) time.Duration {
	if i >= n {
		return d
	}
	hi, lo := bits.Mul64(uint64(d), uint64(i))
	v, _ := bits.Div64(hi, lo, uint64(n))
	return time.Duration(v)
}

// Limiter holds deadlines back that come sooner than a greatest rate allows, as Options.MaxRate does, for plays that are put in order
// outside a schedule.
type Limiter struct{ tempo tempo }

// NewLimiter returns one for a rate in requests a second; 0 is no limit.
func NewLimiter(rate float64) *Limiter {
	l := new(Limiter)
	if rate > 0 {
		l.tempo.interval = float64(time.Second) / rate
	}
	return l
}

// Place is the deadline of the next play, which is due at d. Deadlines never decrease.
func (l *Limiter) Place(d time.Duration) time.Duration {
	if l.tempo.interval > 0 {
		d = l.tempo.hold(d)
	}
	l.tempo.last = max(d, l.tempo.last)
	return l.tempo.last
}

// Stretch is the longest time by which a play was held back.
func (l *Limiter) Stretch() time.Duration { return l.tempo.stretch }
