package report

import (
	"fmt"
	"time"

	"reprise/replay/results"
)

// curvePart is the planned curve with what was achieved on it.
func curvePart(ws []results.Window) part {
	p := overTime("Planned and achieved rate", "requests/s", ws)
	p.Lines = []line{
		series("planned", "planned", ws, func(w results.Window) float64 { return perSecond(w.Planned, w.Width) }),
		series("achieved", "achieved", ws, func(w results.Window) float64 { return perSecond(w.Achieved, w.Width) }),
	}
	return part{Title: "Curve", Plot: p}
}

// timePlots are the other curves of a run.
func timePlots(ws []results.Window) []part {
	latency := overTime("Latency", "ms", ws)
	latency.Lines = []line{
		series("p50", "a", ws, func(w results.Window) float64 { return milliseconds(w.LatencyP50) }),
		series("p95", "b", ws, func(w results.Window) float64 { return milliseconds(w.LatencyP95) }),
		series("p99", "c", ws, func(w results.Window) float64 { return milliseconds(w.LatencyP99) }),
	}
	lag := overTime("Lag of the tool", "ms", ws)
	lag.Lines = []line{series("p99", "b", ws, func(w results.Window) float64 { return milliseconds(w.LagP99) })}
	status := overTime("Answers", "requests/s", ws)
	status.Stacked = true
	for class, style := range map[int]string{2: "ok", 3: "a", 4: "b", 5: "bad"} {
		if l := series(fmt.Sprintf("%dxx", class), style, ws, func(w results.Window) float64 { return perSecond(w.Classes[class], w.Width) }); l.any() {
			status.Lines = append(status.Lines, l)
		}
	}
	sortLines(status.Lines)
	if l := series("no answer", "none", ws, func(w results.Window) float64 { return perSecond(w.Errors, w.Width) }); l.any() {
		status.Lines = append(status.Lines, l)
	}
	return []part{{Title: "Latency over time", Plot: latency}, {Title: "Lag over time", Plot: lag}, {Title: "Answers over time", Plot: status}}
}

func overTime(title, unit string, ws []results.Window) *plot {
	p := &plot{Title: title, Unit: unit}
	for _, w := range ws {
		p.Seconds = append(p.Seconds, (w.Start + w.Width/2).Seconds())
	}
	return p
}

func series(name, style string, ws []results.Window, value func(results.Window) float64) line {
	l := line{Name: name, Style: style}
	for _, w := range ws {
		l.Y = append(l.Y, value(w))
	}
	return l
}

// any says whether the line is anywhere above 0.
func (l line) any() bool {
	for _, y := range l.Y {
		if y > 0 {
			return true
		}
	}
	return false
}

func perSecond(n int64, width time.Duration) float64 { return float64(n) / width.Seconds() }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
