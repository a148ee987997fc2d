package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// historyStyle is what a history's page has beside the style of all pages.
//
//go:embed assets/history.css
var historyStyle string

// historyLeaf is what the page of a history is made with. It has no script: its plots are drawn here.
type historyLeaf struct {
	*document
	Policy string
	Style  []template.CSS
	Plans  []historyPlan
}

// historyPlan is the plots of one plan's runs.
type historyPlan struct {
	Title string
	All   panelGroup
	// Parts are those by kind and by step.
	Parts []historyPanels
}

// historyPanels are the plots of kinds, or of steps.
type historyPanels struct {
	Title string
	Of    []panelGroup
}

func writeHistoryHTML(w io.Writer, h *compare.History) error {
	page := historyLeaf{
		document: historyDocument(h),
		Policy:   fmt.Sprintf("default-src 'none'; style-src %s %s; img-src data:; base-uri 'none'; form-action 'none'", source(style), source(historyStyle)),
		Style:    []template.CSS{template.CSS(style), template.CSS(historyStyle)}, //nolint:gosec // they are this package's own
	}
	for i := range h.Series {
		plan, by := historyPlan{Title: "All requests, run by run"}, "By "
		if len(h.Series) > 1 {
			plan.Title = fmt.Sprintf("Plan %s: all requests, %s", planLetter(h, i), wording.Count(len(h.Series[i].Runs), "run"))
			by = fmt.Sprintf("Plan %s by ", planLetter(h, i))
		}
		var kinds, steps []panelGroup
		plan.All, kinds, steps = seriesPanels(h, i)
		for _, p := range []historyPanels{{by + "kind", kinds}, {by + "step", steps}} {
			if len(p.Of) > 0 {
				plan.Parts = append(plan.Parts, p)
			}
		}
		page.Plans = append(page.Plans, plan)
	}
	return writePage(w, "history.html", page)
}
