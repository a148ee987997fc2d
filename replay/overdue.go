package replay

import (
	"math"
	"sync"
	"time"

	"reprise/capture"
)

// overdue knows which requests were made and have no result yet, and which of them the target has. There are never more than a run holds
// at once: those in line, those on their way, and results on their way to the recorder. A request that is sent again is not among them.
type overdue struct {
	mu      sync.Mutex
	made    []made        // since they were taken; by the feeder
	news    []news        // since they were taken; by the lanes
	stops   stops         // of the tool, as its lanes saw them
	reached time.Duration // the deadline that the feeder is at; Forever when it is done
	// Of the recorder's goroutine.
	spareMade []made
	spareNews []news
	open      map[play]made
	waiting   Waiting
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
	state    requestState
	from     time.Duration // since when it waits for the target, where it was sent
}

// requestState says where a request is.
type requestState uint8

const (
	inLine requestState = iota
	withTarget
	elsewhere // put off until its sender has paused; or answered, and its result is on its way to the recorder
)

// news is what a lane tells of a request.
type news struct {
	play
	state requestState
	from  time.Duration
}

func newOverdue() *overdue { return &overdue{open: make(map[play]made)} }

// make notes a request that is about to be made.
func (o *overdue) make(seq int64, copy int, kind capture.Kind, deadline time.Duration) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.made = append(o.made, made{play: play{seq, copy}, kind: kind, deadline: deadline})
	o.reached = deadline
}

// tell notes where a request is now; from is since when the target has it to answer.
func (o *overdue) tell(q *Request, state requestState, from time.Duration) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.news = append(o.news, news{play{q.Seq, q.Copy}, state, from})
}

// stopped notes that the tool did not run.
func (o *overdue) stopped(s Stop) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stops.note(s)
}

// end says that no request will be made any more.
func (o *overdue) end() {
	if o != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.reached = Forever
	}
}

// pull takes over what was made and told.
func (o *overdue) pull() (reached time.Duration, known stops) {
	o.mu.Lock()
	made, news := o.made, o.news
	o.made, o.news = o.spareMade[:0], o.spareNews[:0]
	reached, known = o.reached, o.stops
	o.mu.Unlock()
	for _, m := range made {
		o.open[m.play] = m
	}
	for _, n := range news {
		if m, known := o.open[n.play]; known {
			m.state, m.from = n.state, n.from
			o.open[n.play] = m
		}
	}
	o.spareMade, o.spareNews = made, news
	return reached, known
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

// at returns what is due at a moment and has no result. full is since when every slot is taken and requests wait for one, below 0 where
// none do. It is valid until the next call.
func (o *overdue) at(now time.Duration, c *Clock, plan *Plan, inFlight int, full time.Duration) *Waiting {
	if o == nil {
		return &Waiting{}
	}
	reached, known := o.pull()
	w := &o.waiting
	w.Count, w.InFlight, w.Overdue = 0, inFlight, w.Overdue[:0]
	add := func(d Overdue, due, from time.Duration) {
		if d.Own = d.Age; from >= 0 && from < now {
			d.Own = min(max(from-due, 0)+known.within(max(from, due), now), d.Age)
		}
		w.Count += d.N
		w.Overdue = append(w.Overdue, d)
	}
	for _, m := range o.open {
		due := c.Due(m.deadline)
		if due > now || m.state == elsewhere || m.state == inLine && c.skipped(m.deadline) {
			continue
		}
		from := full
		if m.state == withTarget {
			from = m.from
		}
		add(Overdue{Kind: m.kind.Known(), Age: now - due, N: 1}, due, from)
	}
	reached = max(reached, time.Duration(c.floor.Load()))
	if position := c.Position(now); plan != nil && reached < position {
		plan.between(reached, position, func(deadline time.Duration, n int64) {
			if due := c.Due(deadline); due <= now {
				add(Overdue{Unmade: true, Age: now - due, N: n}, due, full)
			}
		})
	}
	return w
}

// fullSince is since when every slot of a lane is taken and requests wait for one, of the lane of which that is longest; -1 of none.
func (r *run) fullSince() time.Duration {
	since := time.Duration(-1)
	for _, l := range r.lanes {
		if at := time.Duration(l.full.since.Load()); at >= 0 && (since < 0 || at < since) {
			since = at
		}
	}
	return since
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
