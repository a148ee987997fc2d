package report

import (
	"fmt"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/results"
)

// mostNamedSteps is how many steps of a search are named by their numbers in a sentence.
const mostNamedSteps = 5

// searchHeldUp says of a search which steps count for nothing, as the tool was late in them, or in what step that counts it was; "" where there
// is neither.
func searchHeldUp(s *results.Summary) string {
	c, n := s.Capacity, notJudged(s.Capacity)
	switch {
	case n == 0 && heldNotFaithful(s):
		return "tool limits: none. Requests left late in a step that held, but did not move its curve by more than is allowed."
	case n == 0:
		return ""
	case n == len(c.Steps):
		return fmt.Sprintf("tool limits: not known, as no step is judged: the tool was late in %s.", stepsNotJudged(c))
	}
	return fmt.Sprintf("tool limits: none in the steps that are judged. The tool was late in %s%s for nothing.", stepsNotJudged(c), wording.Choose(n, ", which counts", ", which count"))
}

// briefSearchTool is the same in a few words; "" where all steps count.
func briefSearchTool(c *results.Capacity) string {
	switch n := notJudged(c); {
	case n == 0:
		return ""
	case n == len(c.Steps):
		return "not known, as no step is judged"
	}
	return "none in the steps that are judged"
}

// stepsNotJudged is "step 6" or "steps 6 and 8"; of many it is how many there are.
func stepsNotJudged(c *results.Capacity) string {
	var numbers []string
	for i := range c.Steps {
		if s := &c.Steps[i]; s.NotJudged != "" {
			numbers = append(numbers, fmt.Sprint(s.Number))
		}
	}
	n := len(numbers)
	if n > mostNamedSteps {
		return wording.Count(n, "step")
	}
	return wording.Choose(n, "step ", "steps ") + listed(numbers)
}

// notJudged counts the steps that count for nothing, as the tool was late in them.
func notJudged(c *results.Capacity) (n int) {
	if c == nil {
		return 0
	}
	for i := range c.Steps {
		if c.Steps[i].NotJudged != "" {
			n++
		}
	}
	return n
}

// searchedStep says whether a step of a search held, as the table of what was found does, and what keeps it from being faithful: a step may
// count whose lag was beyond its limit.
func searchedStep(s *results.Step, c *results.Capacity) string {
	i := slices.IndexFunc(c.Steps, func(x results.CapacityStep) bool { return x.Number == s.Number })
	switch {
	case i >= 0 && c.Steps[i].NotJudged != "":
		return "not judged: the tool was late"
	case s.Broke != "":
		return "broke: " + s.Broke
	case i < 0:
		return dash
	case !c.Steps[i].Held:
		return "stopped"
	case s.Verdict.Faithful:
		return "yes"
	}
	return "yes, not faithful" + shortOf(s)
}

// shortOf names the limits that a step is beyond, as in " (lag)".
func shortOf(s *results.Step) string {
	var names []string
	for _, l := range s.Verdict.Limits {
		if l.Whose != results.Target && !slices.Contains(names, l.What) {
			names = append(names, l.What)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// heldNotFaithful says that a step held in which the tool was late by more than a faithful run may be.
func heldNotFaithful(s *results.Summary) bool {
	return s.Capacity != nil && slices.ContainsFunc(s.Steps, func(step results.Step) bool {
		return strings.HasPrefix(searchedStep(&step, s.Capacity), "yes, ")
	})
}

// heldNotFaithfulNote says by what a step of a search is judged.
const heldNotFaithfulNote = "A step that held counts as long as lag did not move its curve by more than is allowed and nothing was dropped: single requests may have left late, so that it is not faithful. Their lateness is part of the latency that held."
