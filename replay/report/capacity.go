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

// capacityWord says in a few words how a search ended, and that requests failed in a step that held.
func capacityWord(c *results.Capacity) string {
	if failed := heldFailing(c); failed != "" {
		return searchWord(c) + ", " + failed
	}
	return searchWord(c)
}

// heldFailing says which part of a step that held failed; "" where few did.
func heldFailing(c *results.Capacity) string {
	worst := c.HeldFailing()
	if worst == nil {
		return ""
	}
	return share(worst.FailedPart()) + " failed in a step that held"
}

func searchWord(c *results.Capacity) string {
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
	case results.SearchUnfinished:
		return "the search has no end"
	}
	return "the search broke off"
}

func capacityMood(c *results.Capacity) string {
	if c.HeldFailing() != nil {
		return "bad"
	}
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
	both := c.Capacities()
	if both == nil {
		return out
	}
	return append(out, capacitiesSay(c, both))
}

// capacitiesSay says whether two capacities differ, or why that cannot be told.
func capacitiesSay(c *compare.Comparison, both *compare.Capacities) string {
	a, b := c.Base.Name, c.Candidate.Name
	if len(both.Differs) > 0 {
		var list []string
		for _, d := range both.Differs {
			list = append(list, differenceSays(d))
		}
		text := "Which of the two holds more is not known, as the searches were not alike: " + listed(list) + "."
		if none := notFound(c); len(none) > 0 {
			text = strings.Join(none, ", and ") + ". " + text
		}
		return text
	}
	text := ""
	switch both.Verdict {
	case compare.CapacityMore:
		text = fmt.Sprintf("%s holds more than %s", b, a)
	case compare.CapacityLess:
		text = fmt.Sprintf("%s holds less than %s", b, a)
	case compare.CapacityAlike:
		return fmt.Sprintf("The two do not differ, as far as searches tell tempos apart (%s): %s of %s and %s of %s.",
			share(both.Resolution), boundsSay(both.Candidate), b, boundsSay(both.Base), a)
	default:
		return strings.Join(notFound(c), ", and ") + ": which of the two holds more is not known."
	}
	text += fmt.Sprintf(": %s, where %s holds %s", boundsSay(both.Candidate), a, boundsSay(both.Base))
	if both.TempoRatio > 0 {
		text += fmt.Sprintf("; that is %.0f %% of the tempo", both.TempoRatio*100)
	}
	return text + ". One search each does not tell how searches vary by themselves."
}

// boundsSay is where a capacity is: "4x to 4.125x".
func boundsSay(b [2]float64) string {
	switch {
	case b[0] > 0 && b[1] > 0:
		return fmt.Sprintf("%sx to %sx", plainDigits(b[0]), plainDigits(b[1]))
	case b[0] > 0:
		return fmt.Sprintf("%sx at least", plainDigits(b[0]))
	case b[1] > 0:
		return fmt.Sprintf("less than %sx", plainDigits(b[1]))
	}
	return "not known"
}

// notFound says which searches found no capacity, and how they ended.
func notFound(c *compare.Comparison) (out []string) {
	for _, s := range []*compare.Side{&c.Base, &c.Candidate} {
		found := s.Summary.Capacity
		if s.HeldByRefusing() {
			out = append(out, fmt.Sprintf("%s found no capacity (%s, and its conditions do not count that)", s.Name, heldFailing(found)))
		} else if found.Ended != results.SearchFound {
			out = append(out, fmt.Sprintf("%s found no capacity (%s)", s.Name, capacityWord(found)))
		}
	}
	return out
}

// capacityParts has the steps of a search; none where there was no search.
func capacityParts(c *results.Capacity) []part {
	if c == nil {
		return nil
	}
	t := &table{Head: cells("step", "time-scale", "requests", "mean", "busiest 10 s", "lag p99", "latency p50", "latency p99", notSentHead(c.Ended == results.SearchUnfinished), "held"), Left: 0}
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

// stepHeld says what became of a step.
func stepHeld(s *results.CapacityStep) string {
	failed := ""
	if part := s.FailedPart(); part >= tellFailed {
		failed = ", " + share(part) + " failed"
	}
	switch {
	case s.NotJudged != "":
		return "not judged: the tool was late"
	case s.Broke != "":
		return s.Broke + ": " + s.Value
	case s.Held && s.Again:
		return "yes, once more" + failed
	case s.Held:
		return "yes" + failed
	}
	return "stopped"
}

// searchHead says how a search begins and goes on, in place of what a plan has of one run.
func searchHead(w io.Writer, d *session.Outline) {
	o := d.Search
	length := "one pass of the selection"
	if o.Every > 0 {
		length = fmt.Sprintf("%v of the selection, from its start", o.Every)
	}
	fmt.Fprintf(w, "search\tfor the highest tempo that holds, in steps of %s\n", length)
	fmt.Fprintf(w, "first step\tat time-scale %s: %s in %v, %s in the busiest second\n", plainDigits(o.TimeScale), wording.Count(o.Requests, "request"), o.Duration.Round(time.Millisecond), count(o.Peak))
	switch short := o.ShortFrom; {
	case o.Every == 0 && short <= 2*o.TimeScale:
		fmt.Fprintf(w, "second step\tnone: at time-scale %s a pass takes %s, and no condition looks back so little; the search ends there\n", plainDigits(2*o.TimeScale), wording.Duration(o.Duration/2))
	default:
		fmt.Fprintf(w, "second step\tat time-scale %s, and so on: twice the tempo, until %s breaks a step\n", plainDigits(2*o.TimeScale), strings.Join(o.StopOn, " or "))
	}
	for i, below := range o.JudgedBelow {
		fmt.Fprintf(w, "too short\tfrom time-scale %s on: a pass is over before %s can be met\n", plainDigits(below), o.StopOn[i])
	}
	if o.Advice != "" {
		fmt.Fprintf(w, "mind\t%s\n", o.Advice)
	}
	fmt.Fprintf(w, "then\tthe interval is halved until it is under 5 %%, and the answer is played once more\n")
	fmt.Fprintf(w, "selection\t%s, %v at time-scale %s\n", wording.Count(d.Requests, "request"), d.Duration.Round(time.Millisecond), plainDigits(o.TimeScale))
}
