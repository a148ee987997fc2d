package experiment

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
	"reprise/replay/cause"
	"reprise/replay/completed"
	"reprise/replay/explain"
	"reprise/replay/session"
)

// played is the table of a run of which every tenth request is of one kind; slow says with which probability one is slow.
func played(seed uint64, fails bool, slow func(i int, kind capture.Kind) float64) *cause.Table {
	random := rand.New(rand.NewPCG(seed, 1))
	b := cause.NewBuilder(cause.Options{Records: true})
	for i := range 2000 {
		kind := capture.Help
		if i%10 == 0 {
			kind = capture.Reaction
		}
		took := time.Duration(5+random.IntN(10)) * time.Millisecond
		status, failure := 200, ""
		if random.Float64() < slow(i, kind) {
			took *= 20
			if fails {
				status, failure = 500, "status 500"
			}
		}
		due := time.Duration(i) * 10 * time.Millisecond
		b.Add(&cause.Row{
			Seq: int64(i), Kind: kind, Intended: due, Sent: due, Done: due + took, Status: status, Failure: failure, InFlight: -1, Person: uint64(1 + i%7), Completed: cause.TruthOf(took < 100*time.Millisecond), Completion: took,
		})
	}
	return b.Table()
}

// finding is that reactions are slow.
func finding(m cause.Measure, try cause.Experiment) *cause.Finding {
	return &cause.Finding{
		Measure: m, Try: try, Where: []cause.Condition{{Attribute: cause.Kind, Values: []string{"reaction"}, From: math.NaN(), To: math.NaN()}},
	}
}

// TestJudge holds what a trial says of runs that are known.
func TestJudge(t *testing.T) {
	never := func(int, capture.Kind) float64 { return 0.01 }
	reactions := func(_ int, k capture.Kind) float64 {
		if k == capture.Reaction {
			return 0.8
		}
		return 0.02
	}
	all := func(int, capture.Kind) float64 { return 0.8 }
	partly := func(_ int, k capture.Kind) float64 {
		if k == capture.Reaction {
			return 0.4
		}
		return 0.02
	}
	for _, tc := range []struct {
		name             string
		measure          cause.Measure
		try              cause.Experiment
		control, changed func(int, capture.Kind) float64
		want             Verdict
	}{
		{"it goes away", cause.ServiceTime, cause.HalfRate, reactions, never, Confirmed},
		{"it stays", cause.ServiceTime, cause.HalfRate, reactions, reactions, Refuted},
		{"half of it stays", cause.ServiceTime, cause.HalfRate, reactions, partly, CannotTell},
		{"it goes away, as failures", cause.Failing, cause.HalfRate, reactions, never, Confirmed},
		{"it stays, as completions", cause.CompletionTime, cause.HalfRate, reactions, reactions, Refuted},
		{"it goes away, of what is never completed", cause.NeverCompleted, cause.HalfRate, reactions, never, Confirmed},
		{"the control does not show it", cause.ServiceTime, cause.HalfRate, never, never, NotSeen},
		{"all are slow in the control", cause.ServiceTime, cause.HalfRate, all, never, NotSeen},
		{"all ids are known by now", cause.Failing, cause.FreshIDs, all, never, Confirmed},
		{"fresh ids fail too", cause.Failing, cause.FreshIDs, all, all, NotSeen},
		{"all become slow", cause.ServiceTime, cause.HalfRate, reactions, all, Refuted},
		{"the kind is left out", cause.ServiceTime, cause.WithoutKind, reactions, never, Confirmed},
		{"a property stays", cause.ServiceTime, cause.NoExperiment, reactions, reactions, Confirmed},
		{"it is no property", cause.ServiceTime, cause.NoExperiment, reactions, never, Refuted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := finding(tc.measure, tc.try)
			o := Options{Corpus: "none", Target: "http://127.0.0.1:1", Session: session.Options{Identity: session.Identity{KeepIDs: true}}, Completions: completed.Files{Paths: []string{"none"}}}
			trial, err := Design(t.Context(), &explain.Why{Table: played(1, tc.measure == cause.Failing, reactions)}, f, o)
			if err != nil {
				t.Fatal(err)
			}
			runs := make(map[Change][]run)
			for i, c := range trial.of {
				slow := tc.changed
				if c == AsItWas {
					slow = tc.control
				}
				runs[c] = append(runs[c], trial.first.read(played(uint64(10+i), tc.measure == cause.Failing, slow), c))
			}
			var r Result
			trial.judge(&r, runs)
			if r.Verdict != tc.want {
				t.Errorf("it is %s, want %s: %+v", r.Verdict, tc.want, r)
			}
			for _, o := range append(r.Changed, r.Control) {
				if math.IsNaN(o.Left) || o.Low > o.Left || o.High < o.Left {
					t.Errorf("%s: %g is left, of %g to %g", o.Change, o.Left, o.Low, o.High)
				}
			}
		})
	}
}

