package compare

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"reprise/replay"
)

// Step compares what was planned within one step of a shaped run, as a run of that length would be: it is cut into blocks of its own. What
// was sent again counts where it was due.
type Step struct {
	// Number counts from 1. Called is what the user calls the step, and Text the step as it was written.
	Number int    `json:"step"`
	Called string `json:"called,omitempty"`
	Text   string `json:"text"`
	// Kind's name is "step 3", or "step 3 (rush)".
	Kind
}

// steps compares each step of two runs of one shape; nothing where there are not several, or where the shapes differ. Its rows are judged
// as those of kinds are, and count as these do.
func (j *pairJudge) steps(ctx context.Context, b, c *loaded) (list []Step, err error) {
	planned := shapeOfBoth(b.plan, c.plan)
	for i := range planned {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		until := time.Duration(math.MaxInt64)
		if i+1 < len(planned) {
			until = planned[i+1].Start
		}
		cut, some := cutStep(b.rows, c.rows, planned[i].Start, until)
		if !some {
			continue
		}
		one := newPairJudge(cut, j.seed, b.rows, c.rows)
		one.lagged, one.buffers = j.lagged, j.buffers
		s := Step{Number: i + 1, Called: planned[i].Name, Text: planned[i].Text}
		s.Kind = one.kind(allKinds, nameOfStep(s.Number, s.Called), join(b.rows, c.rows, cut, nil))
		j.buffers = one.buffers
		list = append(list, s)
	}
	return list, nil
}

// shapeOfBoth are the steps of two plans, where they are several and the same.
func shapeOfBoth(b, c *replay.Plan) []replay.PlannedStep {
	if b == nil || c == nil || len(b.Steps) < 2 || !slices.EqualFunc(b.Steps, c.Steps, func(x, y replay.PlannedStep) bool { return x.Start == y.Start }) {
		return nil
	}
	return b.Steps
}

// nameOfStep is what a step is called in tables and sentences.
func nameOfStep(number int, name string) string {
	if name == "" {
		return fmt.Sprintf("step %d", number)
	}
	return fmt.Sprintf("step %d (%s)", number, name)
}

// stepKinds are the rows of the steps.
func stepKinds(steps []Step) (list []Kind) {
	for i := range steps {
		list = append(list, steps[i].Kind)
	}
	return list
}

// StepKinds are what was compared of each step, to be shown as kinds are.
func (c *Comparison) StepKinds() []Kind { return stepKinds(c.Steps) }

// StepKinds is that of completions.
func (c *Completions) StepKinds() []Kind { return stepKinds(c.Steps) }

// StepCovers sums up the rows of steps that changed, as Covers does those of kinds: its kinds are steps.
func (c *Comparison) StepCovers() []Cover { return covers(new(Kind), stepKinds(c.Steps)) }

// StepCovers is that of completions.
func (c *Completions) StepCovers() []Cover { return covers(new(Kind), stepKinds(c.Steps)) }
