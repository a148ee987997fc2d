package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/results"
)

// labelled is what a line of a brief summary says.
type labelled = struct {
	label   string
	clauses []string
}

// stepsLine tells of the steps of a shaped run, or of what a search found.
func stepsLine(s *results.Summary) labelled {
	switch {
	case s.Capacity != nil:
		return labelled{"capacity", briefCapacity(s.Capacity)}
	case len(s.Steps) > 0:
		return labelled{"steps", append(briefGrowth(s), briefSteps(s.Steps)...)}
	}
	return labelled{}
}

// briefCapacity says the whole of what a search found in one clause, which no line cuts: which tempo held, which broke and by what, and
// what was answered while a backlog stood; and what to do where that told too little.
func briefCapacity(c *results.Capacity) []string {
	value, held, rest := capacityAnswer(c)
	if held != "" {
		value += " (" + held + ")"
	}
	text := strings.Join(append([]string{value}, rest...), ", ")
	if c.Advice != "" {
		text += "; " + c.Advice
	}
	return []string{text}
}

// capacityAnswer is the tempo that held, its rate where one did, and the rest of the answer.
func capacityAnswer(c *results.Capacity) (value, held string, rest []string) {
	switch {
	case c.Tempo > 0 && c.Ended == results.SearchFound:
		value, held = plainDigits(c.Tempo)+"x holds", rate(c.HeldMean)
	case c.Tempo > 0:
		value, held = plainDigits(c.Tempo)+"x held", rate(c.HeldMean)
	case c.Interval[1] > 0:
		value = "nothing held"
	default:
		value = "not found"
	}
	if failed := heldFailing(c); failed != "" {
		rest = append(rest, failed)
	}
	if c.Interval[1] > 0 {
		rest = append(rest, fmt.Sprintf("%sx breaks (%s)", plainDigits(c.Interval[1]), c.Broke))
	}
	if c.Served > 0 {
		rest = append(rest, rate(c.Served)+" while a backlog stood")
	}
	return value, held, rest
}

// briefSteps names the worst of the steps.
func briefSteps(steps []results.Step) []string {
	at := worstStep(steps)
	w := &steps[at]
	return []string{"worst of " + wording.Count(len(steps), "step") + " is " + stepTitle(w) + ": " + stepResult(w)}
}

// briefGrowth says where something began to grow: latency before all else, as it is what others wait for.
func briefGrowth(s *results.Summary) []string {
	if len(s.Growth) == 0 {
		return nil
	}
	list := slices.Clone(s.Growth)
	slices.SortStableFunc(list, func(a, b results.Growth) int {
		return cmp.Compare(btoi(b.What == results.GrowthLatency), btoi(a.What == results.GrowthLatency))
	})
	g := &list[0]
	text := growing(g.What) + " to grow"
	if g.Step > 0 {
		text += fmt.Sprintf(" in step %d", g.Step)
	}
	text += ", at " + runMoment(g.At)
	var also []string
	for i := range list[1:] {
		if what := grownWord(list[1+i].What); !slices.Contains(also, what) {
			also = append(also, what)
		}
	}
	if len(also) > 0 {
		text += ", also " + strings.Join(also, " and ")
	}
	return []string{text}
}

// grownWord is what grows in as few words as can be.
func grownWord(what string) string {
	switch what {
	case results.GrowthErrors:
		return "failures"
	case results.GrowthBacklog:
		return "the backlog"
	case results.GrowthCompletion:
		return "the uncompleted work"
	}
	return what
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// stepResult says what came of a step.
func stepResult(w *results.Step) string {
	text := "nothing was answered"
	if len(w.Status) > 0 {
		text = "p99 " + wording.Duration(w.Latency.P99)
	}
	if w.Ledger.Failed > 0 {
		text += ", " + wording.Percent(failedPart(&w.Summary)) + " failed"
	}
	if !w.Verdict.Faithful {
		text += ", not faithful by its own requests"
	}
	return text
}

// worstStep is the step of which most failed, or, where that is next to nothing in all, the one with the slowest answers.
func worstStep(steps []results.Step) (at int) {
	for i := range steps {
		a, b := &steps[i].Summary, &steps[at].Summary
		fa, fb := failedPart(a), failedPart(b)
		if max(fa, fb) >= tellFailed {
			if fa > fb {
				at = i
			}
		} else if a.Latency.P99 > b.Latency.P99 {
			at = i
		}
	}
	return at
}

// stepMarks are where steps begin, by their names or numbers.
func stepMarks(steps []results.Step) (list []mark) {
	for i := range steps {
		text := steps[i].Name
		if text == "" {
			text = strconv.Itoa(steps[i].Number)
		}
		list = append(list, mark{steps[i].Start.Seconds(), text})
	}
	return list
}

// stepTitle is a step as people know it: by its number, its name and its text.
func stepTitle(s *results.Step) string {
	title := fmt.Sprintf("%d", s.Number)
	if s.Name != "" {
		title += " " + s.Name
	}
	return title + " (" + s.Text + ")"
}

// plainDigits writes a factor with four digits at most: "2", "1.84".
func plainDigits(v float64) string {
	if v >= 1000 {
		return count(int64(v + 0.5))
	}
	return strconv.FormatFloat(round4(v), 'f', -1, 64)
}
