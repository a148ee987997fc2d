package report

import (
	"fmt"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// changes says in a sentence for each kind what is worse or better.
func changes(c *compare.Comparison) []string {
	var out []string
	for _, k := range everyKind(c) {
		out = append(out, changed(k, "latency", "failed requests")...)
	}
	return out
}

// changed says in a sentence each which quantiles of a kind are worse, which are better, and whether more or less failed.
func changed(k compare.Kind, latency, failed string) []string {
	var out []string
	for _, v := range []compare.Verdict{compare.Regressed, compare.Improved} {
		var list []string
		for _, l := range k.Latency {
			if l.Judged && l.Verdict == v {
				list = append(list, fmt.Sprintf("%s %s to %s (%s)", l.Metric, wording.Duration(l.Base), wording.Duration(l.Candidate), signed(l.Change)))
			}
		}
		if len(list) > 0 {
			out = append(out, fmt.Sprintf("%s: %s %s: %s.", k.Name, latency, v, strings.Join(list, ", ")))
		}
		if e := k.Errors; e.Verdict == v {
			out = append(out, fmt.Sprintf("%s: %s %s: %s to %s.", k.Name, failed, v, wording.Percent(e.Base), wording.Percent(e.Candidate)))
		}
	}
	return out
}

// undecided says why nothing can be said, where that is the verdict.
func undecided(c *compare.Comparison) []string {
	if c.Verdict != compare.Inconclusive {
		return nil
	}
	var across, other []string
	add := func(kind, metric string, w compare.Why, text string) {
		if w == compare.Across {
			across = append(across, fmt.Sprintf("%s: %s inconclusive: %s.", kind, metric, text))
			return
		}
		other = append(other, fmt.Sprintf("%s: %s inconclusive: %s.", kind, metric, because(w)))
	}
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Judged && l.Verdict == compare.Inconclusive {
				add(k.Name, l.Metric+" latency", l.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
					interval(l.Change95, signed), wording.Percent(floor(c, l)), because(l.Why)))
			}
		}
		if e := k.Errors; e.Verdict == compare.Inconclusive {
			add(k.Name, "failed requests", e.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
				interval(e.Difference95, points), wording.Percent(c.Method.FloorErrors), because(e.Why)))
		}
	}
	const most = 6
	list := append(across, other...)
	if len(across) > 0 {
		list = across
	}
	if len(list) > most {
		list = append(list[:most:most], fmt.Sprintf("%d more rows are inconclusive.", len(list)-most))
	}
	return append(list, toDecide(c))
}

// floor is the relative floor of a quantile.
func floor(c *compare.Comparison, l compare.Latency) float64 {
	if l.Metric == "p99" && c.Method.FloorTail > 0 {
		return c.Method.FloorTail
	}
	return c.Method.FloorChange
}

// toDecide says what would help where nothing can be said.
func toDecide(c *compare.Comparison) string {
	need := 0
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Why == compare.Across {
				need = max(need, l.RoundsNeeded)
			}
		}
		if k.Errors.Why == compare.Across {
			need = max(need, k.Errors.RoundsNeeded)
		}
	}
	if done := len(c.Rounds); need > done && done > 0 {
		return fmt.Sprintf("To decide: about %d more rounds, as far as %d can tell.", need-done, done)
	}
	return "To decide: play more requests, over a longer time, or in several rounds."
}

// newStatuses says which statuses the candidate brought.
func newStatuses(c *compare.Comparison) []string {
	var out []string
	for _, n := range c.NewStatuses {
		out = append(out, fmt.Sprintf("%s: status %s, which no base run answered with, %s times in %d of the runs.", n.Kind, n.Status, count(n.Answers), n.Rounds))
	}
	return out
}