// TestDesign holds which runs try a finding.
func TestDesign(t *testing.T) {
	slow := func(_ int, k capture.Kind) float64 {
		return map[bool]float64{true: 0.8, false: 0.01}[k == capture.Reaction]
	}
	why := &explain.Why{Table: played(1, false, slow)}
	base := Options{Corpus: "../session/testdata/minute.rpz", Target: "http://127.0.0.1:1"}
	same := finding(cause.ServiceTime, cause.WithoutKind)
	same.Same = [][]cause.Condition{{{Attribute: cause.Burst1s, From: 3, To: math.NaN()}}}
	few := finding(cause.ServiceTime, cause.HalfRate)
	few.Where[0].Values = []string{"help"}
	load := &cause.Finding{Where: []cause.Condition{{Attribute: cause.Burst1s, From: 3, To: math.NaN()}}}
	first := []cause.Condition{{Attribute: cause.Kind, Values: []string{"help"}}}
	span := &cause.Finding{Try: cause.SameAgain, Span: cause.Span{From: time.Second, To: 5 * time.Second}}
	for _, tc := range []struct {
		name string
		f    *cause.Finding
		want []Change
		err  error
	}{
		{"serial", finding(cause.Latency, cause.SerialSenders), []Change{AsItWas, Serial, Shuffled, Shuffled, Serial, AsItWas}, nil},
		{"half the rate", finding(cause.ServiceTime, cause.HalfRate), []Change{AsItWas, Slower, Slower, AsItWas}, nil},
		{"without", finding(cause.ServiceTime, cause.WithoutKind), []Change{AsItWas, Without, Without, AsItWas}, nil},
		{"a kind that may be a burst", same, []Change{AsItWas, Shuffled, Shuffled, AsItWas}, nil},
		{"the same again", span, []Change{AsItWas, AsItWas}, nil},
		{"no other senders", finding(cause.ServiceTime, cause.OtherSenders), nil, ErrNoOthers},
		{"no kept ids", finding(cause.ServiceTime, cause.FreshIDs), nil, ErrNoOthers},
		{"by hand", finding(cause.ServiceTime, cause.RestedTarget), nil, ErrByHand},
		{"a property", finding(cause.ServiceTime, cause.NoExperiment), []Change{AsItWas, Shuffled, Shuffled, AsItWas}, nil},
		{"nothing known", load, nil, ErrNothingToTry},
		{"a figure", &cause.Finding{Try: cause.SameAgain, Pattern: cause.FollowsFigure}, nil, ErrByHand},
		{"the first of a person", &cause.Finding{Try: cause.OtherSenders, Pattern: cause.FirstSeen, Where: first}, []Change{NewPeople, Known, NewPeople, Known}, nil},
		{"no completions", finding(cause.CompletionTime, cause.WithoutKind), nil, ErrNoCompletions},
	} {
		trial, err := Design(t.Context(), why, tc.f, base)
		if !errors.Is(err, tc.err) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.err)
		}
		if err == nil && !slices.Equal(trial.of, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, trial.of, tc.want)
		}
	}
	trial, err := Design(context.Background(), why, finding(cause.ServiceTime, cause.HalfRate), base)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Limit == 0 || trial.Limit > 1500 || trial.Lasts < 6*10*time.Millisecond*time.Duration(trial.Limit-1) || trial.Plays[0].Options.Limit != trial.Limit || trial.Plays[1].Options.TimeScale != 0.5 {
		t.Errorf("it plays %d requests in %v", trial.Limit, trial.Lasts)
	}
	empty := &explain.Why{Table: cause.NewBuilder(cause.Options{Records: true}).Table()}
	if _, err := Design(t.Context(), empty, finding(cause.ServiceTime, cause.HalfRate), base); !errors.Is(err, ErrTooFew) {
		t.Errorf("of an empty run: %v", err)
	}
}

