package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// stepsPart is what each step of a shaped run came to, below each other.
func stepsPart(s *results.Summary, p *replay.Plan) part {
	t := &table{Head: cells("step", "", "from", "for", "sent", "rate", "failed", "p50", "p95", "p99", "lag p99", notSentHead(s.NoEnd), "faithful"), Left: 2}
	if s.Capacity != nil {
		t.Head[len(t.Head)-1] = "held"
	}
	completed := false
	for i := range s.Steps {
		completed = completed || s.Steps[i].Completion != nil
	}
	if completed {
		t.Head = append(t.Head, "completed p99", "backlog")
	}
	for i := range s.Steps {
		t.Rows = append(t.Rows, stepRow(&s.Steps[i], completed, s.Capacity))
	}
	out := part{Title: "Steps", Table: t, Notes: []string{"latency, from the intended moment to the answer; what is sent again counts in the step in which it was first sent."}}
	switch {
	case heldNotFaithful(s):
		out.Notes = append(out.Notes, heldNotFaithfulNote)
	case s.Capacity == nil && s.Verdict.Faithful && slices.ContainsFunc(s.Steps, unfaithful):
		out.Notes = append(out.Notes, "Each step is judged by its own requests, the run by all of them: a faithful run may have a step in which the tool was late.")
	}
	if p != nil && p.Stretch > 0 {
		out.Notes = append(out.Notes, heldNote)
	}
	return out
}

// unfaithful says that the tool was late in a step by the step's own requests.
func unfaithful(s results.Step) bool {
	return s.Broke == "" && s.Ledger.OK+s.Ledger.Failed > 0 && !s.Verdict.Faithful
}

func stepRow(s *results.Step, completed bool, c *results.Capacity) []string {
	sent := s.Ledger.OK + s.Ledger.Failed
	name := stepCell(s.Number, s.Name)
	row := cells(name, s.Text, wording.Duration(s.Start), wording.Duration(s.Duration), count(sent))
	if sent == 0 {
		row = append(row, dash, dash)
	} else {
		row = append(row, rate(s.Rate.AchievedMean), wording.Percent(failedPart(&s.Summary)))
	}
	row = append(row, durations(len(s.Status) > 0, s.Latency.P50, s.Latency.P95, s.Latency.P99)...)
	row = append(row, durations(sent > 0, s.Lag.P99)...)
	verdict := "yes"
	switch {
	case c != nil:
		verdict = searchedStep(s, c)
	case s.Broke != "":
		verdict = "broke: " + s.Broke
	case sent == 0:
		verdict = dash
	case !s.Verdict.Faithful:
		verdict = "no"
	}
	row = append(row, count(s.Ledger.Shed+s.Ledger.Unsent), verdict)
	if c := s.Completion; c != nil {
		row = append(row, durations(c.Joined > 0, c.Latency.P99)...)
		row = append(row, count(c.Peak))
	} else if completed {
		row = append(row, dash, dash)
	}
	return row
}

// growthLead says in a sentence each, by the run's time and the recording's, where latency, failures and what waits began to grow.
func growthLead(s *results.Summary, k *clock) (out []string) {
	for i := range s.Growth {
		out = append(out, growthSays(s, &s.Growth[i])+growthBy(&s.Growth[i])+grownAt(k, s.Growth[i].At)+".")
	}
	return out
}

// growthSays is "latency begins to grow in step 3 (20k at 3x), at 8m10s (7m55s to 8m20s), at 410/s".
func growthSays(s *results.Summary, g *results.Growth) string {
	return growthIn(s, g) + fmt.Sprintf(", at %s (%s to %s), at %s", runMoment(g.At), runMoment(g.Interval[0]), runMoment(g.Interval[1]), rate(g.Rate))
}

// growthIn is "latency begins to grow in step 3 (20k at 3x)".
func growthIn(s *results.Summary, g *results.Growth) string {
	text := growing(g.What) + " to grow"
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Number == g.Step && g.Step > 0 {
			text += " in step " + stepTitle(step)
		}
	}
	return text
}

// grownAt is the recorded moment of one of the run, as a chart's axis has it; "" where that is not known.
func grownAt(k *clock, at time.Duration) string {
	if k == nil {
		return ""
	}
	return fmt.Sprintf("; %s of the run is %s in the recording", runMoment(at), k.at(at.Seconds()).Round(time.Second).Format("15:04:05"))
}

func growing(what string) string {
	switch what {
	case results.GrowthErrors:
		return "failures begin"
	case results.GrowthBacklog:
		return "the backlog of unanswered requests begins"
	case results.GrowthCompletion:
		return "the backlog of uncompleted work begins"
	}
	return what + " begins"
}

// growthBy says from where to where it grew, and by whom where that is not the target.
func growthBy(g *results.Growth) string {
	of := func(v float64) string { return count(int64(math.Round(v))) }
	what := ""
	switch g.What {
	case results.GrowthLatency:
		what, of = "its p90 ", func(v float64) string { return wording.Duration(time.Duration(v)) }
	case results.GrowthErrors:
		of = wording.Percent
	}
	text := ": " + what + "from " + of(g.Before) + " to " + of(g.After)
	if g.Whose == results.Tool {
		text += ", as the tool sent late"
	}
	return text
}

// runMoment is a moment of a run to the tenth of a second.
func runMoment(d time.Duration) string { return d.Round(100 * time.Millisecond).String() }
