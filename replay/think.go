package replay

import "time"

// maxThinkers bounds the people that a lane remembers between two of their requests (about 16 MB of them). Of more it forgets those
// that were answered longest ago: their next request is sent when it is planned.
const maxThinkers = 1 << 18

// Thinking says what waiting for answers and pauses (LaneOptions.Think) did to the plan. Moments are those of the schedule.
type Thinking struct {
	// Held counts the requests that were sent later than planned by it, and Longest is by how much the last of them at most.
	Held    int64         `json:"held"`
	Longest time.Duration `json:"longest_ns"`
}

// thinking moves the requests of people who wait for an answer, and then pause as they did in the recording. The pause is the
// distance of two of their requests in the schedule, less what the first one's recorded answer took: where the target answers as
// fast as the recorded one did, nothing moves.
type thinking struct {
	people map[uint64]thought
	ring   []thinker // in order of their answers, the oldest at head once it is full
	head   int
	next   uint32
	most   int
}

// thought is what is known of a person who was answered: when, and from when on they would have paused by the plan, both on the
// schedule.
type thought struct {
	answered, planned time.Duration
	number            uint32
}

type thinker struct {
	person uint64
	number uint32
}

func newThinking() *thinking {
	return &thinking{people: make(map[uint64]thought), most: maxThinkers}
}

// answered takes down that a person's request, planned for a moment, was answered at another; recorded is how long its recorded answer
// took, in the schedule's time.
func (t *thinking) answered(person uint64, planned, at, recorded time.Duration) {
	if planned += recorded; at <= planned {
		delete(t.people, person) // the plan holds
		return
	}
	t.next++
	t.people[person] = thought{at, planned, t.next}
	if len(t.ring) < t.most {
		t.ring = append(t.ring, thinker{person, t.next})
		return
	}
	if oldest := t.ring[t.head]; t.people[oldest.person].number == oldest.number {
		delete(t.people, oldest.person)
	}
	t.ring[t.head] = thinker{person, t.next}
	t.head = (t.head + 1) % t.most
}

// ready is when a person's request that is planned for a moment is to be sent.
func (t *thinking) ready(person uint64, planned time.Duration) time.Duration {
	p, known := t.people[person]
	if !known {
		return planned
	}
	return max(planned, p.answered+max(planned-p.planned, 0))
}

// defers moves a request to when its person is ready, and takes it out of the line; false where it can go.
func (l *Lane) defers(q *Request) bool {
	if l.think == nil || q.attempt > 0 {
		return false
	}
	ready := l.think.ready(q.Person, q.planned())
	if ready <= q.Deadline {
		return false
	}
	l.drop(q)
	l.parked[q.Person] = new(waiting)
	l.sendAt(q, ready)
	return true
}

// sendAt has a request whose person's turn it is sent at a moment of the schedule.
func (l *Lane) sendAt(q *Request, at time.Duration) {
	planned := q.planned()
	if q.turn = true; at > planned && q.attempt == 0 {
		q.plan, q.moved = planned, true
		l.stats.Thinking.Held++
		l.stats.Thinking.Longest = max(l.stats.Thinking.Longest, at-planned)
	}
	l.overdue.tell(q, elsewhere, 0)
	q.Deadline, q.held, q.queued = max(at, q.Deadline), heldByNothing, 0
	l.retries.push(q)
}

// thinks takes down an answer, or that there will be none.
func (l *Lane) thinks(q *Request, res *Result) {
	if l.think == nil || q.Person == 0 || q.attempt > 0 {
		return
	}
	tempo := l.clock.Rate()
	if tempo == 0 { // it is paused: what was answered meanwhile was sent before
		tempo = 1
	}
	at := l.clock.Position(max(res.Done, res.Sent))
	l.think.answered(q.Person, q.planned(), at, time.Duration(float64(q.Answered)*tempo))
}

// planned is the deadline that the plan gave a request.
func (q *Request) planned() time.Duration {
	if q.moved {
		return q.plan
	}
	return q.Deadline
}
