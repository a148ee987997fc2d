package report

import (
	"fmt"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// newStatuses says which statuses the candidate brought: one sentence for each, whatever the kinds. Answers that are good where a base
// gave none are told where nothing else is.
func newStatuses(c *compare.Comparison) (out []string) {
	var order []string
	by := make(map[string][]compare.NewStatus)
	for _, n := range c.NewStatuses {
		if by[n.Status] == nil {
			order = append(order, n.Status)
		}
		by[n.Status] = append(by[n.Status], n)
	}
	for _, status := range order {
		if status < "300" && c.Verdict == compare.Improved {
			continue
		}
		out = append(out, statusSays(c, status, by[status]))
	}
	return out
}

// statusSays is one status of some kinds: "every kind: status 500, which no base run answered with, 500 times.".
func statusSays(c *compare.Comparison, status string, list []compare.NewStatus) string {
	var kinds []string
	answers, rounds := int64(0), 0
	for _, n := range list {
		kinds, answers, rounds = append(kinds, n.Kind), answers+n.Answers, max(rounds, n.Rounds)
	}
	who := names(kinds, 4, "kind")
	if len(kinds) > 1 && len(kinds) == len(c.Kinds) {
		who = "every kind"
	}
	times := count(answers) + wording.Choose(answers, " time", " times")
	if len(c.Rounds) > 1 {
		times += fmt.Sprintf(" in %d of the runs", rounds)
	}
	if status < "400" {
		return fmt.Sprintf("%s: also status %s, %s.", who, status, times)
	}
	return fmt.Sprintf("%s: status %s, which no base run answered with, %s.", who, status, times)
}
