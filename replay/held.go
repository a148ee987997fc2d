package replay

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// heldQueue plays what outages hold, between the plays of a walk that are not held.
//
// The walk comes by each held play when it would be due, and passes it over. A second walk over the same source, under a schedule of
// the same options, comes by the same plays later, and these are sent: so memory does not grow with the length of an outage.
type heldQueue struct {
	visit func(*capture.Record, pace.Play) error
	queue *pace.Queue
	limit *pace.Limiter
	total int64 // held plays of the whole run

	pull func() (heldPlay, error, bool)
	stop func()
	// ahead is the held play that the second walk stands at; found says whether it stands at one.
	ahead heldPlay
	found bool
	// next is the play that is sent next, ready says whether there is one, and at is when.
	next  heldPlay
	ready bool
	mixer *mixer // of shuffled queues, else nil
	// passed counts the held plays that the walk came by, sent those that were given out.
	passed, sent int64
	// taken counts those that the second walk came by: after the last of them it goes no further.
	taken int64
	// waiting counts, by kind, those that were passed and not given out.
	waiting [capture.KindCount]int64
}

// heldPlay is a play that an outage holds, and its record.
type heldPlay struct {
	record *capture.Record
	play   pace.Play
}

// newHeldQueue returns the queue of the outages of a walk's schedule; nil where there is none.
func newHeldQueue(w *walk) *heldQueue {
	o := w.schedule.Options()
	if len(o.Outages) == 0 {
		return nil
	}
	h := &heldQueue{visit: w.visit, queue: pace.NewQueue(o), limit: pace.NewLimiter(max(o.MaxRate, o.Shape.Cap))}
	for _, outage := range o.Outages {
		for _, n := range outage.Held {
			h.total += n
		}
		if outage.Shuffled && h.mixer == nil {
			h.mixer = newMixer(o)
		}
	}
	return h
}

// begin starts the second walk.
func (h *heldQueue) begin(ctx context.Context, w *walk) {
	second := walk{again: w.again, keep: w.keep, factor: w.factor}
	if w.keepHeld != nil {
		second.keep = w.keepHeld
	}
	if w.factorHeld != nil {
		second.factor = w.factorHeld
	}
	h.pull, h.stop = iter.Pull2(second.plays(ctx, w.schedule.Options()))
}

// errEnough ends a walk of which no more is wanted.
var errEnough = errors.New("replay: no more is wanted")

// plays are those of a walk over a source of its own, held or not.
func (w *walk) plays(ctx context.Context, o pace.Options) iter.Seq2[heldPlay, error] {
	return func(yield func(heldPlay, error) bool) {
		w.visit = func(r *capture.Record, p pace.Play) error {
			if !yield(heldPlay{r, p}, nil) {
				return errEnough
			}
			return nil
		}
		if err := w.anew(ctx, o); err != nil && !errors.Is(err, errEnough) {
			yield(heldPlay{}, err)
		}
	}
}

// anew walks over a source of its own under a schedule of its own.
func (w *walk) anew(ctx context.Context, o pace.Options) (err error) {
	if w.schedule, err = pace.New(o); err != nil {
		return err
	}
	src, err := w.again(ctx)
	if err != nil {
		return err
	}
	w.src = src
	return errors.Join(w.run(ctx), src.Close())
}

// give takes a play of the walk: a held one waits, another is given out after what of the queue is sent before it.
func (h *heldQueue) give(r *capture.Record, p pace.Play) error {
	if p.Held.Outage > 0 {
		h.passed++
		h.waiting[r.Kind.Known()]++
		return nil
	}
	err := h.keepUp()
	if err == nil {
		err = h.until(p.Deadline)
	}
	if err != nil {
		h.waiting[r.Kind.Known()]++ // it is not given out either
		return err
	}
	p.Deadline = h.limit.Place(p.Deadline)
	return h.visit(r, p)
}

// keepUp has the second walk go on, two plays for one of the walk, so that it has not to read far when an outage ends.
func (h *heldQueue) keepUp() error {
	for range 2 {
		if h.found || h.taken == h.total {
			return nil
		}
		if err := h.step(); err != nil {
			return err
		}
	}
	return nil
}

