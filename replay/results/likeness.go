package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// likeness holds the rows of a run against those of another, to find out whether both played one plan: repair calls See and
// Check of it. A nil *likeness holds nothing against anything.
type likeness struct {
	// Header is the other run's.
	Header       Header
	planned      map[playKey]plannedAt
	shared, same int64
}

type playKey struct {
	seq  int64
	copy int
}

type plannedAt struct {
	intended time.Duration
	kind     capture.Kind
}

// heldAgainst is how many rows of the other run are looked at; they tell enough.
const heldAgainst = 1 << 17

// ErrHeaderLost says that a run's own header is lost, so that nothing can be taken from it.
var ErrHeaderLost = errors.New("its own header is lost")

// OtherPlanError says that two runs did not play one plan.
type OtherPlanError struct {
	// Shared counts the requests in both, Same those that were planned at the same moment.
	Shared, Same int64
}

// Error implements error.
func (e *OtherPlanError) Error() string {
	return fmt.Sprintf("results: of %d requests in both runs, %d were planned at the same moment", e.Shared, e.Same)
}

// newLikeness reads the other run.
func newLikeness(ctx context.Context, r *Reader) (*likeness, error) {
	l := &likeness{Header: r.Header(), planned: make(map[playKey]plannedAt)}
	if l.Header.Rebuilt == FromNothing {
		return nil, ErrHeaderLost
	}
	var res replay.Result
	for len(l.planned) < heldAgainst {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		switch err := r.Next(&res); {
		case errors.Is(err, io.EOF):
			return l, nil
		case err != nil:
			return nil, err
		}
		l.planned[playKey{res.Seq, res.Copy}] = plannedAt{res.Intended, res.Kind}
	}
	return l, nil
}

// See holds one row against the other run's. Of another plan, nearly every row differs.
func (l *likeness) See(res *replay.Result) {
	if l == nil {
		return
	}
	if m, ok := l.planned[playKey{res.Seq, res.Copy}]; ok {
		if l.shared++; m == (plannedAt{res.Intended, res.Kind}) {
			l.same++
		}
	}
}

// Check says, by an *OtherPlanError, that the two were of different plans.
func (l *likeness) Check() error {
	if l == nil || l.shared > 0 && l.same*10 >= l.shared*9 {
		return nil
	}
	return &OtherPlanError{l.shared, l.same}
}
