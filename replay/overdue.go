package replay

import (
	"math"
	"sync"
	"time"

	"reprise/capture"
)

// overdue knows which requests were made and have no result yet. There are never more than a run holds at once: those in line,
// those on their way, and results on their way to the recorder. A request that is sent again is not among them.
type overdue struct {
	mu      sync.Mutex
	made    []made        // since they were taken; by the feeder
	reached time.Duration // the deadline that the feeder is at; Forever when it is done
	// Of the recorder's goroutine.
	open    map[play]made
	waiting Waiting
}

// play names one playing of a record.
type play struct {
	seq  int64
	copy int
}

type made struct {
	play
	kind     capture.Kind
	deadline time.Duration
}

func newOverdue() *overdue { return &overdue{open: make(map[play]made)} }

// make notes a request that is about to be made.
func (o *overdue) make(seq int64, copy int, kind capture.Kind, deadline time.Duration) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.made = append(o.made, made{play{seq, copy}, kind, deadline})
	o.reached = deadline
}

// end says that no request will be made any more.
func (o *overdue) end() {
	if o != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.reached = Forever
	}
}

// pull takes over what was made.
func (o *overdue) pull() (reached time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.made {
		o.open[m.play] = m
	}
	o.made = o.made[:0]
	return o.reached
}

// done takes a result.
func (o *overdue) done(res *Result) {
	if o == nil {
		return
	}
	p := play{res.Seq, res.Copy}
	if _, known := o.open[p]; !known {
		o.pull()
	}
	delete(o.open, p)
}

// at returns what is due at a moment and has no result. It is valid until the next call.
func (o *overdue) at(now time.Duration, c *Clock, plan *Plan, inFlight int) *Waiting {
	if o == nil {
		return &Waiting{}
	}
	reached := o.pull()
	w := &o.waiting
	w.Count, w.InFlight, w.Overdue = 0, inFlight, w.Overdue[:0]
	add := func(d Overdue) {
		w.Count += d.N
		w.Overdue = append(w.Overdue, d)
	}
	for _, m := range o.open {
		if due := c.Due(m.deadline); due <= now {
			add(Overdue{Kind: m.kind.Known(), Age: now - due, N: 1})
		}
	}
	if position := c.Position(now); plan != nil && reached < position {
		plan.between(reached, position, func(deadline time.Duration, n int64) {
			if due := c.Due(deadline); due <= now {
				add(Overdue{Unmade: true, Age: now - due, N: n})
			}
		})
	}
	return w
}

// between counts the plan's requests after one deadline and up to another, by stretches of its curve of which each is taken to be even.
func (p *Plan) between(after, until time.Duration, visit func(deadline time.Duration, n int64)) {
	if p.Window <= 0 {
		return
	}
	counted, sum := int64(0), 0.0
	for i := int(after / p.Window); i < len(p.Curve); i++ {
		from, to := time.Duration(i)*p.Window, time.Duration(i+1)*p.Window
		if from >= until {
			return
		}
		from, to = max(from, after), min(to, until)
		sum += float64(p.Curve[i]) * float64(to-from) / float64(p.Window)
		if n := int64(math.Round(sum)) - counted; n > 0 {
			counted += n
			visit(from+(to-from)/2, n)
		}
	}
}
