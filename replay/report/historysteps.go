package report

import (
	"math"
	"slices"
	"strconv"

	"reprise/replay/compare"
)

// stepLevelsPart is what each step of a shape came to, level by level; nothing where there are no steps.
func stepLevelsPart(h *compare.History, series int) []part {
	levels := h.Series[series].Steps
	if len(levels) == 0 {
		return nil
	}
	t := &table{Head: cells("step", "runs", "p50", "p90", "p99", "errors"), Left: 2}
	for i := range levels {
		l := &levels[i]
		title := strconv.Itoa(l.Number)
		if l.Called != "" {
			title += " " + l.Called
		}
		if i > 0 && levels[i-1].Number == l.Number {
			title = ""
		} else if l.Text != "" {
			title += " (" + l.Text + ")"
		}
		t.Rows = append(t.Rows, cells(title, rangesOf(l.Runs), levelFigure(compare.MetricP50, l.P50), levelFigure(compare.MetricP90, l.P90),
			levelFigure(compare.MetricP99, l.P99), levelFigure(compare.MetricErrors, l.Errors)))
	}
	return []part{{Title: ofPlan(h, series) + "Levels by step", Table: t, After: []string{
		"The median of the runs that are no spikes, between changes; errors: the share of all their requests that failed or was shed.",
	}}}
}

func levelFigure(metric string, v *float64) string {
	if v == nil {
		return dash
	}
	return figure(metric, *v)
}

// stepRunsParts are the figures of each step, run by run.
func stepRunsParts(h *compare.History, series int) (list []part) {
	for _, t := range h.Series[series].Tracks {
		if t.Step == 0 || t.Metric != compare.MetricP50 {
			continue
		}
		p := kindPart(h, t.Kind, t.Step)
		p.Title = ofPlan(h, series) + p.Title
		run := -1
		p.Table.Rows = slices.DeleteFunc(p.Table.Rows, func([]string) bool {
			run++
			return h.Runs[run].Series >= 0 && h.Runs[run].Series != series
		})
		list = append(list, p)
	}
	return list
}

// stepCSVColumns are the figures of steps as conditions name them: "step3.p99_ms".
func stepCSVColumns(h *compare.History) (list []csvColumn) {
	most := 0
	for i := range h.Series {
		for k := range h.Series[i].Steps {
			most = max(most, h.Series[i].Steps[k].Number)
		}
	}
	for step := 1; step <= most; step++ {
		list = append(list, figureCSV(h, "step"+strconv.Itoa(step), step)...)
	}
	return list
}

// comparesSteps says whether a run's steps are compared: those of a search follow from its answers.
func comparesSteps(h *compare.History, r *compare.HistoryRun) bool {
	return r.Series >= 0 && len(h.Series[r.Series].Steps) > 0
}

// stepFigure is what a run measured in a step; NaN where steps are not compared.
func stepFigure(h *compare.History, r *compare.HistoryRun, step int, metric string) float64 {
	if !comparesSteps(h, r) {
		return math.NaN()
	}
	return figureOf(r, "", step, metric)
}
