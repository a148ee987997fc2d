package replay

import (
	"math"
	"sync/atomic"
	"time"
)

// Lane hands one consumer what it is to send, when. Every decision of a run is in it: the clock with its pauses, the
// in-flight cap and what becomes of those beyond it, the order within a sender, a vendor's retries, the end. It sees no
// clock and starts no goroutine: the consumer tells it the time. All its methods are for one goroutine.
type Lane struct {
	o     LaneOptions
	clock *Clock
	shard int
	inbox inbox
	stop  *atomic.Bool
	out   outbox

	ready   []*Request // in order of deadlines, from head
	head    int
	fetched uint64 // what fetch came by
	retries retryHeap
	again   retrying
	think   *thinking           // nil where senders do not pause
	parked  map[uint64]*waiting // senders of whom a request is on its way
	free    []*Request          // held back until their sender's was answered; due now
	flying  int                 // requests on their way
	all     *atomic.Int64       // the same of all lanes of the run
	capFull time.Duration       // since when every slot is taken and a request is due; -1 if none is
	capped  time.Duration       // what was due until this moment stood behind a request that found every slot taken

	spent   credit // what the sender of the line may fill again
	batch   []Result
	batched time.Duration // when the batch's first result came
	now     time.Duration
	stopped bool

	awake    awake
	full     fullness
	stops    stops       // of this lane
	overdue  *overdue    // nil where nobody asks what waits
	halt     *standstill // what the lanes of the run share
	recovery recovery

	book  Book
	stats Stats
	cap   serviceTimes
	loose freeTimes
}

// LaneOptions shape a lane. The zero value has 512 slots and sends late.
type LaneOptions struct {
	// MaxInFlight bounds the requests on their way at once; 0 means 512.
	MaxInFlight int
	// Late says what becomes of a request that finds MaxInFlight others on their way.
	Late Late
	// Serialize holds a sender's request back until the answer to the one before it has come.
	Serialize bool
	// Think also lets a sender pause after each answer as they did in the recording; see Request.Answered. It implies Serialize.
	Think bool
	// Retry returns the delays after which a vendor sends a request again that failed; nil for none.
	Retry func(vendor string) []time.Duration
	// Stride is what a retry adds to its request's copy number, so that each has its own.
	Stride int
	// Refresh is asked for requests that are sent at another time than they were made for; nil where none is Timed.
	Refresh func(q *Request, at time.Time)
	// Again is asked for a request that is to be sent once more, under another copy number; nil where nothing in it tells that.
	Again func(q *Request)
	// Start is the wall-clock moment of the run's start, for Refresh.
	Start time.Time
}

const (
	// stale is how old the moment in a signature may be.
	stale = time.Second
	// A batch of results is handed on when it is this large or this old.
	batchSize = 512
	batchAge  = 100 * time.Millisecond
)

// hold is what a request was kept waiting by.
type hold uint8

const (
	heldByNothing hold = iota
	heldByCap
	heldBySender
)

type waiting struct{ queue []*Request }

func newLane(o LaneOptions, clock *Clock, shard int, stop *atomic.Bool, out outbox, all *atomic.Int64, halt *standstill) *Lane {
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = 512
	}
	l := &Lane{o: o, clock: clock, shard: shard, stop: stop, out: out, all: all, halt: halt, capFull: -1, capped: -1}
	l.full.since.Store(-1)
	if o.Think {
		l.o.Serialize, l.think = true, newThinking()
	}
	if l.o.Serialize {
		l.parked = make(map[uint64]*waiting)
	}
	l.stats.MaxInFlight = o.MaxInFlight
	return l
}

// NewLine returns a lane that holds the given requests, in order of their deadlines, and nothing after them. Results
// returns what became of them.
func NewLine(qs []*Request, o LaneOptions) *Lane {
	l := newLane(o, newClock(0, 0), 0, new(atomic.Bool), &kept{}, new(atomic.Int64), new(standstill))
	l.inbox.put(qs, 0)
	l.inbox.end()
	return l
}

