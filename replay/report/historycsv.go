package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/replay/compare"
)

// csvColumn is a column of a history as CSV.
type csvColumn struct {
	head string
	cell func(r *compare.HistoryRun) string
}

// writeHistoryCSV writes a row a run for a tool that reads series of figures: a time in UTC, words that say which run it was, and a number
// in each column of figures, which is empty where the run has none. A run of which no time is known is left out.
func writeHistoryCSV(w io.Writer, h *compare.History) error {
	columns := historyCSVColumns(h)
	out := csv.NewWriter(w)
	var row []string
	for _, c := range columns {
		row = append(row, csvWord(c.head))
	}
	err := out.Write(row)
	for i := range h.Runs {
		r := &h.Runs[i]
		if err != nil || r.Header.Started.IsZero() {
			continue
		}
		row = row[:0]
		for _, c := range columns {
			row = append(row, csvWord(c.cell(r)))
		}
		err = out.Write(row)
	}
	out.Flush()
	return errorOr(err, out.Error())
}

func errorOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// historyCSVColumns are the columns: the time, labels, what else says which run it was, and figures by kind.
func historyCSVColumns(h *compare.History) []csvColumn {
	fixed := []csvColumn{
		{"run", func(r *compare.HistoryRun) string { return r.Header.Run }},
		{"file", func(r *compare.HistoryRun) string { return r.Name }},
		{"target", func(r *compare.HistoryRun) string { return r.Header.Target }},
		{"tool", func(r *compare.HistoryRun) string { return r.Header.Tool }},
		{"plan", func(r *compare.HistoryRun) string { return r.Header.PlanHash }},
		{"verdict", runVerdict},
		{"why", causeCell},
	}
	var figures []csvColumn
	for _, kind := range append([]string{allName}, historyKinds(h)...) {
		figures = append(figures, figureCSV(h, kind, 0)...)
	}
	figures = append(append(figures, stepCSVColumns(h)...), csvColumn{"lag.p99_ms", func(r *compare.HistoryRun) string {
		return csvNumber(float64(r.Summary.Lag.P99) / float64(time.Millisecond))
	}})
	columns := []csvColumn{{"time", func(r *compare.HistoryRun) string { return startedOf(r, time.RFC3339) }}}
	taken := make(map[string]bool)
	for _, c := range slices.Concat(columns, fixed, figures) {
		taken[c.head] = true
	}
	for _, key := range labelKeys(h) {
		name := key
		for taken[name] {
			name = "label." + name // a label must not be taken for what is measured
		}
		taken[name] = true
		columns = append(columns, csvColumn{name, func(r *compare.HistoryRun) string { return r.Header.Labels[key] }})
	}
	return slices.Concat(columns, fixed, figures)
}

// figureCSV are the columns of a kind, of all, or of a step whose number is above 0.
func figureCSV(h *compare.History, name string, step int) (list []csvColumn) {
	of := func(r *compare.HistoryRun, metric string) float64 {
		if step > 0 {
			return stepFigure(h, r, step, metric)
		}
		return figureOf(r, name, 0, metric)
	}
	for _, metric := range []string{compare.MetricP50, compare.MetricP90, compare.MetricP99} {
		list = append(list, csvColumn{fmt.Sprintf("%s.%s_ms", name, metric), func(r *compare.HistoryRun) string {
			return csvNumber(of(r, metric) / float64(time.Millisecond))
		}})
	}
	return append(list, csvColumn{name + ".error_rate", func(r *compare.HistoryRun) string { return csvNumber(of(r, compare.MetricErrors)) }})
}

// csvWord is what a cell holds: no character that does something, and nothing that a spreadsheet takes for a formula.
func csvWord(s string) string {
	s = printable(s)
	if _, err := strconv.ParseFloat(s, 64); err != nil && s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		s = "'" + s
	}
	return s
}

// csvNumber writes a number, and nothing where it is none.
func csvNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
