package compare

import (
	"iter"
	"slices"
	"sort"
	"strconv"

	"reprise/replay"
)

// shape is what several runs are judged by step by step: the steps of the first, as long as all others have the same.
type shape struct {
	steps []replay.PlannedStep
	known bool
}

// add takes in the plan of one more run.
func (s *shape) add(p *replay.Plan) {
	if !s.known {
		s.known = true
		if p != nil && len(p.Steps) > 1 {
			s.steps = p.Steps
		}
		return
	}
	if shapeOfBoth(&replay.Plan{Steps: s.steps}, p) == nil {
		s.steps = nil
	}
}

// at is the index of the step in which something was planned.
func (s *shape) at(intended int64) int {
	return max(sort.Search(len(s.steps), func(i int) bool { return int64(s.steps[i].Start) > intended })-1, 0)
}

// rowsOf are the rows that were planned in a step.
func (s *shape) rowsOf(rows []row, index int) iter.Seq[row] {
	return func(yield func(row) bool) {
		for i := range rows {
			if s.at(rows[i].intended) == index && !yield(rows[i]) {
				return
			}
		}
	}
}

// stepPairs are the joined pairs of one step.
type stepPairs struct {
	matrix Matrix
	failed failures
}

// join counts the pairs of two runs by step: those of which both halves were planned in it.
func (s *shape) join(a, b []row) []stepPairs {
	list := make([]stepPairs, len(s.steps))
	for len(list) > 0 && len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].key < b[0].key:
			a = a[1:]
		case b[0].key < a[0].key:
			b = b[1:]
		default:
			if i := s.at(a[0].intended); i == s.at(b[0].intended) {
				list[i].matrix[a[0].outcome][b[0].outcome]++
				list[i].failed.count(!a[0].outcome.OK(), !b[0].outcome.OK())
			}
			a, b = a[1:], b[1:]
		}
	}
	return list
}

// named are the steps without anything that was compared of them.
func (s *shape) named() (list []Step) {
	for i := range s.steps {
		list = append(list, Step{Number: i + 1, Called: s.steps[i].Name, Text: s.steps[i].Text})
	}
	return list
}

// stepRow is how the rows of a step are numbered beside those of kinds, and stepIndex the step's index of that; below 0 for a kind.
func stepRow(index int) int { return allKinds + 1 + index }
func stepIndex(row int) int { return row - allKinds - 1 }

// of is what a run says of a kind, of all, or of a step.
func (r *run) of(k int) *measured {
	if i := stepIndex(k); i >= 0 {
		return &r.steps[i]
	}
	return &r.kinds[k]
}

// statuses counts the answers of rows by HTTP status.
func statuses(rows iter.Seq[row]) map[string]int64 {
	var by [maxStatus + 1]int64
	for r := range rows {
		if r.answered() {
			by[r.status]++
		}
	}
	out := make(map[string]int64)
	for status, n := range by {
		if n > 0 {
			out[strconv.Itoa(status)] = n
		}
	}
	return out
}

// matrix is that of the pairs of a kind or a step, as far as there are pairs.
func (b *manyRuns) matrix(of *[kinds + 1]Matrix, k int) Matrix {
	if i := stepIndex(k); i >= 0 {
		if i < len(b.pairs) {
			return b.pairs[i].matrix
		}
		return Matrix{}
	}
	return of[k]
}

// failed are their failures.
func (b *manyRuns) failed(of *[kinds + 1]failures, k int) failures {
	if i := stepIndex(k); i >= 0 {
		return b.pairs[i].failed
	}
	return of[k]
}

// addPairs sums the pairs of rounds by step.
func addPairs(sum, more []stepPairs) []stepPairs {
	if len(sum) == 0 {
		return slices.Clone(more)
	}
	for i := range min(len(sum), len(more)) {
		sum[i].matrix.add(&more[i].matrix)
		sum[i].failed.plus(more[i].failed, 1)
	}
	return sum
}

// ProfileStep says which step of a shape it is.
type ProfileStep struct {
	Called string `json:"called,omitempty"`
	Text   string `json:"text"`
}

// profileSteps are the steps of a shape as a baseline has them.
func (s *shape) profileSteps() (list []ProfileStep) {
	for _, p := range s.steps {
		list = append(list, ProfileStep{p.Name, p.Text})
	}
	return list
}

// shapeOf is the shape of a run that is held against the baseline: nothing where the baseline does not have its steps.
func (p *Profile) shapeOf(plan *replay.Plan) (s shape) {
	if s.add(plan); len(s.steps) != len(p.Steps) {
		s.steps = nil
	}
	return s
}

// withoutSteps says that the baseline is of a time when none had steps; nothing where there are none to judge.
func (p *Profile) withoutSteps(plan *replay.Plan) []Reason {
	if plan == nil || len(plan.Steps) < 2 || len(p.Steps) > 0 {
		return nil
	}
	return []Reason{{What: "no_steps", Text: "the baseline has no figures by step, so that steps are not judged: make it again from its run files."}}
}

// stepsPossible says whether a baseline's steps can be those of its runs.
func (p *Profile) stepsPossible() bool {
	return len(p.Steps) != 1 && len(p.Steps) <= replay.MaxSteps &&
		!slices.ContainsFunc(p.Runs, func(r ProfileRun) bool {
			return len(r.Steps) != len(p.Steps) || slices.ContainsFunc(r.Steps, func(k ProfileKind) bool { return !k.possible() })
		})
}
