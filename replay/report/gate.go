package report

import (
	"fmt"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// FailSays says in a few words what a gate failed on.
func FailSays(x compare.Condition) string {
	switch x {
	case compare.FailRegression:
		return "the candidate regressed"
	case compare.FailInvalid:
		return "the runs cannot be compared"
	case compare.FailInconclusive:
		return "it cannot be told whether the candidate is worse"
	case compare.FailDifference:
		return "the candidate's answers differ"
	case compare.FailUnfaithful:
		return "a run is not faithful, by the tool's own fault"
	}
	return string(x)
}

// gateLines say what was asked of the comparison beside its verdict, what its baseline was not made of, and how much it could have seen.
func gateLines(c *compare.Comparison) (out []string) {
	if !slices.ContainsFunc(c.Invalid, func(r compare.Reason) bool { return r.What == "baseline" }) { // that says it, too
		for _, l := range leftOut(c.LeftOut) {
			out = append(out, "Mind: "+l)
		}
	}
	if c.Join.StatusChanged > 0 && slices.Contains(c.Fails(), compare.FailDifference) {
		out = append(out, otherEnds(c))
	}
	return append(out, couldSeeSays(c))
}

func otherEnds(c *compare.Comparison) string {
	return count(c.Join.StatusChanged) + " of " + count(c.Join.Pairs) + wording.Choose(c.Join.Pairs, " request", " requests") + " ended with another status or failure."
}

// whatFailed is FailSays with what led to it.
func whatFailed(c *compare.Comparison, x compare.Condition) string {
	var list []string
	switch x {
	case compare.FailDifference:
		if c.Join.StatusChanged > 0 {
			list = append(list, otherEnds(c))
		}
		list = append(append(list, newStatuses(c)...), changedAnswers(c)...)
	case compare.FailUnfaithful:
		list = faultLines(c.Doubts)
	}
	return FailSays(x) + ": " + strings.Join(list, " ")
}

// couldSeeSays says what the smallest change is that the comparison could have shown.
func couldSeeSays(c *compare.Comparison) string {
	s := c.CouldSee()
	if s.All == nil && s.Errors == nil && s.Worst == nil {
		if c.Verdict == compare.Invalid {
			return "Could have seen: nothing, as the runs cannot be compared."
		}
		return "Could have seen: nothing, in so few requests."
	}
	var list []string
	if s.All != nil {
		list = append(list, fmt.Sprintf("%s in %s of all", signed(s.All.Change), s.All.Metric))
	}
	if s.Errors != nil {
		list = append(list, points(*s.Errors)+" of failures")
	}
	if w := s.Worst; w != nil && (s.All == nil || signed(w.Change) != signed(s.All.Change)) {
		list = append(list, fmt.Sprintf("of %s only %s (%s)", w.Kind, signed(w.Change), w.Metric))
	}
	if len(s.Blind) > 0 {
		list = append(list, "no latency of "+strings.Join(s.Blind, ", "))
	}
	return "Could have seen: " + strings.Join(list, "; ") + "."
}
