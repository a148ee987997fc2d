package report

import (
	"fmt"
	"slices"
	"strconv"

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
		return labelled{"steps", slices.Insert(briefSteps(s.Steps), 1, briefGrowth(s)...)}
	}
	return labelled{}
}

// briefCapacity says which tempo held, and where it broke.
func briefCapacity(c *results.Capacity) (out []string) {
	switch {
	case c.Ended == results.SearchFound:
	case c.Tempo > 0:
		out = []string{capacityWord(c), ""}
	case c.Broke != "":
		return []string{capacityWord(c), fmt.Sprintf("%sx broke by %s", plainDigits(c.Interval[1]), c.Broke)}
	default:
		return []string{capacityWord(c)}
	}
	held := fmt.Sprintf("%sx: %s, %s in the busiest 10 s", plainDigits(c.Tempo), rate(c.HeldMean), rate(c.HeldPeak))
	if len(out) > 0 {
		out[1] = "up to " + held
	} else {
		out = []string{held}
	}
	if c.Interval[1] > 0 {
		out = append(out, fmt.Sprintf("%sx broke by %s", plainDigits(c.Interval[1]), c.Broke))
	}
	if c.Served > 0 {
		out = append(out, rate(c.Served)+" answered under a backlog")
	}
	return out
}

// briefSteps names the worst of the steps.
func briefSteps(steps []results.Step) []string {
	at := worstStep(steps)
	w := &steps[at]
	return []string{wording.Count(len(steps), "step"), "worst is " + stepTitle(w) + ": " + stepResult(w)}
}

// briefGrowth says what began to grow first, and where.
func briefGrowth(s *results.Summary) []string {
	if len(s.Growth) == 0 {
		return nil
	}
	g := &s.Growth[0]
	return []string{fmt.Sprintf("%s to grow in step %d, at %s", growing(g.What), g.Step, runMoment(g.At))}
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
		text += ", not faithful"
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
