package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// HistoryFormats lists those that a history can be written in.
func HistoryFormats() []Format { return []Format{Text, Markdown, JSON, CSV, HTML} }

// WriteHistory writes what a sequence of runs came to: one row a run, and the runs at which figures changed for good.
func WriteHistory(w io.Writer, f Format, h *compare.History) error {
	switch f {
	case Text:
		return writeText(w, historyDocument(h))
	case Markdown:
		return writeMarkdown(w, briefHistory(h))
	case JSON:
		return writeJSON(w, historyJSON(h))
	case CSV:
		return writeHistoryCSV(w, h)
	case HTML:
		return writeHistoryHTML(w, h)
	}
	return fmt.Errorf("report: a history has no %s format", f)
}

// WriteHistoryVerdict writes what a history comes to as text, and no table.
func WriteHistoryVerdict(w io.Writer, h *compare.History) error {
	d := historyDocument(h)
	d.Parts = nil
	return writeText(w, d)
}

func historyDocument(h *compare.History) *document {
	d := &document{Title: "history of " + wording.Count(len(h.Runs), "run")}
	d.Verdict, d.Mood = historyVerdict(h)
	for i := range h.Changes {
		d.Lead = append(d.Lead, changeSays(h, &h.Changes[i])...)
	}
	for i := range h.Series {
		d.Lead = append(d.Lead, seriesSays(h, i)...)
	}
	d.Lead = append(d.Lead, leftOutSays(h)...)
	d.Parts = append(d.Parts, runsPart(h))
	d.Parts = append(d.Parts, differencesPart(h)...)
	d.Parts = append(d.Parts, runsWhyPart(h)...)
	for i := range h.Series {
		d.Parts = append(d.Parts, stepLevelsPart(h, i)...)
	}
	for _, kind := range historyKinds(h) {
		d.Parts = append(d.Parts, kindPart(h, kind, 0))
	}
	for i := range h.Series {
		d.Parts = append(d.Parts, stepRunsParts(h, i)...)
	}
	d.Parts = append(d.Parts, leftOutPart(h)...)
	d.Parts = append(d.Parts, historyMethodPart(h))
	return d
}

// briefHistory is a history as a comment: what changed, and the last runs.
func briefHistory(h *compare.History) *document {
	const most = 15
	d := historyDocument(h)
	runs := d.Parts[0]
	if n := len(runs.Table.Rows); n > most {
		runs.Title = fmt.Sprintf("The last %d runs", most)
		runs.Table.Rows = runs.Table.Rows[n-most:]
	}
	runs.Detail = true
	d.Parts = []part{runs}
	return d
}

// historyVerdict is what a history comes to, and how that is coloured.
func historyVerdict(h *compare.History) (verdict, mood string) {
	worse, better := false, false
	for _, c := range h.Changes {
		for _, t := range c.Tracks {
			worse, better = worse || t.Change > 0, better || t.Change < 0
		}
	}
	switch {
	case worse && better:
		return "changed", "unsure"
	case worse:
		return "worse", "bad"
	case better:
		return "better", "good"
	case slices.ContainsFunc(h.Series, func(s compare.Series) bool { return !s.Short && !s.NoLatency }):
		return "no change", "good"
	}
	if _, unjudged := h.Unjudged(); unjudged {
		return "cannot be judged", "unsure"
	}
	return "too few runs", "unsure"
}

// planLetters name the plans of a history where there are several: "A".
func planLetter(h *compare.History, series int) string {
	switch {
	case series < 0:
		return dash
	case series < 26:
		return string(rune('A' + series))
	}
	return fmt.Sprint("A", series+1)
}

// ofPlan says which plan is meant, where a history has several.
func ofPlan(h *compare.History, series int) string {
	if len(h.Series) < 2 {
		return ""
	}
	return "Plan " + planLetter(h, series) + ": "
}

// differencesPart lists what was not the same from run to run, but for labels, which stand in the runs' rows.
func differencesPart(h *compare.History) []part {
	var notes []string
	for i := range h.Runs {
		r := &h.Runs[i]
		if r.Anew != nil {
			notes = append(notes, runName(i)+": "+r.Anew.Text)
		}
		var list []string
		for _, d := range r.Changed {
			if r.Anew == nil || d.Name != "corpus" && d.Name != "plan" {
				if !isLabel(d) {
					list = append(list, differenceSays(d))
				}
			}
		}
		if len(list) > 0 {
			notes = append(notes, runName(i)+": "+strings.Join(list, ", "))
		}
	}
	if len(notes) == 0 {
		return nil
	}
	return []part{{Title: "What changed from run to run, beside labels", Notes: notes}}
}

func historyMethodPart(h *compare.History) part {
	m := h.Method
	return part{Title: "Method", Detail: true, Notes: []string{
		fmt.Sprintf("E-divisive over all figures together, at a level of %s: at least %s, and %d on each side of a change; %s permutations, seed %s.",
			wording.Percent(m.Level), wording.Count(m.MinRuns, "run"), m.MinSegment, count(int64(m.Permutations)), m.Seed),
		fmt.Sprintf("A change counts from %s of latency and from %s of failed requests on.", wording.Percent(m.FloorChange), wording.Percent(m.FloorErrors)),
		"A quantile is drawn and compared where each run has answers enough above it: a p99 takes more than a p50.",
		"Runs that are not faithful by the tool's own fault, or were cut short, are rows and are part of no figure that is compared, but for figures of which lag is a small part. A single run that stands out is no change.",
	}}
}
