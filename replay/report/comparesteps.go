package report

import (
	"slices"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// stepLines say which steps of a shaped run changed; nothing where that of kinds says it, as every step changed with them.
func stepLines(covers []compare.Cover, told bool, latency, failed string) []string {
	covers = slices.DeleteFunc(slices.Clone(covers), func(c compare.Cover) bool { return told && c.Scope == compare.EveryKind })
	return coverLines(covers, "step", latency, failed)
}

// changedSteps are those of the answers.
func changedSteps(c *compare.Comparison) []string {
	return stepLines(c.StepCovers(), len(c.Covers()) > 0, "", "failed requests")
}

// sameSteps says of how many steps nothing else was found, where nothing else was found of the runs.
func sameSteps(c *compare.Comparison) []string {
	same := 0
	for i := range c.Steps {
		if slices.ContainsFunc(c.Steps[i].Latency, func(l compare.Latency) bool { return l.Judged && l.Verdict == compare.Equivalent }) {
			same++
		}
	}
	switch {
	case same == 0:
		return nil
	case same == len(c.Steps):
		return []string{"Every step: no change beyond the floor."}
	}
	return []string{wording.Count(same, "step") + " of " + count(int64(len(c.Steps))) + ": no change beyond the floor; the others have too few requests."}
}
