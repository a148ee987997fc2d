package rounds

import (
	"context"
	"errors"
	"time"

	"reprise/replay/compare"
)

// Series judges rounds while they are played, each run file read once. Judge's Looks say when.
type Series struct {
	Judge *Judge
	// Looked, where set, is called after each look but the last.
	Looked func(c *compare.Comparison)

	names     []string // of pairs, base first
	all, done *compare.Rounds
	told      []side // of the first round
	untold    bool   // a round does not tell its completions: then none are compared
	warmUp    time.Duration
}

// Enough reads the rounds that were played since it was called before and, where the plan has a look at so many, says whether they
// are decided. Paths are those of all plays, in the order of Turns. It is a hook of Files.Play.
func (s *Series) Enough(ctx context.Context, paths []string) (bool, error) {
	played, plan := len(paths)/2, s.Judge.Looks
	if len(paths)%2 != 0 || played < plan.First || played >= plan.Most {
		return false, nil
	}
	if err := s.add(ctx, Pairs(paths)[len(s.names):]); err != nil {
		return false, err
	}
	c, err := s.judge(nil)
	if err != nil || !c.MoreMayTell() {
		return true, err
	}
	if s.Looked != nil {
		s.Looked(c)
	}
	return false, nil
}

// End judges all rounds that were played, and adds for whom the candidate was slower.
func (s *Series) End(ctx context.Context, paths []string) (*compare.Comparison, error) {
	return s.pairs(ctx, Pairs(paths))
}

// pairs reads those of all pairs that were not read yet, and judges.
func (s *Series) pairs(ctx context.Context, names []string) (*compare.Comparison, error) {
	if err := s.add(ctx, names[len(s.names):]); err != nil {
		return nil, err
	}
	return s.judge(func(c *compare.Comparison) error { return s.Judge.causes(ctx, c, s.names, s.warmUp) })
}

// add reads pairs of run files.
func (s *Series) add(ctx context.Context, names []string) error {
	s.names = append(s.names, names...)
	if err := s.Judge.meet(s.names); err != nil {
		return err
	}
	for i := 0; i+1 < len(names); i += 2 {
		if err := s.round(ctx, names[i:i+2]); err != nil {
			return err
		}
	}
	return nil
}

// round reads one pair.
func (s *Series) round(ctx context.Context, pair []string) error {
	err := withRuns(pair, func(runs []compare.Source) error {
		if s.all == nil {
			opt := s.Judge.Options
			opt.WarmUp = s.Judge.WarmUp.of(runs[0].Header())
			s.warmUp, s.all, s.done = opt.WarmUp, compare.NewRounds(opt), compare.NewRounds(opt)
		}
		return s.all.Add(ctx, runs[0], runs[1])
	})
	if err != nil || s.untold {
		return err
	}
	if known, err := s.Judge.knowsCompletions(pair); err != nil || !known {
		s.untold, s.told = true, nil
		return err
	}
	return s.Judge.completed(ctx, pair, func(sides []side) error {
		if s.told == nil {
			s.told = sides
		}
		return s.done.Add(ctx, sides[0].source, sides[1].source)
	})
}

// judge judges what was read: the answers, what more there is to say of them, and when the work was done.
func (s *Series) judge(more func(*compare.Comparison) error) (*compare.Comparison, error) {
	if s.all == nil {
		return nil, errors.New("no round was played")
	}
	c, err := s.all.Comparison()
	if err == nil && more != nil {
		err = more(c)
	}
	if err != nil || s.told == nil {
		return c, err
	}
	finished, err := s.done.Comparison()
	if err != nil {
		return nil, err
	}
	c.Base.Summary.Completion, c.Candidate.Summary.Completion = s.told[0].completion, s.told[1].completion
	c.AddCompletions(finished)
	return c, nil
}
