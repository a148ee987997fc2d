package report

import (
	"fmt"
	"math"
	"time"

	"reprise/capture/wording"
	"reprise/replay/results"
)

// curvePart is the planned curve with what was achieved on it.
func curvePart(ws []results.Window) part {
	p := overTime("Planned and achieved rate", "requests/s", ws)
	p.Key = "rate"
	p.Lines = []line{
		series("planned", "plan", ws, func(w results.Window) float64 { return perSecond(w.Planned, w.Width) }),
		series("achieved", "achieved", ws, func(w results.Window) float64 { return perSecond(w.Achieved, w.Width) }),
	}
	p.Lines[0].Filled = true // so that both are seen where one lies over the other
	return part{Title: "Curve", Plot: p}
}

// kindCurvePart says how much of each kind was planned and achieved, in all and in the busiest window.
func kindCurvePart(ws []results.Window) part {
	t := &table{Head: cells("kind", "planned", "achieved", "planned peak", "achieved peak"), Left: 1}
	sum, peak := make(map[string]results.KindWindow), make(map[string]results.KindWindow)
	within, width := make(map[string]results.KindWindow), peakWidth(ws)
	for i, w := range ws {
		if i > 0 && w.Start/width != ws[i-1].Start/width {
			clear(within)
		}
		for name, n := range w.Kinds {
			s, p, of := sum[name], peak[name], within[name]
			of.Planned, of.Achieved = of.Planned+n.Planned, of.Achieved+n.Achieved
			within[name] = of
			sum[name] = results.KindWindow{Planned: s.Planned + n.Planned, Achieved: s.Achieved + n.Achieved}
			peak[name] = results.KindWindow{Planned: max(p.Planned, of.Planned), Achieved: max(p.Achieved, of.Achieved)}
		}
	}
	for _, name := range kindNames(sum) {
		s, p := sum[name], peak[name]
		t.Rows = append(t.Rows, cells(name, count(s.Planned), count(s.Achieved), rate(perSecond(p.Planned, width)), rate(perSecond(p.Achieved, width))))
	}
	p := part{Title: "Curve by kind", Table: t, Detail: true}
	if len(ws) > 0 {
		says := "second, as those of the whole run are."
		if width != time.Second {
			says = wording.Duration(width) + "."
		}
		p.Notes = []string{"The peaks are those of the busiest " + says}
	}
	return p
}

// peakWidth is a second, by which all peaks are counted, where windows are whole parts of one; else the windows' own width.
func peakWidth(ws []results.Window) time.Duration {
	if len(ws) == 0 || ws[0].Width > 0 && time.Second%ws[0].Width == 0 {
		return time.Second
	}
	return ws[0].Width
}

// timePlots are the other curves of a run.
func timePlots(ws []results.Window) []part {
	latency := overTime("Latency", "ms", ws)
	latency.Lines = []line{
		series("p50", "a", ws, answered(func(w results.Window) time.Duration { return w.LatencyP50 })),
		series("p95", "b", ws, answered(func(w results.Window) time.Duration { return w.LatencyP95 })),
		series("p99", "c", ws, answered(func(w results.Window) time.Duration { return w.LatencyP99 })),
	}
	lag := overTime("Lag of the tool", "ms", ws)
	lag.Lines = []line{series("p99", "b", ws, lagOf)}
	status := overTime("Answers", "requests/s", ws)
	status.Stacked = true
	status.Lines = statusLines(ws)
	kinds := overTime("p95 latency by kind", "ms", ws)
	kinds.Lines = kindLines(ws)
	latency.Key, lag.Key, status.Key, kinds.Key = "latency", "lag", "status", "kinds"
	heat := &plot{Title: "Answers by latency", Unit: "ms", Key: "heat"}
	return []part{
		{Title: "Latency over time", Plot: latency},
		{Title: "Latency by kind", Plot: kinds},
		{Title: "Latency heat map", Plot: heat},
		{Title: "Lag over time", Plot: lag},
		{Title: "Answers over time", Plot: status},
	}
}

// lagOf is the tool's lag in a window, a gap where nothing was sent.
func lagOf(w results.Window) float64 {
	if w.Errors == 0 && !hasAnswers(w) {
		return math.NaN()
	}
	return milliseconds(w.LagP99)
}

// statusLines are the answers a second by class, those that occur.
func statusLines(ws []results.Window) []line {
	var lines []line
	for class, style := range map[int]string{2: "ok", 3: "a", 4: "b", 5: "bad"} {
		if l := series(fmt.Sprintf("%dxx", class), style, ws, func(w results.Window) float64 { return perSecond(w.Classes[class], w.Width) }); l.any() {
			lines = append(lines, l)
		}
	}
	sortLines(lines)
	if l := series("no answer", "none", ws, func(w results.Window) float64 { return perSecond(w.Errors, w.Width) }); l.any() {
		lines = append(lines, l)
	}
	return lines
}

// answered draws a time of the answers; a window without any leaves a gap, as there is no time to tell.
func answered(of func(results.Window) time.Duration) func(results.Window) float64 {
	return func(w results.Window) float64 {
		if !hasAnswers(w) {
			return math.NaN()
		}
		return milliseconds(of(w))
	}
}

func hasAnswers(w results.Window) bool { return w.Classes != [len(w.Classes)]int64{} }

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