// TestStrangers holds that each round has people of its own, who come again once they are known.
func TestStrangers(t *testing.T) {
	slow := func(i int, _ capture.Kind) float64 { return map[bool]float64{true: 0.9, false: 0.01}[i%10 == 0] }
	why := &explain.Why{Table: played(1, false, slow)}
	f := finding(cause.ServiceTime, cause.OtherSenders)
	f.Pattern = cause.FirstSeen
	o := Options{Corpus: "../session/testdata/minute.rpz", Target: "http://127.0.0.1:1", Rounds: 3}
	trial, err := Design(t.Context(), why, f, o)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	for i, p := range trial.Plays {
		list := p.Options.Senders
		if list == nil || list.Pairs || len(list.Entries) < 10 {
			t.Fatalf("run %d has the people %+v", i, list)
		}
		for _, e := range list.Entries {
			if number, class := sms.Canonical(e.To); number != e.To || class != sms.E164 || !sms.Wide().Contains(e.To) {
				t.Fatalf("run %d has a person who is no number of the pool", i)
			}
			if round, ok := seen[e.To]; ok != (i%2 == 1) || ok && round != i/2 {
				t.Fatalf("run %d, %s: a person of round %d (%t)", i, trial.of[i], round, ok)
			}
		}
		for _, e := range list.Entries {
			seen[e.To] = i / 2
		}
	}
	for _, tc := range []struct {
		name            string
		strange, common func(int, capture.Kind) float64
		want            Verdict
	}{
		{"new people are slow", slow, func(int, capture.Kind) float64 { return 0.01 }, Confirmed},
		{"known ones are slow too", slow, slow, Refuted},
		{"nobody is", func(int, capture.Kind) float64 { return 0.01 }, func(int, capture.Kind) float64 { return 0.01 }, NotSeen},
	} {
		runs := make(map[Change][]run)
		for i, c := range trial.of {
			runs[c] = append(runs[c], trial.first.read(played(uint64(20+i), false, map[Change]func(int, capture.Kind) float64{NewPeople: tc.strange, Known: tc.common}[c]), c))
		}
		var r Result
		if trial.judge(&r, runs); r.Verdict != tc.want || r.Control.Change != NewPeople {
			t.Errorf("%s: %s of %s, want %s", tc.name, r.Verdict, r.Control.Change, tc.want)
		}
	}
	o.Session.Senders = &numberfile.File{}
	if _, err := Design(t.Context(), why, f, o); !errors.Is(err, ErrByHand) {
		t.Errorf("with --senders: %v", err)
	}
}

