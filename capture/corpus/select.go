package corpus

import (
	"context"
	"io"
	"slices"
	"time"

	"reprise/capture"
)

// Selection says which records of a corpus are wanted. Its zero value wants all.
type Selection struct {
	// From and To bound the time: From <= t < To. A zero time is no bound.
	From, To time.Time
	// Kinds and Vendors list what is wanted; empty wants all.
	Kinds   []capture.Kind
	Vendors []string
	// Limit is how many records are wanted at most; 0 wants all.
	Limit int64
}

// Select gives the records of r that s wants. Blocks without any are passed over unread. It takes r over.
func Select(r *Reader, s Selection) (capture.Source, error) {
	if !s.From.IsZero() {
		if err := r.SeekTime(s.From); err != nil {
			return nil, err
		}
	}
	if !s.To.IsZero() {
		r.to = clampTime(s.To)
	}
	if len(s.Kinds) > 0 {
		r.kinds = 0
		for _, k := range s.Kinds {
			r.kinds |= 1 << k
		}
	}
	return &selected{r: r, s: s}, nil
}

type selected struct {
	r     *Reader
	s     Selection
	given int64
}

// Next implements capture.Source.
func (s *selected) Next(ctx context.Context, r *capture.Record) error {
	if s.s.Limit > 0 && s.given >= s.s.Limit {
		return io.EOF
	}
	for {
		if err := s.r.Next(ctx, r); err != nil {
			return err
		}
		if s.r.kinds&(1<<r.Kind) != 0 && (len(s.s.Vendors) == 0 || slices.Contains(s.s.Vendors, r.Vendor)) {
			s.given++
			return nil
		}
	}
}
