package compare

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestLimitsAreThosePublished holds the limits against those that others print for what they spend: the tests of R's package rpact
// (3.0: Kim and DeMets's power 2.2, a line, steps of the user's own, and O'Brien and Fleming's function).
func TestLimitsAreThosePublished(t *testing.T) {
	power := func(level, power float64, shares ...float64) (list []float64) {
		for _, s := range shares {
			list = append(list, spent(level, s, power))
		}
		return list
	}
	for _, tc := range []struct {
		name                string
		shares, spent, want []float64
		tails               []float64
	}{
		{
			"power 2.2",
			[]float64{0.3, 0.7, 1},
			power(0.03, 2.2, 0.3, 0.7, 1),
			[]float64{2.8594012, 2.2435708, 1.9735737},
			[]float64{0.0021222083, 0.012430015, 0.02421512},
		},
		{
			"a line",
			[]float64{0.2, 0.4, 1},
			power(0.03, 1, 0.2, 0.4, 1),
			[]float64{2.5121443, 2.4228747, 2.0280392},
			[]float64{0.006, 0.0076991189, 0.021278125},
		},
		{
			"steps",
			[]float64{0.25, 0.5, 0.75, 1},
			[]float64{0.01, 0.02, 0.03, 0.05},
			[]float64{2.3263479, 2.2192994, 2.1201347, 1.8189562},
			[]float64{0.01, 0.01323318, 0.016997342, 0.034459058},
		},
		{
			"O'Brien and Fleming",
			[]float64{1. / 3, 2. / 3, 1},
			[]float64{0.00017079385, 0.0078650906, 0.03},
			[]float64{3.5815302, 2.417863, 1.9175839},
			[]float64{0.00017079385, 0.0078059773, 0.027581894},
		},
	} {
		for i, z := range limits(tc.shares, tc.spent) {
			if math.Abs(z-tc.want[i]) > 1e-6 || math.Abs(distuv.UnitNormal.Survival(z)-tc.tails[i]) > 1e-6 {
				t.Errorf("%s: look %d is at %.7f, want %.7f", tc.name, i+1, z, tc.want[i])
			}
		}
	}
	if got := power(0.03, 2.2, 0.3, 0.7); math.Abs(got[0]-0.0021222083) > 1e-9 || math.Abs(got[1]-0.013687904) > 1e-8 {
		t.Errorf("power 2.2 spends %v", got)
	}
}

// TestLimitsAreThoseOfAnotherWay holds them against testdata/spending.py, for plans that reprise is given.
func TestLimitsAreThoseOfAnotherWay(t *testing.T) {
	text, err := os.ReadFile("testdata/spending.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		First, Most  int
		Total, Power float64
		Spent, Tails []float64
	}
	if err := json.Unmarshal(text, &golden); err != nil || len(golden) == 0 {
		t.Fatal(err, len(golden))
	}
	for _, g := range golden {
		shares := make([]float64, len(g.Spent))
		for i := range shares {
			shares[i] = float64(g.First+i) / float64(g.Most)
			if got := spent(g.Total, shares[i], g.Power); !near(got, g.Spent[i]) {
				t.Errorf("%d of %d rounds spend %v, want %v", g.First+i, g.Most, got, g.Spent[i])
			}
		}
		for i, z := range limits(shares, g.Spent) {
			if got := distuv.UnitNormal.Survival(z); math.Abs(got-g.Tails[i]) > 1e-7 {
				t.Errorf("round %d of %d: tail %v, want %v", g.First+i, g.Most, got, g.Tails[i])
			}
		}
	}
}

// TestLevels holds for all plans that what the looks spend comes to the level and never beyond, and that nothing is spent on one round.
func TestLevels(t *testing.T) {
	if got := (Looks{}).levels(); len(got) != 0 {
		t.Errorf("no plan has levels %v", got)
	}
	for _, tc := range []struct {
		plan  Looks
		looks int
	}{
		{Looks{3, 7}, 5},
		{Looks{1, 2}, 1},
		{Looks{1, 4}, 3},
		{Looks{2, 4}, 3},
		{Looks{5, 5 + MostMoreRounds}, MostMoreRounds + 1},
	} {
		list := tc.plan.levels()
		if len(list) != tc.looks {
			t.Fatalf("%v: %d looks, want %d", tc.plan, len(list), tc.looks)
		}
		sum := 0.0
		for i, l := range list {
			sum += l.change
			if l.look != i+1 || l.change <= 0 || l.same <= 0 || l.same > Level+1e-9 || !near(l.spent, sum) {
				t.Errorf("%v: look %d is %+v after %v", tc.plan, i+1, l, sum)
			}
		}
		if !near(sum, LevelOfLooks) {
			t.Errorf("%v: %v is spent, want %v", tc.plan, sum, LevelOfLooks)
		}
	}
}

