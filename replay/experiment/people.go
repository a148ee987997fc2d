package experiment

import (
	"context"
	"errors"
	"math/rand/v2"

	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
	"reprise/replay/cause"
	"reprise/replay/session"
)

// strangers try what depends on whom the target knows: by now those of the first run. Each round has people of its own. That new people are
// slow is tried by having them come again; that what was done before is slow stays where nobody waits for anybody, unlike a lock.
func (t *Trial) strangers(ctx context.Context) ([]session.Options, error) {
	was := t.o.Session
	if was.Senders != nil {
		return nil, ErrByHand
	}
	look := was
	look.Senders = &numberfile.File{Entries: entries(sms.Wide(), 0, 1)}
	look.File, look.Resume, look.Temp = "", "", nil
	s, err := session.Open(ctx, t.o.Corpus, "", look)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := s.Plan(ctx); err != nil && !errors.Is(err, session.ErrShortage) {
		return nil, err
	}
	_, _, people := s.Numbers().Sending() // with those of copies
	pool := sms.Wide()
	if people == 0 || people*t.o.Rounds*2 > pool.Len() {
		return nil, ErrNoOthers
	}
	from := rand.IntN(pool.Len())
	for i := range t.o.Rounds * 2 {
		t.people = append(t.people, &numberfile.File{Entries: entries(pool, from+i*people, people)})
	}
	if t.Finding.Pattern == cause.RepeatSlow {
		t.Changes, t.Stays = []Change{Serial}, true
		was.PerSender = session.Serial
		return []session.Options{was}, nil
	}
	t.Changes = []Change{Known}
	return []session.Options{was}, nil
}

// stride parts numbers that follow each other: it has no divisor in common with the pool's length, and takes them from all area codes.
const stride = 1_000_003

// entries are n numbers of a pool from a place on. The pool is large beside any corpus: few of them, if any, are of people in it.
func entries(pool sms.Pool, from, n int) (list []numberfile.Entry) {
	for i := range n {
		at := (from + i) % pool.Len() * stride % pool.Len()
		list = append(list, numberfile.Entry{Line: i + 1, To: pool.At(at), Class: sms.E164})
	}
	return list
}

// control is the run that has to show the effect.
func (t *Trial) control() Change {
	if len(t.people) > 0 {
		return NewPeople
	}
	return AsItWas
}
