package compare

import (
	"testing"
	"time"

	"reprise/replay"
)

// inSteps plays four steps of half a minute; the given one, from 1, takes so many times as long.
func inSteps(w weather, planSeed, seed uint64, slow int, times float64) *fake {
	f := w.play(planSeed, seed)
	plan := &replay.Plan{Duration: w.length}
	for i := range 4 {
		plan.Steps = append(plan.Steps, replay.PlannedStep{Text: "30s at 1x", Start: time.Duration(i) * w.length / 4, Duration: w.length / 4})
	}
	plan.Steps[2].Name = "rush"
	for i := range f.rows {
		r := &f.rows[i]
		number, _ := plan.StepAt(r.Intended)
		if r.Step = uint16(number); number == slow {
			r.Done = r.Sent + time.Duration(float64(r.Done-r.Sent)*times)
		}
	}
	f.header.Plan = plan
	return f
}

func halfMinutes() weather {
	return weather{requests: 8000, length: 2 * time.Minute, base: 20 * time.Millisecond, drift: 0.05, lasting: 500 * time.Millisecond, offset: 0.01}
}

// TestStepThatRegressedAlone holds that a step that became slower is found and named, and no other.
func TestStepThatRegressedAlone(t *testing.T) {
	for i := range uint64(10) {
		c := runs(t, inSteps(halfMinutes(), i, 2*i+1, 0, 0), inSteps(halfMinutes(), i, 2*i+2, 3, 1.8))
		if c.Verdict != Regressed || len(c.Steps) != 4 {
			t.Fatalf("seed %d: %s of %d steps, want a regression in 4", i, c.Verdict, len(c.Steps))
		}
		for _, s := range c.Steps {
			for _, l := range s.Latency {
				if found := l.Verdict == Regressed; l.Judged && found != (s.Number == 3) {
					t.Errorf("seed %d: %s %s: %s (%s), %v to %v", i, s.Name, l.Metric, l.Verdict, l.Why, l.Base, l.Candidate)
				}
			}
			if n := s.Status.Pairs(); n < 1500 || n > 2500 {
				t.Errorf("seed %d: %s has %d pairs", i, s.Name, n)
			}
		}
		covers := c.StepCovers()
		if len(covers) != 1 || covers[0].Scope != AloneKind || covers[0].Kinds[0] != "step 3 (rush)" || !covers[0].Whole {
			t.Errorf("seed %d: %+v", i, covers)
		}
	}
}

// TestEqualSteps holds that two runs of one build are never told to differ in a step, also where a server stalls now and then.
func TestEqualSteps(t *testing.T) {
	stalls := halfMinutes()
	stalls.stall, stalls.every = 300*time.Millisecond, 20*time.Second
	for i, w := range []weather{halfMinutes(), stalls} {
		for seed := range uint64(10) {
			c := runs(t, inSteps(w, seed, 2*seed+101, 0, 0), inSteps(w, seed, 2*seed+102, 0, 0))
			if c.Verdict != Equivalent && c.Verdict != Inconclusive || len(c.StepCovers()) > 0 || i == 0 && c.Verdict != Equivalent {
				t.Errorf("weather %d, seed %d: %s: %+v", i, seed, c.Verdict, c.StepCovers())
			}
		}
	}
}

// TestStepsOfOtherShapes holds that steps are compared where both runs have the same ones, and several.
func TestStepsOfOtherShapes(t *testing.T) {
	w := halfMinutes()
	w.requests = 1000
	for name, change := range map[string]func(*replay.Plan){
		"one step": func(p *replay.Plan) { p.Steps = p.Steps[:1] },
		"none":     func(p *replay.Plan) { p.Steps = nil },
		"moved":    func(p *replay.Plan) { p.Steps[1].Start++ },
	} {
		a, b := inSteps(w, 1, 1, 0, 0), inSteps(w, 1, 2, 0, 0)
		change(b.header.Plan)
		if c := runs(t, a, b); c.Steps != nil {
			t.Errorf("%s: %d steps were compared", name, len(c.Steps))
		}
	}
	plan := &replay.Plan{Steps: []replay.PlannedStep{{}}}
	if got := shapeOfBoth(plan, plan); got != nil {
		t.Errorf("a single step is the whole run: %v", got)
	}
}

// TestOneStepOfWhichThereIsEnough holds that a step that changed is told of also where nothing is known of the others.
func TestOneStepOfWhichThereIsEnough(t *testing.T) {
	row := func(v Verdict, w Why) []Latency {
		list := make([]Latency, len4)
		for i := range list {
			list[i] = Latency{Metric: quantiles()[i].name, Base: 20e6, Candidate: 40e6, Difference: 20e6, Change: 1, Judged: true, Verdict: v, Why: w}
		}
		return list
	}
	c := &Comparison{All: Kind{Name: "all", Latency: row(Regressed, Beyond)}, Steps: []Step{
		{Number: 1, Kind: Kind{Name: "step 1", Latency: row(Inconclusive, TooFew)}}, {Number: 2, Kind: Kind{Name: "step 2", Latency: row(Regressed, Beyond)}},
	}}
	if got := c.StepCovers(); len(got) != 1 || got[0].Scope != OnlyKind || got[0].Kinds[0] != "step 2" {
		t.Errorf("%+v", got)
	}
}
