package report

import (
	"strings"

	"reprise/replay"
	"reprise/replay/results"
)

// Ended is what whoever watched a run is told at its end. The zero value is a run of which nothing was sent.
type Ended struct {
	// Verdict is the word or two, and Mood how it is coloured: "good", "bad" or "unsure".
	Verdict string `json:"verdict,omitempty"`
	Mood    string `json:"mood,omitempty"`
	// Says says in a sentence how the run ended and whose limits it has.
	Says string `json:"says,omitempty"`
	// Figures are those that its report begins with, and Why says in a sentence or two a cause why requests were slow.
	Figures []headFigure `json:"figures,omitempty"`
	Why     []string     `json:"why,omitempty"`
}

// EndOf is what a run came to, and why requests were slow; nil for where that was not looked for.
func EndOf(r *results.Run, why *Why) Ended {
	e := Ended{Figures: runFigures(r, why), Why: why.lead(standsOut(&r.Summary).times > 0)}
	e.Verdict, e.Mood = verdictOf(&r.Summary)
	limits := strings.Join(briefLimits(&r.Summary), "; of the ")
	e.Says = howEnded(r) + " Limits of the " + strings.ReplaceAll(limits, "; of the by hand: ", "; by hand: ") + "."
	return e
}

// howEnded says whether a run came to its end.
func howEnded(r *results.Run) string {
	switch {
	case r.Footer == nil:
		return "The run has no end."
	case r.Footer.State == replay.Interrupted:
		return "The run was stopped by hand."
	case r.Footer.State == replay.Aborted:
		return "The run gave up."
	}
	return "The run was played to its end."
}
