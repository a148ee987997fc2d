package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// likeness holds the rows of a run against those of another, to find out whether both played one plan.
type likeness struct {
	name         string
	header       results.Header
	planned      map[playing]moment
	shared, same int64
}

type playing struct {
	seq  int64
	copy int
}

type moment struct {
	intended time.Duration
	kind     capture.Kind
}

// heldAgainst is how many rows of the other run are looked at; they tell enough.
const heldAgainst = 1 << 17

// readLikeness reads the run of --like.
func readLikeness(ctx context.Context, name string) (*likeness, error) {
	r, err := openRun(name)
	if err != nil {
		return nil, fmt.Errorf("--like: %w", err)
	}
	defer r.Close()
	l := &likeness{name: name, header: r.Header(), planned: make(map[playing]moment)}
	if l.header.Rebuilt == results.FromNothing {
		return nil, misuse("--like %s: its own header is lost", name)
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
		l.planned[playing{res.Seq, res.Copy}] = moment{res.Intended, res.Kind}
	}
	return l, nil
}

// see holds one row against the other run's. Of another plan, nearly every row differs.
func (l *likeness) see(res *replay.Result) {
	if l == nil {
		return
	}
	if m, ok := l.planned[playing{res.Seq, res.Copy}]; ok {
		if l.shared++; m == (moment{res.Intended, res.Kind}) {
			l.same++
		}
	}
}

// check says whether the two were of one plan.
func (l *likeness) check() error {
	if l == nil || l.shared > 0 && l.same*10 >= l.shared*9 {
		return nil
	}
	return misuse("--like %s: it played another plan: of %s in both runs, %d were planned at the same moment", l.name,
		plural(l.shared, "request"), l.same)
}
