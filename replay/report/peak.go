package report

import (
	"fmt"
	"time"

	"reprise/capture/wording"
	"reprise/replay/results"
)

// peak is the busiest moment of a plan, as a plot points at it.
type peak struct {
	// At is its middle in seconds of the run, and Rate what was planned there.
	At   float64 `json:"at"`
	Rate float64 `json:"rate"`
	Text string  `json:"text"`
}

// peakOf is the window of which most was planned; nil where nothing was.
func peakOf(ws []results.Window) *peak {
	top := -1
	for i, w := range ws {
		if w.Planned > 0 && (top < 0 || w.Planned > ws[top].Planned) {
			top = i
		}
	}
	if top < 0 {
		return nil
	}
	w := ws[top]
	p := &peak{At: (w.Start + w.Width/2).Seconds(), Rate: perSecond(w.Planned, w.Width)}
	p.Text = "peak " + rate(p.Rate)
	if w.Width != time.Second {
		p.Text += " in " + wording.Duration(w.Width)
	}
	return p
}

// runCurve is the curve of a run over the time of day of its recording, with its peak.
func runCurve(r *results.Run, c *Course) part {
	p := curvePart(r.Windows)
	p.Plot.Clock, p.Plot.Peak, p.Plot.Steps = c.Clock, c.Peak, c.Steps
	if len(r.Windows) > 0 {
		p.Notes = []string{curveSays(r, c)}
	}
	return p
}

// curveSays says which time the axis has, and when the peak was due.
func curveSays(r *results.Run, c *Course) string {
	text := "Over the time of the run: which moment of the recording was played when is not known."
	when := func(second float64) string {
		return wording.Duration(time.Duration(second * float64(time.Second)).Round(time.Millisecond))
	}
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
		when = func(second float64) string {
			if to.Sub(from) > 24*time.Hour {
				return k.at(second).Round(time.Second).Format("15:04:05 on 2 January")
			}
			return k.at(second).Round(time.Second).Format("15:04:05")
		}
	}
	if c.Peak == nil {
		return text
	}
	if c.Clock != nil {
		return text + fmt.Sprintf(" The peak was planned for %s, %s after the start of the run.", when(c.Peak.At), wording.Duration(time.Duration(c.Peak.At*float64(time.Second)).Round(time.Millisecond)))
	}
	return text + fmt.Sprintf(" The peak was planned for %s after the start.", when(c.Peak.At))
}
