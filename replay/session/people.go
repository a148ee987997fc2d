package session

import (
	"context"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/pace"
)

// EachNew gives out, after Plan, each request that somebody sends who is not in the corpus, as copies are: the record that is played, which
// is valid until do returns, and the canonical number that it is sent from, "" for none. They are in the order of the plan; who sends is
// the same as in the run.
func (s *Session) EachNew(ctx context.Context, do func(r *capture.Record, number string)) error {
	if err := s.ready(planned, false); err != nil {
		return err
	}
	src, err := s.source()
	if err != nil {
		return err
	}
	defer src.Close()
	_, err = replay.Scan(ctx, src, s.plan.pace, replay.ScanOptions{
		Keep: s.keep(), Factor: newFactors(s.o.Factors).function(), KeepHeld: s.keep(), FactorHeld: newFactors(s.o.Factors).function(), Share: s.o.Share,
		Again: func(context.Context) (replay.Stream, error) { return s.source() },
		Visit: func(r *capture.Record, p pace.Play) {
			if p.Person > 0 {
				do(r, s.renderer.Sender(r, p.Person))
			}
		},
	})
	return err
}