// Results returns the results of a lane that NewLine made.
func (l *Lane) Results() []Result {
	l.flush()
	if k, ok := l.out.(*kept); ok {
		return k.all
	}
	return nil
}

// OnWake sets what is called, from any goroutine, when Next has something new to say. It is set before Next is asked.
func (l *Lane) OnWake(f func()) { l.inbox.onWake(f) }

// Next returns the request that is to be sent at this moment of the run; or nil, and how long there is nothing to send
// unless Done or a wake-up changes that: Forever where only they can.
func (l *Lane) Next(now time.Duration) (q *Request, wait time.Duration) {
	l.now = now
	if stop := l.awake.at(now); stop >= ownStop {
		l.stoodStill(Stop{now - stop, stop})
	}
	if l.stop.Load() {
		l.refuse()
		return nil, l.idle(now, Forever)
	}
	for {
		q := l.first()
		if q == nil {
			l.full.end()
			return nil, l.idle(now, Forever)
		}
		if l.clock.skipped(q.Deadline) {
			l.jumpOver(q, now)
			continue
		}
		due := l.clock.Due(q.Deadline)
		switch {
		case due > now:
			l.capFull = -1
			l.full.end()
			return nil, l.idle(now, due-now)
		case q.Unfit != ReasonNone:
			l.leaveOut(q, now, due)
		case l.parked != nil && l.park(q):
		case l.flying >= l.o.MaxInFlight:
			if l.atCap(q, now, due) {
				return nil, l.idle(now, Forever)
			}
		default:
			if l.halt.behind.Load() > 0 {
				if wait := l.catchUp(q, now, due); wait > 0 {
					return nil, l.idle(now, wait)
				}
			}
			l.take(q, now, due)
			return q, 0
		}
	}
}

// idle hands on what was batched before a wait, and cuts the wait so that what is younger is handed on in its turn.
func (l *Lane) idle(now, wait time.Duration) time.Duration {
	l.inbox.give(&l.spent, false)
	if len(l.batch) == 0 {
		return wait
	}
	age := now - l.batched
	if age >= batchAge {
		l.flush()
		return wait
	}
	return min(wait, batchAge-age)
}

// first is the request that is next in line: one that waited for its sender, else the earlier of a retry and the line's.
func (l *Lane) first() *Request {
	if len(l.free) > 0 {
		return l.free[0]
	}
	if l.head == len(l.ready) {
		l.refill()
	}
	var q *Request
	if l.head < len(l.ready) {
		q = l.ready[l.head]
	}
	if len(l.retries) > 0 && (q == nil || l.retries[0].Deadline < q.Deadline) {
		return l.retries[0]
	}
	return q
}

func (l *Lane) refill() {
	l.inbox.give(&l.spent, true)
	clear(l.ready)
	l.ready, l.head = l.inbox.swap(l.ready[:0]), 0
	l.fetch()
}

// fetchAhead is how many requests are brought into the processor's cache together.
const fetchAhead = 8

// fetch reads of the next requests what sending them reads first. Another goroutine made them, and writing to sockets filled the cache
// since: one after another each was waited for on its own, where the processor waits for several of them as long as for one.
func (l *Lane) fetch() {
	next := l.ready[l.head:min(l.head+fetchAhead, len(l.ready))]
	var sum uint64
	for _, q := range next {
		sum += uint64(q.Deadline) + uint64(len(q.Wire)) + uint64(len(q.Unfit)) + uint64(q.plan)
	}
	for _, q := range next {
		if len(q.Wire) > 0 {
			sum += uint64(q.Wire[0])
		}
	}
	l.fetched = sum // or the compiler would leave the reading out
}

// drop takes the first request out of its line.
func (l *Lane) drop(q *Request) {
	switch {
	case len(l.free) > 0:
		l.free = l.free[1:]
	case len(l.retries) > 0 && l.retries[0] == q:
		l.retries.pop()
		l.sentAgain(q)
	default:
		l.ready[l.head] = nil
		if l.head++; l.head%fetchAhead == 0 {
			l.fetch()
		}
		l.spent.slots++
		l.spent.bytes += q.size()
	}
}

