package report

import (
	"fmt"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// lagLines say how runs were compared of which the tool's own lag is a part, and what was left out of them for it.
func lagLines(c *compare.Comparison) []string {
	return append(spoiledLines(c), boundLines(c)...)
}

// boundLines say how lag is in the intervals.
func boundLines(c *compare.Comparison) []string {
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

// spoiledLines say which windows of the runs were left out, as the tool was held up in them.
func spoiledLines(c *compare.Comparison) []string {
	if c.Spoiled != nil {
		return spoiledLine(c.Spoiled, "both runs", "")
	}
	var out []string
	for i, r := range c.Rounds {
		if r.Spoiled != nil {
			out = append(out, spoiledLine(r.Spoiled, fmt.Sprintf("both runs of round %d", i+1), fmt.Sprintf(" of round %d", i+1))...)
		}
	}
	return out
}

// without says beside the verdict of how much of the runs it is not; empty where it is of all, or none was reached.
func without(c *compare.Comparison) string {
	if c.Verdict == compare.Invalid {
		return ""
	}
	var left, of int64
	add := func(s *compare.Spoiled) {
		if s != nil && s.LeftOut {
			left, of = left+s.Requests, of+s.OfRequests
		}
	}
	add(c.Spoiled)
	for i := range c.Rounds {
		add(c.Rounds[i].Spoiled)
	}
	if left == 0 {
		return ""
	}
	return fmt.Sprintf(", but for %s of %s requests, which were left out", count(left), count(of))
}

func spoiledLine(s *compare.Spoiled, of, within string) []string {
	windows := fmt.Sprintf("%d of %d windows of %s", s.Windows, s.Of, wording.Duration(s.Window))
	switch {
	case s.Windows == 0:
		return nil
	case !s.LeftOut:
		return []string{fmt.Sprintf("The tool was held up in %s%s: too many to leave out.", windows, within)}
	}
	rest := "what remains is faithful"
	if !s.Faithful {
		rest = "what remains is not faithful either"
	}
	return []string{fmt.Sprintf("Left out of %s: %s (%s of %s requests), in which the tool was held up (%s); %s.",
		of, windows, count(s.Requests), count(s.OfRequests), stretches(s.Stretches), rest)}
}

// stretches lists the first of them.
func stretches(list []compare.Stretch) string {
	const most = 4
	var out []string
	for i, s := range list {
		if i == most && len(list) > most+1 {
			out = append(out, wording.CountOf(len(list)-most, "more stretch", "more stretches"))
			break
		}
		out = append(out, fmt.Sprintf("%s to %s s", moment(s.From), moment(s.To)))
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " and " + out[n-1]
	}
	return strings.Join(out, "")
}

// moment is one of a run, to a tenth of a second.
func moment(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
