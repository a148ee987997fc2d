package results

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"reprise/replay"
)

// stepPrefix is what a condition on one step begins with, and what is left of it: "step3.p99<250ms".
var stepPrefix = regexp.MustCompile(`^\s*([A-Za-z0-9_-]+)\s*\.(.+)$`)

// parseStepped reads a condition on the whole run or, where it is none, on one of its steps.
func parseStepped(part string) (Expectation, error) {
	x, err := parseCondition(part)
	if err == nil {
		return x, nil
	}
	m := stepPrefix.FindStringSubmatch(part)
	if m == nil {
		return x, err
	}
	of, cause := parseCondition(strings.TrimSpace(m[2]))
	if cause == nil {
		of.text, of.step = part, m[1]
		return of, nil
	}
	if stepNumber(m[1]) > 0 { // nothing else is called so
		return of, fmt.Errorf("of %s: %w", m[1], cause)
	}
	return x, err
}

// stepNumber is the number in "step3"; 0 where that is no such name.
func stepNumber(name string) int {
	if len(name) < 5 || !strings.EqualFold(name[:4], "step") {
		return 0
	}
	n, err := strconv.ParseUint(name[4:], 10, 16)
	if err != nil {
		return 0
	}
	return int(n)
}

// called says whether a step is called by a name: its own, or "step" and its number.
func called(name string, number int, as string) bool {
	return name != "" && strings.EqualFold(name, as) || stepNumber(as) == number
}

// stepOf is the step that is called so; nil where there is none.
func (s *Summary) stepOf(name string) *Step {
	for i := range s.Steps {
		if called(s.Steps[i].Name, s.Steps[i].Number, name) {
			return &s.Steps[i]
		}
	}
	return nil
}

// CheckSteps says whether each condition on a step names one of those that are planned. How many steps a search will have no plan knows: they
// are called by their numbers alone.
func CheckSteps(list []Expectation, planned []replay.PlannedStep, search bool) error {
	var steps []Step
	for i, p := range planned {
		steps = append(steps, Step{Number: i + 1, Name: p.Name})
	}
	s := Summary{Steps: steps}
	for _, x := range list {
		switch {
		case x.step == "" || s.stepOf(x.step) != nil:
		case search && stepNumber(x.step) > 0:
		case search:
			return fmt.Errorf("condition %q: the steps of a search have no names: name them by number, as in step3.p99<250ms", shorten(x.text))
		case len(steps) == 0:
			return fmt.Errorf("condition %q: the run has no steps, as it has no shape", shorten(x.text))
		default:
			return fmt.Errorf("condition %q: no step is called %s: %s", shorten(x.text), shorten(x.step), namesOfSteps(steps))
		}
	}
	return nil
}

// namesOfSteps says which steps there are, the first ten.
func namesOfSteps(steps []Step) string {
	const most = 10
	if len(steps) == 0 {
		return "the run has no steps"
	}
	var names []string
	for i := range steps[:min(len(steps), most)] {
		name := "step" + strconv.Itoa(steps[i].Number)
		if steps[i].Name != "" {
			name += " (" + steps[i].Name + ")"
		}
		names = append(names, name)
	}
	if more := len(steps) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return "there are " + strings.Join(names, ", ")
}
