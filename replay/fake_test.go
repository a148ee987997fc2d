package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// tape is a source of records at given offsets, kinds going round.
type tape struct {
	at   []time.Duration
	mu   sync.Mutex // guards what is below, for those who look on
	next int
	fail error // after the last record, in place of io.EOF
	body []byte
	from func(i int) string // who sends record i; nil for nobody
}

func (s *tape) Close() error { return nil }

// given returns how many records were asked for, shrink makes those to come small; both at any time.
func (s *tape) given() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}

func (s *tape) shrink() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = nil
}

func (s *tape) Next(_ context.Context, r *capture.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == len(s.at) {
		if s.fail != nil {
			return s.fail
		}
		return io.EOF
	}
	*r = capture.Record{
		Seq: int64(s.next), Time: time.Unix(1_700_000_000, 0).Add(s.at[s.next]), Method: "POST", URL: "/",
		Kind: kindOf(s.next), Body: append(s.body[:0:0], s.body...), // a source owns what it gives
	}
	if s.from != nil {
		r.Message.From, r.Kind = s.from(s.next), capture.Unrecognized
	}
	s.next++
	return nil
}

// slowTape is a tape that takes a time for each record.
type slowTape struct {
	tape
	each time.Duration
}

func (s *slowTape) Next(ctx context.Context, r *capture.Record) error {
	time.Sleep(s.each)
	return s.tape.Next(ctx, r)
}

func kindOf(i int) capture.Kind { return capture.Kind(i % capture.KindCount) }

// steady returns n offsets a step apart.
func steady(n int, step time.Duration) (at []time.Duration) {
	for i := range n {
		at = append(at, time.Duration(i)*step)
	}
	return at
}

// plain renders a record as it is.
type plain struct {
	fail  int64
	timed bool
}

func (p plain) Render(r *capture.Record, _ pace.Play, at time.Time, q *Request) error {
	if p.fail > 0 && r.Seq == p.fail {
		return errors.New("no such field")
	}
	q.Wire, q.Person, q.Stamped, q.Timed = append(q.Wire, r.Body...), Person(r), at, p.timed
	return nil
}

func (plain) Refresh(q *Request, at time.Time) { q.Stamped = at }

func (plain) Again(*Request) {}

// target is a Sender that answers after a time, as told by answer.
type target struct {
	takes  time.Duration
	answer func(q *Request, res *Result)

	mu struct {
		sync.Mutex
		inFlight, most int
		got            []string
	}
}

func (s *target) Send(ctx context.Context, start time.Time, q *Request, res *Result) {
	res.Sent = time.Since(start)
	s.mu.Lock()
	s.mu.inFlight++
	s.mu.most = max(s.mu.most, s.mu.inFlight)
	s.mu.got = append(s.mu.got, fmt.Sprintf("%d.%d", q.Seq, q.Copy))
	s.mu.Unlock()
	timer := time.NewTimer(s.takes)
	defer timer.Stop()
	res.Status = 200
	select {
	case <-timer.C:
	case <-ctx.Done():
		res.Status, res.Error = 0, ReasonTimeout
	}
	if s.answer != nil {
		s.answer(q, res)
	}
	res.Done = time.Since(start)
	s.mu.Lock()
	s.mu.inFlight--
	s.mu.Unlock()
}

// list is a Recorder that keeps everything.
type list struct {
	all  []Result
	fail error
	at   int // fail at this many
}

func (l *list) Record(res *Result) error {
	if l.fail != nil && len(l.all) == l.at {
		return l.fail
	}
	l.all = append(l.all, *res)
	return nil
}

// by is a pool of one sender.
func by(s Sender) Player { return NewPool(s, PoolOptions{}) }

func schedule(o pace.Options) *pace.Schedule {
	s, err := pace.New(o)
	if err != nil {
		panic("replay: internal error: " + err.Error())
	}
	return s
}