// step has the second walk go one play on.
func (h *heldQueue) step() error {
	p, err, ok := h.pull()
	switch {
	case err != nil:
		return err
	case !ok:
		return errors.New("replay: the source has changed since it was planned")
	}
	if h.ahead, h.found = p, p.play.Held.Outage > 0; h.found {
		h.taken++
	}
	return nil
}

// until gives out what of the queue is sent up to a deadline.
func (h *heldQueue) until(deadline time.Duration) error {
	for h.passed > h.sent {
		if err := h.choose(); err != nil {
			return err
		}
		if h.next.play.Deadline > deadline {
			return nil
		}
		if err := h.send(); err != nil {
			return err
		}
	}
	return nil
}

// choose says which play of the queue is sent next, and when.
func (h *heldQueue) choose() (err error) {
	if h.ready {
		return nil
	}
	if h.mixer == nil {
		for !h.found && err == nil {
			err = h.step()
		}
		h.next = h.ahead
	} else if err = h.fill(); err == nil {
		h.next = h.mixer.draw()
	}
	if err != nil {
		return err
	}
	h.ready = true
	h.next.play.Deadline, err = h.queue.Next(&h.next.play)
	return err
}

// fill reads plays of one queue into the mixer, as many as it has room for.
func (h *heldQueue) fill() error {
	for h.passed > h.sent+int64(len(h.mixer.held)) && h.mixer.room() {
		for !h.found {
			if err := h.step(); err != nil {
				return err
			}
		}
		if !h.mixer.add(h.ahead) {
			return nil // it is of the next outage
		}
		h.found = false
	}
	return nil
}

// send gives out the play that is next.
func (h *heldQueue) send() error {
	h.ready = false
	if h.mixer == nil {
		h.found = false
	}
	h.sent++
	h.waiting[h.next.record.Kind.Known()]--
	p := h.next.play
	p.Deadline = h.limit.Place(p.Deadline)
	return h.visit(h.next.record, p)
}

// finish gives out what is left where the walk ended without an error, and ends the second walk.
func (h *heldQueue) finish(err error) error {
	defer h.stop()
	if err != nil {
		return err
	}
	return h.until(Forever)
}

// mixerBytes bounds what a mixer holds of a queue.
const mixerBytes = 64 << 20

// mixer gives out the plays of a queue in an order that a seed decides, from as many as it may hold.
type mixer struct {
	o      pace.Options
	most   int
	random *rand.Rand
	held   []heldPlay
	bytes  int
	// of is the outage and the loop whose plays it holds.
	of [2]int
	// within says, by outage, from how few at least a play was drawn while more were to come; 0 where it held all.
	within []int
}

func newMixer(o pace.Options) *mixer {
	return &mixer{o: o, most: mixerBytes, within: make([]int, len(o.Outages))}
}

func (m *mixer) room() bool { return m.bytes < m.most || len(m.held) == 0 }

// add takes a copy of a play, if it is of the same queue as the others.
func (m *mixer) add(p heldPlay) bool {
	of := [2]int{p.play.Held.Outage, p.play.Loop}
	if of != m.of {
		if len(m.held) > 0 {
			return false
		}
		m.of, m.random = of, rand.New(rand.NewPCG(m.o.Seed, 0x7f4a_7c15_9e37_79b9^uint64(of[0])<<32^uint64(of[1])))
	}
	if len(m.held) < cap(m.held) {
		m.held = m.held[:len(m.held)+1]
	} else {
		m.held = append(m.held, heldPlay{})
	}
	slot := &m.held[len(m.held)-1]
	if slot.record == nil {
		slot.record = new(capture.Record)
	}
	copyRecord(slot.record, p.record)
	slot.play = p.play
	m.bytes += weight(slot.record)
	return true
}

// draw takes one out. Its record is valid until the next add.
func (m *mixer) draw() heldPlay {
	if !m.room() {
		if n := &m.within[m.of[0]-1]; *n == 0 || len(m.held) < *n {
			*n = len(m.held)
		}
	}
	i, last := m.random.IntN(len(m.held)), len(m.held)-1
	m.held[i], m.held[last] = m.held[last], m.held[i]
	p := m.held[last]
	m.held = m.held[:last]
	m.bytes -= weight(p.record)
	return p
}
