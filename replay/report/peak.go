package report

import (
	"fmt"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// peak is the busiest second of a run, as a plot shows it: that of the summary, whatever the width of the plot's windows is.
type peak struct {
	// At is its middle in seconds of the run, Wide how long it is in the plot, and Rate what was planned in it, or sent.
	At   float64 `json:"at"`
	Wide float64 `json:"wide"`
	Rate float64 `json:"rate"`
	Text string  `json:"text"`
}

// peakOf is the busiest second of the plan, or, of a run that was steered by hand, the one in which most was sent: it did not follow the plan.
// It is nil where there was nothing.
func peakOf(s *results.Summary, ws []results.Window, steered bool) *peak {
	value, at, word := s.Rate.PlannedPeak, s.Rate.PlannedPeakAt, "planned"
	of := func(w *results.Window) int64 { return w.Planned }
	if steered {
		value, at, word = s.Rate.AchievedPeak, s.Rate.AchievedPeakAt, "sent"
		of = func(w *results.Window) int64 { return w.Achieved }
	}
	if len(ws) == 0 || !(value > 0) {
		return nil
	}
	from, to := busiest(ws, of)
	if at >= 0 {
		from, to = at, at+time.Second
	}
	last := ws[len(ws)-1]
	to = max(min(to, last.Start+last.Width), from)
	return &peak{At: (from + to).Seconds() / 2, Wide: (to - from).Seconds(), Rate: value, Text: "busiest second " + rate(value) + " " + word}
}

// busiest is the second of which windows count most, or the window where that is longer.
func busiest(ws []results.Window, of func(*results.Window) int64) (from, to time.Duration) {
	length := max(ws[0].Width, time.Second)
	top, sum, begun := int64(-1), int64(0), time.Duration(-1)
	for i := range ws {
		if at := ws[i].Start.Truncate(length); at != begun {
			begun, sum = at, 0
		}
		if sum += of(&ws[i]); sum > top {
			top, from = sum, begun
		}
	}
	return from, from + length
}

// steered says that a run was changed by hand, so that it did not follow its plan.
func steered(r *results.Run) bool { return r.Footer != nil && len(r.Footer.Stats.Changes) > 0 }

// planPeak is the busiest second of a plan, of a run that goes on; nil where there is no plan, or it is not followed.
func planPeak(p *replay.Plan, ws []results.Window, steered bool) *peak {
	if p == nil || steered {
		return nil
	}
	return peakOf(&results.Summary{Rate: results.Rates{PlannedPeak: float64(p.Peak), PlannedPeakAt: -1}}, ws, false)
}

// runCurve is the curve of a run over the time of day of its recording, with its busiest second.
func runCurve(r *results.Run, c *Course) part {
	p := curvePart(r.Windows)
	p.Plot.on(c)
	p.Plot.Peak, p.Plot.Listed = c.Peak, true
	if len(r.Windows) > 0 {
		p.Notes = []string{curveSays(r, c)}
	}
	return p
}

// curveSays says which time the axis has, when the busiest second was, and what a point of the curve is.
func curveSays(r *results.Run, c *Course) string {
	text := "Over the time of the run: which moment of the recording was played when is not known."
	if k := c.Clock; k != nil {
		last := 0.0
		if p := r.Header.Plan; p != nil {
			last = p.Duration.Seconds()
		}
		from, to := k.at(0), k.at(last)
		text = fmt.Sprintf("Over the time of day in the recording, %s, on %s", k.Zone, from.Format("2 January 2006"))
		if days := to.Format("2 January 2006"); days != from.Format("2 January 2006") {
			text = fmt.Sprintf("Over the time of the recording, %s, from %s to %s", k.Zone, from.Format("2 January"), days)
		}
		text += "."
	}
	if c.Peak != nil {
		text += " " + peakSays(r, c)
	}
	return text + pointSays(r.Windows[0].Width)
}

// peakSays is "The busiest second was planned for 16:00:00, 2 s after the start of the run."
func peakSays(r *results.Run, c *Course) string {
	from := c.Peak.At - c.Peak.Wide/2
	after := wording.Duration(time.Duration(from*float64(time.Second)).Round(time.Millisecond)) + " after the start of the run"
	if k := c.Clock; k != nil {
		format := "15:04:05"
		if p := r.Header.Plan; p != nil && k.at(p.Duration.Seconds()).Sub(k.at(0)) > 24*time.Hour {
			format += " on 2 January"
		}
		after = k.at(from).Round(time.Second).Format(format) + ", " + after
	}
	if steered(r) {
		return "The run was steered by hand: planned counts what then was due. The busiest second was sent from " + after + " on."
	}
	return "The busiest second was planned for " + after + "."
}

// pointSays says that a curve and its busiest second are not counted alike.
func pointSays(width time.Duration) string {
	if width == time.Second {
		return ""
	}
	text := " A point of the curve is the mean of " + wording.Duration(width)
	if width < time.Second {
		text += ", and may be above that of a second"
	}
	return text + "."
}