// park holds a request back whose sender has another on its way.
func (l *Lane) park(q *Request) bool {
	if q.Person == 0 || q.turn {
		return false
	}
	w, busy := l.parked[q.Person]
	if !busy {
		return l.defers(q)
	}
	l.drop(q)
	q.held = heldBySender
	l.overdue.tell(q, withTarget, l.clock.Due(q.Deadline))
	w.queue = append(w.queue, q)
	return true
}

// atCap does with a request what the policy says when every slot is taken; true where it has to wait.
func (l *Lane) atCap(q *Request, now, due time.Duration) bool {
	if q.held != heldByCap {
		q.held = heldByCap
		l.stats.AtCap++
	}
	if l.o.Late == LateSend {
		if l.capFull < 0 {
			l.capFull = now
		}
		l.full.begin(now)
		return true
	}
	l.drop(q)
	res := &Result{Intended: due, Error: ReasonShed}
	if q.turn {
		l.release(q, &Result{Done: now})
	}
	l.refused(q, res)
	return false
}

// leaveOut gives a request that must not be sent its result.
func (l *Lane) leaveOut(q *Request, now, due time.Duration) {
	l.drop(q)
	l.refused(q, &Result{Intended: due, Sent: now, Done: now, Error: q.Unfit})
}

// refused records what becomes of a request that no consumer gets.
func (l *Lane) refused(q *Request, res *Result) {
	q.others = int(l.all.Load())
	l.identify(q, res)
	l.record(res)
	l.spent.used = append(l.spent.used, q)
}

// identify says in a result whose it is, and what is known of the request beside.
func (l *Lane) identify(q *Request, res *Result) {
	res.Seq, res.Copy, res.Kind, res.Shard = q.Seq, q.Copy, q.Kind, l.shard
	res.Known, res.Attempt, res.InFlight = true, q.attempt, int32(min(q.others, math.MaxInt32))
	res.Person, res.Recipient, res.Step = q.PersonHash, q.RecipientHash, q.Step
}

// take makes a request the consumer's.
func (l *Lane) take(q *Request, now, due time.Duration) {
	l.drop(q)
	if l.capFull >= 0 {
		l.stats.CapWait += now - l.capFull
		l.capFull, l.capped = -1, now
	}
	if now-due > LateFrom {
		l.blame(q, due)
	}
	q.due, q.from, q.beside = due, l.waitsFrom(q, now, due), l.flying
	l.overdue.tell(q, withTarget, q.from)
	l.flying++
	q.others = int(l.all.Add(1)) - 1
	l.stats.PeakInFlight = max(l.stats.PeakInFlight, l.flying)
	if l.parked != nil && q.Person != 0 && l.parked[q.Person] == nil {
		l.parked[q.Person] = new(waiting)
	}
	if q.Timed && l.o.Refresh != nil {
		if at := l.o.Start.Add(now); at.Sub(q.Stamped).Abs() > stale {
			l.o.Refresh(q, at)
		}
	}
}

// blame counts a late request by what held it up.
func (l *Lane) blame(q *Request, due time.Duration) {
	if q.held == heldByNothing && due <= l.capped {
		q.held = heldByCap
		l.stats.AtCap++
	}
	late, held := &l.stats.Late, &l.stats.Held
	count, sum := &late.Stall, &held.Stall
	switch {
	case q.held == heldByCap:
		count, sum = &late.Cap, &held.Cap
	case q.held == heldBySender:
		count, sum = &late.Sender, &held.Sender
	case q.queued > due && l.recovery.stop.For == 0:
		count, sum = &late.Render, &held.Render
	}
	*count++
	*sum += l.now - due
	l.stats.LongestStall = max(l.stats.LongestStall, l.stall(q, due))
}

