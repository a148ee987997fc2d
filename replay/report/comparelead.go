package report

import (
	"fmt"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// comparisonLead are the sentences above everything else: the one that covers what changed, then what it leaves out, for whom, and
// what could not be seen.
func comparisonLead(c *compare.Comparison) []string {
	out := append(capacitiesLead(c), invalidLines(c, mostReasons)...)
	covers := c.Covers()
	out = append(out, coverLines(covers, "kind", "", "failed requests")...)
	out = append(out, changedSteps(c)...)
	out = append(out, unchanged(c)...)
	out = append(out, doubtLines(c)...)
	out = append(out, mindLines(c)...)
	out = append(out, differenceLines(c)...)
	out = append(out, lagLines(c)...)
	out = append(out, apartLines(c)...)
	out = append(out, causeLines(c)...)
	out = append(out, completionChanges(c)...)
	out = append(out, newStatuses(c)...)
	if samePlan(c) { // otherwise the pairs are no pairs
		out = append(out, changedAnswers(c)...)
	}
	out = append(out, undecided(c)...)
	out = append(out, gateLines(c)...)
	if c.Verdict != compare.Invalid {
		out = append(out, c.Caveat)
	}
	return append(out, lookLines(c)...)
}

// mostReasons is how many reasons the lead tells why runs cannot be compared.
const mostReasons = 3

// invalidLines say why the runs cannot be compared, so many reasons at most, and what to do then.
func invalidLines(c *compare.Comparison, most int) (out []string) {
	if len(c.Invalid) == 0 {
		return nil
	}
	list := faultLines(c.Invalid)
	for _, text := range list[:min(most, len(list))] {
		out = append(out, "Not comparable: "+text)
	}
	if more := len(list) - most; more > 0 {
		out = append(out, wording.Count(more, "more reason")+".")
	}
	return append(out, toCompare(c)...)
}

// doubtLines say what to mind where the runs can be compared: the first doubt, and how many more there are.
func doubtLines(c *compare.Comparison) (out []string) {
	if len(c.Invalid) > 0 || len(c.Doubts) == 0 {
		return nil
	}
	list := faultLines(c.Doubts)
	text := "Mind: " + list[0]
	if more := len(list) - 1; more > 0 {
		text += " " + wording.Count(more, "more doubt") + " of this kind: see reprise report of the runs."
	}
	return []string{text}
}

// mindLines say what to mind of a verdict that stands.
func mindLines(c *compare.Comparison) (out []string) {
	for _, m := range c.Minds {
		out = append(out, "Mind: "+m.Text)
	}
	return out
}

// toCompare says what to do where runs cannot be compared, by the first reason; nothing where the reason says it.
func toCompare(c *compare.Comparison) []string {
	what := c.Invalid[0].What
	if text := toBeFaithful(c.Invalid); text != "" && (what == "lag" || what == "unfaithful") {
		return []string{"To compare: " + text}
	}
	if text := map[string]string{
		"lag":         "play both again where the tool has a processor to itself, or at a lower rate (--time-scale).",
		"unfaithful":  "play both again where the tool has a processor to itself, or at a lower rate (--time-scale).",
		"search":      "play both at one tempo (--time-scale), or hold what the searches found beside one another.",
		"plan":        "play both runs with the same flags, from one corpus.",
		"corpus":      "play both runs from one file.",
		"requests":    "play both to their ends, with the same flags.",
		"empty":       "look at that run by itself (reprise report) before it is compared.",
		"repeated":    "give each run once.",
		"base_broken": "look at what the base answers (reprise report), and play both again.",
		"failed":      "look at what the targets answer (reprise report), and play both again.",
	}[what]; text != "" {
		return []string{"To compare: " + text}
	}
	return nil
}

// unchanged says how much was found to be the same, where nothing else was found.
func unchanged(c *compare.Comparison) []string {
	if c.Verdict != compare.Equivalent {
		return nil
	}
	return append(sameKinds(c), sameSteps(c)...)
}

func sameKinds(c *compare.Comparison) []string {
	same, kinds := 0, 0
	for _, k := range append([]compare.Kind{c.All}, c.Kinds...) {
		some := false
		for _, l := range k.Latency {
			some = some || l.Judged && l.Verdict == compare.Equivalent
		}
		if some {
			same++
			if k.Name != c.All.Name {
				kinds++
			}
		}
	}
	switch {
	case same == 0:
		return []string{"No more requests failed; of latency nothing could be judged."}
	case kinds == 0 && len(c.Kinds) > 1:
		return []string{"No single kind was judged: all kinds together: no change beyond the floor."}
	case kinds == 0:
		return []string{"All kinds together: no change beyond the floor."}
	case kinds == len(c.Kinds):
		return []string{"Every kind: no change beyond the floor."}
	}
	return []string{fmt.Sprintf("%d of %s: no change beyond the floor; the others have too few requests.", kinds, wording.Count(len(c.Kinds), "kind"))}
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
	for _, k := range severalKinds(c) {
		for _, l := range k.Latency {
			if l.Judged && l.Verdict == compare.Inconclusive {
				add(k.Name, l.Metric+" latency", l.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
					rangeOf(&l), wording.Percent(floor(c, l)), because(l.Why)))
			}
		}
		if e := k.Errors; e.Verdict == compare.Inconclusive {
			add(k.Name, "failed requests", e.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
				interval(e.Difference95, points), wording.Percent(c.Method.FloorErrors), because(e.Why)))
		}
	}
	const most = 1
	list := append(across, other...)
	if len(across) > 0 {
		list = across
	}
	if len(list) > most {
		list = append(list[:most:most], wording.CountOf(len(list)-most, "more row is", "more rows are")+" inconclusive.")
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
		return fmt.Sprintf("To decide: about %d more rounds, as far as %d can tell; --confirm %d plays them while they are needed.", need-done, done, need-done)
	}
	return "To decide: play more requests, over a longer time, or in several rounds."
}
