package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"reprise/replay"
)

// truth is what a simulated candidate really differs by, and how its rounds vary.
type truth struct {
	name string
	// change is that of p50, p90 and p95, tail that of p99; of all kinds, or of the first alone.
	change, tail float64
	oneKind      bool
	// oneRow says that one quantile of one kind alone has changed.
	oneRow bool
	// shared is how much of a round's variance all rows have in common: 0 where each varies by itself, 1 where all vary alike.
	shared float64
	// steps is how many steps are judged beside the kinds; what is true of all rows is true of them.
	steps int
}

// simulatedRounds are rounds of the 24 tests of a usual table: 6 kinds with 4 quantiles. The logarithm of candidate over base varies
// from round to round with a standard deviation of 2 %.
type simulatedRounds struct {
	rng   *rand.Rand
	truth truth
}

const roundNoise = 0.02

func (s *simulatedRounds) round() (base, candidate *run) {
	base, candidate = new(run), new(run)
	common := s.rng.NormFloat64() * math.Sqrt(s.truth.shared)
	base.steps, candidate.steps = make([]measured, s.truth.steps), make([]measured, s.truth.steps)
	for k := range 6 + s.truth.steps {
		row := k
		if k >= 6 {
			row = stepRow(k - 6)
		}
		b, c := base.of(row), candidate.of(row)
		b.answers, c.answers = 10_000, 10_000
		b.sent = 10_000 // of the base alone: without requests of both, failures are not judged, and 24 tests are left
		for m, q := range quantiles() {
			at, change := 40e6, s.truth.change
			if q.name == "p99" {
				at, change = 100e6, s.truth.tail
			}
			if s.truth.oneKind && k > 0 || s.truth.oneRow && k+m > 0 {
				change = 0
			}
			noise := roundNoise * (common + s.rng.NormFloat64()*math.Sqrt(1-s.truth.shared))
			b.at[m], c.at[m] = int64(at), int64(at*math.Exp(math.Log1p(change)+noise))
		}
	}
	return base, candidate
}

// ends counts how sequences of rounds ended.
type ends struct {
	verdicts          map[Verdict]int
	rounds, sequences int
}

// percent is the share of sequences that ended with a verdict.
func (e ends) percent(v Verdict) float64 { return 100 * float64(e.verdicts[v]) / float64(e.sequences) }

func (e ends) average() float64 { return float64(e.rounds) / float64(e.sequences) }

// sequences plays so many sequences, each judged by Rounds as the plan says until it is decided. The levels are those of each look.
func sequences(tb testing.TB, n int, of truth, plan Looks, levels []level) ends {
	tb.Helper()
	out := ends{verdicts: make(map[Verdict]int), sequences: n}
	for i := range uint64(n) {
		s := simulatedRounds{rand.New(rand.NewPCG(i, 17)), of}
		r := &Rounds{opt: Options{Looks: plan}, levels: levels, steps: make([]stepPairs, of.steps)}
		r.shape.steps = make([]replay.PlannedStep, of.steps)
		for {
			base, candidate := s.round()
			r.base, r.cand, r.spoiled = append(r.base, base), append(r.cand, candidate), append(r.spoiled, nil)
			if len(r.base) < plan.First {
				continue
			}
			c, err := r.Comparison()
			if err != nil {
				tb.Fatal(err)
			}
			if c.Verdict != Inconclusive || len(r.base) == plan.Most {
				out.verdicts[c.Verdict]++
				out.rounds += len(r.base)
				break
			}
		}
	}
	return out
}

// usualPlan is --rounds 3 --confirm 4, and unadjusted what its looks would be without a rule.
func usualPlan() Looks { return Looks{First: 3, Most: 7} }

func unadjusted() []level { return []level{oneLook(), oneLook(), oneLook(), oneLook(), oneLook()} }

// fixed is --rounds N.
func fixed(rounds int) (Looks, []level) {
	return Looks{First: rounds, Most: rounds}, []level{oneLook()}
}

// TestConfirmKeepsTheFalseAlarms plays candidates that are as slow as the floors, in all rows, with all rows' noise alike: which is
// hardest for the rule. Looking until something is found, without one, calls three times as many regressed.
func TestConfirmKeepsTheFalseAlarms(t *testing.T) {
	unlessShort(t)
	const n = 2000
	floor := truth{change: RoundsFloorChange, tail: RoundsFloorTail, shared: 1}
	plan := usualPlan()
	got, without := sequences(t, n, floor, plan, plan.levels()), sequences(t, n, floor, plan, unadjusted())
	const most = 6.5 // 5.1 % of 10,000 are
	if a := got.percent(Regressed); a > most {
		t.Errorf("%.1f %% of %d sequences regressed at the floor", a, n)
	}
	if a := without.percent(Regressed); a <= most {
		t.Errorf("without a rule %.1f %% regressed: the test shows nothing", a)
	}
	t.Logf("regressed at the floor: %.1f %%, without a rule %.1f %%", got.percent(Regressed), without.percent(Regressed))
}

// TestConfirmFinds plays candidates that are slower than the floors, and two that are the same.
func TestConfirmFinds(t *testing.T) {
	unlessShort(t)
	const n = 500
	plan := usualPlan()
	for _, tc := range []struct {
		truth
		want   Verdict
		least  float64 // percent of the sequences
		rounds float64 // at most, on average
	}{
		{truth{name: "+20 %", change: 0.20, tail: 0.20}, Regressed, 100, 3.1},
		{truth{name: "+20 %, noise alike", change: 0.20, tail: 0.20, shared: 1}, Regressed, 100, 3.2},
		{truth{name: "-17 %", change: -0.17, tail: -0.17}, Improved, 100, 3.2},
		{truth{name: "+10 %", change: 0.10, tail: 0.10}, Regressed, 100, 4.2},
		{truth{name: "the same"}, Equivalent, 97, 5},
	} {
		got := sequences(t, n, tc.truth, plan, plan.levels())
		if got.percent(tc.want) < tc.least || got.average() > tc.rounds {
			t.Errorf("%s: %v after %.2f rounds, want %v %% %s after %v", tc.name, got.verdicts, got.average(), tc.least, tc.want, tc.rounds)
		}
		if wrong := got.verdicts[Regressed]; tc.want != Regressed && wrong > 0 {
			t.Errorf("%s: %d regressed", tc.name, wrong)
		}
	}
}