// stall is how late a request is that nothing held up but this machine.
func (l *Lane) stall(q *Request, due time.Duration) time.Duration {
	if q.held != heldByNothing || q.queued > due && l.recovery.stop.For == 0 {
		return 0
	}
	return l.now - due
}

// Done takes the result of a request that Next gave, once for each. The caller has filled in Sent, FirstByte, Done,
// Status, Bytes, Hash, Error and NewConnection, and does not touch the request any more.
func (l *Lane) Done(q *Request, res *Result) {
	l.identify(q, res)
	res.Intended, res.Own = q.due, l.ownPart(q, res)
	l.overdue.tell(q, elsewhere, 0)
	l.flying--
	l.all.Add(-1)
	l.service(q, res)
	l.record(res)
	l.thinks(q, res)
	l.release(q, res)
	if !l.retry(q, res) {
		l.spent.used = append(l.spent.used, q)
	}
}

// service keeps apart how long answers take when every slot is taken and when most are free.
func (l *Lane) service(q *Request, res *Result) {
	if res.Error != ReasonNone && res.Error != ReasonTimeout {
		return
	}
	switch {
	case q.beside+1 >= l.o.MaxInFlight:
		l.cap.add(res.Done - res.Sent)
	case 2*q.beside < l.o.MaxInFlight:
		l.loose.add(q.beside, res.Done-res.Sent)
	}
}

// release lets the next request of a sender go.
func (l *Lane) release(q *Request, res *Result) {
	if l.parked == nil || q.Person == 0 {
		return
	}
	w := l.parked[q.Person]
	if w == nil {
		return
	}
	if len(w.queue) == 0 {
		delete(l.parked, q.Person)
		return
	}
	next := w.queue[0]
	w.queue = w.queue[1:]
	if l.think != nil {
		at := next.Deadline
		if next.attempt == 0 {
			at = l.think.ready(next.Person, next.planned())
		}
		l.sendAt(next, max(at, l.clock.Position(max(res.Done, res.Sent))))
		return
	}
	next.turn = true
	l.free = append(l.free, next)
}

func (l *Lane) record(res *Result) {
	if len(l.batch) == 0 {
		l.batched = l.now
	}
	l.batch = append(l.batch, *res)
	if len(l.batch) >= batchSize {
		l.flush()
	}
}

// flush hands the batch on. It blocks only when the recorder is far behind.
func (l *Lane) flush() {
	if len(l.batch) > 0 {
		l.batch = l.out.put(l.batch)
	}
}

// refuse counts everything that waits as unsent: the run was stopped.
func (l *Lane) refuse() {
	unsent := func(qs []*Request) {
		for _, q := range qs {
			l.book.Of(q.Kind).Unsent++
		}
	}
	unsent(l.free)
	unsent(l.retries)
	l.again.none()
	unsent(l.ready[l.head:])
	unsent(l.inbox.swap(nil))
	for _, w := range l.parked {
		unsent(w.queue)
		w.queue = nil
	}
	l.free, l.retries, l.ready, l.head, l.capFull = nil, nil, nil, 0, -1
	l.stopped = true
}

// Over says that no request is left, will come or is on its way.
func (l *Lane) Over() bool {
	return l.flying == 0 && len(l.free) == 0 && len(l.retries) == 0 && l.head == len(l.ready) &&
		(l.stopped || l.inbox.over())
}

// InFlight returns how many requests are on their way.
func (l *Lane) InFlight() int { return l.flying }

// Behind returns the longest time for which a request that is due now has waited; it is for displays.
func (l *Lane) Behind(now time.Duration) time.Duration {
	if l.head == len(l.ready) {
		return 0
	}
	return max(now-l.clock.Due(l.ready[l.head].Deadline), 0)
}

// shares returns the lane's part of the run's statistics.
func (l *Lane) shares() Stats {
	s := l.stats
	s.Standstills.Sent, s.Standstills.Rate = l.recovery.sent, l.recovery.rate
	s.ServiceAtCap, s.ServiceFree = l.cap.mean(), l.loose.mean()
	return s
}
