package session

import (
	"context"
	"errors"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/sms"
	"reprise/replay/render"
)

// What a volume above the plan's cannot do while a run goes on.
var (
	errGrowSenders = errors.New("who sends is said by a file of senders, which knows nobody new")
	errGrowRaw     = errors.New("a corpus that was not anonymized takes no more people than planned: start the run with that volume")
)

// grow gives the renderer new people, who are nobody of the corpus, and returns how many times the planned ones they are at most. The
// corpus is looked through where the plan did not need to.
func (s *Session) grow(ctx context.Context) (times float64, err error) {
	copies := s.schedule.Copies()
	switch {
	case s.o.Senders != nil:
		return 0, errGrowSenders
	case copies > 1 && s.header.State == corpus.Raw:
		return 0, errGrowRaw
	}
	used := s.plan.used
	if used == nil {
		if used, err = s.observe(ctx); err != nil {
			return 0, err
		}
	}
	people, err := s.renderer.Grow(used)
	return float64(people / copies), err
}

// observe finds out whose numbers the corpus holds.
func (s *Session) observe(ctx context.Context) (*render.Used, error) {
	r, err := corpus.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	used := render.NewUsed(sms.Wide())
	var rec capture.Record
	for {
		switch err := r.Next(ctx, &rec); {
		case errors.Is(err, io.EOF):
			return used, nil
		case err != nil:
			return nil, err
		}
		used.Observe(&rec)
	}
}
