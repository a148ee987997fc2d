package cause

import (
	"slices"
	"sort"
	"time"
)

// StepSpan is a step of a shaped run: it lasts until the next one begins.
type StepSpan struct {
	// Number counts from 1; Called is what the user calls it.
	Number int
	Called string
	From   time.Duration
}

// StepShare is how many of a finding's requests that were slow, failed or were not completed were due in a step.
type StepShare struct {
	StepSpan
	Requests int64
	Share    float64
}

// inSteps says in which steps the requests of a finding were that are worse than nearly all others; nil where the run has no steps.
func (s *search) inSteps(c *cause) (list []StepShare) {
	steps := s.table.Steps
	if len(steps) < 2 {
		return nil
	}
	counts, all := make([]int64, len(steps)), int64(0)
	limit := c.outcome.usual(c.in)
	for i, row := range c.outcome.rows {
		if !c.in[i] || !c.outcome.worse(i, row, limit) {
			continue
		}
		due := s.table.Intended[row]
		at := max(sort.Search(len(steps), func(k int) bool { return steps[k].From > due })-1, 0)
		counts[at]++
		all++
	}
	for i, n := range counts {
		if n > 0 {
			list = append(list, StepShare{steps[i], n, float64(n) / float64(all)})
		}
	}
	return list
}

// usual is what nine of ten of the requests that are not in a group take at most; 0 where there are none, and of what is no time.
func (o *outcome) usual(in group) Micros {
	var values []Micros
	for i, row := range o.rows {
		if o.isTime() && !in[i] {
			if v := o.value(row); v != NoMicros {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	return quantile(values, 0.9)
}

// worse says whether a request took longer than usual, or failed.
func (o *outcome) worse(i int, row int32, usual Micros) bool {
	if !o.isTime() {
		return o.score[i] > 0
	}
	v := o.value(row)
	return v != NoMicros && v > usual
}
