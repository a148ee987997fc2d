package report

import (
	"fmt"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// lookLines says at which look of several rounds were judged, and what the looks may spend.
func lookLines(c *compare.Comparison) []string {
	l := c.Method.Looks
	if l == nil || l.Look == 0 {
		return nil
	}
	why := ""
	switch {
	case c.Method.Rounds >= l.MostRounds:
	case c.Verdict == compare.Invalid:
		why = " No more were played, as more rounds do not make these comparable."
	case c.Verdict == compare.Inconclusive && !c.MoreMayTell():
		why = " No more were played, as more rounds would not have decided it."
	}
	return []string{fmt.Sprintf("Look %d of up to %d, after %d rounds of up to %d: changes were looked for at %s, so that all looks together raise false alarms at %s at most.%s",
		l.Look, l.Of, c.Method.Rounds, l.MostRounds, wording.Percent(l.Level), wording.Percent(c.Method.Level), why)}
}

// LookedAt says in a line what rounds came to that are not decided, before one more is played.
func LookedAt(c *compare.Comparison) string {
	return fmt.Sprintf("%s after round %d of up to %d. %s", c.Verdict, c.Method.Rounds, c.Method.Looks.MostRounds, couldSeeSays(c))
}
