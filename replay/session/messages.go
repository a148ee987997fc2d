package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/pace"
)

// ParseMessages reads how many messages are sent: "12000", "12k", or "12000 by people".
func ParseMessages(text string) (n int64, byPeople bool, err error) {
	number, how, _ := strings.Cut(strings.TrimSpace(text), " ")
	bad := fmt.Errorf("%q is no number of messages: write 12000, or '12000 by people'", text)
	switch strings.Join(strings.Fields(how), " ") {
	case "":
	case "by people":
		byPeople = true
	default:
		return 0, false, bad
	}
	digits, thousands := strings.CutSuffix(number, "k")
	if n, err = strconv.ParseInt(digits, 10, 64); err != nil || n < 1 || digits[0] == '+' || n > maxMessages {
		return 0, false, bad
	}
	if thousands {
		n *= 1000
	}
	return n, byPeople, nil
}

// maxMessages bounds Tempo.Messages, so that no product of it overflows.
const maxMessages = 1_000_000_000_000

// checkMessages refuses what an exact number of messages does not go with.
func (o *Options) checkMessages() error {
	if o.Messages < 0 || o.Messages > 1000*maxMessages {
		return o.bad("Messages", errors.New("it must be at least 1"))
	}
	if o.Messages == 0 {
		if o.ByPeople {
			return o.bad("Messages", errors.New("say how many messages are sent"))
		}
		return nil
	}
	for _, other := range []struct {
		option string
		given  bool
	}{{"Volume", o.Volume != 1}, {"Limit", o.Limit > 0}, {"Shape", o.shaped()}, {"Sample", o.Sample < 1}, {"Loops", o.Loops > 1}} {
		if other.given {
			return o.bad("Messages", fmt.Errorf("it is an exact number, once over all that is played, and cannot be with %s", o.name(other.option)))
		}
	}
	return nil
}

// count finds out of how many records the messages are, and whose they are.
func (s *Session) count(ctx context.Context) error {
	o := &s.o
	if o.Messages == 0 {
		return nil
	}
	exact := &pace.Exact{Messages: o.Messages}
	ranking := pace.NewRanking(o.paceSeed())
	if err := s.eachKept(ctx, func(r *capture.Record) {
		exact.Recorded++
		if o.ByPeople {
			ranking.Count(r.Seq, replay.Person(r))
		}
	}); err != nil {
		return err
	}
	if exact.Recorded == 0 {
		return ErrNothing
	}
	if o.ByPeople {
		ranking.Narrow(o.Messages % exact.Recorded)
		if err := s.eachKept(ctx, func(r *capture.Record) { ranking.Look(r.Seq, replay.Person(r)) }); err != nil {
			return err
		}
		exact.People = ranking.Cut()
	}
	s.plan.pace.Exact = exact
	if _, err := pace.New(s.plan.pace); err != nil {
		return o.bad("Messages", fmt.Errorf("%d are too many for %d that are recorded: %w", o.Messages, exact.Recorded, err))
	}
	return nil
}