// TestRepeats holds that what was done before is tried with people that the target does not know in every run, and is confirmed where it
// stays slow though nobody's requests wait for each other.
func TestRepeats(t *testing.T) {
	slow := func(i int, k capture.Kind) float64 {
		return map[bool]float64{true: 0.9, false: 0.01}[k == capture.Reaction]
	}
	never := func(int, capture.Kind) float64 { return 0.01 }
	f := finding(cause.ServiceTime, cause.SerialSenders)
	f.Pattern = cause.RepeatSlow
	trial, err := Design(t.Context(), &explain.Why{Table: played(1, false, slow)}, f, Options{Corpus: "../session/testdata/minute.rpz", Target: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []Change{NewPeople, Serial, NewPeople, Serial}; !slices.Equal(trial.of, want) {
		t.Errorf("it plays %v, want %v", trial.of, want)
	}
	seen := make(map[string]bool)
	for i, p := range trial.Plays {
		if serial := p.Options.PerSender == session.Serial; serial != (i%2 == 1) {
			t.Errorf("run %d has one request a person at a time: %t", i, serial)
		}
		for _, e := range p.Options.Senders.Entries {
			if seen[e.To] {
				t.Fatalf("run %d has a person that the target knows", i)
			}
			seen[e.To] = true
		}
	}
	for _, tc := range []struct {
		serial func(int, capture.Kind) float64
		want   Verdict
	}{{slow, Confirmed}, {never, Refuted}} {
		runs := make(map[Change][]run)
		for i, c := range trial.of {
			of := slow
			if c == Serial {
				of = tc.serial
			}
			runs[c] = append(runs[c], trial.first.read(played(uint64(30+i), false, of), c))
		}
		var r Result
		if trial.judge(&r, runs); r.Verdict != tc.want {
			t.Errorf("it is %s, want %s", r.Verdict, tc.want)
		}
	}
}

// TestTestable holds that what is offered to be tested can be designed, and what cannot be is not offered.
func TestTestable(t *testing.T) {
	why := &explain.Why{Table: played(1, false, func(_ int, k capture.Kind) float64 {
		return map[bool]float64{true: 0.8, false: 0.01}[k == capture.Reaction]
	})}
	for try := cause.NoExperiment; try <= cause.RestedTarget; try++ {
		for _, p := range []cause.Pattern{cause.Unexplained, cause.FirstSeen, cause.RepeatSlow, cause.FollowsFigure} {
			for i := range 8 {
				f := finding(cause.ServiceTime, try)
				f.Pattern = p
				given := Given{Senders: i&1 > 0, Recipients: i&2 > 0, KeepIDs: i&4 > 0}
				o := Options{Corpus: "../session/testdata/minute.rpz", Target: "http://127.0.0.1:1", Session: session.Options{Identity: session.Identity{KeepIDs: given.KeepIDs}}}
				if given.Senders {
					o.Session.Senders = &numberfile.File{}
				}
				if given.Recipients {
					o.Session.Recipients = &numberfile.File{Pairs: true}
				}
				if _, err := Design(t.Context(), why, f, o); (err == nil) != Testable(f, given) {
					t.Errorf("experiment %d of pattern %d, %+v: %v, and testable: %t", try, p, given, err, Testable(f, given))
				}
			}
		}
	}
}

// TestAgain holds that a change over time is searched anew: it need not come at the same moment.
func TestAgain(t *testing.T) {
	stalled := func(i int, _ capture.Kind) float64 {
		return map[bool]float64{true: 1, false: 0.001}[i > 1200 && i < 1300]
	}
	healthy := func(int, capture.Kind) float64 { return 0.001 }
	report, err := cause.Search(t.Context(), played(1, false, stalled), cause.Limits{})
	if err != nil || len(report.Findings) == 0 {
		t.Fatalf("no cause was found: %v", err)
	}
	trial := &Trial{Finding: report.Findings[0]}
	for _, tc := range []struct {
		slow func(int, capture.Kind) float64
		want int
	}{
		{func(i int, k capture.Kind) float64 { return stalled(i+500, k) }, 1}, {healthy, 0},
	} {
		got, err := trial.foundIn(t.Context(), played(2, false, tc.slow))
		if err != nil || got != tc.want {
			t.Errorf("found %d times (%v), want %d", got, err, tc.want)
		}
	}
	for _, tc := range []struct {
		found, all int
		want       Verdict
	}{{0, 0, NotSeen}, {0, 2, NotSeen}, {1, 2, CannotTell}, {2, 2, Confirmed}} {
		if got := again(tc.found, tc.all); got != tc.want {
			t.Errorf("found in %d of %d: %s, want %s", tc.found, tc.all, got, tc.want)
		}
	}
}
