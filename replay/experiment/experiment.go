// Package experiment is the front door of reprise why --test: it plays a run again, as it was and with one thing changed, and says whether
// what a finding tells went away.
//
// Begin with [Design], which says what will be played, and go on with the Play of what it returns.
//
// What is compared is always the same: the requests that the finding's rule held of in the first run, and the others, by the share of each
// that is slow (or failed, or was not completed). The first run says who they are and how slow is slow, and nothing more: its
// figures are those by which the finding was found. Runs of both kinds take turns, so that both share what changes over time.
package experiment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture/sms/numberfile"
	"reprise/replay/cause"
	"reprise/replay/completed"
	"reprise/replay/explain"
	"reprise/replay/rounds"
	"reprise/replay/session"
)

// Options say how a finding is tried.
type Options struct {
	// Corpus is the path of the corpus that was played; it is read several times.
	Corpus string
	// Target is where to send: as a session takes it, with its interlocks.
	Target string
	// Session are the options of the first run.
	Session session.Options
	// Completions are the files in which the system tells what it finishes, where the finding is about that.
	Completions completed.Files
	// Rounds is how often each run is played; 0 is 2.
	Rounds int
}

// Why an experiment cannot be played.
var (
	// ErrByHand: what is to be changed is not the run: another machine, a target that has rested.
	ErrByHand = errors.New("no run that differs from this one tells whether it is so")
	// ErrNothingToTry: nothing is known that would tell.
	ErrNothingToTry = errors.New("it is not known what to change to see whether it is so")
	// ErrNoOthers: the corpus has no other senders, ids or recipients to take.
	ErrNoOthers = errors.New("the corpus has nothing else to play in its place")
	// ErrNoCompletions: the finding is about completions, and no file of them is given.
	ErrNoCompletions = errors.New("it is about when messages were completed, and no completions are given")
	// ErrTooFew: the first run has too few requests of the finding, or too few others.
	ErrTooFew = errors.New("too few requests to try it on")
)

// Change is what differs in a run.
type Change uint8

// The changes.
const (
	AsItWas Change = iota
	Serial
	Shuffled
	RecordedSenders
	Without // kinds
	Slower
	Fresh
	Turned    // each recipient's messages go to the next one's number
	NewPeople // whom the target does not know, in place of AsItWas
	Known     // the people of the NewPeople before it once more
)

// Trial is a finding and the runs that try it.
type Trial struct {
	Finding cause.Finding
	// Changes are tried each against the control; none where the control alone tells.
	Changes []Change
	// Stays says that a cause is confirmed where the effect stays: what a request is goes with it wherever it comes.
	Stays bool
	// Kinds are those that Without leaves out.
	Kinds []string
	// Limit is how many requests each run has, 0 for all, and Lasts about how long all runs take together.
	Limit int64
	Lasts time.Duration
	// Plays are the runs in their order.
	Plays []rounds.Play

	o     Options
	first first
	of    []Change // of each play
	// people are those of each round, for its control and for its change; nil where they stay as they were.
	people []*numberfile.File
}

// Design says which runs would tell of a finding; why is what explain.File found with Options.Records.
func Design(ctx context.Context, why *explain.Why, f *cause.Finding, o Options) (*Trial, error) {
	if o.Rounds <= 0 {
		o.Rounds = 2
	}
	completion := f.Measure == cause.CompletionTime || f.Measure == cause.NeverCompleted
	if completion && len(o.Completions.Paths) == 0 {
		return nil, ErrNoCompletions
	}
	t := &Trial{Finding: *f, o: o}
	t.o.Completions.Kin = append(slices.Clone(o.Completions.Kin), why.Run.Header.Run)
	changed, err := t.changes(ctx)
	if err != nil {
		return nil, err
	}
	t.first, err = newFirst(why, f, t.measure())
	switch {
	case len(t.Changes) == 0: // all is played again and searched
	case err != nil:
		return nil, err
	default:
		t.Limit = t.first.limit()
	}
	if o.Session.Limit > 0 && t.Limit >= o.Session.Limit {
		t.Limit = 0
	}
	t.arrange(changed)
	return t, nil
}

// measure is what is compared. Where one person's requests wait for each other the wait is no answer's.
func (t *Trial) measure() cause.Measure {
	if t.Finding.Measure == cause.Latency && t.Finding.Try == cause.SerialSenders {
		return cause.ServiceTime
	}
	return t.Finding.Measure
}

// arrange puts the runs in order: control and changes, then the other way round, and so on. People are new before they are known.
func (t *Trial) arrange(changed []session.Options) {
	arms := append([]session.Options{t.o.Session}, changed...)
	names := append([]Change{t.control()}, t.Changes...)
	took := t.first.took(t.Limit)
	for round := range t.o.Rounds {
		for i := range arms {
			if round%2 == 1 && t.people == nil {
				i = len(arms) - 1 - i
			}
			o := arms[i]
			if t.people != nil {
				o.Senders = t.people[2*round]
				if i > 0 && names[i] != Known {
					o.Senders = t.people[2*round+1]
				}
			}
			if t.Limit > 0 {
				o.Limit = t.Limit
			}
			o.Output, o.Seed, o.Settings = session.Output{}, nil, nil // fresh ids, or a target that knows them would answer otherwise
			o.RunID = rand.Text()
			t.o.Completions.Kin = append(t.o.Completions.Kin, o.RunID)
			t.Plays = append(t.Plays, rounds.Play{
				Name: fmt.Sprintf("round%d-%s.rpr", round+1, strings.ReplaceAll(names[i].String(), " ", "-")), Which: fmt.Sprintf("round %d, %s", round+1, names[i]),
				Target: t.o.Target, Options: o,
			})
			t.of = append(t.of, names[i])
			t.Lasts += names[i].stretched(took)
		}
	}
	for i := range t.Plays {
		t.Plays[i].Done = t.o.Completions
	}
}

// stretched is how long a run takes that took so long as it was.
func (c Change) stretched(d time.Duration) time.Duration {
	if c == Slower {
		return 2 * d
	}
	return d
}

// String is the change's name, in names of files and in JSON.
func (c Change) String() string {
	return [...]string{"as it was", "serial senders", "shuffled", "recorded senders", "without kinds", "half the rate", "fresh ids", "other recipients", "new people", "the same people again"}[c]
}
