package report

import (
	"fmt"
	"strconv"
	"time"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// figureJSON is what became of a figure of the platform's own.
type figureJSON struct {
	Name        string        `json:"name"`
	State       string        `json:"state"`
	Correlation float64       `json:"correlation"`
	Leads       time.Duration `json:"leads_ns"`
	P           float64       `json:"p"`
	Says        string        `json:"says"`
}

// figureState words a state for machines.
func figureState(s cause.FigureState) string {
	return map[cause.FigureState]string{
		cause.FigureGoesWith: "goes_with", cause.FigureSaturated: "saturated", cause.FigureUnrelated: "not_shown", cause.FigureConstant: "constant",
		cause.FigureEmpty: "empty", cause.FigureOutside: "outside", cause.FigureSparse: "sparse",
	}[s]
}

// figureSays says what a figure of the platform's own tells. It is a correlation, and called so.
func figureSays(f *cause.Figure) string {
	name := wording.InLine(f.Name)
	r := strconv.FormatFloat(f.Correlation, 'f', 2, 64)
	switch f.State {
	case cause.FigureGoesWith:
		return fmt.Sprintf("%s changes as the latency does%s: a correlation of %s, which is no proof.", name, ahead(f.Leads), r)
	case cause.FigureSaturated:
		return fmt.Sprintf("%s is at its top where the latency is high%s: a correlation of %s, which is no proof.", name, ahead(f.Leads), r)
	case cause.FigureConstant:
		return name + " had one value all the time."
	case cause.FigureEmpty:
		return name + " had no value."
	case cause.FigureOutside:
		return name + " has values of other times than the run's: compare the clocks."
	case cause.FigureSparse:
		return fmt.Sprintf("%s has too few values in the run to tell anything: it takes %d, each with requests near it.", name, cause.FewestFigures)
	}
	if f.Correlation == 0 {
		return name + " is not shown to go with the latency."
	}
	return fmt.Sprintf("%s is not shown to go with the latency: a correlation of %s at most.", name, r)
}

// ahead says whether a figure goes before or after the latency.
func ahead(leads time.Duration) string {
	switch {
	case leads > 0:
		return ", " + wording.Duration(leads) + " ahead of it"
	case leads < 0:
		return ", " + wording.Duration(-leads) + " after it"
	}
	return ""
}

// figurePart tells of every figure that was watched; none where none was.
func (y *Why) figurePart() (parts []part) {
	if y == nil || len(y.Figures) == 0 {
		return nil
	}
	p := part{Title: "The platform's own figures"}
	twice := make(map[string]int)
	for i := range y.Figures {
		says := figureSays(&y.Figures[i])
		if twice[y.Figures[i].Name]++; twice[y.Figures[i].Name] > 1 {
			says = fmt.Sprintf("The %s of that name: %s", ordinal(twice[y.Figures[i].Name]), says)
		}
		p.Notes = append(p.Notes, says)
	}
	return []part{p}
}

func (y *Why) figuresJSON() (out []figureJSON) {
	for i := range y.Figures {
		f := &y.Figures[i]
		out = append(out, figureJSON{f.Name, figureState(f.State), finite(f.Correlation), f.Leads, finite(f.P), figureSays(f)})
	}
	return out
}

// ordinal is a number of a row, from 2.
func ordinal(n int) string {
	if n < 5 {
		return []string{"second", "third", "fourth"}[n-2]
	}
	return fmt.Sprintf("%dth", n)
}
