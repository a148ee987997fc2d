package report

import (
	"fmt"

	"reprise/replay/compare"
)

// lagLines say how runs were compared of which the tool's own lag is a part.
func lagLines(c *compare.Comparison) []string {
	rows, unjudged := 0, 0
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Judged && l.Bound != nil {
				rows++
				if l.Why == compare.LagTooLarge {
					unjudged++
				}
			}
		}
	}
	if rows == 0 || c.Verdict == compare.Invalid {
		return nil
	}
	text := fmt.Sprintf("The tool's own lag is part of every interval: the true latency lies between service time and latency, and a difference counts from %d times what lag can make.", compare.LagTimes)
	if unjudged > 0 {
		text += fmt.Sprintf(" %d of %d rows of latency differ by less, and are not judged.", unjudged, rows)
	}
	return []string{text}
}