// TestRoundsJudgedInPlan holds that rounds are judged at the levels of their plan, and at today's where there is none, and that what
// was not planned is an error.
func TestRoundsJudgedInPlan(t *testing.T) {
	w := loud(0)
	w.requests = 600
	judged := func(plan Looks, rounds int) (*Comparison, error) {
		s := NewRounds(Options{Looks: plan})
		for i := range uint64(rounds) {
			if err := s.Add(context.Background(), w.play(1, 2*i+7), w.play(1, 2*i+8)); err != nil {
				t.Fatal(err)
			}
		}
		return s.Comparison()
	}
	for _, tc := range []struct {
		plan         Looks
		rounds, look int
		spent        float64
	}{
		{Looks{}, 3, 0, 0},
		{Looks{1, 3}, 1, 0, 0},
		{Looks{2, 4}, 2, 1, LevelOfLooks / 16},
		{Looks{2, 4}, 4, 3, LevelOfLooks},
	} {
		c, err := judged(tc.plan, tc.rounds)
		if err != nil {
			t.Fatal(err)
		}
		l := c.Method.Looks
		if (l == nil) != (tc.plan == Looks{}) {
			t.Fatalf("%v: looks %+v", tc.plan, l)
		}
		if l != nil && (l.Look != tc.look || l.MostRounds != tc.plan.Most || !near(l.Spent, tc.spent)) {
			t.Errorf("%v: %+v", tc.plan, *l)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Errorf("%v, %d rounds: %v", tc.plan, tc.rounds, err)
		}
	}
	for _, rounds := range []int{1, 4} {
		if _, err := judged(Looks{2, 3}, rounds); err == nil {
			t.Errorf("%d rounds were judged, planned were 2 to 3", rounds)
		}
	}
}

// TestMoreMayTell holds that more rounds are worth playing where an interval lies across its floor, also of completions, and not where
// each run has too few requests.
func TestMoreMayTell(t *testing.T) {
	kind := func(latency, errors Why) Kind {
		return Kind{Latency: []Latency{{Why: latency}}, Errors: Errors{Why: errors}}
	}
	for _, tc := range []struct {
		name    string
		verdict Verdict
		kind    Kind
		done    *Completions
		want    bool
	}{
		{"across", Inconclusive, kind(Across, Within), nil, true},
		{"noise", Inconclusive, kind(TooNoisy, Within), nil, true},
		{"one round", Inconclusive, kind(TooFewRounds, TooFewRounds), nil, true},
		{"too few requests in all rounds", Inconclusive, kind(TooFew, TooFew), nil, false},
		{"requests that all rounds have", Inconclusive, Kind{Errors: Errors{Why: TooFew, Pairs: minErrorPairs/2 + 1}}, nil, true},
		{"a failure more", Inconclusive, Kind{Errors: Errors{Why: TooFew, Pairs: 60, CandidateFailed: 1}}, nil, true},
		{"too few answers a run", Inconclusive, kind(TooFew, Within), nil, false},
		{"no answers", Inconclusive, kind(NoValues, NoValues), nil, false},
		{"completions across", Inconclusive, kind(Within, Within), &Completions{All: kind(Across, Within)}, true},
		{"completions of a kind", Inconclusive, kind(Within, Within), &Completions{Kinds: []Kind{kind(Across, Within)}}, true},
		{"decided", Regressed, kind(Across, Beyond), nil, false},
	} {
		c := Comparison{Verdict: tc.verdict, Kinds: []Kind{tc.kind}, Completion: tc.done, Method: Method{Rounds: 3, Looks: &LooksUsed{MostRounds: 6}}}
		if got := c.MoreMayTell(); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// TestLagIsPlayedOn holds that runs which are invalid by lag alone are played on where a row is undecided, and not where the tool fell
// short in another way.
func TestLagIsPlayedOn(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults faults
		why    Why
		want   bool
	}{
		{"lag, and a row across its floor", faults{lag: true}, Across, true},
		{"lag that hides all", faults{lag: true}, LagTooLarge, false},
		{"lag, and equal", faults{lag: true}, NotFaithful, false},
		{"another fault", faults{lag: true, other: true}, Across, false},
	} {
		c := Comparison{faults: tc.faults, Doubts: []Reason{{What: "unfaithful"}}}
		c.All.Latency = []Latency{{Judged: true, Verdict: Inconclusive, Why: tc.why, Bound: new(Bound)}}
		if c.conclude(); c.Verdict != Invalid || c.MoreMayTell() != tc.want {
			t.Errorf("%s: %s, play on %v", tc.name, c.Verdict, c.MoreMayTell())
		}
		answered := Comparison{Verdict: Equivalent} // as c is of completions
		if answered.AddCompletions(&c); answered.Verdict != Invalid || answered.MoreMayTell() != tc.want {
			t.Errorf("%s, of completions: %s, play on %v", tc.name, answered.Verdict, answered.MoreMayTell())
		}
	}
}
