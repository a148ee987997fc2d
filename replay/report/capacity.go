package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
	"reprise/replay/results"
	"reprise/replay/session"
)

// capacityWord says in a few words how a search ended.
func capacityWord(c *results.Capacity) string {
	switch c.Ended {
	case results.SearchFound:
		return "holds at " + plainDigits(c.Tempo) + "x"
	case results.SearchFirstBroke:
		return "the first step broke"
	case results.SearchUnsettled:
		return "no tempo held twice"
	case results.SearchTool:
		return "the tool was the limit"
	case results.SearchBacklog:
		return "a backlog stayed"
	case results.SearchShort:
		return "passes became too short"
	case results.SearchUnbroken:
		return "nothing broke"
	case results.SearchInterrupted:
		return "stopped by hand"
	}
	return "the search broke off"
}

func capacityMood(c *results.Capacity) string {
	switch c.Ended {
	case results.SearchFound:
		return "good"
	case results.SearchFirstBroke, results.SearchUnsettled, results.SearchFailed:
		return "bad"
	}
	return "unsure"
}

// capacityLead tells what a search found.
func capacityLead(c *results.Capacity) []string {
	if c == nil {
		return nil
	}
	out := []string{c.Says}
	if c.Served > 0 {
		out = append(out, fmt.Sprintf("While a backlog stood, %s good answers came: that is what the target can do.", rate(c.Served)))
	}
	return out
}

// capacitiesLead holds what two searches found beside one another.
func capacitiesLead(c *compare.Comparison) (out []string) {
	for _, s := range []*compare.Side{&c.Base, &c.Candidate} {
		if found := s.Summary.Capacity; found != nil {
			out = append(out, fmt.Sprintf("Capacity of %s: %s.", s.Name, briefCapacity(found)[0]))
		}
	}
	a, b := c.Base.Summary.Capacity, c.Candidate.Summary.Capacity
	if a == nil || b == nil {
		return out
	}
	var without []string
	for _, s := range []*compare.Side{&c.Base, &c.Candidate} {
		if s.Summary.Capacity.Ended != results.SearchFound {
			without = append(without, fmt.Sprintf("%s found no capacity (%s)", s.Name, capacityWord(s.Summary.Capacity)))
		}
	}
	switch {
	case len(without) > 0:
		out = append(out, strings.Join(without, ", and ")+": which of the two targets holds more is not known.")
	case a.HeldMean > 0 && b.HeldMean > 0:
		out = append(out, fmt.Sprintf("%s holds %s of what %s holds.", c.Candidate.Name, wording.Percent(b.HeldMean/a.HeldMean), c.Base.Name))
	}
	return out
}

// capacityParts has the steps of a search; none where there was no search.
func capacityParts(c *results.Capacity) []part {
	if c == nil {
		return nil
	}
	t := &table{Head: cells("step", "time-scale", "requests", "mean", "busiest 10 s", "lag p99", "latency p50", "latency p99", "not sent", "held"), Left: 0}
	var notes []string
	for i := range c.Steps {
		s := &c.Steps[i]
		lag := durations(s.Lag.Max > 0, s.Lag.P99)
		latency := durations(s.Latency.Max > 0, s.Latency.P50, s.Latency.P99)
		row := cells(fmt.Sprint(s.Number), plainDigits(s.TimeScale), count(s.OK+s.Failed), rate(s.Mean), rate(s.Peak))
		t.Rows = append(t.Rows, append(append(append(row, lag...), latency...), count(s.Shed+s.Unsent), stepHeld(s)))
		if s.NotJudged != "" {
			notes = append(notes, fmt.Sprintf("Step %d is not judged, as the tool was late in it: %s", s.Number, s.NotJudged))
		}
	}
	return []part{{Title: "Capacity", Table: t, Notes: notes}}
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

// stepHeld says what became of a step.
func stepHeld(s *results.CapacityStep) string {
	switch {
	case s.NotJudged != "":
		return "not judged: the tool was late"
	case s.Broke != "":
		return s.Broke + ": " + s.Value
	case s.Held && s.Again:
		return "yes, once more"
	case s.Held:
		return "yes"
	}
	return "stopped"
}

// writeSearch says how a search begins and goes on.
func writeSearch(w io.Writer, o *session.SearchOutline) error {
	if o == nil {
		return nil
	}
	length := "one pass of the selection"
	if o.Every > 0 {
		length = fmt.Sprintf("%v of the selection, from its start", o.Every)
	}
	_, err := fmt.Fprintf(w, "first step: %s at time-scale %s: %s in %v, %d in the busiest second\nthen twice the tempo, until %s breaks a step; then the interval is halved until it is under 5 %%, and the answer is played once more\n",
		length, plainDigits(o.TimeScale), wording.Count(o.Requests, "request"), o.Duration.Round(time.Millisecond), o.Peak, strings.Join(o.StopOn, " or "))
	return err
}
